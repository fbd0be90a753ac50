//! Who wants to be told where a message has not ended by a moment.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::{
    Deadline,
    messages::{Messages, Watch, Watched},
};

use super::api;
use crate::{
    answer,
    app::state::App,
    store::watches::{Place, WatchPage},
};

/// How far ahead a deadline may lie. Our own choice: no receipt comes after so long, and the message has
/// to be kept until then.
const FARTHEST: Duration = Duration::from_secs(30 * 86_400);

/// The longest id. Sinch's have 26 characters, and an SMS recipient's a colon and up to 15 digits more.
const LONGEST_ID: usize = 128;

/// What a watch is answered.
#[derive(Debug, Serialize)]
struct Watching {
    message_id: String,
    /// In Unix seconds.
    deadline: u64,
    /// `Watched::as_str`.
    watch: &'static str,
}

/// What is asked: only that a field has another name, or another type, is told by serde.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    message_id: Option<Value>,
    deadline: Option<Value>,
}

/// Watches a message.
pub(crate) async fn watch(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let now = app.clock.now();
    let (message_id, deadline) = match read(&body, now) {
        Ok(asked) => asked,
        Err(detail) => return answer::explained(400, "malformed_watch", &detail),
    };
    let watch = Watch {
        message_id: message_id.clone(),
        deadline: Some(deadline),
        attempt: None,
    };
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
        deadline: deadline.get(),
        watch: watched.as_str(),
    };
    (status, Json(watching)).into_response()
}

/// The message and the moment that a body asks for, or what is wrong with which field.
fn read(body: &[u8], now: UnixSeconds) -> Result<(String, UnixSeconds), String> {
    let asked: Asked = serde_json::from_slice(body)
        .map_err(|error| format!(r#"expected {{"message_id":"…","deadline":"PT10M"}}: {error}"#))?;
    let text = |name: &str, value: Option<Value>| match value {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(format!("{name}: expected a text")),
        None => Err(format!("{name}: missing")),
    };
    let message_id = text("message_id", asked.message_id)?;
    let is_id = (1..=LONGEST_ID).contains(&message_id.len())
        && message_id.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_id {
        return Err(format!(
            "message_id: expected 1 to {LONGEST_ID} visible ASCII characters"
        ));
    }
    let deadline: Deadline = text("deadline", asked.deadline)?
        .parse()
        .map_err(|error| format!("deadline: {error}"))?;
    let moment = deadline.moment(now);
    if moment <= now {
        return Err("deadline: expected a moment that is still to come".into());
    }
    if moment > now.saturating_add(FARTHEST) {
        let days = FARTHEST.as_secs() / 86_400;
        return Err(format!("deadline: expected a moment within {days} days"));
    }
    Ok((message_id, moment))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchQuery {
    after: Option<Place>,
    limit: Option<u32>,
}

/// The messages that have to be settled by a moment, that of the next one first.
pub(crate) async fn watches(
    State(app): State<Arc<App>>,
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
    api::shown(
        app.store
            .ask(move |connection| WatchPage::list(connection, after, limit))
            .await,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_795_600_800);

    #[test]
    fn a_deadline_is_a_duration_from_now_or_an_instant() {
        for (deadline, seconds) in [
            ("PT10M", 1_795_601_400),
            ("2026-11-25T10:00:01Z", 1_795_600_801),
            ("P30D", 1_798_192_800),
        ] {
            let body = format!(r#"{{"message_id":"01BATCH:4791","deadline":"{deadline}"}}"#);
            let asked = ("01BATCH:4791".to_owned(), UnixSeconds::new(seconds));
            assert_eq!(read(body.as_bytes(), NOW), Ok(asked), "{deadline}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_the_field() {
        let long = "m".repeat(LONGEST_ID + 1);
        for (id, deadline, field) in [
            (r#""m""#, r#""2026-11-25T10:00:00Z""#, "deadline"),
            (r#""m""#, r#""P30DT1S""#, "deadline"),
            (r#""m""#, r#""PT0S""#, "deadline"),
            (r#""m""#, r#""soon""#, "deadline"),
            (r#""m""#, "600", "deadline"),
            (r#""m""#, "null", "deadline"),
            (r#""""#, r#""PT1M""#, "message_id"),
            (r#""m 1""#, r#""PT1M""#, "message_id"),
            ("7", r#""PT1M""#, "message_id"),
            ("null", r#""PT1M""#, "message_id"),
            (&format!("\"{long}\""), r#""PT1M""#, "message_id"),
        ] {
            let body = format!(r#"{{"message_id":{id},"deadline":{deadline}}}"#);
            let wrong = read(body.as_bytes(), NOW).unwrap_err();
            assert!(wrong.starts_with(&format!("{field}: ")), "{body} {wrong}");
        }
        let unknown = read(br#"{"message":"m","deadline":"PT1M"}"#, NOW).unwrap_err();
        assert!(unknown.contains("`message`"), "{unknown}");
        for body in ["", "[]", "{", "7"] {
            assert!(read(body.as_bytes(), NOW).is_err(), "{body}");
        }
    }
}
