//! `events`: what `--notify-url` has not taken.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sinch_callback::UnixSeconds;
use sinch_callback_server::store::{self, EventRow};

use crate::{command_error::CommandError, moment::readable, output};

/// List and resend the events that --notify-url has not taken
#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    List(ListArgs),
    Resend(ResendArgs),
}

/// List the events that have not been taken: those that wait, and those that were given up
#[derive(Args, Debug)]
#[command(after_help = "\
Works beside a running `serve` and without one.

Examples:
  sinch-callback events list --given-up --data /var/lib/sinch
  sinch-callback events list --json | jq -r .id")]
pub(crate) struct ListArgs {
    /// Only those that were given up
    #[arg(long)]
    given_up: bool,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// Print each as a line of JSON
    #[arg(long)]
    json: bool,
}

/// Post an event again, with all its retries
#[derive(Args, Debug)]
#[command(after_help = "\
Works beside a running `serve`, which posts them within a second, and without one: they are then \
posted at the next start with --notify-url.

Exit code: 0 done, 1 there is no such event, 2 misuse.

Examples:
  sinch-callback events resend 3f0c…-0 --data /var/lib/sinch
  sinch-callback events resend --all")]
pub(crate) struct ResendArgs {
    /// Id of the event, as `events list` shows it
    #[arg(required_unless_present = "all")]
    id: Option<String>,

    /// All that were given up
    #[arg(long, conflicts_with = "id")]
    all: bool,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,
}

pub(crate) fn run(command: &EventsCommand) -> Result<(), CommandError> {
    match command {
        EventsCommand::List(args) => list(args),
        EventsCommand::Resend(args) => resend(args),
    }
}

fn list(args: &ListArgs) -> Result<(), CommandError> {
    let connection = store::open_for_reading(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    EventRow::list(&connection, args.given_up, |event| {
        if args.json {
            output::json(&event);
        } else {
            output::line(&line(&event));
        }
    })
    .map_err(|error| CommandError::failed("the events cannot be read", error))
}

fn line(event: &EventRow) -> String {
    let made = readable(UnixSeconds::new(event.created_at));
    let next = match event.due_at {
        Some(due_at) => format!("next at {}", readable(UnixSeconds::new(due_at))),
        None => "given up".into(),
    };
    let cause = event
        .cause
        .as_ref()
        .map(|cause| format!("  {cause}"))
        .unwrap_or_default();
    format!(
        "{}  {made}  {:20}  {}  {next} after {} attempts{cause}",
        event.id, event.kind, event.message_id, event.attempts
    )
}

fn resend(args: &ResendArgs) -> Result<(), CommandError> {
    let connection = store::open_for_writing_beside(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let count = EventRow::resend(&connection, args.id.as_deref())
        .map_err(|error| CommandError::failed("the events cannot be changed", error))?;
    match (&args.id, count) {
        (Some(id), 0) => Err(CommandError::failed(
            format!("no event {id} waits or was given up"),
            "it has been taken, or never was: `events list` shows the others",
        )),
        _ => {
            output::line(&format!("{count} to be posted"));
            Ok(())
        }
    }
}
