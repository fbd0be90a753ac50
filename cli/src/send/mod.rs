//! `send`: plays Sinch against a receiver.

mod player;
mod tally;

use core::time::Duration;
use std::sync::Arc;

use clap::Args;
use sinch_callback::{
    RetrySchedule,
    scheme::{AnyScheme, Request, Scheme, SchemeSigner},
};
use sinch_callback_server::{
    client::Client,
    clock::{self, Clock},
    ids,
};

use self::{
    player::{Plan, Player},
    tally::Tally,
};
use crate::{
    command_error::CommandError,
    output, progress,
    scheme::SchemeArgs,
    secrets::SecretArgs,
    signed::SignedCallback,
    traffic::{self, Scenario},
};

/// Play Sinch: send signed delivery reports, forgeries and replays to a receiver
#[derive(Args, Debug)]
#[command(after_help = "\
Retries an answer of 5xx or 429, and a broken connection, as Sinch does: after 5, 10, 20 … seconds.
Exit code: 0 when every callback got the answer it should, 1 when one did not, 2 misuse.

Examples:
  sinch-callback send --url http://127.0.0.1:8080/callbacks --secret-file secret.txt
  sinch-callback send --url http://127.0.0.1:8080/callbacks --messages 10000 --rate 500 \\
      --scenario mixed --forged 20 --replayed 5
  sinch-callback send --url http://127.0.0.1:8080/callbacks --messages 100000 --forged 100 \\
      --connections 64 --json
  sinch-callback send --url http://127.0.0.1:8080/voice --scheme application \\
      --key 669E367E-6BBA-48AB-AF15-266871C28135 --secret-file voice-secret.txt")]
pub(crate) struct SendArgs {
    /// Where to send, path included
    #[arg(long, default_value = "http://127.0.0.1:8080/callbacks")]
    url: String,

    /// Messages to tell of, each by two to four callbacks
    #[arg(long, value_name = "N", default_value_t = 100)]
    messages: u64,

    /// Callbacks a second; 0 for as many as go
    #[arg(long, value_name = "R", default_value_t = 0)]
    rate: u32,

    /// What happens to the messages of the Conversation API; other schemes tell of one event each
    #[arg(long, value_enum, default_value = "mixed")]
    scenario: Scenario,

    /// How many of a hundred callbacks are forged; 100 sends one forgery for each message
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    forged: u8,

    /// How many of a hundred accepted callbacks are sent again as they were
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    replayed: u8,

    /// Connections to use at once
    #[arg(long, value_name = "C", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=4096))]
    connections: u32,

    /// Wait before the first retry, in seconds; each next wait is twice as long
    #[arg(long, value_name = "SECONDS", default_value_t = RetrySchedule::SINCH.first.as_secs())]
    first_retry: u64,

    /// Retries before a callback is given up
    #[arg(long, value_name = "N", default_value_t = RetrySchedule::SINCH.retries)]
    retries: u32,

    /// Sign each retry afresh instead of sending it as it was
    #[arg(long)]
    resign: bool,

    /// Seed of the mixture, to play the same again
    #[arg(long)]
    seed: Option<u64>,

    #[command(flatten)]
    scheme: SchemeArgs,

    #[command(flatten)]
    secrets: SecretArgs,

    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: SendArgs) -> Result<(), CommandError> {
    let scheme = args.scheme.given()?;
    let signer = args.secrets.signer(scheme)?;
    // Said before anything is sent: what cannot be signed at all.
    SignedCallback::of(&signer, Request::post("/"), b"{}", Clock::System.now())
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let forger = forger(scheme)?;
    let plan = Arc::new(Plan {
        messages: args.messages,
        next_message: 0.into(),
        next_turn: 0.into(),
        rate: args.rate,
        scenario: args.scenario,
        forged: args.forged,
        replayed: args.replayed,
        schedule: RetrySchedule {
            first: Duration::from_secs(args.first_retry),
            retries: args.retries,
        },
        resign: args.resign,
        event: traffic::Event::of(scheme.name()),
        method: args.scheme.method.clone(),
        path: args.scheme.path.clone(),
        started: clock::stopwatch(),
    });
    let progress = progress::bar(args.messages, "messages", true);
    let mut seeds = args
        .seed
        .map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);

    let mut playing = tokio::task::JoinSet::new();
    for _ in 0..args.connections {
        let client =
            Client::new(&args.url).map_err(|error| CommandError::Misuse(error.to_string()))?;
        let player = Player::new(
            Arc::clone(&plan),
            [signer.clone(), forger.clone()],
            client,
            seeds.fork(),
            progress.clone(),
        );
        playing.spawn(player.play());
    }
    let mut tally = Tally::default();
    while let Some(played) = playing.join_next().await {
        tally.add(played.map_err(|error| CommandError::failed("a connection's task died", error))?);
    }
    progress.finish_and_clear();
    let summary = tally.summary(plan.started.elapsed());
    if args.json {
        output::json(&summary);
    } else {
        summary.print();
    }
    if summary.is_as_it_should_be() {
        Ok(())
    } else {
        Err(CommandError::No)
    }
}

/// Signs as a stranger does: with a secret that nobody else knows.
fn forger(scheme: AnyScheme) -> Result<SchemeSigner, CommandError> {
    // A ULID is base64, too.
    SchemeSigner::new(scheme, ids::unique().as_bytes())
        .map_err(|error| CommandError::failed("no forgery can be signed", error))
}
