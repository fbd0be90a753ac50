//! `serve`: the whole job on one machine.

mod admin;
mod answer;
mod api;
mod args;
mod connections;
mod drain;
mod http;
mod inbox;
mod kept_secrets;
mod linger;
mod listen;
mod metrics;
mod notify;
mod notify_secret;
mod overdue;
mod paths;
mod process_metrics;
mod receive;
mod reload;
mod retention;
mod service_manager;
mod verdict_log;
mod wire;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use prometheus_client::metrics::gauge::Gauge;
use sinch_callback::{AlgorithmHeader, MemoryReplayGuard, Rules, Window, limits};
use sinch_callback_pipeline::{Receiver, messages::Processor};
use tokio_util::sync::CancellationToken;

pub(crate) use self::args::ServeArgs;
use self::{
    admin::Admin,
    connections::{Bounds, Connections},
    drain::Drain,
    http::Service,
    inbox::Inbox,
    kept_secrets::KeptSecrets,
    metrics::Metrics,
    notify::Sender,
    notify_secret::NotifySecret,
    overdue::Overdue,
    paths::CallbackPaths,
    reload::{HangUp, Reload},
    retention::{Retain, Retention},
    service_manager::ServiceManager,
    verdict_log::VerdictLog,
};
use crate::{
    client::Client,
    clock::Clock,
    command_error::CommandError,
    output,
    settings::Settings,
    stop_signals::StopSignals,
    store::{Outbox, Store},
};

/// How long requests under way may take once the receiver is to stop, and then how long the queue
/// may take to empty. What is queued after that is processed at the next start.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// What the requests share.
struct App {
    receiver: Receiver<KeptSecrets, Inbox, MemoryReplayGuard>,
    store: Store,
    rules: Rules,
    paths: CallbackPaths,
    header_limit: Duration,
    body_limit: Duration,
    clock: Clock,
    metrics: Arc<Metrics>,
    verdict_log: VerdictLog,
}

pub(crate) async fn run(args: ServeArgs, settings: Settings) -> Result<(), CommandError> {
    let mut hang_up = HangUp::listen()?;
    let clock = Clock::new(args.clock_at);
    if let Clock::FixedAt(moment) = clock {
        tracing::warn!(
            at = %moment,
            "THE CLOCK IS STOPPED (--clock-at): whoever has an old callback can play it here. For tests only"
        );
    }
    let rules = Rules {
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
    let metrics = Arc::new(Metrics::new());
    let secrets = kept_secrets::load(args.secrets.clone(), Arc::clone(&metrics)).await?;
    let retain = Arc::new(Retain::new(args.retain_days, args.max_age)?);
    let outgoing = outgoing(&args)?;
    let store = Store::open(&args.data)
        .map_err(|error| CommandError::failed("the store cannot be opened", error))?;
    let open_files = http::raise_connection_limit();
    let callbacks = args.listen.bind().await.map_err(|error| {
        CommandError::failed(
            format!(
                "cannot listen on {} (another address: --listen)",
                args.listen
            ),
            error,
        )
    })?;
    let admin = Admin::listen(&args.admin).await?;

    let guard = MemoryReplayGuard::covering(rules.window, limits::HOST_GUARD_CAPACITY);
    let inbox = Inbox {
        store: store.clone(),
        clock,
        tells: outgoing.is_some().then_some(args.events),
        metrics: Arc::clone(&metrics),
    };
    let app = Arc::new(App {
        receiver: Receiver::new(secrets, inbox, rules).with_guard(guard),
        store: store.clone(),
        rules,
        paths: CallbackPaths::new(args.paths.clone()),
        header_limit: Duration::from_secs(args.header_timeout),
        body_limit: Duration::from_secs(args.body_timeout),
        clock,
        metrics: Arc::clone(&metrics),
        verdict_log: VerdictLog::default(),
    });
    let notify_secret = outgoing.as_ref().map(|(_, secret)| Arc::clone(secret));
    let outbox = Outbox::new(store.clone(), outgoing.is_some().then_some(clock));
    let drain = Drain {
        store: store.clone(),
        processor: Processor::new(store.clone(), outbox, drain::MESSAGES_AT_ONCE)
            .with_events(args.events),
        clock,
        metrics: Arc::clone(&metrics),
    };

    // The queue is emptied after the last request has been answered, so each has its own stop.
    let (stop_serving, stop_draining) = (CancellationToken::new(), CancellationToken::new());
    let drained = tokio::spawn(drain.run(stop_draining.clone()));
    let overdue = Overdue {
        store: store.clone(),
        clock,
        metrics: Arc::clone(&metrics),
        tells: outgoing.is_some(),
    };
    tokio::spawn(overdue.run(stop_draining.clone()));
    let sent = outgoing.map(|(client, secret)| {
        let at_once = usize::from(args.notify_at_once);
        let sender = Sender::new(store.clone(), client, secret, at_once, clock, metrics);
        tokio::spawn(sender.run(stop_draining.clone()))
    });
    let retention = Retention::new(store.clone(), Arc::clone(&retain), clock);
    tokio::spawn(retention.run(stop_draining.clone()));
    // Whoever reads that we are ready may ask us to stop at once.
    let mut stop = StopSignals::listen()?;
    // Programs read these two: they stand on standard output, in front of all else there.
    output::line(&format!("listening on {}", callbacks.url()));
    output::line(&match &admin {
        Some(admin) => format!("admin on {}", admin.url()),
        None => "admin off".into(),
    });
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        callbacks = callbacks.url(),
        admin = admin.as_ref().map_or_else(|| "off".into(), Admin::url),
        data = %args.data.display(),
        secrets = args.secrets.count(),
        max_age = %args.max_age,
        max_body = args.max_body,
        retain_days = args.retain_days,
        notify = args.notify_url.is_some(),
        "started"
    );
    let bounds = Bounds::CALLBACKS.within(open_files);
    let mut served = vec![http::serve(
        callbacks,
        Service {
            router: http::callbacks(Arc::clone(&app)),
            connections: Connections::new(bounds, app.metrics.connections.clone()),
            app: Arc::clone(&app),
        },
        stop_serving.clone(),
    )];
    if let Some(admin) = admin {
        let (sockets, router) = admin.router(Arc::clone(&app));
        let service = Service {
            router,
            connections: Connections::new(Bounds::ADMIN, Gauge::default()),
            app: Arc::clone(&app),
        };
        served.push(http::serve(sockets, service, stop_serving.clone()));
    }
    let served = tokio::spawn(join_all(served));
    let mut reload = Reload {
        settings,
        app,
        notify_secret,
        retain,
        manager: ServiceManager::find(),
    };
    reload.manager.ready();
    loop {
        tokio::select! {
            () = stop.received() => break,
            () = hang_up.received() => reload.run().await,
        }
    }
    reload.manager.stopping();
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

/// The outgoing webhook's client and secret, where there is one.
fn outgoing(args: &ServeArgs) -> Result<Option<(Client, Arc<NotifySecret>)>, CommandError> {
    let Some(url) = &args.notify_url else {
        return Ok(None);
    };
    let client =
        Client::new(url).map_err(|error| CommandError::Misuse(format!("--notify-url: {error}")))?;
    let Some(path) = args.notify_secret_file.clone() else {
        return Err(CommandError::Misuse(
            "--notify-url needs --notify-secret-file: a secret of its own to sign events with, as `openssl rand -hex 32` makes one. Signed with the webhook's, they would pass for Sinch's own callbacks".into(),
        ));
    };
    let secret = NotifySecret::load(path, args.secrets.clone())?;
    Ok(Some((client, Arc::new(secret))))
}
