//! Receives Sinch's callbacks with actix-web, and keeps them in the folder `callbacks`:
//! `SINCH_WEBHOOK_SECRET=... cargo run -p sinch-callback-tests --example actix_web`

pub(crate) mod folder;

use std::{env, error::Error, time::SystemTime};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Result,
    http::StatusCode,
    web::{self, Bytes, Data, PayloadConfig, ServiceConfig},
};
use folder::Folder;
use sinch_callback::{ANSWER_HEADER, Answer, Secret, UnixSeconds, Verifier};

pub(crate) struct Receiver {
    pub(crate) verifier: Verifier,
    pub(crate) folder: Folder,
    pub(crate) now: fn() -> UnixSeconds,
}

/// Takes the body as a `Result`: what breaks off is not to be answered 400, which Sinch does not retry.
async fn callbacks(
    request: HttpRequest,
    body: Result<Bytes>,
    receiver: Data<Receiver>,
) -> HttpResponse {
    let verdict = receiver
        .verifier
        .receive(request.headers(), &body, (receiver.now)());
    let answer = match verdict {
        Ok(callback) => Answer::kept(receiver.folder.keep(&callback).await),
        Err(answer) => answer,
    };
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // The header tells an edge in front that the receiver itself has spoken.
    HttpResponse::build(status)
        .insert_header((ANSWER_HEADER, answer.code()))
        .finish()
}

/// The route, with all that it needs.
pub(crate) fn routes(receiver: &Data<Receiver>, config: &mut ServiceConfig) {
    // Unless told otherwise, actix-web reads no more than 256 KiB.
    let limit = PayloadConfig::new(receiver.verifier.max_body_bytes());
    config
        .app_data(limit)
        .app_data(receiver.clone())
        .route("/callbacks", web::post().to(callbacks));
}

#[expect(
    clippy::disallowed_methods,
    reason = "a host is where secrets and time come from"
)]
#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let receiver = Data::new(Receiver {
        // A day back, as long as Sinch retries: the folder knows a copy by its name.
        verifier: Verifier::logged(Secret::new(env::var("SINCH_WEBHOOK_SECRET")?)?),
        folder: Folder::new("callbacks"),
        now: || SystemTime::now().into(),
    });
    std::fs::create_dir_all("callbacks")?;
    HttpServer::new(move || App::new().configure(|config| routes(&receiver, config)))
        .bind("127.0.0.1:3000")?
        .run()
        .await?;
    Ok(())
}
