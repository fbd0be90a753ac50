//! `play-sinch`: a stand-in for Sinch's API, which sends callbacks back for what it is sent.

mod callback;
mod conversation;
mod journal;
mod message;
mod poster;
mod request;
mod scenario;
mod sms;
mod stand_in;
mod token;
mod webhook;

use core::net::SocketAddr;
use std::{path::PathBuf, sync::Arc};

use clap::Args;
use sinch_callback_server::secrets::secret_of_file;
use tokio::net::TcpListener;

use self::{journal::Journal, scenario::Scenario, stand_in::StandIn};
use crate::{command_error::CommandError, files, output, stop_signals::StopSignals};

/// Play Sinch's API on this machine: take what is sent, and call back as a scenario says
#[derive(Args, Debug)]
#[command(after_help = "\
It serves what is used of Sinch's API: tokens, messages:send, messages, webhooks, and batches of the SMS \
API with their delivery reports. Nothing reaches a network: it listens on loopback and posts callbacks \
to loopback.

Callbacks go to the callback_url of a message, else to the webhooks of its app, else to --callback-url. \
They are signed with the webhook's secret, and with that of --secret-file elsewhere. They are retried as \
Sinch does, after 5 s and then twice as long each time.

Without --scenario everything is delivered after a second. --print-scenario shows every trouble there \
is, as a file to begin with.

Examples:
  sinch-callback play-sinch --print-scenario > scenario.toml
  sinch-callback play-sinch --scenario scenario.toml --journal journal.jsonl \\
      --callback-url http://127.0.0.1:8080/callbacks --secret-file secret.txt
  curl -s localhost:8090/v1/projects/p/messages:send -H 'authorization: Bearer any' \\
      -H 'content-type: application/json' -d '{\"app_id\":\"a\",
      \"message\":{\"text_message\":{\"text\":\"Hello\"}},\"recipient\":{\"identified_by\":
      {\"channel_identities\":[{\"channel\":\"SMS\",\"identity\":\"+15550100\"}]}}}'")]
pub(crate) struct PlayArgs {
    /// Where to listen, on loopback. Port 0 takes a free one; the first line of the output names it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,

    /// File of rules in TOML that say what becomes of what is sent
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,

    /// Print a scenario that shows every trouble there is, and end
    #[arg(long)]
    print_scenario: bool,

    /// Where callbacks go that no webhook is registered for
    #[arg(long, value_name = "URL", requires = "secret_file")]
    callback_url: Option<String>,

    /// File that holds the secret to sign with where no webhook is registered
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,

    /// File that holds the access key, KEY_ID:KEY_SECRET, which a token is then asked for with. Without
    /// it, any key and any token are taken
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,

    /// For how long a token holds, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    token_lifetime: u64,

    /// Know nothing of the first so many tokens that are given, as where a key was withdrawn: whoever
    /// calls with one has to ask for another
    #[arg(long, value_name = "COUNT", default_value_t = 0, requires = "key_file")]
    forget_tokens: u32,

    /// How many times faster than the scenario says everything happens, retries included
    #[arg(long, value_name = "TIMES", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    speed: u32,

    /// File to write a line of JSON into for each call that is taken and each callback that is sent
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

impl PlayArgs {
    fn stand_in(&self) -> Result<StandIn, CommandError> {
        let scenario = match &self.scenario {
            Some(path) => {
                let text = String::from_utf8(files::read(path)?);
                let text = text.map_err(|_| misuse(path, "it is not UTF-8"))?;
                Scenario::parse(&text).map_err(|error| misuse(path, &error))?
            }
            None => Scenario::parse("").map_err(CommandError::Misuse)?,
        };
        let journal = match &self.journal {
            Some(path) => {
                Journal::in_file(path).map_err(|error| misuse(path, &error.to_string()))?
            }
            None => Journal::default(),
        };
        let secret = self
            .secret_file
            .as_deref()
            .map(secret_of_file)
            .transpose()?;
        let key = match &self.key_file {
            Some(path) => Some(files::read(path)?.trim_ascii().to_vec()),
            None => None,
        };
        let mut stand_in = StandIn::new(scenario, journal, self.speed);
        stand_in
            .tokens
            .restrict(key, self.token_lifetime, self.forget_tokens);
        if let Some(secret) = secret {
            stand_in.webhooks.sign_others_with(secret);
        }
        if let Some(url) = &self.callback_url {
            stand_in.webhooks.send_others_to(url.clone());
        }
        Ok(stand_in)
    }
}

fn misuse(path: &std::path::Path, why: &str) -> CommandError {
    CommandError::Misuse(format!("{}: {}", path.display(), why.trim()))
}

pub(crate) async fn run(args: PlayArgs) -> Result<(), CommandError> {
    if args.print_scenario {
        output::line(scenario::EXAMPLE.trim_end());
        return Ok(());
    }
    if !args.listen.ip().is_loopback() {
        return Err(CommandError::Misuse(format!(
            "--listen {}: the stand-in listens on loopback only, since whoever reaches it can have \
             callbacks signed",
            args.listen
        )));
    }
    let mut stop = StopSignals::listen()?;
    let stand_in = Arc::new(args.stand_in()?);
    let cannot = |error| CommandError::failed("the stand-in cannot listen", error);
    let listener = TcpListener::bind(args.listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    output::line(&format!("listening on http://{address}"));
    tokio::select! {
        () = request::serve(listener, stand_in) => {}
        () = stop.received() => {}
    }
    Ok(())
}
