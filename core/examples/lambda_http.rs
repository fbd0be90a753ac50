//! Receives Sinch's callbacks in AWS Lambda, behind a Function URL or an HTTP API, and keeps them in a
//! folder that outlives the function, as one on EFS does, named by `CALLBACKS`. `lambda-adapter` is the
//! whole of it: a queue, a table and secrets that change.

pub(crate) mod folder;

use std::{env, time::SystemTime};

use folder::Folder;
use lambda_http::{Error, Request, Response, run, service_fn};
use sinch_callback::{ANSWER_HEADER, Answer, Secret, UnixSeconds, Verifier};

pub(crate) struct Receiver {
    pub(crate) verifier: Verifier,
    pub(crate) folder: Folder,
    pub(crate) now: fn() -> UnixSeconds,
}

pub(crate) async fn callbacks(
    receiver: &Receiver,
    request: Request,
) -> Result<Response<String>, Error> {
    // Lambda hands a request over whole, so there is no body that breaks off here.
    let verdict = receiver
        .verifier
        .verify(request.headers(), request.body(), (receiver.now)());
    let answer = match verdict {
        Ok(callback) => Answer::kept(receiver.folder.keep(&callback).await),
        Err(rejection) => rejection.into(),
    };
    // The header tells an edge in front that the receiver itself has spoken.
    let response = Response::builder()
        .status(answer.status())
        .header(ANSWER_HEADER, answer.code())
        .body(String::new())?;
    Ok(response)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a host is where secrets and time come from"
)]
#[tokio::main]
async fn main() -> Result<(), Error> {
    let receiver = &Receiver {
        // A day back, as long as Sinch retries: the folder knows a copy by its name.
        verifier: Verifier::logged(Secret::new(env::var("SINCH_WEBHOOK_SECRET")?)?),
        folder: Folder::new(env::var("CALLBACKS")?),
        now: || SystemTime::now().into(),
    };
    run(service_fn(|request| callbacks(receiver, request))).await
}
