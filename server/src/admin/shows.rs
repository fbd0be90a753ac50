//! What the pages ask for besides: what is found, what became of a message, how all stand.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::MessageSummary;

use super::{
    api::{limit, shown, unknown_message, unreadable},
    gate::Asker,
    intents,
    showing::Showing,
};
use crate::{
    answer,
    app::state::App,
    causes::with_causes,
    recent::{Ages, RefusalCount},
    store::{
        overview::{Buckets, Overview},
        pause::Pause,
        queries::{Summary, masked},
        recovery_state::RecoveryState,
        search::{Search, SearchBy},
        timeline::Timeline,
    },
};

fn malformed(rejection: &QueryRejection) -> Response {
    answer::explained(400, "malformed_query", &rejection.body_text())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    q: String,
    by: Option<SearchBy>,
    limit: Option<u32>,
    reveal: Option<u8>,
}

#[derive(Serialize)]
struct SearchView {
    by: Option<SearchBy>,
    matches: Vec<MatchView>,
    /// Whether there are more than are shown.
    more: bool,
}

#[derive(Serialize)]
struct MatchView {
    matched: SearchBy,
    #[serde(flatten)]
    message: MessageSummary,
}

/// Messages of which an id, a reference or a recipient begins so.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    Extension(asker): Extension<Asker>,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return malformed(&rejection),
    };
    let showing = Showing::on_a_page(query.reveal);
    let by = query.by;
    let search = Search {
        text: query.q,
        by,
        limit: limit(query.limit),
    };
    let found = app
        .store
        .ask(move |connection| search.run(connection))
        .await;
    let (found, more) = match found {
        Ok(found) => found,
        Err(error) => return unreadable(&error),
    };
    if showing == Showing::Whole {
        tracing::info!(by = %asker, count = found.len(), "the recipients of a search were shown");
    }
    let matches = found.into_iter().map(|found| MatchView {
        matched: found.matched,
        message: match showing {
            Showing::Whole => found.message,
            Showing::Masked => masked(found.seq, found.message),
        },
    });
    Json(SearchView {
        by,
        matches: matches.collect(),
        more,
    })
    .into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimelineQuery {
    reveal: Option<u8>,
}

/// What became of a message, and of the intent that it was sent for.
pub(crate) async fn timeline(
    State(app): State<Arc<App>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    query: Result<Query<TimelineQuery>, QueryRejection>,
) -> Response {
    let showing = match query {
        Ok(Query(query)) => Showing::on_a_page(query.reveal),
        Err(rejection) => return malformed(&rejection),
    };
    let found = app
        .store
        .ask(move |connection| Timeline::read(connection, &id, showing == Showing::Masked))
        .await;
    match found {
        Ok(Some((id, timeline))) => {
            if showing == Showing::Whole {
                tracing::info!(message = id, by = %asker, "a recipient was shown");
            }
            Json(timeline).into_response()
        }
        Ok(None) => unknown_message(),
        Err(error) => unreadable(&error),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverviewQuery {
    from: Option<u64>,
    to: Option<u64>,
}

/// What is shown at first: a day. Our own choice.
const SPAN: u64 = 86_400;

#[derive(Serialize)]
struct OverviewView {
    #[serde(flatten)]
    messages: Overview,
    /// What was refused in the span, since the receiver has started.
    refusals: Vec<RefusalCount>,
    ages: Option<Ages>,
    paused: Option<PauseView>,
    callbacks_stopped: Option<StoppedView>,
    /// Since when refusals and ages are counted, in Unix seconds.
    counted_since: u64,
}

#[derive(Serialize)]
struct PauseView {
    why: String,
    since: u64,
}

impl From<Pause> for PauseView {
    fn from(pause: Pause) -> Self {
        Self {
            why: pause.why,
            since: pause.at,
        }
    }
}

#[derive(Serialize)]
struct StoppedView {
    /// The last callback, in Unix seconds; `None` where none has ever come.
    since: Option<u64>,
}

/// How all messages stand that were first heard of in a span of time.
pub(crate) async fn overview(
    State(app): State<Arc<App>>,
    query: Result<Query<OverviewQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return malformed(&rejection),
    };
    let now = app.clock.now();
    // The second that has begun is a part of it.
    let to = query.to.unwrap_or(now.get().saturating_add(1));
    let from = query.from.unwrap_or(to.saturating_sub(SPAN));
    if from > to || to.saturating_sub(from) > Buckets::LONGEST {
        let most = Buckets::LONGEST;
        let wrong = format!("from is no later than to, and no more than {most} s before it");
        return answer::explained(400, "malformed_query", &wrong);
    }
    let buckets = Buckets::of(from, to);
    let read = app
        .store
        .ask(move |connection| Overview::read(connection, buckets));
    let messages = match read.await {
        Ok(messages) => messages,
        Err(error) => return unreadable(&error),
    };
    let stopped = match app.ear.stopped(now).await {
        Ok(stopped) => stopped,
        Err(error) => return unreadable(&error),
    };
    let paused = app.recovery.switch().paused().unwrap_or_else(|error| {
        let why = with_causes(&error);
        let at = now.get();
        Some(Pause { why, at })
    });
    let (refusals, ages) = app.recent.between(messages.from, messages.to);
    shown(Ok(OverviewView {
        messages,
        refusals,
        ages,
        paused: paused.map(PauseView::from),
        callbacks_stopped: stopped.map(|stopped| StoppedView {
            since: stopped.since.map(UnixSeconds::get),
        }),
        counted_since: app.started_at.get(),
    }))
}

/// All that is known of a receiver, at a glance.
#[derive(Serialize)]
struct Glance {
    #[serde(flatten)]
    summary: Summary,
    recovery: RecoveryState,
}

pub(crate) async fn summary(State(app): State<Arc<App>>) -> Response {
    let summary = match app.store.ask(Summary::read).await {
        Ok(summary) => summary,
        Err(error) => return unreadable(&error),
    };
    let recovery = intents::state(&app).await;
    shown(recovery.map(|recovery| Glance { summary, recovery }))
}
