use std::{sync::Arc, time::Duration};

use axum::Router;
use prometheus_client::metrics::gauge::Gauge;
use sinch_callback_pipeline::{EventFilter, messages::Processor};
use sinch_callback_recovery::ports::Mode;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{gate::Gate, router as admin},
    app::{endpoints, inbox::Inbox, state::App, verdict_log::VerdictLog},
    background::{
        acting::Acting,
        counting,
        drain::{self, Drain},
        overdue::Overdue,
        retention::{Retain, Retention},
    },
    callbacks::router,
    client::Client,
    config::Config,
    endpoint::EndpointConfig,
    error::ServerError,
    listener::{
        address::Sockets,
        connections::{Bounds, Connections},
        serve::{self, Service},
    },
    listening::Ear,
    metrics::Metrics,
    notify::{secret::NotifySecret, sender::Sender},
    paths::CallbackPaths,
    recent::Recent,
    recovery::host::Recovery,
    secrets::kept,
    store::{open::Store, outbox::Outbox},
};

/// A receiver on one machine: its store is open, its secrets are read, and nothing runs yet.
///
/// Callbacks come in by [`callbacks`](Self::callbacks), nested in a router of yours, or by a listener of
/// its own ([`Running::take_callbacks`]), which bounds what strangers can take of memory and
/// connections.
///
/// # Examples
/// With a listener of its own, as `serve` has it:
///
/// ```
/// use sinch_callback_server::{Config, ListenAddress, Server, secrets::SecretFiles};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let data = folder.path();
/// let secrets = SecretFiles::given("made-up-and-long-enough".to_owned());
/// let server = Server::open(Config::new(data, secrets)).await?;
/// let mut running = server.start();
/// // Port 0 is any that is free.
/// let address: ListenAddress = "127.0.0.1:0".parse()?;
/// let sockets = address.bind().await?;
/// println!("callbacks go to POST {}/callbacks", sockets.url());
/// running.take_callbacks(sockets);
/// // Until a signal comes. Then what was accepted is processed, and the store closed.
/// running.stop().await?;
/// # Ok(())
/// # }
/// ```
pub struct Server {
    app: Arc<App>,
    retain: Arc<Retain>,
    notified: Option<Notified>,
    events: EventFilter,
    overdue_after: Option<Duration>,
}

/// Who is notified.
struct Notified {
    client: Client,
    secret: Arc<NotifySecret>,
    at_once: usize,
}

impl Server {
    /// Reads the secrets and opens the store, which is made where it is missing.
    ///
    /// # Errors
    /// Where the receiver could not do its work: without a secret, with records that go too early, with
    /// events that cannot be signed, with a store that is in use, of a newer version or broken.
    pub async fn open(config: Config) -> Result<Self, ServerError> {
        let metrics = Arc::new(Metrics::new());
        let webhook = core::iter::once(&config.secrets);
        let webhook = webhook.chain(config.endpoints.iter().map(EndpointConfig::secrets));
        let webhook: Vec<_> = webhook.cloned().collect();
        let loaded = endpoints::load(config.secrets, &config.paths, config.endpoints, &metrics);
        let loaded = loaded.await?;
        let retain = Arc::new(Retain::new(config.retain_days, config.rules.window)?);
        let notified = match config.notify {
            None => None,
            Some(notify) => Some(Notified {
                client: Client::new(&notify.url).map_err(ServerError::NotifyUrl)?,
                secret: Arc::new(NotifySecret::load(notify.secret_file, webhook)?),
                at_once: notify.at_once.into(),
            }),
        };
        let store = Store::open(&config.data).map_err(ServerError::Open)?;
        let ear = Ear::open(
            store.clone(),
            config.clock,
            config.callbacks_stopped_after,
            notified.is_some(),
            Arc::clone(&metrics),
        );
        let ear = Arc::new(ear.await.map_err(ServerError::Open)?);
        let recovery = Recovery::open(
            config.recovery,
            store.clone(),
            config.clock,
            notified.is_some(),
            Arc::clone(&ear),
            &metrics,
        );
        let recovery = Arc::new(recovery.await?);
        let inbox = Inbox {
            store: store.clone(),
            clock: config.clock,
            tells: notified.is_some().then_some(config.events),
            overdue_after: config.overdue_after,
            metrics: Arc::clone(&metrics),
        };
        let inbox = Arc::new(inbox);
        let served = loaded
            .into_iter()
            .map(|it| it.serve(&inbox, config.rules, config.retain_days));
        let endpoints: Vec<_> = served.collect();
        let paths = endpoints.iter().flat_map(|it| it.paths.iter().cloned());
        let app = App {
            paths: CallbackPaths::new(paths.collect()),
            endpoints,
            store,
            ear,
            header_limit: config.header_timeout,
            body_limit: config.body_timeout,
            clock: config.clock,
            metrics,
            verdict_log: VerdictLog::default(),
            recovery,
            recent: Recent::default(),
            started_at: config.clock.now(),
            stopping: CancellationToken::new(),
        };
        Ok(Self {
            app: Arc::new(app),
            retain,
            notified,
            events: config.events,
            overdue_after: config.overdue_after,
        })
    }

