//! A callback: from an HTTP request to the pipeline's receiver and back.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{OriginalUri, Request},
    http::{HeaderMap, header},
    response::Response,
};
use bytes::Bytes;
use http_body_util::BodyExt;
use sinch_callback::{
    Answer, AnswerKind, HeaderName, Rules,
    reception::Reception,
    scheme::{AnyScheme, Request as SignedRequest, Scheme},
};
use sinch_callback_pipeline::Arrival;

use super::gathered::Gathered;
use crate::{
    answer,
    app::state::{App, ServedEndpoint},
    clock, ids,
    listener::connections::Connection,
    seldom::Seldom,
};

pub(crate) async fn callbacks(app: &App, endpoint: &ServedEndpoint, request: Request) -> Response {
    let started = clock::stopwatch();
    let now = app.clock.now();
    let (mut parts, body) = request.into_parts();
    let connection = parts.extensions.remove::<Arc<Connection>>();
    // A router that ours is nested in has taken its part of the path off.
    let uri = parts.extensions.get::<OriginalUri>();
    let uri = uri.map_or(&parts.uri, |OriginalUri(uri)| uri);
    let target = endpoint.target(uri.path());
    let receiver = &endpoint.receiver;
    let (rules, scheme) = (receiver.rules(), receiver.scheme());
    let head = scheme.head(SignedRequest::post(&target), parts.headers.iter());
    // What cannot be a callback is not worth reading.
    let begun = Reception::begin_by(rules, scheme, head, now)
        .map(|_| signed_headers(scheme, &parts.headers));
    let announced = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    // A body may be long on its way, and the head lies in a buffer of its own meanwhile.
    drop(parts);
    let arrived = match begun {
        Err(answer) => Err(answer),
        Ok(headers) => read(app, rules, announced, body, connection.as_deref())
            .await
            .map(|body| (headers, body)),
    };
    let read_whole = arrived.is_ok();
    let verdict = match arrived {
        Ok((headers, body)) => {
            let request_id = ids::unique();
            let head = scheme.head(SignedRequest::post(&target), &headers);
            let arrival = Arrival::new(head, &body, now, &request_id);
            receiver.receive(arrival).await
        }
        Err(answer) => answer.into(),
    };
    let kind = verdict.answer.kind();
    if matches!(kind, AnswerKind::Accepted | AnswerKind::Absorbed)
        && let Some(connection) = &connection
    {
        connection.trust();
    }
    app.ear.answered(scheme.name(), verdict.answer, now);
    app.metrics
        .verdict(&verdict, started.elapsed().as_secs_f64());
    app.verdict_log.record(scheme.name(), &verdict);
    app.recent.record(&verdict, now);
    let response = answer::of(verdict.answer);
    if read_whole {
        response
    } else {
        answer::closing(response)
    }
}

/// The headers that a signature is made of, apart from the buffer that they came in.
fn signed_headers(scheme: &AnyScheme, headers: &HeaderMap) -> Vec<(&'static str, Vec<u8>)> {
    let names: &[HeaderName] = match scheme {
        AnyScheme::Conversation(_) => HeaderName::CONVERSATION,
        _ => HeaderName::ALL,
    };
    names
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
    rules: &Rules,
    announced: Option<usize>,
    body: Body,
    connection: Option<&Connection>,
) -> Result<Bytes, Answer> {
    rules.check_size(announced.unwrap_or_default())?;
    let late = Err(Answer::REQUEST_TIMEOUT);
    let read = tokio::time::timeout(app.body_limit, collect(body, rules));
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
    // These two come with what is no callback, too.
    let tells =
        |name: &&HeaderName| !matches!(name, HeaderName::Authorization | HeaderName::ContentType);
    let signed = HeaderName::ALL
        .iter()
        .filter(tells)
        .any(|name| request.headers().contains_key(name.as_str()));
    if !signed {
        return;
    }
    if let Some(count) = SAID.turn() {
        let path: String = request.uri().path().chars().take(100).collect();
        tracing::warn!(
            ?path, expected = %app.paths, count,
            "a request with a callback's headers was refused, because callbacks do not go to its \
             path: change it at Sinch, or add it here (serve: --path, --endpoint)"
        );
    }
}
