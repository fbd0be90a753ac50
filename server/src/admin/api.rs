//! What the receiver shows: messages, counts, health.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sinch_callback::{Answer, ContentKey, DeliveryState};

use super::{gate::Asker, showing::Showing};
use crate::{
    answer,
    app::state::App,
    seldom::Seldom,
    store::{
        error::StoreError,
        intents,
        kept::KeptCallback,
        queries::{self, CallbackPage, Depths, MessageFilter, MessagePage, UnrecognizedPage},
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
    channel: Option<String>,
    prefix: Option<String>,
    from: Option<u64>,
    to: Option<u64>,
    before: Option<i64>,
    limit: Option<u32>,
    masked: Option<u8>,
    reveal: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BodyQuery {
    /// When the callback was received, as its message's log says.
    at: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    before: Option<i64>,
    limit: Option<u32>,
}

/// What a list of messages can be filtered by besides the states.
fn states() -> impl Iterator<Item = &'static str> {
    let states = DeliveryState::NAMES.iter().copied();
    states.chain(MessageFilter::OTHER_STATES)
}

impl ListQuery {
    /// What it asks for; a text that says what is wrong with it.
    pub(super) fn filter(self, showing: Showing) -> Result<MessageFilter, String> {
        if let Some(state) = &self.state
            && !states().any(|known| known == state)
        {
            let known = states().collect::<Vec<_>>().join(", ");
            return Err(format!("state is one of {known}"));
        }
        // A plus that nobody has escaped arrives as a space.
        let prefix = self.prefix.map(|prefix| match prefix.trim() {
            NONE => String::new(),
            digits => format!("+{}", digits.trim_start_matches('+')),
        });
        let channel = self.channel.map(|channel| match channel.trim() {
            NONE => String::new(),
            channel => channel.to_ascii_uppercase(),
        });
        Ok(MessageFilter {
            state: self.state,
            reason: self.reason,
            correlation: self.correlation,
            channel,
            prefix,
            from: self.from,
            to: self.to,
            before: self.before,
            limit: limit(self.limit),
            masked: showing == Showing::Masked,
        })
    }

    /// The same where only pages ask.
    pub(super) const fn page_showing(&self) -> Showing {
        Showing::on_a_page(self.reveal)
    }

    pub(super) const fn showing(&self, asker: Asker) -> Showing {
        Showing::of(asker, self.masked, self.reveal)
    }
}

/// What stands in a filter for messages that have no channel, or no number's country.
const NONE: &str = "none";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageQuery {
    masked: Option<u8>,
    reveal: Option<u8>,
}

pub(crate) async fn message(
    State(app): State<Arc<App>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    query: Result<Query<MessageQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    let showing = Showing::of(asker, query.masked, query.reveal);
    let found = app
        .store
        .ask(move |connection| queries::find(connection, &id))
        .await;
    match found {
        Ok(Some((seq, message))) => {
            let mut view = message.view();
            let id = queries::masked_id(seq, &view.message.subject, &view.message.message_id);
            if showing == Showing::Masked {
                view = view.masked();
                view.message.message_id = id;
            } else if query.reveal.is_some() {
                tracing::info!(message = id, by = %asker, "a recipient was shown");
            }
            Json(view).into_response()
        }
        Ok(None) => unknown_message(),
        Err(error) => unreadable(&error),
    }
}

pub(super) fn unknown_message() -> Response {
    answer::explained(
        404,
        "unknown_message",
        "no report of a message with this id has been recorded",
    )
}

pub(crate) async fn messages(
    State(app): State<Arc<App>>,
    Extension(asker): Extension<Asker>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    let showing = query.showing(asker);
    if query.reveal.is_some() {
        tracing::info!(by = %asker, "the recipients of a list were shown");
    }
    match query.filter(showing) {
        Ok(filter) => shown(
            app.store
                .ask(move |connection| MessagePage::list(connection, &filter))
                .await,
        ),
        Err(wrong) => answer::explained(400, "malformed_query", &wrong),
    }
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
    Extension(asker): Extension<Asker>,
    Path(key): Path<String>,
    query: Result<Query<BodyQuery>, QueryRejection>,
) -> Response {
    let received_at = match query {
        Ok(Query(query)) => query.at,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    let found =
        move |connection: &Connection, key| CallbackPage::body(connection, key, received_at);
    body(&app, asker, &key, found).await
}

/// The body of one that is listed as not understood.
pub(crate) async fn unrecognized_body(
    State(app): State<Arc<App>>,
    Extension(asker): Extension<Asker>,
    Path(key): Path<String>,
) -> Response {
    let found = |connection: &Connection, key| {
        let kept = KeptCallback::find(connection, key)?;
        Ok(kept.map(|kept| kept.envelope.into_body()))
    };
    body(&app, asker, &key, found).await
}

async fn body(
    app: &App,
    asker: Asker,
    key: &str,
    find: impl FnOnce(&Connection, ContentKey) -> rusqlite::Result<Option<Vec<u8>>> + Send + 'static,
) -> Response {
    let Some(key) = ContentKey::from_hex(key) else {
        return unknown_callback();
    };
    match app.store.ask(move |connection| find(connection, key)).await {
        Ok(Some(body)) => {
            tracing::info!(%key, by = %asker, "a callback's body was shown");
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
