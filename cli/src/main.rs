//! `sinch-callback`: receives Sinch's callbacks on one machine; signs, verifies and plays them.

#![expect(
    clippy::std_instead_of_core,
    reason = "a host has std; which half of it a name lives in is nobody's concern here"
)]

#[cfg(feature = "aws")]
mod aws;
mod backup;
mod command_error;
mod cost;
mod demo;
mod events;
mod files;
mod forget;
mod intents;
mod logs;
mod max_age;
mod moment;
mod output;
mod play_sinch;
mod progress;
mod queue;
mod reconcile;
mod reprocess;
mod scheme;
mod secrets;
mod send;
mod serve;
mod settings;
mod sign;
mod signed;
mod sinch;
mod status;
mod stop_signals;
mod traffic;
mod trigger;
mod verify;
mod webhook;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use command_error::CommandError;
use settings::{Settings, Unusable};

/// Turns Sinch's signed callbacks into delivery states you can rely on
#[derive(Debug, Parser)]
#[command(
    name = "sinch-callback",
    version,
    after_help = "\
First steps:
  sinch-callback demo                          the whole story in a minute, nothing to set up
  SINCH_WEBHOOK_SECRET=… sinch-callback serve  receive callbacks here

Secrets come from files or the environment, never from the command line. Every other setting has a \
flag, an environment variable (SINCH_CALLBACK_ and the flag's name) and a place in a file (--config); \
the first of these counts."
)]
struct Arguments {
    #[command(flatten)]
    logs: logs::LogArgs,

    /// File of settings in TOML: `flag = value` for all commands, and for one command under its name
    /// in brackets
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Serve(Box<serve::ServeArgs>),
    Send(send::SendArgs),
    Trigger(trigger::TriggerArgs),
    PlaySinch(play_sinch::PlayArgs),
    Sign(sign::SignArgs),
    Verify(verify::VerifyArgs),
    Status(status::StatusArgs),
    Reprocess(reprocess::ReprocessArgs),
    Reconcile(reconcile::ReconcileArgs),
    Cost(cost::CostArgs),
    #[command(subcommand)]
    Events(events::EventsCommand),
    Intents(intents::IntentsArgs),
    Forget(forget::ForgetArgs),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    #[cfg(feature = "aws")]
    #[command(subcommand)]
    Secret(aws::SecretCommand),
    #[cfg(feature = "aws")]
    Redrive(aws::RedriveArgs),
    #[cfg(feature = "aws")]
    Dashboard(aws::DashboardArgs),
}

fn main() -> ExitCode {
    let command = settings::with_variables(Arguments::command());
    let call: Vec<OsString> = std::env::args_os().collect();
    let resolved = match settings::resolve(&command, &call, &settings::environment()) {
        Ok(resolved) => resolved,
        Err(Unusable::Parser(error)) => error.exit(),
        Err(Unusable::Told(text)) => {
            eprintln!("sinch-callback: {text}");
            return ExitCode::from(2);
        }
    };
    let arguments =
        Arguments::from_arg_matches(&resolved.matches).unwrap_or_else(|error| error.exit());
    let logs = arguments.logs.start();
    for variable in &resolved.unknown {
        tracing::warn!(variable, "no flag has this environment variable");
    }
    let settings = Settings::new(command, call, resolved.settings, logs);
    match run(arguments.command, settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = error.line();
            if !line.is_empty() {
                eprintln!("sinch-callback: {line}");
            }
            error.exit_code()
        }
    }
}

fn run(command: Command, settings: Settings) -> Result<(), CommandError> {
    match command {
        Command::Demo(args) => in_runtime(demo::run(args)),
        Command::Serve(args) => in_runtime(serve::run(*args, settings)),
        Command::Send(args) => in_runtime(send::run(args)),
        Command::Trigger(args) => in_runtime(trigger::run(args)),
        Command::PlaySinch(args) => in_runtime(play_sinch::run(args)),
        Command::Sign(args) => sign::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Cost(args) => cost::run(&args),
        Command::Events(command) => events::run(&command),
        Command::Intents(args) => intents::run(&args),
        Command::Forget(args) => in_runtime(forget::run(args)),
        Command::Backup(args) => backup::backup(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Queue(command) => queue::run(&command),
        Command::Reprocess(args) => in_runtime(reprocess::run(args)),
        Command::Reconcile(args) => in_runtime(reconcile::run(args)),
        Command::Webhook(command) => in_runtime(webhook::run(command)),
        Command::Status(args) => in_runtime(status::run(args)),
        #[cfg(feature = "aws")]
        Command::Secret(command) => in_runtime(aws::secret(command)),
        #[cfg(feature = "aws")]
        Command::Redrive(args) => in_runtime(aws::redrive(args)),
        #[cfg(feature = "aws")]
        Command::Dashboard(args) => in_runtime(aws::dashboard(args)),
    }
}

fn in_runtime(command: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::failed("the runtime cannot start", error))?
        .block_on(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The width of a help page where no terminal says otherwise, in columns.
    const WIDTH: usize = 100;

    fn broken(command: &clap::Command) -> Vec<String> {
        let text = command.get_after_help().map(ToString::to_string);
        let text = text.unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let is_paragraph =
            |line: &str| !line.is_empty() && !line.starts_with(' ') && !line.ends_with(':');
        let wide = lines
            .iter()
            .filter(|line| line.starts_with(' ') && line.chars().count() > WIDTH);
        let filled = lines.windows(2).filter_map(|pair| match pair {
            [first, second]
                if is_paragraph(first) && is_paragraph(second) && first.len() > WIDTH / 2 =>
            {
                (!second.starts_with("Exit code")).then_some(first)
            }
            _ => None,
        });
        let own = wide
            .chain(filled)
            .map(|line| format!("{}: {line}", command.get_name()));
        own.chain(command.get_subcommands().flat_map(broken))
            .collect()
    }

    /// Clap wraps a paragraph to the terminal: one that is wrapped already comes out ragged, and an
    /// example that is wrapped cannot be copied.
    #[test]
    fn help_wraps_where_it_is_meant_to() {
        assert_eq!(broken(&Arguments::command()), Vec::<String>::new());
    }
}
