//! A callback: from an HTTP request to the pipeline's receiver and back.

use std::sync::Arc;

use axum::{body::Body, extract::Request, http::header, response::Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use sinch_callback::{HeaderName, Rejection, SignedHeaders};
use sinch_callback_pipeline::{Arrival, Verdict};

use super::{App, answer, connections::Connection};
use crate::{clock, ids, seldom::Seldom};

pub(super) async fn callbacks(app: &App, request: Request) -> Response {
    let started = clock::stopwatch();
    let now = app.clock.now();
    let (mut parts, body) = request.into_parts();
    let connection = parts.extensions.remove::<Arc<Connection>>();
    let headers = SignedHeaders::collect(parts.headers.iter());
    let body = match headers {
        // What cannot be a callback is not worth reading.
        Err(_) => Ok(Bytes::new()),
        Ok(_) => {
            let announced = parts
                .headers
                .get(header::CONTENT_LENGTH)
                .and_then(|value| value.to_str().ok())
                .and_then(|text| text.parse().ok());
            read(app, announced, body, connection.as_deref()).await
        }
    };
    let (verdict, read_whole) = match body {
        Ok(body) => {
            let arrival = Arrival {
                headers,
                body: &body,
                now,
                request_id: &ids::unique(),
            };
            (app.receiver.receive(arrival).await, headers.is_ok())
        }
        Err(Unread::TooLarge(rejection)) => (Verdict::Refused(rejection), false),
        Err(Unread::ForNow { code, detail }) => {
            app.metrics.unavailable(code);
            return answer::closing(answer::explained(503, code, detail));
        }
    };
    if matches!(
        verdict,
        Verdict::HandedOff { .. } | Verdict::Duplicate { .. }
    ) && let Some(connection) = &connection
    {
        connection.trust();
    }
    app.metrics
        .verdict(&verdict, started.elapsed().as_secs_f64());
    app.verdict_log.record(&verdict);
    let response = answer::explained(verdict.http_status(), verdict.code(), &verdict.detail());
    if read_whole {
        response
    } else {
        answer::closing(response)
    }
}

/// Why a body was not read to its end.
enum Unread {
    TooLarge(Rejection),
    /// For a reason that may be gone when the sender comes again; a 4xx would tell it not to.
    ForNow {
        code: &'static str,
        detail: &'static str,
    },
}

const NO_ROOM: Unread = Unread::ForNow {
    code: "overloaded",
    detail: "too much is on its way at once",
};
const LATE: Unread = Unread::ForNow {
    code: "request_timeout",
    detail: "the body did not arrive in time",
};
const BROKEN: Unread = Unread::ForNow {
    code: "request_broken",
    detail: "the body broke off",
};

/// Reads a body to its end. What is announced is no more than a reason to refuse: room is taken as
/// bytes arrive, where they arrive, and this one may have to go for others.
async fn read(
    app: &App,
    announced: Option<u64>,
    body: Body,
    connection: Option<&Connection>,
) -> Result<Bytes, Unread> {
    let limit_bytes = app.policy.max_body_bytes;
    let too_large = announced
        .and_then(|bytes| usize::try_from(bytes).ok())
        .is_some_and(|bytes| bytes > limit_bytes);
    if too_large {
        return Err(Unread::TooLarge(Rejection::BodyTooLarge { limit_bytes }));
    }
    let read = tokio::time::timeout(app.body_limit, collect(body, limit_bytes));
    let Some(connection) = connection else {
        return read.await.unwrap_or(Err(LATE));
    };
    connection.reading();
    let read = tokio::select! {
        biased;
        () = connection.closing() => Err(NO_ROOM),
        read = read => read.unwrap_or(Err(LATE)),
    };
    connection.judging();
    read
}

/// Copies each part out of the buffer that it came in, which would otherwise be kept for a byte.
async fn collect(mut body: Body, limit_bytes: usize) -> Result<Bytes, Unread> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        // What is no data is a trailer, and nobody's concern.
        let Ok(data) = frame.map_err(|_| BROKEN)?.into_data() else {
            continue;
        };
        if data.len() > limit_bytes.saturating_sub(bytes.len()) {
            return Err(Unread::TooLarge(Rejection::BodyTooLarge { limit_bytes }));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}

/// Tells an operator of a callback that came to another path than those of callbacks. The sender is
/// told 404 and does not come again, so this is the only trace of it.
pub(super) fn misdirected(app: &App, request: &Request) {
    static SAID: Seldom = Seldom::new();
    let signed = HeaderName::ALL
        .iter()
        .any(|name| request.headers().contains_key(name.as_str()));
    if !signed {
        return;
    }
    if let Some(count) = SAID.turn() {
        let path: String = request.uri().path().chars().take(100).collect();
        tracing::warn!(
            ?path, expected = %app.paths, count,
            "a request with a callback's headers was refused, because callbacks do not go to its \
             path: change it at Sinch, or add it with --path"
        );
    }
}
