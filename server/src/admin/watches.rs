//! Who wants to be told where a message has not ended by a moment.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::messages::{Messages, Watch, Watched};

use super::{api, gate::Asker, json_body::JsonBody, showing::Showing};
use crate::{
    answer,
    app::state::App,
    store::watches::{Place, WatchPage},
};

/// What a watch is answered.
#[derive(Debug, Serialize)]
struct Watching {
    message_id: String,
    /// In Unix seconds.
    deadline: Option<u64>,
    /// `Watched::as_str`.
    watch: &'static str,
}

/// Watches a message.
pub(crate) async fn watch(State(app): State<Arc<App>>, body: JsonBody) -> Response {
    let now = app.clock.now();
    let watch = match Watch::parse(&body.0, now) {
        Ok(watch) => watch,
        Err(invalid) => {
            return answer::explained(400, "malformed_watch", &invalid.to_string());
        }
    };
    let (message_id, deadline) = (watch.message_id.clone(), watch.deadline);
    let changed = app
        .store
        .update(&message_id, move |found| watch.change(found, now))
        .await;
    let watched = match changed {
        Ok(changed) => changed.watched,
        Err(error) => return api::unreadable(&error),
    };
    let (status, watched) = match watched {
        Some(Watched::New) => (StatusCode::CREATED, Watched::New),
        Some(watched @ (Watched::Same | Watched::Ended)) => (StatusCode::OK, watched),
        Some(Watched::Full) => {
            return answer::explained(
                409,
                "too_many_deadlines",
                "this message is watched for as many deadlines as it has room for",
            );
        }
        None => {
            return answer::explained(
                409,
                "forgotten",
                "this message has been forgotten: nothing is kept of it",
            );
        }
    };
    let watching = Watching {
        message_id,
        deadline: deadline.map(UnixSeconds::get),
        watch: watched.as_str(),
    };
    (status, Json(watching)).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchQuery {
    after: Option<Place>,
    limit: Option<u32>,
    masked: Option<u8>,
    reveal: Option<u8>,
}

/// The messages that have to be settled by a moment, that of the next one first.
pub(crate) async fn watches(
    State(app): State<Arc<App>>,
    Extension(asker): Extension<Asker>,
    query: Result<Query<WatchQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    let limit = api::limit(query.limit);
    let after = query.after;
    let is_masked = Showing::of(asker, query.masked, query.reveal) == Showing::Masked;
    if query.reveal.is_some() {
        tracing::info!(by = %asker, "the recipients of what is watched were shown");
    }
    api::shown(
        app.store
            .ask(move |connection| WatchPage::list(connection, after, limit, is_masked))
            .await,
    )
}
