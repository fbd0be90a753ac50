//! `intents`: what is to be said to whom, and what became of it.

mod print;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rusqlite::Connection;
use sinch_callback_server::{
    clock::Clock,
    recovery::{Cancel, Circumstances, Intent, IntentKey, IntentState},
    store::{self, IntentFilter, IntentPage},
};

use crate::{command_error::CommandError, output};

/// Show what is to be said to whom by when and what became of it; cancel it, or let it be tried again
#[derive(Args, Debug)]
#[command(after_help = "\
Works beside a running `serve`, which takes a change up within five seconds, and without one. Without a \
command, the newest intents are listed.

Exit code: 0 done, 1 there is no such intent or it cannot be done, 2 misuse.

Examples:
  sinch-callback intents
  sinch-callback intents list --state needs_person
  sinch-callback intents show login-7f3a
  sinch-callback intents cancel login-7f3a --data /var/lib/sinch")]
pub(crate) struct IntentsArgs {
    /// Folder of the store
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "sinch-callback-data"
    )]
    data: PathBuf,

    /// Print JSON, a line for each intent
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Option<IntentsCommand>,
}

#[derive(Debug, Subcommand)]
enum IntentsCommand {
    List(ListArgs),
    Show(KeyArgs),
    Cancel(CancelArgs),
    Retry(RetryArgs),
}

/// List intents, the newest first
#[derive(Args, Debug, Default)]
struct ListArgs {
    /// Only those in this state: waiting, sending, needs_person, done or
    /// given_up
    #[arg(long, value_name = "STATE")]
    state: Option<IntentState>,

    /// Most intents
    #[arg(long, value_name = "NUMBER", default_value_t = LIMIT, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

/// How many are listed unless asked otherwise.
const LIMIT: u32 = 50;

/// Show an intent: its attempts, and each decision with its reason
#[derive(Args, Debug)]
struct KeyArgs {
    /// The intent's key
    key: IntentKey,
}

/// Send nothing more for an intent; what is under way ends as it does
#[derive(Args, Debug)]
struct CancelArgs {
    /// The intent's key
    key: IntentKey,
}

/// Let the last step of an intent that waits for a person run again, with all its tries
#[derive(Args, Debug)]
struct RetryArgs {
    /// The intent's key
    key: IntentKey,
}

pub(crate) fn run(args: &IntentsArgs) -> Result<(), CommandError> {
    match &args.command {
        None => list(
            args,
            &ListArgs {
                state: None,
                limit: LIMIT,
            },
        ),
        Some(IntentsCommand::List(listed)) => list(args, listed),
        Some(IntentsCommand::Show(it)) => show(args, &it.key),
        Some(IntentsCommand::Cancel(it)) => cancel(args, &it.key),
        Some(IntentsCommand::Retry(it)) => retry(args, &it.key),
    }
}

fn list(args: &IntentsArgs, listed: &ListArgs) -> Result<(), CommandError> {
    let connection = open(&args.data)?;
    let filter = IntentFilter {
        state: listed.state,
        before: None,
        limit: listed.limit,
    };
    let page = IntentPage::list(&connection, &filter).map_err(unreadable)?;
    for intent in &page.intents {
        if args.json {
            output::json(intent);
        } else {
            print::line(intent);
        }
    }
    Ok(())
}

fn show(args: &IntentsArgs, key: &IntentKey) -> Result<(), CommandError> {
    let connection = open(&args.data)?;
    let found = store::find_intent(&connection, key).map_err(unreadable)?;
    let view = found.ok_or_else(|| unknown(key))?.view();
    if args.json {
        output::json(&view);
    } else {
        print::whole(&view);
    }
    Ok(())
}

fn cancel(args: &IntentsArgs, key: &IntentKey) -> Result<(), CommandError> {
    let now = Clock::System.now();
    let cancelled = change(args, key, |mut intent| {
        let version = intent.version();
        let cancel = intent.cancel(now);
        ((intent.version() != version).then_some(intent), cancel)
    })?;
    match cancelled {
        Cancel::Cancelled => {
            output::line("cancelled: nothing more is sent");
            Ok(())
        }
        Cancel::UnderWay(attempt) => {
            output::line(&format!(
                "cancelled: nothing more is sent; attempt {attempt} is under way, and its result is recorded"
            ));
            Ok(())
        }
        Cancel::HadEnded => Err(CommandError::failed(
            format!("{key} cannot be cancelled"),
            "it has ended already",
        )),
    }
}

fn retry(args: &IntentsArgs, key: &IntentKey) -> Result<(), CommandError> {
    // Whether something holds it back is for the receiver to see, when it looks at it.
    let circumstances = Circumstances::open(Clock::System.now());
    let retried = change(args, key, |mut intent| {
        let retried = intent.retry(&circumstances);
        (retried.then_some(intent), retried)
    })?;
    if retried {
        output::line("its last step runs again, with all its tries");
        return Ok(());
    }
    Err(CommandError::failed(
        format!("{key} cannot be tried again"),
        "it does not wait for a person: `intents show` tells what it waits for",
    ))
}

fn change<T>(
    args: &IntentsArgs,
    key: &IntentKey,
    change: impl Fn(Intent) -> (Option<Intent>, T),
) -> Result<T, CommandError> {
    let mut connection = store::open_for_writing_beside(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let changed = store::change_intent(&mut connection, key, change)
        .map_err(|error| CommandError::failed("the intent cannot be changed", error))?;
    changed.ok_or_else(|| unknown(key))
}

fn open(data: &Path) -> Result<Connection, CommandError> {
    store::open_for_reading(data).map_err(|error| CommandError::Misuse(error.to_string()))
}

fn unknown(key: &IntentKey) -> CommandError {
    CommandError::failed(
        format!("no intent has the key {key}"),
        "`intents list` shows those of this store",
    )
}

fn unreadable(error: rusqlite::Error) -> CommandError {
    CommandError::failed("the intents cannot be read", error)
}
