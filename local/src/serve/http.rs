//! The listening socket and its connections.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    routing::{get, post},
};
use futures_util::future::join_all;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::{App, STOP_LIMIT, api, linger::Linger, listen::Sockets, receive};

/// How long to wait when the system has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of headers that one request may have.
const MAX_HEADER_BYTES: usize = 32_768;

/// What the world may reach: it takes callbacks, and tells nothing.
pub(super) fn callbacks(app: Arc<App>) -> Router {
    Router::new()
        .route("/callbacks", post(receive::callbacks))
        .route("/healthz", get(api::healthz))
        .method_not_allowed_fallback(api::wrong_method)
        .fallback(api::unknown_path)
        .with_state(app)
}

/// Asks the system for as many open connections as it grants: most give a process a thousand unless
/// it asks.
pub(super) fn raise_connection_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, limit = limit.current, "the limit of open files stays as it is");
    }
}

/// Takes connections on each of the sockets until it is stopped, then lets the requests under way
/// finish.
pub(super) fn serve(
    sockets: Sockets,
    router: Router,
    app: &Arc<App>,
    stop: &CancellationToken,
) -> impl Future<Output = ()> + use<> {
    let listeners = sockets.listeners.into_iter();
    let served: Vec<_> = listeners
        .map(|listener| take_all(listener, router.clone(), Arc::clone(app), stop.clone()))
        .collect();
    async {
        join_all(served).await;
    }
}

async fn take_all(listener: TcpListener, router: Router, app: Arc<App>, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => take(stream, &router, &app, &graceful),
            Err(error) => {
                pause(&error).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_LIMIT, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were not finished in time");
    }
}

fn take(stream: TcpStream, router: &Router, app: &Arc<App>, graceful: &GracefulShutdown) {
    // Answers are small and complete: there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.header_limit)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(
            TokioIo::new(Linger::new(stream)),
            TowerToHyperService::new(router.clone()),
        );
    let connection = graceful.watch(connection);
    let app = Arc::clone(app);
    tokio::spawn(async move {
        app.metrics.connections.inc();
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke");
        }
        app.metrics.connections.dec();
    });
}

/// A connection that broke while it was taken is its own affair; any other failure is the
/// system's, and trying at once again would only burn its time.
async fn pause(error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}
