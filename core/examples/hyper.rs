//! Receives Sinch's callbacks with hyper, and keeps them in the folder `callbacks`:
//! `SINCH_WEBHOOK_SECRET=... cargo run -p sinch-callback-tests --example hyper`

pub(crate) mod folder;

use std::{env, error::Error, io, sync::Arc, time::SystemTime};

use folder::Folder;
use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, Response, body::Incoming, http, server::conn::http1, service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use sinch_callback::{ANSWER_HEADER, Answer, Secret, UnixSeconds, Verifier};
use tokio::net::TcpListener;

pub(crate) struct Receiver {
    pub(crate) verifier: Verifier,
    pub(crate) folder: Folder,
    pub(crate) now: fn() -> UnixSeconds,
}

impl Receiver {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        if head.uri.path() != "/callbacks" {
            return Answer::UNKNOWN_PATH;
        }
        if head.method != Method::POST {
            return Answer::METHOD_NOT_ALLOWED;
        }
        let body = Limited::new(body, self.verifier.max_body_bytes());
        let body = body.collect().await.map(|whole| whole.to_bytes());
        match self.verifier.receive(&head.headers, &body, (self.now)()) {
            Ok(callback) => Answer::kept(self.folder.keep(&callback).await),
            Err(answer) => answer,
        }
    }
}

async fn respond(
    receiver: Arc<Receiver>,
    request: Request<Incoming>,
) -> http::Result<Response<String>> {
    let answer = receiver.answer(request).await;
    // The header tells an edge in front that the receiver itself has spoken.
    Response::builder()
        .status(answer.status())
        .header(ANSWER_HEADER, answer.code())
        .body(String::new())
}

pub(crate) async fn serve(listener: TcpListener, receiver: Arc<Receiver>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let receiver = Arc::clone(&receiver);
        let service = service_fn(move |request| respond(Arc::clone(&receiver), request));
        // With a timer, hyper ends a connection whose headers take more than 30 s.
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
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
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    serve(listener, Arc::new(receiver)).await?;
    Ok(())
}
