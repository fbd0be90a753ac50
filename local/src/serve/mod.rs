//! `serve`: the whole job on one machine.

mod answer;
mod api;
mod drain;
mod http;
mod large_bodies;
mod linger;
mod metrics;
mod notify;
mod receive;
mod verdict_log;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use sinch_callback::{AlgorithmHeader, MemoryReplayGuard, Signer, Verifier, Window};
use sinch_callback_pipeline::{OnMismatch, Policy, Processor, Receiver};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::{
    drain::Drain, large_bodies::LargeBodies, metrics::Metrics, notify::Sender,
    verdict_log::VerdictLog,
};
use crate::{
    client::Client,
    clock::Clock,
    command_error::CommandError,
    max_age::MaxAge,
    secrets::{self, LocalSecrets, SecretArgs},
    stop_signals::StopSignals,
    store::{Outbox, Store},
};

/// Callbacks that the guard remembers: 5 MB of memory, and an hour's traffic at Sinch's default
/// rate of 25 callbacks a second for each app. The delivery log remembers the rest.
const GUARD_CAPACITY: usize = 100_000;

/// How long requests under way may take once the receiver is to stop, and then how long the queue
/// may take to empty. What is queued after that is processed at the next start.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Receive callbacks on this machine and keep what they say
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  SINCH_WEBHOOK_SECRET=… sinch-callback serve
  sinch-callback serve --secret-file current.txt --secret-file previous.txt --listen 0.0.0.0:8080 --data /var/lib/sinch

Paths:
  POST /callbacks                what to enter at Sinch, behind your TLS proxy
  GET  /api/messages/{id}        a message: state, channels, log, correlation
  GET  /api/messages             ?status= queued|delivered|read|failed|switching|contradicted
                                 &reason= a reason code, or what it asks for
                                 &correlation= metadata, correlation id or client reference
                                 &before= the last page's next_before   &limit= 1 to 500
  GET  /api/unrecognized         authentic callbacks whose body was not understood
  GET  /api/summary              counts over everything
  GET  /healthz /readyz /metrics")]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Folder of the store, made where it is missing
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// Greatest age of a callback, in seconds, or "unlimited". The default covers Sinch's retries
    #[arg(long, value_name = "SECONDS", default_value = "86400")]
    max_age: MaxAge,

    /// Largest body, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Verifier::DEFAULT_MAX_BODY_BYTES)]
    max_body: usize,

    /// Refuse callbacks that do not name their algorithm
    #[arg(long)]
    require_algorithm: bool,

    /// What to answer where a signature matches no secret. With 503 Sinch comes again: for the
    /// hours in which you are not sure of the secret
    #[arg(long, value_name = "STATUS", default_value = "401", value_parser = on_mismatch)]
    on_signature_mismatch: OnMismatch,

    /// How long a request's headers may take to arrive, in seconds, the wait for the next request
    /// on a kept connection included
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    header_timeout: u64,

    /// How long a request's body may take to arrive, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    body_timeout: u64,

    #[command(flatten)]
    secrets: SecretArgs,

    /// Address to which each change of a message's state is posted, signed as Sinch signs
    #[arg(long, value_name = "URL")]
    notify_url: Option<String>,

    /// File with the secret to sign those with; without it, the current webhook secret
    #[arg(long, value_name = "FILE", requires = "notify_url")]
    notify_secret_file: Option<PathBuf>,

    /// Stop the receiver's clock at this moment. For tests on old callbacks: it takes replays of
    /// that time for fresh
    #[arg(long, value_name = "UNIX_SECONDS")]
    clock_at: Option<u64>,
}

/// What the requests share.
struct App {
    receiver: Receiver<LocalSecrets, Store, MemoryReplayGuard>,
    store: Store,
    policy: Policy,
    large_bodies: LargeBodies,
    header_limit: Duration,
    body_limit: Duration,
    clock: Clock,
    metrics: Arc<Metrics>,
    verdict_log: VerdictLog,
}

