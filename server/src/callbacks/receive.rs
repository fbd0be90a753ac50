//! A callback: from an HTTP request to the pipeline's receiver and back.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header},
    response::Response,
};
use bytes::Bytes;
use http_body_util::BodyExt;
use sinch_callback::{Answer, AnswerKind, HeaderName, Rules, SignedHeaders, reception::Reception};
use sinch_callback_pipeline::Arrival;

use super::gathered::Gathered;
use crate::{
    answer, app::state::App, clock, ids, listener::connections::Connection, seldom::Seldom,
};

pub(crate) async fn callbacks(app: &App, request: Request) -> Response {
    let started = clock::stopwatch();
    let now = app.clock.now();
    let (mut parts, body) = request.into_parts();
    let connection = parts.extensions.remove::<Arc<Connection>>();
    let headers = SignedHeaders::collect(parts.headers.iter());
    // What cannot be a callback is not worth reading.
    let begun = Reception::begin(&app.rules, headers, now).map(|_| signed_headers(&parts.headers));
    let announced = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    // A body may be long on its way, and the head lies in a buffer of its own meanwhile.
    drop(parts);
    let arrived = match begun {
        Err(answer) => Err(answer),
        Ok(headers) => read(app, announced, body, connection.as_deref())
            .await
            .map(|body| (headers, body)),
    };
    let read_whole = arrived.is_ok();
    let verdict = match arrived {
        Ok((headers, body)) => {
            let request_id = ids::unique();
            let headers = SignedHeaders::collect(&headers);
            let arrival = Arrival::new(headers, &body, now, &request_id);
            app.receiver.receive(arrival).await
        }
        Err(answer) => answer.into(),
    };
    let kind = verdict.answer.kind();
    if matches!(kind, AnswerKind::Accepted | AnswerKind::Absorbed)
        && let Some(connection) = &connection
    {
        connection.trust();
    }
    app.metrics
        .verdict(&verdict, started.elapsed().as_secs_f64());
    app.verdict_log.record(&verdict);
    let response = answer::of(verdict.answer);
    if read_whole {
        response
    } else {
        answer::closing(response)
    }
}

/// The headers that a signature is made of, apart from the buffer that they came in.
fn signed_headers(headers: &HeaderMap) -> Vec<(&'static str, Vec<u8>)> {
    HeaderName::CONVERSATION
        .iter()
        .filter_map(|name| {
            let value = headers.get(name.as_str())?;
            Some((name.as_str(), value.as_bytes().to_vec()))
        })
        .collect()
}

/// Reads a body to its end, or gives the answer where it does not come to that. What is announced is
/// no more than a reason to refuse: room is taken as bytes arrive, where they arrive, and this one may
/// have to go for others.
async fn read(
    app: &App,
    announced: Option<usize>,
    body: Body,
    connection: Option<&Connection>,
) -> Result<Bytes, Answer> {
    app.rules.check_size(announced.unwrap_or_default())?;
    let late = Err(Answer::REQUEST_TIMEOUT);
    let read = tokio::time::timeout(app.body_limit, collect(body, &app.rules));
    let Some(connection) = connection else {
        return read.await.unwrap_or(late);
    };
    connection.reading();
    let read = tokio::select! {
        biased;
        () = connection.closing() => Err(Answer::OVERLOADED),
        read = read => read.unwrap_or(late),
    };
    connection.judging();
    read
}

/// Copies each part out of the buffer that it came in, which would otherwise be kept for a byte.
async fn collect(mut body: Body, rules: &Rules) -> Result<Bytes, Answer> {
    let mut gathered = Gathered::default();
    while let Some(frame) = body.frame().await {
        // What is no data is a trailer, and nobody's concern.
        let Ok(data) = frame.map_err(|_| Answer::REQUEST_BROKEN)?.into_data() else {
            continue;
        };
        rules.check_size(gathered.len().saturating_add(data.len()))?;
        gathered.push(&data);
    }
    Ok(gathered.whole())
}

/// Tells an operator of a callback that came to another path than those of callbacks. The sender is
/// told 404 and does not retry, so this is the only trace of it.
pub(crate) fn misdirected(app: &App, request: &Request) {
    static SAID: Seldom = Seldom::new();
    let signed = HeaderName::CONVERSATION
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
             path: change it at Sinch, or add it here (serve: --path)"
        );
    }
}
