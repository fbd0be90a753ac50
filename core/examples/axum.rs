//! Receives Sinch's callbacks with axum, and keeps them in the folder `callbacks`:
//! `SINCH_WEBHOOK_SECRET=... cargo run -p sinch-callback-tests --example axum`

pub(crate) mod folder;

use std::{env, error::Error, sync::Arc, time::SystemTime};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    routing::post,
};
use folder::Folder;
use sinch_callback::{ANSWER_HEADER, Answer, Secret, UnixSeconds, Verifier};

pub(crate) struct Receiver {
    pub(crate) verifier: Verifier,
    pub(crate) folder: Folder,
    pub(crate) now: fn() -> UnixSeconds,
}

async fn callbacks(
    State(receiver): State<Arc<Receiver>>,
    request: Request,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let (head, body) = request.into_parts();
    // Not by an extractor: it answers a body that breaks off with 400, and Sinch retries no 400.
    let body = to_bytes(body, receiver.verifier.max_body_bytes()).await;
    let verdict = receiver
        .verifier
        .receive(&head.headers, &body, (receiver.now)());
    let answer = match verdict {
        Ok(callback) => Answer::kept(receiver.folder.keep(&callback).await),
        Err(answer) => answer,
    };
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // The header tells an edge in front that the receiver itself has spoken.
    (status, [(ANSWER_HEADER, answer.code())])
}

pub(crate) fn app(receiver: Receiver) -> Router {
    Router::new()
        .route("/callbacks", post(callbacks))
        .with_state(Arc::new(receiver))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a host is where secrets and time come from"
)]
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let receiver = Receiver {
        // A day back, as long as Sinch retries: the folder knows a copy by its name.
        verifier: Verifier::logged(Secret::new(env::var("SINCH_WEBHOOK_SECRET")?)?),
        folder: Folder::new("callbacks"),
        now: || SystemTime::now().into(),
    };
    std::fs::create_dir_all("callbacks")?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app(receiver)).await?;
    Ok(())
}
