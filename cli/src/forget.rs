//! `forget`: what is known of a person or of a message is deleted.

use std::path::PathBuf;

use clap::Args;
use sinch_callback_pipeline::{Forgotten, Subject};
use sinch_callback_server::{clock::Clock, store};

use crate::{command_error::CommandError, output};
/// Delete what is known of a person or of a message
#[derive(Args, Debug)]
#[command(after_help = "\
Deleted are messages with their channels, log and events, and what waits in the queue or is set \
aside; intents to them, with their content; of each callback that speaks of them the body. A keyed \
hash of each message's id stays for 30 days: what is reported of it by then is dropped. What is sent to \
a person from then on is new, and is \
kept like anything else.

Not reached: backups, logs of proxies, and whoever was told by events.

Works beside a running `serve` and without one. On AWS, what waits in the queues is not reached: run it \
again when they are empty. Of a person the whole table is searched, and its point-in-time backups keep \
what they have for 35 days.

Exit code: 0 deleted, 1 nothing was found, 2 misuse.

Examples:
  sinch-callback forget --identity +46701234567 --dry-run
  sinch-callback forget --message 01EQBC1A3BEK731GY4YXEN0C2R --data /var/lib/sinch
With the feature aws:
  sinch-callback forget --identity +46701234567 --table sinch-DeliveryTable-1ABC \\
      --region eu-west-1")]
pub(crate) struct ForgetArgs {
    /// A person's number, address or id on a channel. Of a number the digits count
    #[arg(
        long,
        value_name = "IDENTITY",
        required_unless_present = "message",
        conflicts_with = "message"
    )]
    identity: Option<String>,

    /// Id of a message
    #[arg(long, value_name = "ID")]
    message: Option<String>,

    /// Only tell what would be deleted
    #[arg(long)]
    dry_run: bool,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// DynamoDB table of the states instead: the stack's output TableName
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    table: Option<String>,

    #[cfg(feature = "aws")]
    #[command(flatten)]
    aws: crate::aws::AwsArgs,

    /// Print what was deleted as JSON
    #[arg(long)]
    json: bool,
}

impl ForgetArgs {
    fn subject(&self) -> Result<Subject, CommandError> {
        let subject = match (&self.identity, &self.message) {
            (Some(identity), _) => Subject::person(identity),
            (None, Some(message)) => Subject::message(message),
            (None, None) => {
                return Err(CommandError::Misuse("name --identity or --message".into()));
            }
        };
        subject.map_err(|error| CommandError::Misuse(error.to_string()))
    }
}

pub(crate) async fn run(args: ForgetArgs) -> Result<(), CommandError> {
    let subject = args.subject()?;
    let forgotten = forget(&args, &subject).await?;
    if args.json {
        output::json(&forgotten);
    } else {
        let Forgotten {
            messages,
            bodies,
            events,
            queued,
            intents,
        } = forgotten;
        let verb = if args.dry_run {
            "would be deleted"
        } else {
            "deleted"
        };
        output::line(&format!(
            "{verb}: {messages} messages, {bodies} bodies, {events} events, {queued} waiting callbacks, {intents} intents"
        ));
    }
    if forgotten == Forgotten::default() {
        return Err(CommandError::No);
    }
    Ok(())
}

#[cfg(feature = "aws")]
async fn forget(args: &ForgetArgs, subject: &Subject) -> Result<Forgotten, CommandError> {
    match &args.table {
        Some(table) => crate::aws::forget(&args.aws, table.clone(), subject, args.dry_run).await,
        None => local(args, subject),
    }
}

#[cfg(not(feature = "aws"))]
#[expect(clippy::unused_async, reason = "of a table it is not at once")]
async fn forget(args: &ForgetArgs, subject: &Subject) -> Result<Forgotten, CommandError> {
    local(args, subject)
}

fn local(args: &ForgetArgs, subject: &Subject) -> Result<Forgotten, CommandError> {
    let connection = store::open_for_writing_beside(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let now = Clock::System.now();
    store::forget(&connection, subject, args.dry_run, now)
        .map_err(|error| CommandError::failed("the store cannot be changed", error))
}
