//! `reprocess`: what was not understood, processed again by a version that does.

mod source;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use sinch_callback::{Callback, ContentKey, Unrecognized};
use sinch_callback_server::store::KeptCallback;

use self::source::Source;
use crate::{command_error::CommandError, output, progress};

/// Process again what was not understood, as far as this version understands it
#[derive(Args, Debug)]
#[command(after_help = "\
Works beside a running `serve`, which takes them up within five seconds, and without one: they are \
then processed at its next start. Safe to repeat: each event counts once, under the same id.

Exit code: 0 all are understood, 1 some still are not, or there is no such callback, 2 misuse.

Examples:
  sinch-callback reprocess --all --dry-run --data /var/lib/sinch
  sinch-callback reprocess 9f86d081884c7d659a2feaa0c55ad015")]
pub(crate) struct ReprocessArgs {
    /// Content key of one callback, as GET /api/unrecognized shows it
    #[arg(required_unless_present = "all", value_parser = content_key)]
    key: Option<ContentKey>,

    /// All that are listed
    #[arg(long, conflicts_with = "key")]
    all: bool,

    /// Only tell what this version understands
    #[arg(long)]
    dry_run: bool,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// DynamoDB table of the states instead: the stack's output TableName
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    table: Option<String>,

    /// The queue in front of its processor: the stack's output QueueUrl
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "URL", requires = "table")]
    queue_url: Option<String>,

    #[cfg(feature = "aws")]
    #[command(flatten)]
    aws: crate::aws::AwsArgs,

    /// Print what became of each as a line of JSON, and the counts as the last one
    #[arg(long)]
    json: bool,
}

fn content_key(text: &str) -> Result<ContentKey, &'static str> {
    ContentKey::from_hex(text).ok_or("a content key is 32 hexadecimal digits")
}

/// What this version makes of a callback.
#[derive(Serialize)]
struct Reading {
    content_key: String,
    /// Why it was listed.
    was: String,
    /// Why it still is, whole or in part.
    is: Option<&'static str>,
    /// Its kind, where that is known.
    kind: Option<&'static str>,
    reports: usize,
    /// Whether that is more than was understood before.
    reprocessed: bool,
}

#[derive(Default, Serialize)]
struct Outcome {
    dry_run: bool,
    listed: u64,
    reprocessed: u64,
    still_unrecognized: u64,
}

pub(crate) async fn run(args: ReprocessArgs) -> Result<(), CommandError> {
    let source = Source::open(&args).await?;
    let keys = match args.key {
        Some(key) => vec![key],
        None => source.keys().await?,
    };
    let count = u64::try_from(keys.len()).unwrap_or_default();
    let bar = progress::bar(count, "callbacks", !args.json);
    let mut outcome = Outcome {
        dry_run: args.dry_run,
        ..Outcome::default()
    };
    for key in keys {
        if let Some(reading) = reprocess(&source, key, args.dry_run).await? {
            outcome.count(&reading);
            bar.suspend(|| tell(&reading, args.json));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    match (args.key, outcome.listed) {
        (Some(key), 0) => Err(CommandError::failed(
            format!("no callback {key} is listed as not understood"),
            "it has been processed, forgotten, or never was: GET /api/unrecognized shows the others. On \
             AWS the body of what is understood is not kept (Archive=off)",
        )),
        _ => outcome.tell(args.json),
    }
}

/// Reads a callback again and puts it back into the queue where more of it is understood; `None` where
/// it is not listed, or its body has been deleted.
async fn reprocess(
    source: &Source,
    key: ContentKey,
    dry_run: bool,
) -> Result<Option<Reading>, CommandError> {
    let Some(kept) = source.find(key).await? else {
        return Ok(None);
    };
    let covers_body = kept.envelope.scheme().covers_body();
    if covers_body && ContentKey::of_body(kept.envelope.body()) != key {
        return Ok(None);
    }
    let reading = Reading::of(&kept);
    if reading.reprocessed && !dry_run {
        source.queue_again(kept).await?;
    }
    Ok(Some(reading))
}

impl Reading {
    fn of(kept: &KeptCallback) -> Self {
        let callback = Callback::parse_by(kept.envelope.scheme(), kept.envelope.body());
        let is = match &callback {
            Ok(callback) => callback.unread,
            Err(unrecognized) => Some(*unrecognized),
        }
        .map(Unrecognized::as_str);
        let callback = callback.ok();
        Self {
            content_key: kept.envelope.content_key().to_string(),
            reprocessed: is != Some(kept.why.as_str()),
            was: kept.why.clone(),
            is,
            kind: callback.as_ref().map(|callback| callback.kind.as_str()),
            reports: callback.map_or(0, |callback| callback.reports.len()),
        }
    }
}

impl Outcome {
    fn count(&mut self, reading: &Reading) {
        let add = |count: &mut u64, counts: bool| {
            *count = count.saturating_add(u64::from(counts));
        };
        add(&mut self.listed, true);
        add(&mut self.reprocessed, reading.reprocessed);
        add(&mut self.still_unrecognized, reading.is.is_some());
    }

    fn tell(&self, as_json: bool) -> Result<(), CommandError> {
        if as_json {
            output::json(self);
        } else {
            let done = if self.dry_run {
                "would be processed again"
            } else {
                "queued to be processed again"
            };
            output::line(&format!(
                "{} of {} {done}; {} still not understood",
                self.reprocessed, self.listed, self.still_unrecognized
            ));
        }
        if self.still_unrecognized > 0 {
            return Err(CommandError::No);
        }
        Ok(())
    }
}

fn tell(reading: &Reading, as_json: bool) {
    if as_json {
        output::json(reading);
        return;
    }
    let becomes = match (reading.reprocessed, reading.kind) {
        (true, Some(kind)) => format!("{kind}, {} reports", reading.reports),
        (true, None) => reading.is.unwrap_or_default().to_owned(),
        (false, _) => "still so".to_owned(),
    };
    output::line(&format!(
        "{}  {}: {becomes}",
        reading.content_key, reading.was
    ));
}
