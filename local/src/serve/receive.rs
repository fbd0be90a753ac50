//! `POST /callbacks`: from an HTTP request to the pipeline's receiver and back.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, header},
    response::Response,
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sinch_callback::{Rejection, SignedHeaders};
use sinch_callback_pipeline::{Arrival, Verdict};

use super::{App, answer};
use crate::{clock, ids};

pub(super) async fn callbacks(State(app): State<Arc<App>>, request: Request) -> Response {
    let started = clock::stopwatch();
    let now = app.clock.now();
    let (parts, body) = request.into_parts();
    let headers = SignedHeaders::collect(parts.headers.iter());
    let body = match headers {
        // What cannot be a callback is not worth reading.
        Err(_) => Ok(Bytes::new()),
        Ok(_) => read(&app, &parts.headers, body).await,
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
    detail: "too many large bodies are on their way at once",
};
const LATE: Unread = Unread::ForNow {
    code: "request_timeout",
    detail: "the body did not arrive in time",
};
const BROKEN: Unread = Unread::ForNow {
    code: "request_broken",
    detail: "the body broke off",
};

async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, Unread> {
    let limit_bytes = app.policy.max_body_bytes;
    let too_large = Unread::TooLarge(Rejection::BodyTooLarge { limit_bytes });
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    let expected = announced.unwrap_or(limit_bytes);
    if expected > limit_bytes {
        return Err(too_large);
    }
    let _room = app.large_bodies.take(expected).ok_or(NO_ROOM)?;
    let read = Limited::new(body, limit_bytes).collect();
    match tokio::time::timeout(app.body_limit, read).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large),
        Ok(Err(_)) => Err(BROKEN),
        Err(_) => Err(LATE),
    }
}
