use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use futures_util::future::join_all;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    address::Sockets,
    connections::{Connection, Connections},
    wire::Wire,
};
use crate::seldom::Seldom;

/// How long requests under way may take once the receiver is to stop.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(10);
/// How long to wait when the system has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of headers that one request may have: eight times what a callback has behind a proxy. Our
/// own choice.
const MAX_HEADER_BYTES: usize = 16_384;
/// How long a sender that is closed to make room may take to hear why.
const FAREWELL: Duration = Duration::from_secs(1);

/// Asks the system for as many open connections as it grants: most give a process a thousand unless
/// it asks. Gives how many there may be.
pub(crate) fn raise_connection_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(%error, limit = limit.current, "the limit of open files stays as it is");
            limit.current.unwrap_or(u64::MAX)
        }
    }
}

/// What the connections of a listener share.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) router: Router,
    pub(crate) connections: Arc<Connections>,
    /// How long a request's headers may take to arrive.
    pub(crate) header_limit: Duration,
    /// How long a peer may take nothing of an answer.
    pub(crate) body_limit: Duration,
}

/// Takes connections on each of the sockets until it is stopped, then lets the requests under way
/// finish.
pub(crate) async fn serve(sockets: Sockets, service: Service, stop: CancellationToken) {
    let listeners = sockets.listeners.into_iter();
    join_all(listeners.map(|listener| take_all(listener, service.clone(), stop.clone()))).await;
}

async fn take_all(listener: TcpListener, service: Service, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            service.connections.caught_up().await;
            listener.accept().await
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = next => accepted,
        };
        match accepted {
            Ok((stream, _)) => take(stream, &service, graceful.watcher(), stop.clone()),
            Err(error) => pause(&error, &service.connections).await,
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

fn take(stream: TcpStream, service: &Service, watcher: Watcher, stop: CancellationToken) {
    let Some(connection) = service.connections.open() else {
        static SAID: Seldom = Seldom::new();
        if let Some(count) = SAID.turn() {
            tracing::warn!(
                count,
                "no more connections are taken: all there are store callbacks"
            );
        }
        return;
    };
    // Answers are small and complete: there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let service = service.clone();
    tokio::spawn(async move {
        // A connection on which nothing comes costs next to nothing, its end included.
        let mut first = [0];
        let silent = tokio::time::timeout(service.header_limit, stream.peek(&mut first));
        let speaks = tokio::select! {
            () = stop.cancelled() => false,
            () = connection.closing() => false,
            spoken = silent => matches!(spoken, Ok(Ok(1..))),
        };
        if speaks {
            Box::pin(converse(stream, connection, service, watcher)).await;
        }
    });
}

/// Answers the requests of one connection.
async fn converse(
    stream: TcpStream,
    connection: Arc<Connection>,
    service: Service,
    watcher: Watcher,
) {
    let Service {
        router,
        header_limit,
        body_limit,
        ..
    } = service;
    let answer = service_fn(|request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Arc::clone(&connection));
        router.clone().oneshot(request)
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_limit)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(
            TokioIo::new(Wire::new(stream, Arc::clone(&connection), body_limit)),
            answer,
        );
    let mut conversation = core::pin::pin!(watcher.watch(conversation));
    let ended = tokio::select! {
        ended = &mut conversation => ended,
        () = connection.closing() => {
            if !connection.answers() {
                return;
            }
            match tokio::time::timeout(FAREWELL, conversation).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

/// A connection that broke while it was taken is its own affair; any other failure is the
/// system's, and trying at once again would only burn its time.
async fn pause(error: &io::Error, connections: &Connections) {
    static SAID: Seldom = Seldom::new();
    if matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) {
        return;
    }
    if let Some(count) = SAID.turn() {
        tracing::error!(
            %error, count,
            "no connection can be taken; those that have waited longest are closed"
        );
    }
    connections.spare();
    tokio::time::sleep(ACCEPT_PAUSE).await;
}
