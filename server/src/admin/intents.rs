//! Intents: accepted, shown, cancelled, tried again; and what lets sends pass.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use sinch_callback_recovery::{
    Accepted, Cancel, Channel, Fault, Identity, IntentKey, IntentState, IntentView, InvalidRequest,
    PortFailure, Request,
    ports::{Mode, SuppressedFor},
};

use super::{
    api::{limit, shown},
    json_body::JsonBody,
};
use crate::{
    answer,
    app::state::App,
    causes::with_causes,
    seldom::Seldom,
    store::{
        error::StoreError,
        intents::{self, IntentFilter, IntentPage},
        recovery_state::RecoveryState,
        suppressions::SuppressionCount,
    },
};

fn malformed(error: &serde_json::Error) -> Response {
    answer::explained(400, "malformed_body", &error.to_string())
}

/// What is wrong with a request, and where.
#[derive(Serialize)]
struct Invalid<'a> {
    code: &'static str,
    detail: String,
    /// Each field with what is expected of it.
    faults: &'a [Fault],
}

fn invalid(faults: Vec<Fault>) -> Response {
    let code = "invalid_intent";
    let invalid = InvalidRequest { faults };
    let body = Invalid {
        code,
        detail: invalid.to_string(),
        faults: &invalid.faults,
    };
    (StatusCode::BAD_REQUEST, answer::mark(code), Json(body)).into_response()
}

/// Accepts an intent, once however often it is asked for.
pub(crate) async fn accept(State(app): State<Arc<App>>, body: JsonBody) -> Response {
    let recovery = &app.recovery;
    if recovery.switch().mode() == Mode::Off {
        return answer::explained(
            503,
            "recovery_off",
            "intents are not acted upon here: start the receiver with --recovery-mode dry-run, or on",
        );
    }
    let request = match Request::parse(&body.0, app.clock.now()) {
        Ok(request) => request,
        Err(error) => return invalid(error.faults),
    };
    if recovery.switch().mode() == Mode::On
        && let Some(channel) = request
            .plan()
            .steps()
            .iter()
            .map(|step| step.channel)
            .find(|channel| !recovery.can_send(*channel))
    {
        let missing = match channel {
            Channel::Email => "no mail server is set up: --recovery-smtp-url",
            _ => "no app at Sinch is set up: --recovery-app-id",
        };
        return invalid(vec![Fault {
            field: format!("to.{channel}"),
            expected: missing.into(),
        }]);
    }
    match recovery.engine().accept(request).await {
        Ok(Accepted::Created(intent)) => (StatusCode::CREATED, Json(intent.view())).into_response(),
        Ok(Accepted::Same(intent)) => Json(intent.view()).into_response(),
        Ok(Accepted::Conflict) => answer::explained(
            409,
            "key_in_use",
            "another intent has this key: the same key is the same intent, so use a new one",
        ),
        Err(failure) => failed(&failure),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntentsQuery {
    state: Option<IntentState>,
    before: Option<i64>,
    limit: Option<u32>,
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    query: Result<Query<IntentsQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    let filter = IntentFilter {
        state: query.state,
        before: query.before,
        limit: limit(query.limit),
    };
    let page = app
        .store
        .ask(move |connection| IntentPage::list(connection, &filter));
    shown(page.await)
}

pub(crate) async fn one(State(app): State<Arc<App>>, Path(key): Path<String>) -> Response {
    let Ok(key) = key.parse::<IntentKey>() else {
        return unknown();
    };
    let found = app
        .store
        .ask(move |connection| intents::find(connection, &key))
        .await;
    match found {
        Ok(Some(intent)) => Json(intent.view()).into_response(),
        Ok(None) => unknown(),
        Err(error) => shown::<IntentView>(Err(error)),
    }
}

fn unknown() -> Response {
    answer::explained(404, "unknown_intent", "no intent has this key")
}

/// What became of a cancellation.
#[derive(Serialize)]
struct Cancelled {
    /// The attempt that is under way, and whose result is recorded.
    under_way: Option<u32>,
    detail: String,
}

pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    _: JsonBody,
) -> Response {
    let Ok(key) = key.parse::<IntentKey>() else {
        return unknown();
    };
    match app.recovery.engine().cancel(&key).await {
        Ok(None) => unknown(),
        Ok(Some(Cancel::Cancelled)) => Json(Cancelled {
            under_way: None,
            detail: "nothing more is sent".into(),
        })
        .into_response(),
        Ok(Some(Cancel::UnderWay(attempt))) => Json(Cancelled {
            under_way: Some(attempt),
            detail: format!("attempt {attempt} is under way; nothing more is sent"),
        })
        .into_response(),
        Ok(Some(Cancel::HadEnded)) => {
            answer::explained(409, "intent_ended", "the intent has ended already")
        }
        Err(failure) => failed(&failure),
    }
}

pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    _: JsonBody,
) -> Response {
    let Ok(key) = key.parse::<IntentKey>() else {
        return unknown();
    };
    match app.recovery.engine().retry(&key).await {
        Ok(None) => unknown(),
        Ok(Some(true)) => match app.recovery.engine().find(&key).await {
            Ok(Some(intent)) => Json(intent.view()).into_response(),
            Ok(None) => unknown(),
            Err(failure) => failed(&failure),
        },
        Ok(Some(false)) => answer::explained(
            409,
            "nobody_was_asked",
            "this intent does not wait for a person, so there is nothing to try again",
        ),
        Err(failure) => failed(&failure),
    }
}

