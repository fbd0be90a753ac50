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
        Err(Unread::Late) => {
            app.metrics.refused("request_timeout");
            let detail = "the body did not arrive in time";
            return answer::closing(answer::explained(408, "request_timeout", detail));
        }
        Err(Unread::Broken) => {
            app.metrics.refused("request_broken");
            let detail = "the body broke off";
            return answer::closing(answer::explained(400, "request_broken", detail));
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
    Late,
    Broken,
}

async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, Unread> {
    let limit_bytes = app.policy.max_body_bytes;
    let too_large = Unread::TooLarge(Rejection::BodyTooLarge { limit_bytes });
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit_bytes) {
        return Err(too_large);
    }
    let read = Limited::new(body, limit_bytes).collect();
    match tokio::time::timeout(app.body_limit, read).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large),
        Ok(Err(_)) => Err(Unread::Broken),
        Err(_) => Err(Unread::Late),
    }
}
