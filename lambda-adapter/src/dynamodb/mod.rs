//! The delivery log on DynamoDB: one table.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | a message: state, legs, reason, correlation | `message#` id | `state` |
//! | what a report did to it | `message#` id | `log#` received, content key, index |
//! | a callback: arrival, body, repeats | `callback#` content key | `callback`, `part#` n, `body#` n |
//!
//! Every item expires: what was logged after the log's retention, and a message's state, with the
//! identity of its recipient, after its own, counted from the last report.

mod apply;
mod arrival;
mod attributes;
mod error;
mod forget;
mod kept;
mod message;
mod view;

use aws_sdk_dynamodb::Client;

pub use error::TableError;
pub use forget::{ForgetSubject, TableForgotten};

use crate::AwsConfig;

/// The delivery log and the states of all messages, in one DynamoDB table.
#[derive(Clone, Debug)]
pub struct DeliveryTable {
    client: Client,
    name: String,
    retention: Retention,
}

/// For how long items are kept, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Log entries, and callbacks with their bodies: from when they were received.
    pub log_secs: u64,
    /// A message's state: from when its last report was received.
    pub state_secs: u64,
}

impl Default for Retention {
    /// 90 days, and 400: a year with its bookkeeping. Our own choice, and the template's.
    fn default() -> Self {
        Self {
            log_secs: 7_776_000,
            state_secs: 34_560_000,
        }
    }
}

impl DeliveryTable {
    /// The table of this name.
    #[must_use]
    pub fn new(config: &AwsConfig, name: String, retention: Retention) -> Self {
        Self {
            client: Client::new(&config.0),
            name,
            retention,
        }
    }
}
