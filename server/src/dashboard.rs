//! The pages over a store that lies elsewhere: what it can answer by an index, and nothing else.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Extension, Json, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::Uri,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::metrics::gauge::Gauge;
use serde::{Deserialize, Serialize};
use sinch_callback::{ContentKey, ReportSubject};
use sinch_callback_pipeline::{MessageSummary, MessageView, TimelineView};
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{
        gate::{self, Asker, Gate},
        login,
        showing::Showing,
    },
    answer,
    app::elsewhere,
    causes::with_causes,
    config::Config,
    ids,
    listener::{
        address::Sockets,
        connections::{Bounds, Connections},
        serve::{self, Service},
    },
    pages::assets,
    store::search::SearchBy,
};

/// What pages ask of a store of messages, wherever it lies.
pub trait Questions: Send + Sync + 'static {
    /// Why a question has no answer.
    type Error: core::error::Error + Send + Sync + 'static;

    /// The message of an id.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn message(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<MessageView>, Self::Error>> + Send;

    /// The ids of the messages that were sent with a correlation id.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn correlated(
        &self,
        correlation_id: &str,
    ) -> impl Future<Output = Result<Vec<String>, Self::Error>> + Send;
}

/// Shows pages over a store on these sockets until `stopped`. Nothing is written.
pub async fn show<Q: Questions>(
    questions: Q,
    sockets: Sockets,
    gate: Gate,
    stopped: impl Future<Output = ()>,
) {
    let stop = CancellationToken::new();
    let service = Service {
        router: router(questions, gate),
        connections: Connections::new(Bounds::ADMIN, Gauge::default()),
        header_limit: Config::HEADER_TIMEOUT,
        body_limit: Config::BODY_TIMEOUT,
    };
    let served = serve::serve(sockets, service, stop.clone());
    let stopping = async {
        stopped.await;
        stop.cancel();
    };
    tokio::join!(served, stopping);
}

fn router<Q: Questions>(questions: Q, gate: Gate) -> Router {
    let shown = Arc::new(Shown {
        questions,
        salt: ids::unique(),
        known: Mutex::default(),
    });
    let gate = Arc::new(gate);
    Router::new()
        .route("/api/messages/{id}", get(message::<Q>))
        .route("/api/messages/{id}/timeline", get(timeline::<Q>))
        .route("/api/search", get(search::<Q>))
        .route("/healthz", get(elsewhere::healthz))
        .merge(assets::router())
        .fallback(not_indexed)
        .with_state(shown)
        .merge(login::router(Arc::clone(&gate)))
        .layer(middleware::from_fn_with_state(gate, gate::pass))
}

/// What the requests share.
struct Shown<Q> {
    questions: Q,
    salt: String,
    /// The ids that stand for those which name a recipient.
    known: Mutex<BTreeMap<String, String>>,
}

/// Ids that are remembered. Our own choice: more than a person opens in a day.
const KNOWN: usize = 4_096;

impl<Q: Questions> Shown<Q> {
    /// The message of an id, or of what stands for one.
    async fn find(&self, id: &str) -> Result<Option<MessageView>, Response> {
        let id = self.known_as(id).unwrap_or_else(|| id.to_owned());
        let found = self.questions.message(&id).await;
        found.map_err(|error| unavailable(&error))
    }

    /// What an id stands for that names no recipient.
    fn known_as(&self, id: &str) -> Option<String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).cloned()
    }

    /// An id that names no recipient.
    fn masked_id(&self, summary: &MessageSummary) -> String {
        let id = &summary.message_id;
        let Some((batch, _)) = id
            .split_once(':')
            .filter(|_| summary.subject == ReportSubject::SmsRecipient.as_str())
        else {
            return id.clone();
        };
        let key = ContentKey::of_body(format!("{}{id}", self.salt).as_bytes());
        let masked = format!("{batch}:~{key}");
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.pop_first();
        }
        known.insert(masked.clone(), id.clone());
        masked
    }

    fn masked(&self, view: MessageView) -> MessageView {
        let id = self.masked_id(&view.message);
        let mut view = view.masked();
        view.message.message_id = id;
        view
    }
}

