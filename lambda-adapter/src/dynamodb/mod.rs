//! The messages on DynamoDB: one table.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | a message with its log: one aggregate, deflated | `message#` id | `state` |
//! | a callback that is listed or archived, with its body | `callback#` content key | `callback`, `body#` n |
//! | how far a large callback has been applied | `batch#` content key | `cursor` |
//! | that a message has been forgotten, and the key of such marks | `forgotten#` mark, `forgotten` | `mark`, `key` |
//! | whether callbacks have stopped | `listening` | `kept` |
//!
//! A callback costs one read and one conditional write for each of its messages. The index by
//! correlation holds keys alone, so it is written only where a message begins. The index of what is due
//! holds a message from where it is due until it has ended or is told. Every item expires but the key of
//! marks and the last.

pub(crate) mod attributes;
mod callbacks;
pub(crate) mod dues;
pub(crate) mod error;
mod forget;
mod forgotten;
mod kept;
mod listening;
mod messages;
pub(crate) mod packed;
mod record;
mod taken_over;
mod view;

use std::sync::{Arc, OnceLock};

use aws_sdk_dynamodb::Client;
use sinch_callback_pipeline::ForgetKey;

use self::attributes::{Item, PK, key};
use crate::{backoff::Backoff, client::AwsConfig, retention::Retention};

pub use dues::DueMessage;
pub use error::TableError;
pub use view::TableSize;

/// How often to try when others change the same item at the same time, or the table is busy.
pub(crate) const ATTEMPTS: u32 = 8;
/// The waits between those.
pub(crate) const CONTENTION: Backoff = Backoff {
    first_ms: 10,
    longest_ms: 500,
};

/// All messages, in one DynamoDB table.
#[derive(Clone, Debug)]
pub struct DeliveryTable {
    client: Client,
    name: String,
    retention: Retention,
    archives: bool,
    /// The key of marks, once there is one: it never changes.
    forget_key: Arc<OnceLock<ForgetKey>>,
}

impl DeliveryTable {
    /// The table of this name. It keeps the bodies of what is not understood.
    #[must_use]
    pub fn new(config: &AwsConfig, name: String, retention: Retention) -> Self {
        Self {
            client: Client::new(&config.0),
            name,
            retention,
            archives: false,
            forget_key: Arc::default(),
        }
    }

    /// Keeps the bodies of all callbacks where asked to.
    #[must_use]
    pub const fn archiving(mut self, archives: bool) -> Self {
        self.archives = archives;
        self
    }

    /// These attributes of an item as it is now, or all of them; `None` where there is no such item.
    async fn get(
        &self,
        pk: &str,
        sk: &str,
        attributes: Option<&str>,
    ) -> Result<Option<Item>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .set_projection_expression(attributes.map(Into::into))
            .consistent_read(true)
            .send()
            .await;
        Ok(answer.map_err(|error| TableError::of(&error))?.item)
    }

    /// Puts an item where there is none of its key; whether there was none.
    async fn put_new(&self, item: Item) -> Result<bool, TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PK)
            .send()
            .await;
        TableError::unless_changed(put)
    }

    async fn put(&self, item: Item) -> Result<(), TableError> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| TableError::of(&error))
    }

    /// Deletes the item of this key, if there is one.
    async fn delete(&self, pk: &str, sk: &str) -> Result<(), TableError> {
        self.client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| TableError::of(&error))
    }
}
