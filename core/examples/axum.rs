//! Receives Sinch's callbacks with axum:
//! `SINCH_SECRET=... cargo run -p sinch-callback-tests --example axum`

use std::{env, error::Error, sync::Arc, time::SystemTime};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    routing::post,
};
use sinch_callback::{
    ANSWER_HEADER, Callback, ContentKey, Secret, SecretRing, SignedHeaders, UnixSeconds, Verifier,
};

fn verifier(secrets: SecretRing) -> Verifier {
    // A day back: Sinch retries that long, and may send a retry as it was. So the store has to know a
    // callback again for a day, by its content key.
    Verifier::logged(secrets).with_max_body_bytes(MAX_BODY_BYTES)
}

async fn receive<S: Store>(State(app): State<Arc<App<S>>>, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    // Not by an extractor: it answers a body that breaks off with 400, and Sinch retries no 400.
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return answer(503, "request_broken");
    };
    // The headers as they came, the raw body, and your clock.
    let verdict = SignedHeaders::collect(&head.headers)
        .and_then(|headers| app.verifier.authenticate(&headers, &body, (app.now)()));
    match verdict {
        Err(rejection) => answer(rejection.http_status(), rejection.code()),
        // What is authentic is kept before it is read: Sinch may have added its kind since.
        Ok(authentic) => match app.store.put(authentic.content_key(), &body).await {
            Ok(()) => answer(200, "accepted"),
            Err(_) => answer(503, "handoff_unavailable"),
        },
    }
}

/// What a report of a full SMS batch has room in.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

struct App<S> {
    verifier: Verifier,
    store: S,
    now: fn() -> UnixSeconds,
}

/// Where callbacks are kept.
pub(crate) trait Store: Send + Sync + 'static {
    /// Keeps a body under its key. Durable once it returns. A key that is there already is a success
    /// that changes nothing, for as long as the verifier looks back.
    fn put(
        &self,
        key: ContentKey,
        body: &[u8],
    ) -> impl Future<Output = Result<(), Box<dyn Error + Send + Sync>>> + Send;
}

type Answer = (StatusCode, [(&'static str, &'static str); 1]);

/// The header tells an edge in front that the receiver itself has spoken.
fn answer(status: u16, code: &'static str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(ANSWER_HEADER, code)])
}

pub(crate) fn app<S: Store>(secrets: SecretRing, store: S, now: fn() -> UnixSeconds) -> Router {
    let verifier = verifier(secrets);
    let app = Arc::new(App {
        verifier,
        store,
        now,
    });
    Router::new()
        .route("/callbacks", post(receive::<S>))
        .with_state(app)
}

/// In place of this: a table whose key is unique. This one forgets, so each copy counts again.
struct Console;

impl Store for Console {
    async fn put(&self, key: ContentKey, body: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
        match Callback::parse(body) {
            Ok(callback) => {
                for report in callback.reports {
                    println!("{} is {}", report.message_id, report.status);
                }
            }
            Err(unrecognized) => println!("{key}: {unrecognized}"),
        }
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a host is where secrets come from"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let secrets = SecretRing::from(Secret::new(env::var("SINCH_SECRET")?)?);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
        axum::serve(listener, app(secrets, Console, clock)).await
    })?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a host is where time comes from")]
fn clock() -> UnixSeconds {
    // A clock that shows a time before 1970 makes every callback one from the future: 503.
    SystemTime::now().try_into().unwrap_or(UnixSeconds::new(0))
}
