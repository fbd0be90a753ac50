//! What the receiver shows: messages, counts, health.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sinch_callback::{Answer, ContentKey, DeliveryState};

use crate::{
    answer,
    app::state::App,
    seldom::Seldom,
    store::{
        error::StoreError,
        intents,
        kept::KeptCallback,
        queries::{
            CallbackPage, Depths, MessageFilter, MessagePage, Summary, UnrecognizedPage,
            find_message,
        },
    },
};

/// Rows of a page unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    state: Option<String>,
    reason: Option<String>,
    correlation: Option<String>,
    before: Option<i64>,
    limit: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    before: Option<i64>,
    limit: Option<u32>,
}

/// What a list of messages can be filtered by: a state, or that its reports contradict each other.
fn states() -> impl Iterator<Item = &'static str> {
    let states = DeliveryState::NAMES.iter().copied();
    states.chain(["contradicted"])
}

pub(crate) async fn message(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let found = app
        .store
        .ask(move |connection| find_message(connection, &id))
        .await;
    match found {
        Ok(Some(message)) => Json(message).into_response(),
        Ok(None) => answer::explained(
            404,
            "unknown_message",
            "no report of a message with this id has been recorded",
        ),
        Err(error) => unreadable(&error),
    }
}

pub(crate) async fn messages(
    State(app): State<Arc<App>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    if let Some(state) = &query.state
        && !states().any(|known| known == state)
    {
        let known = states().collect::<Vec<_>>().join(", ");
        return answer::explained(400, "malformed_query", &format!("state is one of {known}"));
    }
    let filter = MessageFilter {
        state: query.state,
        reason: query.reason,
        correlation: query.correlation,
        before: query.before,
        limit: limit(query.limit),
    };
    shown(
        app.store
            .ask(move |connection| MessagePage::list(connection, &filter))
            .await,
    )
}

pub(crate) async fn callbacks(
    State(app): State<Arc<App>>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Response {
    page(&app, query, CallbackPage::list).await
}

pub(crate) async fn unrecognized(
    State(app): State<Arc<App>>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Response {
    page(&app, query, UnrecognizedPage::list).await
}

async fn page<T: Serialize + Send + 'static>(
    app: &App,
    query: Result<Query<PageQuery>, QueryRejection>,
    list: fn(&Connection, Option<i64>, u32) -> rusqlite::Result<T>,
) -> Response {
    match query {
        Ok(Query(query)) => shown(
            app.store
                .ask(move |connection| list(connection, query.before, limit(query.limit)))
                .await,
        ),
        Err(rejection) => answer::explained(400, "malformed_query", &rejection.body_text()),
    }
}

/// The body of a callback that is kept as a whole, byte for byte.
pub(crate) async fn callback_body(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Response {
    let found = |connection: &Connection, key| CallbackPage::body(connection, key);
    body(&app, &key, found).await
}

/// The body of one that is listed as not understood.
pub(crate) async fn unrecognized_body(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Response {
    let found = |connection: &Connection, key| {
        let kept = KeptCallback::find(connection, key)?;
        Ok(kept.map(|kept| kept.envelope.into_body()))
    };
    body(&app, &key, found).await
}

async fn body(
    app: &App,
    key: &str,
    find: fn(&Connection, ContentKey) -> rusqlite::Result<Option<Vec<u8>>>,
) -> Response {
    let Some(key) = ContentKey::from_hex(key) else {
        return unknown_callback();
    };
    match app.store.ask(move |connection| find(connection, key)).await {
        Ok(Some(body)) => {
            // Whatever it is, it is nothing for a browser to make something of.
            let kinds = [
                (header::CONTENT_TYPE, "application/octet-stream"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (kinds, body).into_response()
        }
        Ok(None) => unknown_callback(),
        Err(error) => unreadable(&error),
    }
}

fn unknown_callback() -> Response {
    answer::explained(
        404,
        "unknown_callback",
        "no callback with this content key is listed",
    )
}

pub(crate) async fn summary(State(app): State<Arc<App>>) -> Response {
    shown(app.store.ask(Summary::read).await)
}

/// Whether a callback that came now could be stored.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.store.probe().await {
        Ok(()) => answer::explained(200, "ok", "callbacks can be stored"),
        Err(error) => {
            static SAID: Seldom = Seldom::new();
            if let Some(count) = SAID.turn() {
                tracing::warn!(%error, count, "not ready");
            }
            answer::of(Answer::HANDOFF_UNAVAILABLE)
        }
    }
}

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let read = |connection: &Connection| {
        let depths = Depths::read(connection)?;
        Ok((depths, intents::counts(connection)?))
    };
    match app.store.ask(read).await {
        Ok((depths, counts)) => {
            app.metrics.depths(depths);
            let is_paused = !matches!(app.recovery.switch().paused(), Ok(None));
            app.metrics.intents(&counts, is_paused);
        }
        // The counters are worth having all the same.
        Err(error) => {
            static SAID: Seldom = Seldom::new();
            if let Some(count) = SAID.turn() {
                tracing::warn!(%error, count, "how much waits cannot be read");
            }
        }
    }
    if let Err(error) = app.ear.measure().await {
        static SAID: Seldom = Seldom::new();
        if let Some(count) = SAID.turn() {
            tracing::warn!(%error, count, "how far has been heard cannot be read");
        }
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}

pub(super) fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
}

pub(super) fn shown<T: Serialize>(read: Result<T, StoreError>) -> Response {
    match read {
        Ok(value) => Json(value).into_response(),
        Err(error) => unreadable(&error),
    }
}

pub(super) fn unreadable(error: &StoreError) -> Response {
    static SAID: Seldom = Seldom::new();
    if let Some(count) = SAID.turn() {
        tracing::error!(%error, count, "what is stored cannot be told");
    }
    let (code, detail) = match error {
        StoreError::Busy => ("busy", "too many questions are asked at once: ask again"),
        StoreError::TookTooLong { .. } => (
            "took_too_long",
            "no index answers this question: ask for less, with another filter or before a message",
        ),
        _ => ("store_unavailable", "the store cannot be read at present"),
    };
    let mut response = answer::explained(503, code, detail);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
