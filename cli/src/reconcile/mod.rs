//! `reconcile`: asks Sinch for the SMS reports that did not come.

mod door;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use clap::Args;
use serde::Serialize;
use sinch_callback_pipeline::Envelope;
use sinch_callback_recovery::sinch::{ApiError, SmsRegion, SmsReports};
use sinch_callback_server::{clock, ids, sending::HttpsClient};

use self::door::Door;
use crate::{command_error::CommandError, moment::rfc3339, output, sinch};

/// Ask Sinch for SMS delivery reports that did not come, and process what is found
#[derive(Args, Debug)]
#[command(after_help = "\
Without --batch and --last-hours it asks about the messages of the store that have waited for \
--older-than: about a recipient alone, or about the batch where several wait.

What is found goes through the same queue as callbacks, and is processed beside a running `serve` within \
five seconds, or at its next start. A report that came as a callback too has no second effect, and a \
report that is found twice neither. That Sinch answers does not count as callbacks coming in.

The Conversation API has no reports to ask for: its messages' status is no receipt.

Exit code: 0 everything was asked, 1 not everything (--max-calls, or Sinch refused), 2 misuse.

Examples:
  sinch-callback reconcile --service-plan abc --sms-token-file token.txt --data /var/lib/sinch
  sinch-callback reconcile --service-plan abc --sms-token-file token.txt --last-hours 24 \\
      --max-calls 500
  sinch-callback reconcile --service-plan abc --sms-token-file token.txt \\
      --batch 01FC66621XXXXX119Z8PMV1QPQ
With the feature aws:
  sinch-callback reconcile --service-plan abc --sms-token-file token.txt --last-hours 24 \\
      --queue-url https://sqs.eu-west-1.amazonaws.com/123456789012/Callbacks.fifo")]
pub(crate) struct ReconcileArgs {
    /// Id of the service plan at Sinch
    #[arg(long, value_name = "ID")]
    service_plan: String,

    /// File that holds the service plan's API token
    #[arg(long, value_name = "FILE")]
    sms_token_file: PathBuf,

    /// Where the service plan is: us, eu, au, br or ca
    #[arg(long, value_name = "REGION", default_value = "us")]
    sms_region: SmsRegion,

    /// Address of a stand-in for Sinch, as play-sinch prints it
    #[arg(long, value_name = "URL")]
    sinch_url: Option<String>,

    /// Ask about this batch; repeat it for more
    #[arg(long = "batch", value_name = "ID")]
    batches: Vec<String>,

    /// Ask for all reports that were finished in so many hours. Sinch lists 24 unless it is asked for more,
    /// so once a day finds everything
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u64).range(1..=720))]
    last_hours: Option<u64>,

    /// Ask about messages of the store that have heard nothing for so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    older_than: u64,

    /// How many calls to make at most
    #[arg(long, value_name = "COUNT", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(1..=100_000))]
    max_calls: u64,

    /// Only tell what is found
    #[arg(long)]
    dry_run: bool,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// The queue in front of a processor on AWS instead: the stack's output QueueUrl
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    queue_url: Option<String>,

    #[cfg(feature = "aws")]
    #[command(flatten)]
    aws: crate::aws::AwsArgs,

    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
}

/// What was asked and found.
#[derive(Debug, Default, Serialize)]
struct Outcome {
    dry_run: bool,
    calls: u64,
    /// Reports that Sinch had.
    found: u64,
    /// Those of them that told something that was not known, and are queued.
    news: u64,
    /// Questions to which Sinch had no report.
    unknown: u64,
    /// Answers that this version does not understand.
    unread: u64,
    /// Questions for which no call was left.
    not_asked: u64,
}

/// One thing to ask.
enum Question {
    Recipient { batch: String, number: String },
    Batch(String),
}

struct Asking {
    reports: SmsReports<Arc<HttpsClient>>,
    door: Door,
    max_calls: u64,
    outcome: Outcome,
}

pub(crate) async fn run(args: ReconcileArgs) -> Result<(), CommandError> {
    let door = Door::open(&args).await?;
    let token = sinch::credential(&args.sms_token_file)?;
    let reports = SmsReports::new(
        sinch::client(),
        args.sms_region,
        args.sinch_url.as_deref(),
        &args.service_plan,
        &token,
    )
    .map_err(|error| CommandError::Misuse(format!("--sinch-url: {error}")))?;
    let mut asking = Asking {
        reports,
        door,
        max_calls: args.max_calls,
        outcome: Outcome {
            dry_run: args.dry_run,
            ..Outcome::default()
        },
    };
    let asked = asking.ask_all(&args).await;
    asking.outcome.tell(args.json);
    asked?;
    if asking.outcome.not_asked > 0 {
        return Err(CommandError::No);
    }
    Ok(())
}