    /// What takes callbacks at the paths of the configuration, and tells nothing. For a router to nest.
    pub fn callbacks(&self) -> Router {
        router::router(Arc::clone(&self.app))
    }

    /// What tells an operator what is stored, behind the gate. Not where strangers come.
    pub fn admin(&self, gate: Gate) -> Router {
        admin::router(Arc::clone(&self.app), gate)
    }

    /// Starts what goes on behind the requests: the queue is processed, whoever is notified is told, what
    /// is past its retention is deleted.
    #[must_use = "what is not stopped ends with the runtime"]
    pub fn start(self) -> Running {
        let Self {
            app,
            retain,
            notified,
            events,
            overdue_after,
        } = self;
        let (store, clock) = (app.store.clone(), app.clock);
        let stop = CancellationToken::new();
        let tells = notified.is_some();
        let outbox = Outbox::new(store.clone(), tells.then_some(clock));
        let drain = Drain {
            store: store.clone(),
            processor: Processor::new(store.clone(), outbox, drain::MESSAGES_AT_ONCE)
                .with_events(events)
                .with_overdue_after(overdue_after),
            clock,
            metrics: Arc::clone(&app.metrics),
        };
        let overdue = Overdue {
            store: store.clone(),
            ear: Arc::clone(&app.ear),
            clock,
            metrics: Arc::clone(&app.metrics),
            tells,
        };
        tokio::spawn(counting::run(store.clone(), stop.clone()));
        let retention = Retention::new(store.clone(), Arc::clone(&retain), clock);
        let mut work = vec![tokio::spawn(drain.run(stop.clone()))];
        if app.recovery.switch().mode() != Mode::Off {
            let acting = Acting {
                engine: Arc::clone(app.recovery.engine()),
                store: store.clone(),
                clock,
            };
            work.push(tokio::spawn(acting.run(stop.clone())));
        }
        work.push(tokio::spawn(overdue.run(stop.clone())));
        tokio::spawn(retention.run(stop.clone()));
        let notify_secret = notified.map(|notified| {
            let secret = Arc::clone(&notified.secret);
            let metrics = Arc::clone(&app.metrics);
            let Notified {
                client, at_once, ..
            } = notified;
            let sender = Sender::new(store, client, Arc::clone(&secret), at_once, clock, metrics);
            work.push(tokio::spawn(sender.run(stop.clone())));
            secret
        });
        Running {
            stop_serving: app.stopping.clone(),
            app,
            retain,
            notify_secret,
            work,
            served: Vec::new(),
            stop_working: stop,
        }
    }
}

/// A receiver at work.
pub struct Running {
    app: Arc<App>,
    retain: Arc<Retain>,
    notify_secret: Option<Arc<NotifySecret>>,
    work: Vec<JoinHandle<()>>,
    served: Vec<JoinHandle<()>>,
    /// The queue is emptied after the last request has been answered, so each has its own stop.
    stop_serving: CancellationToken,
    stop_working: CancellationToken,
}

impl Running {
    /// Takes callbacks on these sockets. Asks the system for as many open files as it grants the process.
    pub fn take_callbacks(&mut self, sockets: Sockets) {
        let bounds = Bounds::CALLBACKS.within(serve::raise_connection_limit());
        let connections = Connections::new(bounds, self.app.metrics.connections.clone());
        let router = router::router(Arc::clone(&self.app));
        self.serve(sockets, router, connections);
    }

    /// Answers an operator on these sockets.
    pub fn answer_operators(&mut self, sockets: Sockets, gate: Gate) {
        let connections = Connections::new(Bounds::ADMIN, Gauge::default());
        let router = admin::router(Arc::clone(&self.app), gate);
        self.serve(sockets, router, connections);
    }

    fn serve(&mut self, sockets: Sockets, router: Router, connections: Arc<Connections>) {
        let service = Service {
            router,
            connections,
            header_limit: self.app.header_limit,
            body_limit: self.app.body_limit,
        };
        let stop = self.stop_serving.clone();
        self.served
            .push(tokio::spawn(serve::serve(sockets, service, stop)));
    }

    /// Reads the secrets again, whatever their files look like, and says in the log how that went. What
    /// cannot be read stays as it was.
    pub async fn reload_secrets(&self) {
        for endpoint in &self.app.endpoints {
            kept::reload(endpoint.receiver.secrets()).await;
        }
        if let Some(secret) = &self.notify_secret {
            secret.reload();
        }
    }

    /// Keeps everything for so many days from now on; `false`, and nothing changes, where a callback
    /// could outlive its record.
    #[must_use]
    pub fn retain(&self, days: u32) -> bool {
        self.retain.set(days)
    }

    /// Finishes the requests under way on listeners of its own, empties the queue, and closes the store.
    /// Ten seconds each at most; what is queued after that is processed at the next start.
    ///
    /// # Errors
    /// [`ServerError::Close`].
    pub async fn stop(self) -> Result<(), ServerError> {
        self.stop_serving.cancel();
        for served in self.served {
            let _ = served.await;
        }
        self.stop_working.cancel();
        for work in self.work {
            let _ = tokio::time::timeout(serve::STOP_LIMIT, work).await;
        }
        self.app.store.close().await.map_err(ServerError::Close)
    }
}
