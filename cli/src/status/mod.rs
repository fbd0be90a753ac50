//! `status`: a message's timeline for a person; and without a message, how a receiver stands.

mod glance;
mod print;
mod source;

use std::path::PathBuf;

use clap::Args;

use self::source::Source;
use crate::{command_error::CommandError, output};

/// Show what is known of a message: its timeline, reason, correlation; without one, how the receiver stands
#[derive(Args, Debug)]
#[command(after_help = "\
Exit code: 0 found, 1 not found, 2 misuse.

Without a message: whether intents are acted upon, what holds sends back, how much of the budget is used, and \
how many intents are in which state.

Examples:
  sinch-callback status
  sinch-callback status 01EQBC1A3BEK731GY4YXEN0C2R
  sinch-callback status 01FC66621XXXXX119Z8PMV1QPQ:44231235674 --data /var/lib/sinch --json
  sinch-callback status --correlation order-4711
  sinch-callback status --client-reference campaign-7 --json
With the feature aws:
  sinch-callback status 01EQBC1A3BEK731GY4YXEN0C2R --table sinch-DeliveryTable-1ABC \\
      --region eu-west-1")]
pub(crate) struct StatusArgs {
    /// Id of the message; for an SMS batch, batch id and recipient's digits with a colon between
    message_id: Option<String>,

    /// Show the messages that were sent with this correlation id instead (from a local store also
    /// by metadata or client reference)
    #[arg(long, value_name = "ID", conflicts_with = "message_id")]
    correlation: Option<String>,

    /// Show the messages of SMS batches that were sent with this client reference instead. On AWS the
    /// whole table is read for it, which costs half a read unit for each 4 KB
    #[arg(long, value_name = "REF", conflicts_with_all = ["message_id", "correlation"])]
    client_reference: Option<String>,

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

    /// Print what is known as JSON, a line for each message
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: StatusArgs) -> Result<(), CommandError> {
    let source = source(&args).await?;
    let ids = match (&args.correlation, &args.client_reference) {
        (Some(correlation), _) => source.correlated(correlation).await?,
        (None, Some(reference)) => source.referenced(reference).await?,
        (None, None) => match &args.message_id {
            Some(id) => vec![id.clone()],
            None => return glance::show(&source, args.json),
        },
    };
    if ids.is_empty() {
        let correlation = args.correlation.or(args.client_reference);
        let correlation = correlation.unwrap_or_default();
        return Err(not_found(format!("correlated by {correlation}")));
    }
    if let Some(line) = source.hearing()?.filter(|_| !args.json) {
        eprintln!("{line}");
    }
    for id in ids {
        let Some(view) = source.message(&id).await? else {
            return Err(not_found(id));
        };
        if args.json {
            output::json(&view);
        } else {
            print::print(&view);
        }
    }
    Ok(())
}

fn not_found(what: String) -> CommandError {
    CommandError::failed(
        format!("no report of a message {what} has been recorded"),
        "has its callback been processed, and is this its store?",
    )
}

#[cfg(feature = "aws")]
async fn source(args: &StatusArgs) -> Result<Source, CommandError> {
    match &args.table {
        Some(table) => Ok(Source::table(&args.aws, table.clone()).await),
        None => Source::local(&args.data),
    }
}

#[cfg(not(feature = "aws"))]
async fn source(args: &StatusArgs) -> Result<Source, CommandError> {
    Source::local(&args.data)
}
