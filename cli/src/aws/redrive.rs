//! `redrive`: moves dead letters back to their queue.

use std::{collections::HashSet, time::Duration};

use clap::Args;
use serde::Serialize;
use sinch_callback::ContentKey;
use sinch_callback_lambda::{AwsError, DeadLetter, DeadLetters};
use sinch_callback_pipeline::Envelope;

use super::AwsArgs;
use crate::{command_error::CommandError, output, progress};

/// Move dead letters back to the queue they came from, once what kept them from being processed is
/// gone
#[derive(Args, Debug)]
#[command(after_help = "\
Moving is safe to repeat, and safe beside running functions: each event counts once. \
Messages that are no envelopes stay where they are, unless --unreadable moves them too, as for a \
newer processor. What it sets aside again meanwhile is left, and not moved a second time.

Exit code: 0 all moved, 1 some were not, 2 misuse.

Examples:
  sinch-callback redrive --dead-letter-queue-url https://…/dead.fifo \\
      --queue-url https://…/callbacks.fifo --dry-run
  sinch-callback redrive --dead-letter-queue-url https://…/dead.fifo \\
      --queue-url https://…/callbacks.fifo")]
pub(crate) struct RedriveArgs {
    /// The stack's output DeadLetterQueueUrl
    #[arg(long, value_name = "URL")]
    dead_letter_queue_url: String,

    /// The stack's output QueueUrl
    #[arg(long, value_name = "URL")]
    queue_url: String,

    /// Show what would be moved, and move nothing
    #[arg(long)]
    dry_run: bool,

    /// Move also what no version of the processor can read
    #[arg(long)]
    unreadable: bool,

    #[command(flatten)]
    aws: AwsArgs,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Default, Serialize)]
struct Outcome {
    dry_run: bool,
    moved: u64,
    unreadable: u64,
    letters: Vec<Letter>,
}

/// What a person sees of a dead letter: nothing that is anybody's business.
#[derive(Serialize)]
struct Letter {
    message_id: String,
    kind: Option<String>,
    group: Option<String>,
    content_key: Option<String>,
    unreadable: Option<String>,
    /// What the processor said when it set the message aside.
    cause: Option<String>,
}

/// Empty answers in a row after which there is nothing more: a queue has many servers, and each
/// answer is of some of them.
const EMPTY_ANSWERS: u32 = 3;
/// The wait between those.
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) async fn run(args: RedriveArgs) -> Result<(), CommandError> {
    let letters = DeadLetters::new(
        &args.aws.config().await,
        args.dead_letter_queue_url.clone(),
        args.queue_url.clone(),
    );
    let count = letters.count().await.map_err(unreachable_queue)?;
    let bar = progress::bar(count, "messages", !args.json);
    let mut outcome = Outcome {
        dry_run: args.dry_run,
        ..Outcome::default()
    };
    let mut kept = Vec::new();
    // What the processor sets aside again at once is not moved to and fro for ever.
    let mut moved = HashSet::new();
    let mut empty = 0;
    while empty < EMPTY_ANSWERS {
        let taken = letters.take().await.map_err(unreachable_queue)?;
        if taken.is_empty() {
            empty = empty.saturating_add(1);
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        empty = 0;
        for letter in taken {
            let shown = shown(&letter);
            let readable = shown.unreadable.is_none();
            if !readable {
                outcome.unreadable = outcome.unreadable.saturating_add(1);
            }
            let content = ContentKey::of_body(letter.body.as_bytes());
            if args.dry_run || moved.contains(&content) || !(readable || args.unreadable) {
                outcome.letters.push(shown);
                kept.push(letter);
            } else {
                letters.redrive(&letter).await.map_err(unreachable_queue)?;
                moved.insert(content);
                outcome.moved = outcome.moved.saturating_add(1);
            }
            bar.inc(1);
        }
    }
    for letter in &kept {
        // It shows itself again in half a minute anyway.
        let _ = letters.put_back(letter).await;
    }
    bar.finish_and_clear();
    let left = !args.dry_run && !outcome.letters.is_empty();
    if args.json {
        output::json(&outcome);
    } else {
        tell(&outcome);
    }
    if left { Err(CommandError::No) } else { Ok(()) }
}

fn shown(letter: &DeadLetter) -> Letter {
    let envelope = Envelope::decode(&letter.body);
    let read = envelope.as_ref().ok();
    Letter {
        message_id: letter.message_id.clone(),
        kind: read.map(|envelope| envelope.kind().to_owned()),
        group: read.map(|envelope| envelope.group().to_owned()),
        content_key: read.map(|envelope| envelope.content_key().to_string()),
        unreadable: envelope.err().map(|error| error.to_string()),
        cause: (!letter.cause.is_empty()).then(|| letter.cause.clone()),
    }
}

fn tell(outcome: &Outcome) {
    for letter in &outcome.letters {
        let what = letter.unreadable.as_ref().map_or_else(
            || {
                format!(
                    "{}  {}",
                    letter.kind.as_deref().unwrap_or_default(),
                    letter.group.as_deref().unwrap_or_default()
                )
            },
            |why| format!("UNREADABLE: {why}"),
        );
        let cause = match (&letter.cause, &letter.unreadable) {
            (Some(cause), None) => format!("  ({cause})"),
            _ => String::new(),
        };
        output::line(&format!("  {}  {what}{cause}", letter.message_id));
    }
    if outcome.dry_run {
        output::line(&format!(
            "{} dead letters, {} of them unreadable; nothing was moved",
            outcome.letters.len(),
            outcome.unreadable
        ));
    } else {
        output::line(&format!(
            "{} moved back, {} left",
            outcome.moved,
            outcome.letters.len()
        ));
    }
}

fn unreachable_queue(error: AwsError) -> CommandError {
    CommandError::failed("a queue cannot be reached or refuses", error)
}
