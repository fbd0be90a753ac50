//! What the receiver shows: messages, counts, health.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{App, answer};
use crate::store::{
    Depths, MessageFilter, MessagePage, StoreError, Summary, UnrecognizedPage, find_message,
};

/// Rows of a page unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    status: Option<String>,
    reason: Option<String>,
    correlation: Option<String>,
    before: Option<i64>,
    limit: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    before: Option<i64>,
    limit: Option<u32>,
}

const STATUSES: [&str; 6] = [
    "queued",
    "delivered",
    "read",
    "failed",
    "switching",
    "contradicted",
];

pub(super) async fn message(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let found = app
        .store
        .read(move |connection| find_message(connection, &id))
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

pub(super) async fn messages(
    State(app): State<Arc<App>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    if let Some(status) = &query.status
        && !STATUSES.contains(&status.as_str())
    {
        let known = STATUSES.join(", ");
        return answer::explained(400, "malformed_query", &format!("status is one of {known}"));
    }
    let filter = MessageFilter {
        state: query.status,
        reason: query.reason,
        correlation: query.correlation,
        before: query.before,
        limit: limit(query.limit),
    };
    shown(
        app.store
            .read(move |connection| MessagePage::list(connection, &filter))
            .await,
    )
}

pub(super) async fn unrecognized(
    State(app): State<Arc<App>>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Response {
    match query {
        Ok(Query(query)) => shown(
            app.store
                .read(move |connection| {
                    UnrecognizedPage::list(connection, query.before, limit(query.limit))
                })
                .await,
        ),
        Err(rejection) => answer::explained(400, "malformed_query", &rejection.body_text()),
    }
}

pub(super) async fn summary(State(app): State<Arc<App>>) -> Response {
    shown(app.store.read(Summary::read).await)
}

/// Whether the program runs.
pub(super) async fn healthz() -> Response {
    answer::explained(200, "ok", "the receiver runs")
}

/// Whether a callback that came now could be stored.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.store.probe().await {
        Ok(()) => answer::explained(200, "ok", "callbacks can be stored"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            answer::explained(
                503,
                "handoff_unavailable",
                "callbacks cannot be stored at present",
            )
        }
    }
}

pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    match app.store.read(Depths::read).await {
        Ok(depths) => app.metrics.depths(depths),
        // The counters are worth having all the same.
        Err(error) => tracing::warn!(%error, "how much waits cannot be read"),
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}

pub(super) async fn unknown_path(State(app): State<Arc<App>>) -> Response {
    app.metrics.refused("unknown_path");
    answer::explained(404, "unknown_path", "callbacks go to POST /callbacks")
}

pub(super) async fn wrong_method(State(app): State<Arc<App>>) -> Response {
    app.metrics.refused("method_not_allowed");
    answer::explained(
        405,
        "method_not_allowed",
        "this path does not take this method; callbacks go to POST /callbacks",
    )
}

fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
}

fn shown<T: Serialize>(read: Result<T, StoreError>) -> Response {
    match read {
        Ok(value) => Json(value).into_response(),
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &StoreError) -> Response {
    tracing::error!(%error, "the store cannot be read");
    answer::explained(
        503,
        "store_unavailable",
        "the store cannot be read at present",
    )
}
