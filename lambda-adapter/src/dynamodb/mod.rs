//! The delivery log on DynamoDB: one table.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | a message: state, legs, reason, correlation | `message#` id | `state` |
//! | what a report did to it | `message#` id | `log#` received, content key, index |
//! | a callback: arrival, body, repeats | `callback#` content key | `callback`, `part#` n, `body#` n |
//!
//! What was logged expires after the retention; a message's state stays.

mod apply;
mod arrival;
mod attributes;
mod error;
mod message;
mod view;

use aws_sdk_dynamodb::Client;

pub use error::TableError;

use crate::AwsConfig;

/// The delivery log and the states of all messages, in one DynamoDB table.
#[derive(Clone, Debug)]
pub struct DeliveryTable {
    client: Client,
    name: String,
    retention_secs: u64,
}

impl DeliveryTable {
    /// The table of this name. Log entries expire `retention_secs` after they were received.
    #[must_use]
    pub fn new(config: &AwsConfig, name: String, retention_secs: u64) -> Self {
        Self {
            client: Client::new(&config.0),
            name,
            retention_secs,
        }
    }
}
