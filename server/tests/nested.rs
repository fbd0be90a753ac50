//! A receiver inside a program of somebody's own, which is `examples/nested.rs`: routers nested, no
//! listener of ours.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use http_body_util::BodyExt;
use sinch_callback::{Secret, Signer};
use sinch_callback_server::{
    Config, Server, ServerError,
    clock::Clock,
    secrets::SecretFiles,
    store::{StoreError, open_for_reading},
};
use tower::ServiceExt;

#[path = "../examples/nested.rs"]
#[allow(dead_code, reason = "a test starts the program in its own way")]
mod example;

const SECRET: &str = "made-up-nested-secret";
const BODY: &str = r#"{"app_id":"01EXAMPLEAPP00000000000000","event_time":"2026-01-02T03:04:05.123Z","message_delivery_report":{"message_id":"01NESTEDMESSAGE0000000000000","status":"DELIVERED","channel_identity":{"channel":"SMS","identity":"12025550147"}}}"#;

fn config(folder: &std::path::Path) -> Config {
    let secret = folder.join("secret.txt");
    fs::write(&secret, SECRET).unwrap();
    Config::new(folder.join("data"), SecretFiles::new(vec![secret]))
}

fn callback(path: &str, secret: &str) -> Request<Body> {
    let now = Clock::System.now();
    let signer = Signer::new(Secret::new(secret).unwrap());
    let signed = signer
        .sign(BODY.as_bytes(), "01NESTEDNONCE00000000000000", now)
        .unwrap();
    let mut request = Request::post(path);
    for (name, value) in signed.headers() {
        request = request.header(name, value);
    }
    request.body(Body::from(BODY)).unwrap()
}

async fn answer(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.into()).unwrap())
}

fn asked(path: &str, host: &str) -> Request<Body> {
    Request::get(path)
        .header("host", host)
        .body(Body::empty())
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_taken_below_the_path_that_the_router_is_nested_at() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::open(config(folder.path())).await.unwrap();
    let (app, operators) = (example::public(&server), example::operators(&server));
    let running = server.start();

    let (status, body) = answer(&app, callback("/sinch/callbacks", "another-made-up-secret")).await;
    assert_eq!(status, 401, "{body}");
    let (status, body) = answer(&app, callback("/sinch/elsewhere", SECRET)).await;
    assert_eq!(status, 404, "{body}");
    let broken = callback("/sinch/callbacks", SECRET).map(|_| {
        let parts = [
            Ok(Bytes::from_static(b"{")),
            Err("the connection broke off"),
        ];
        Body::from_stream(futures_util::stream::iter(parts))
    });
    let (status, body) = answer(&app, broken).await;
    assert_eq!(status, 503, "{body}");
    for code in ["accepted", "duplicate"] {
        let (status, body) = answer(&app, callback("/sinch/callbacks", SECRET)).await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains(code), "{body}");
    }
    // The program's own.
    assert_eq!(answer(&app, asked("/", "localhost")).await.0, 200);

    let message = "/api/messages/01NESTEDMESSAGE0000000000000";
    let (status, body) = answer(&operators, asked(message, "localhost")).await;
    assert_eq!(status, 200, "{body}");
    let view: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(view["state"], "delivered");
    let (status, _) = answer(&operators, asked(message, "attacker.example")).await;
    assert_eq!(status, 403);

    running.stop().await.unwrap();
    open_for_reading(&folder.path().join("data")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_do_its_work_does_not_open_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut early = config(folder.path());
    early.retain_days = 1;
    assert!(matches!(
        Server::open(early).await.err(),
        Some(ServerError::Retention(_))
    ));
    let missing = Config::new(folder.path(), SecretFiles::new(vec!["no-such-file".into()]));
    assert!(matches!(
        Server::open(missing).await.err(),
        Some(ServerError::Secrets(_))
    ));
    let first = Server::open(config(folder.path())).await.unwrap();
    assert!(matches!(
        Server::open(config(folder.path())).await.err(),
        Some(ServerError::Open(StoreError::InUse { .. }))
    ));
    first.start().stop().await.unwrap();
}