impl Asking {
    async fn ask_all(&mut self, args: &ReconcileArgs) -> Result<(), CommandError> {
        let questions = if !args.batches.is_empty() {
            args.batches.iter().cloned().map(Question::Batch).collect()
        } else if args.last_hours.is_none() {
            // Each question is about one message at least.
            let limit = args.max_calls.saturating_add(1).saturating_mul(1_000);
            let ids = self.door.unsettled(
                args.older_than,
                usize::try_from(limit).unwrap_or(usize::MAX),
            )?;
            questions(&ids)
        } else {
            Vec::new()
        };
        for question in questions {
            if !self.take_call() {
                continue;
            }
            let answer = match &question {
                Question::Batch(batch) => self.reports.batch(batch).await,
                Question::Recipient { batch, number } => {
                    self.reports.recipient(batch, number).await
                }
            };
            match answer.map_err(refused)? {
                Some(body) => self.let_in(&body).await?,
                None => add(&mut self.outcome.unknown),
            }
        }
        if let Some(hours) = args.last_hours {
            self.finished(hours).await?;
        }
        Ok(())
    }

    /// Asks for all finished reports, a page at a time.
    async fn finished(&mut self, hours: u64) -> Result<(), CommandError> {
        let ago_ms = hours.saturating_mul(3_600_000);
        let since = rfc3339(clock::unix_millis().saturating_sub(ago_ms));
        for page in 0_u64.. {
            if !self.take_call() {
                return Ok(());
            }
            let found = self.reports.finished(&since, page).await.map_err(refused)?;
            for body in &found.reports {
                self.let_in(body).await?;
            }
            let read = page
                .saturating_add(1)
                .saturating_mul(SmsReports::<HttpsClient>::PAGE_SIZE);
            if found.reports.is_empty() || read >= found.count {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether there is a call left, which is then taken.
    fn take_call(&mut self) -> bool {
        let is_left = self.outcome.calls < self.max_calls;
        add(if is_left {
            &mut self.outcome.calls
        } else {
            &mut self.outcome.not_asked
        });
        is_left
    }

    /// Lets a report in, where it tells anything new.
    async fn let_in(&mut self, body: &[u8]) -> Result<(), CommandError> {
        let envelope = Envelope::polled(
            body,
            clock::Clock::System.now(),
            ["poll-", &ids::unique()].concat(),
        );
        if !Door::understands(&envelope) {
            add(&mut self.outcome.unread);
            return Ok(());
        }
        add(&mut self.outcome.found);
        if self.door.is_news(&envelope)? {
            add(&mut self.outcome.news);
            if !self.outcome.dry_run {
                self.door.queue(&envelope).await?;
            }
        }
        Ok(())
    }
}

/// What to ask about messages `batch:number`: a recipient, or the batch where several of it wait.
fn questions(ids: &[String]) -> Vec<Question> {
    let mut batches: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut order = Vec::new();
    for (batch, number) in ids.iter().filter_map(|id| id.split_once(':')) {
        let numbers = batches.entry(batch).or_default();
        if numbers.is_empty() {
            order.push(batch);
        }
        numbers.push(number);
    }
    let questions = order
        .into_iter()
        .map(|batch| match batches.get(batch).map(Vec::as_slice) {
            Some([number]) => Question::Recipient {
                batch: batch.to_owned(),
                number: (*number).to_owned(),
            },
            _ => Question::Batch(batch.to_owned()),
        });
    questions.collect()
}

impl Outcome {
    fn tell(&self, as_json: bool) {
        if as_json {
            output::json(self);
            return;
        }
        let queued = if self.dry_run {
            "would be queued"
        } else {
            "queued"
        };
        output::line(&format!(
            "{} calls: {} reports found, {} of them news and {queued}; {} unknown to Sinch, {} not understood",
            self.calls, self.found, self.news, self.unknown, self.unread
        ));
        if self.not_asked > 0 {
            output::line(&format!(
                "{} further questions for which no call was left: raise --max-calls, or run it again",
                self.not_asked
            ));
        }
    }
}

fn refused(error: ApiError) -> CommandError {
    let context = match &error {
        ApiError::Status { status: 401, .. } => {
            "Sinch refused the question: is the API token one of this service plan?"
        }
        ApiError::Status { status: 429, .. } => "Sinch was asked too often: run it again later",
        _ => "Sinch could not be asked",
    };
    CommandError::failed(context, error)
}

fn add(count: &mut u64) {
    *count = count.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_which_several_wait_is_one_question() {
        let ids = ["b:1", "a:1", "b:2", "c:3"].map(str::to_owned);
        let asked: Vec<_> = questions(&ids)
            .iter()
            .map(|question| match question {
                Question::Batch(batch) => batch.clone(),
                Question::Recipient { batch, number } => format!("{batch}/{number}"),
            })
            .collect();
        assert_eq!(asked, ["b", "a/1", "c/3"]);
    }
}
