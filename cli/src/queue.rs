//! `queue`: what was acknowledged and could not be processed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sinch_callback::UnixSeconds;
use sinch_callback_server::store::{self, SetAsideRow};

use crate::{command_error::CommandError, moment::readable, output};

/// List and release the callbacks that were set aside because they could not be processed
#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    List(ListArgs),
    Release(ReleaseArgs),
}

/// List the callbacks that are set aside, each with its cause
#[derive(Args, Debug)]
#[command(after_help = "Works beside a running `serve` and without one.")]
pub(crate) struct ListArgs {
    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// Print each as a line of JSON
    #[arg(long)]
    json: bool,
}

/// Put callbacks that are set aside back into the queue, to be tried again
#[derive(Args, Debug)]
#[command(after_help = "\
Works beside a running `serve`, which takes them up within five seconds, and without one. What fails \
again is set aside again.

Exit code: 0 done, 1 there is no such callback, 2 misuse.")]
pub(crate) struct ReleaseArgs {
    /// Id of the callback, as `queue list` shows it
    #[arg(required_unless_present = "all")]
    id: Option<i64>,

    /// All that are set aside
    #[arg(long, conflicts_with = "id")]
    all: bool,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,
}

pub(crate) fn run(command: &QueueCommand) -> Result<(), CommandError> {
    match command {
        QueueCommand::List(args) => list(args),
        QueueCommand::Release(args) => release(args),
    }
}

fn list(args: &ListArgs) -> Result<(), CommandError> {
    let connection = store::open_for_reading(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let rows = SetAsideRow::list(&connection)
        .map_err(|error| CommandError::failed("the queue cannot be read", error))?;
    for row in rows {
        if args.json {
            output::json(&row);
        } else {
            let at = readable(UnixSeconds::new(row.set_aside_at));
            output::line(&format!(
                "{}  {at}  {} bytes  {}",
                row.id, row.bytes, row.cause
            ));
        }
    }
    Ok(())
}

fn release(args: &ReleaseArgs) -> Result<(), CommandError> {
    let mut connection = store::open_for_writing_beside(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let count = SetAsideRow::release(&mut connection, args.id)
        .map_err(|error| CommandError::failed("the queue cannot be changed", error))?;
    match (args.id, count) {
        (Some(id), 0) => Err(CommandError::failed(
            format!("no callback {id} is set aside"),
            "it has been released, or never was: `queue list` shows the others",
        )),
        _ => {
            output::line(&format!("{count} put back into the queue"));
            Ok(())
        }
    }
}