fn unavailable(error: &dyn core::error::Error) -> Response {
    tracing::error!(error = with_causes(error), "the table cannot be read");
    answer::explained(
        503,
        "store_unavailable",
        "the table cannot be read at present",
    )
}

/// What only a look at every item would answer.
async fn not_indexed(uri: Uri) -> Response {
    let path = uri.path();
    if !path.starts_with("/api/") {
        return answer::explained(404, "unknown_path", "no page has this path");
    }
    answer::explained(
        501,
        "not_indexed",
        "the table has no index that answers this, and is not read as a whole: ask for a message by its id \
         or by its correlation id",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShowQuery {
    /// What pages ask for by habit: here it is always so.
    #[expect(dead_code, reason = "it is taken, and changes nothing")]
    masked: Option<u8>,
    reveal: Option<u8>,
}

fn malformed(rejection: &QueryRejection) -> Response {
    answer::explained(400, "malformed_query", &rejection.body_text())
}

fn unknown() -> Response {
    answer::explained(
        404,
        "unknown_message",
        "no report of a message with this id has been recorded",
    )
}

/// The message as it may be shown.
async fn ask<Q: Questions>(
    shown: &Shown<Q>,
    asker: Asker,
    id: &str,
    query: Result<Query<ShowQuery>, QueryRejection>,
) -> Result<MessageView, Response> {
    let Query(query) = query.map_err(|rejection| malformed(&rejection))?;
    let found = shown.find(id).await?.ok_or_else(unknown)?;
    Ok(match Showing::on_a_page(query.reveal) {
        Showing::Masked => shown.masked(found),
        Showing::Whole => {
            let message = shown.masked_id(&found.message);
            tracing::info!(message, by = %asker, "a recipient was shown");
            found
        }
    })
}

async fn message<Q: Questions>(
    State(shown): State<Arc<Shown<Q>>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    query: Result<Query<ShowQuery>, QueryRejection>,
) -> Response {
    match ask(&shown, asker, &id, query).await {
        Ok(view) => Json(view).into_response(),
        Err(response) => response,
    }
}

/// A timeline as pages have it.
#[derive(Serialize)]
struct Timeline {
    #[serde(flatten)]
    view: TimelineView,
    /// What no item of the table tells.
    intent: Option<()>,
    events: [(); 0],
}

/// What is said of bodies: they lie in items of their own, of which the page asks for none.
const BODY: &str = "not shown from a table";

async fn timeline<Q: Questions>(
    State(shown): State<Arc<Shown<Q>>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    query: Result<Query<ShowQuery>, QueryRejection>,
) -> Response {
    match ask(&shown, asker, &id, query).await {
        Ok(view) => {
            let mut view = TimelineView::of(view);
            for entry in &mut view.entries {
                entry.body = BODY;
            }
            let (intent, events) = (None, []);
            Json(Timeline {
                view,
                intent,
                events,
            })
            .into_response()
        }
        Err(response) => response,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    q: String,
    by: Option<SearchBy>,
    limit: Option<u32>,
    reveal: Option<u8>,
}

#[derive(Serialize)]
struct Found {
    by: Option<SearchBy>,
    matches: Vec<Match>,
    more: bool,
    /// What this search cannot find.
    note: &'static str,
}

#[derive(Serialize)]
struct Match {
    matched: SearchBy,
    #[serde(flatten)]
    message: MessageSummary,
}

const NOTE: &str = "the table's indexes have message ids and correlation ids, each as a whole; not their \
     beginnings, nor recipients, batches and references";

/// Messages of a correlation that are shown unless asked otherwise, and at most: each is read by itself.
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

async fn search<Q: Questions>(
    State(shown): State<Arc<Shown<Q>>>,
    Extension(asker): Extension<Asker>,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return malformed(&rejection),
    };
    match find(&shown, asker, query).await {
        Ok(found) => Json(found).into_response(),
        Err(response) => response,
    }
}

async fn find<Q: Questions>(
    shown: &Shown<Q>,
    asker: Asker,
    query: SearchQuery,
) -> Result<Found, Response> {
    let (text, by) = (query.q.trim(), query.by);
    if by.is_some_and(|by| !matches!(by, SearchBy::Message | SearchBy::Correlation)) {
        return Err(answer::explained(501, "not_indexed", NOTE));
    }
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut more = false;
    if !text.is_empty() && by != Some(SearchBy::Correlation) {
        let message = shown.find(text).await?;
        found.extend(message.map(|message| (SearchBy::Message, message)));
    }
    if !text.is_empty() && by != Some(SearchBy::Message) {
        let ids = shown.questions.correlated(text).await;
        let ids = ids.map_err(|error| unavailable(&error))?;
        more = ids.len() > limit;
        for id in ids.iter().rev().take(limit) {
            let message = shown.find(id).await?;
            found.extend(message.map(|message| (SearchBy::Correlation, message)));
        }
    }
    let showing = Showing::on_a_page(query.reveal);
    if showing == Showing::Whole {
        tracing::info!(by = %asker, count = found.len(), "the recipients of a search were shown");
    }
    let matches = found.into_iter().map(|(matched, message)| Match {
        matched,
        message: match showing {
            Showing::Whole => message.message,
            Showing::Masked => shown.masked(message).message,
        },
    });
    Ok(Found {
        by,
        matches: matches.collect(),
        more,
        note: NOTE,
    })
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use axum::{body::Body, http::Request};
    use sinch_callback::UnixSeconds;
    use sinch_callback_pipeline::{Envelope, messages::ReadCallback};
    use tower::ServiceExt;

    use super::*;

    /// One message of an SMS batch.
    struct One;

    const ID: &str = "b-1:12025550147";

    impl Questions for One {
        type Error = Infallible;

        async fn message(&self, id: &str) -> Result<Option<MessageView>, Infallible> {
            let body = br#"{"type":"recipient_delivery_report_sms","batch_id":"b-1","recipient":"12025550147","code":0,"status":"Delivered"}"#;
            let envelope = Envelope::polled(body, UnixSeconds::new(5), "r");
            let message = ReadCallback::of(&envelope).change(0, None).write;
            Ok(message.filter(|_| id == ID).map(|message| message.view()))
        }

        async fn correlated(&self, correlation_id: &str) -> Result<Vec<String>, Infallible> {
            Ok(if correlation_id == "order-1" {
                vec![ID.into()]
            } else {
                Vec::new()
            })
        }
    }

    async fn get(router: &Router, path: &str) -> (u16, String) {
        let request = Request::get(path).header("host", "localhost");
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap());
        let response = response.await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
        (status, String::from_utf8(body.unwrap().into()).unwrap())
    }

    #[tokio::test]
    async fn what_an_index_answers_is_shown_and_all_else_says_so() {
        let router = router(One, Gate::new([], None));
        for query in [
            "order-1",
            "order-1&by=correlation",
            ID,
            &format!("{ID}&by=message"),
        ] {
            let (status, found) = get(&router, &format!("/api/search?q={query}")).await;
            assert_eq!(status, 200, "{found}");
            assert!(
                found.contains("b-1:~") && !found.contains("12025550147"),
                "{found}"
            );
        }
        let (_, found) = get(&router, "/api/search?q=order-1").await;
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let id = found["matches"][0]["message_id"].as_str().unwrap();
        let (status, timeline) = get(&router, &format!("/api/messages/{id}/timeline")).await;
        assert_eq!(status, 200);
        assert!(
            timeline.contains(BODY) && !timeline.contains("12025550147"),
            "{timeline}"
        );
        let (_, whole) = get(&router, &format!("/api/messages/{id}?reveal=1")).await;
        assert!(whole.contains("12025550147"), "{whole}");
        assert_eq!(get(&router, "/api/messages/other").await.0, 404);
        for path in [
            "/api/overview",
            "/api/messages?masked=1",
            "/api/messages.csv",
            "/api/stream",
            "/api/search?q=1&by=recipient",
            "/api/search?q=1&by=batch",
            "/api/search?q=1&by=reference",
        ] {
            let (status, told) = get(&router, path).await;
            assert_eq!(status, 501, "{path}");
            assert!(
                told.contains("not_indexed") && told.contains("correlation id"),
                "{told}"
            );
        }
        assert_eq!(get(&router, "/").await.0, 200);
    }
}