pub(crate) async fn run(args: ServeArgs) -> Result<(), CommandError> {
    let clock = Clock::new(args.clock_at);
    if let Clock::FixedAt(moment) = clock {
        tracing::warn!(
            at = %moment,
            "THE CLOCK IS STOPPED (--clock-at): whoever has an old callback can play it here. For tests only"
        );
    }
    let policy = Policy {
        window: Window {
            max_age_secs: args.max_age.secs(),
            ..Window::LOGGED
        },
        max_body_bytes: args.max_body,
        algorithm_header: if args.require_algorithm {
            AlgorithmHeader::Required
        } else {
            AlgorithmHeader::Optional
        },
        on_mismatch: args.on_signature_mismatch,
    };
    let secrets = LocalSecrets::load(args.secrets.clone())?;
    let outgoing = outgoing(&args)?;
    let store = Store::open(&args.data)
        .map_err(|error| CommandError::failed("the store cannot be opened", error))?;
    http::raise_connection_limit();
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        CommandError::failed(format!("cannot listen on {}", args.listen), error)
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| CommandError::failed("the socket has no address", error))?;

    let metrics = Arc::new(Metrics::new());
    let guard = MemoryReplayGuard::new(GUARD_CAPACITY, policy.window.memory_secs());
    let app = Arc::new(App {
        receiver: Receiver::new(secrets, store.clone(), policy).with_guard(guard),
        store: store.clone(),
        policy,
        large_bodies: LargeBodies::new(),
        header_limit: Duration::from_secs(args.header_timeout),
        body_limit: Duration::from_secs(args.body_timeout),
        clock,
        metrics: Arc::clone(&metrics),
        verdict_log: VerdictLog::default(),
    });
    let outbox = Outbox::new(store.clone(), outgoing.is_some().then_some(clock));
    let drain = Drain {
        store: store.clone(),
        processor: Processor::new(store.clone(), outbox),
        metrics: Arc::clone(&metrics),
    };

    // The queue is emptied after the last request has been answered, so each has its own stop.
    let (stop_serving, stop_draining) = (CancellationToken::new(), CancellationToken::new());
    let drained = tokio::spawn(drain.run(stop_draining.clone()));
    let sent = outgoing.map(|(client, signer)| {
        let sender = Sender {
            store: store.clone(),
            client,
            signer,
            clock,
            metrics,
        };
        tokio::spawn(sender.run(stop_draining.clone()))
    });
    let served = tokio::spawn(http::serve(listener, app, stop_serving.clone()));

    // Whoever reads that we are ready may ask us to stop at once.
    let mut stop = StopSignals::listen()?;
    crate::output::line(&format!("listening on http://{address}"));
    stop.received().await;
    tracing::info!("stopping: requests under way are finished first");
    stop_serving.cancel();
    let _ = served.await;
    stop_draining.cancel();
    let _ = tokio::time::timeout(STOP_LIMIT, drained).await;
    if let Some(sent) = sent {
        let _ = tokio::time::timeout(STOP_LIMIT, sent).await;
    }
    store
        .close()
        .await
        .map_err(|error| CommandError::failed("the store cannot be closed", error))
}

fn on_mismatch(text: &str) -> Result<OnMismatch, String> {
    OnMismatch::of_status(text).ok_or_else(|| "expected 401 or 503".into())
}

/// The outgoing webhook's client and signer, where there is one.
fn outgoing(args: &ServeArgs) -> Result<Option<(Client, Signer)>, CommandError> {
    let Some(url) = &args.notify_url else {
        return Ok(None);
    };
    let client =
        Client::new(url).map_err(|error| CommandError::Misuse(format!("--notify-url: {error}")))?;
    let secret = match &args.notify_secret_file {
        Some(path) => secrets::secret_of_file(path)?,
        None => args.secrets.current()?,
    };
    Ok(Some((client, Signer::new(secret))))
}
