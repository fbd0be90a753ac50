//! The whole job on one machine: callbacks are verified, stored on SQLite, processed and told.
//!
//! [`Server`] is taken into a program of your own as axum routers to nest, or listens by itself. The
//! command `serve` of `sinch-callback` is one of its users.
//!
//! ```no_run
//! use sinch_callback_server::{Config, Server, secrets::SecretFiles};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let secrets = SecretFiles::new(vec!["secret.txt".into()]);
//! let server = Server::open(Config::new("data", secrets)).await?;
//! // Callbacks go to POST /sinch/callbacks.
//! let app = axum::Router::new().nest("/sinch", server.callbacks());
//! let running = server.start();
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! axum::serve(listener, app).await?;
//! running.stop().await?;
//! # Ok(())
//! # }
//! ```

#![expect(
    clippy::std_instead_of_core,
    reason = "a host has std; which half of it a name lives in is nobody's concern here"
)]

mod admin;
mod answer;
mod app;
mod background;
mod callbacks;
mod causes;
pub mod client;
pub mod clock;
mod config;
pub mod dashboard;
mod endpoint;
mod error;
pub mod ids;
mod listener;
mod listening;
mod metrics;
mod notify;
mod pages;
mod paths;
mod process_metrics;
mod recent;
pub mod recovery;
pub mod secrets;
mod seldom;
pub mod sending;
mod server;
pub mod store;

pub use admin::gate::{Gate, InvalidToken, Token};
pub use background::retention::NotOutlasting;
pub use causes::with_causes;
pub use config::{Config, Notify};
pub use endpoint::{EndpointConfig, EndpointError, InvalidEndpointConfig};
pub use error::ServerError;
pub use listener::address::{ListenAddress, Sockets};
pub use notify::secret::NotifySecretError;
pub use paths::{CallbackPath, CallbackPaths};
pub use server::{Running, Server};
