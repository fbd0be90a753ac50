//! The receiver inside a program of your own:
//! `SINCH_WEBHOOK_SECRET=... cargo run -p sinch-callback-server --example nested`
//!
//! Callbacks go to POST http://127.0.0.1:3000/sinch/callbacks. What they say is shown at
//! http://127.0.0.1:3001/, where no stranger comes.

use core::error::Error;
use std::env;

use axum::{Router, routing::get};
use sinch_callback_server::{Config, Gate, Server, secrets::SecretFiles};
use tokio::{net::TcpListener, signal};

/// What strangers reach: the program's own routes, and the callbacks.
pub(crate) fn public(server: &Server) -> Router {
    Router::new()
        .route("/", get(|| async { "a program of your own" }))
        .nest("/sinch", server.callbacks())
}

/// What operators reach.
pub(crate) fn operators(server: &Server) -> Router {
    server.admin(Gate::new([], None))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the program takes the secret from its environment"
)]
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secrets = SecretFiles::given(env::var("SINCH_WEBHOOK_SECRET")?);
    let server = Server::open(Config::new("data", secrets)).await?;
    let (public, operators) = (public(&server), operators(&server));
    let running = server.start();
    let callbacks = TcpListener::bind("127.0.0.1:3000").await?;
    let pages = TcpListener::bind("127.0.0.1:3001").await?;
    tokio::spawn(async { axum::serve(pages, operators).await });
    axum::serve(callbacks, public)
        .with_graceful_shutdown(async { drop(signal::ctrl_c().await) })
        .await?;
    // What was accepted is processed before the store is closed.
    running.stop().await?;
    Ok(())
}