/// What lets sends pass, and what holds them back.
pub(super) async fn state(app: &App) -> Result<RecoveryState, StoreError> {
    let now = app.clock.now();
    let read = app
        .store
        .ask(move |connection| RecoveryState::read(connection, now));
    let mut state = read.await?;
    // A pause holds before it is kept, and where it cannot be.
    (state.paused, state.unreadable) = match app.recovery.switch().paused() {
        Ok(paused) => (paused, None),
        Err(error) => (None, Some(with_causes(&error))),
    };
    Ok(state)
}

pub(crate) async fn recovery(State(app): State<Arc<App>>) -> Response {
    shown(state(&app).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetPause {
    paused: bool,
    #[serde(default)]
    why: String,
}

/// Pauses all sends, or ends the pause.
pub(crate) async fn set_recovery(State(app): State<Arc<App>>, body: JsonBody) -> Response {
    let SetPause { paused, why } = match body.read() {
        Ok(set) => set,
        Err(error) => return malformed(&error),
    };
    let switch = app.recovery.switch();
    let set = if paused {
        let why = if why.trim().is_empty() {
            "by the API"
        } else {
            why.trim()
        };
        tracing::warn!(why, "all sends pause");
        switch.begin_pause(why).await
    } else {
        tracing::warn!("sends are let go again");
        switch.end_pause().await
    };
    match set {
        Ok(_) => recovery(State(app)).await,
        Err(error) => shown::<RecoveryState>(Err(error)),
    }
}

#[derive(Serialize)]
struct Suppressions {
    suppressions: Vec<SuppressionCount>,
}

/// How many are suppressed, and why: who they are is kept as a hash.
pub(crate) async fn suppressions(State(app): State<Arc<App>>) -> Response {
    let counted = app.store.ask(SuppressionCount::list).await;
    shown(counted.map(|suppressions| Suppressions { suppressions }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lift {
    channel: Channel,
    identity: String,
}

#[derive(Serialize)]
struct Lifted {
    lifted: Vec<SuppressedFor>,
}

/// Lets an identity be sent messages again, whatever it was suppressed for.
pub(crate) async fn lift(State(app): State<Arc<App>>, body: JsonBody) -> Response {
    let Lift { channel, identity } = match body.read() {
        Ok(lift) => lift,
        Err(error) => return malformed(&error),
    };
    let identity = Identity::new(identity);
    let lifted = app.store.lift(channel, &identity, SuppressedFor::ALL).await;
    shown(lifted.map(|lifted| Lifted { lifted }))
}

fn failed(failure: &PortFailure) -> Response {
    static SAID: Seldom = Seldom::new();
    if let Some(count) = SAID.turn() {
        tracing::error!(
            error = with_causes(failure),
            count,
            "an intent cannot be changed"
        );
    }
    answer::explained(
        503,
        "store_unavailable",
        "it is not certain that this was done: ask again, with the same key",
    )
}
