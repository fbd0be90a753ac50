//! What changes, as it changes, for a page that is open.

use core::convert::Infallible;
use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use rusqlite::Connection;
use serde::Serialize;

use crate::{
    answer,
    app::state::App,
    store::{
        changes::{Changed, Watching},
        queries,
    },
};

/// The shortest time between two events: what happens meanwhile is one.
const PAUSE: Duration = Duration::from_secs(1);
/// After how long of silence it is said that the receiver is there: before proxies close what is idle.
const BEAT: Duration = Duration::from_secs(15);

/// What a page is told.
#[derive(Serialize)]
struct ChangedView {
    /// The latest messages that have changed.
    messages: Vec<String>,
    /// How many changes there were.
    count: u64,
}

/// Server-sent events: `changed`, at most one a second.
pub(crate) async fn stream(State(app): State<Arc<App>>) -> Response {
    let Some(watching) = Watching::begin(&app.store.changes) else {
        return answer::explained(
            503,
            "too_many_streams",
            "as many pages as there is room for are told of changes: close one, or ask again and again",
        );
    };
    let events = stream::unfold((app, watching, Stage::Opened), |state| async move {
        let (app, mut watching, stage) = state;
        let stopping = app.stopping.clone();
        let (text, stage) = tokio::select! {
            () = stopping.cancelled() => return None,
            said = next(&app, &mut watching, stage) => said,
        };
        Some((
            Ok::<_, Infallible>(Bytes::from(text)),
            (app, watching, stage),
        ))
    });
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::from_stream(events)).into_response()
}

/// What a stream has done last.
#[derive(Clone, Copy)]
enum Stage {
    Opened,
    Told,
    Waits,
}

/// What is said next, and what was done by that.
async fn next(app: &App, watching: &mut Watching, stage: Stage) -> (String, Stage) {
    match stage {
        // The browser knows by it that the stream is open.
        Stage::Opened => return (": open\n\n".into(), Stage::Waits),
        Stage::Told => tokio::time::sleep(PAUSE).await,
        Stage::Waits => {}
    }
    match tokio::time::timeout(BEAT, watching.next()).await {
        Err(_) => (": here\n\n".into(), Stage::Waits),
        Ok(Changed { ids, count }) => {
            let masked = app.store.ask(move |connection| masked(connection, ids));
            let view = ChangedView {
                // A page that is told of none looks at what it shows.
                messages: masked.await.unwrap_or_default(),
                count,
            };
            let data = serde_json::to_string(&view).unwrap_or_default();
            let event = format!("event: changed\ndata: {data}\n\n");
            (event, Stage::Told)
        }
    }
}

/// The ids that pages know messages by.
fn masked(connection: &Connection, ids: Vec<String>) -> rusqlite::Result<Vec<String>> {
    let mut masked = Vec::new();
    for id in ids {
        if !id.contains(':') {
            masked.push(id);
        } else if let Some((seq, message)) = queries::find(connection, &id)? {
            masked.push(queries::masked_id(seq, &message.subject, &id));
        }
    }
    Ok(masked)
}
