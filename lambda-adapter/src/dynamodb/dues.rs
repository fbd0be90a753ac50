//! The index of messages that have to be settled by a moment.

use futures_util::future::try_join_all;
use sinch_callback::UnixSeconds;
#[cfg(feature = "functions")]
use sinch_callback_pipeline::messages::Message;

use super::{
    DeliveryTable,
    attributes::{PK, number, read_number, read_text},
    error::TableError,
    record::{self, DUE, SHARD, SHARDS},
};

/// The index by moment: sparse, and of keys alone.
const INDEX: &str = "by_due";

/// A message that the index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// Its id.
    pub message_id: String,
    /// By when it has to be settled.
    pub at: UnixSeconds,
}

impl DeliveryTable {
    /// The messages of the index, at most `limit` of each of its parts, those first that are due first.
    /// What was written within the last second may be missing, or be there still.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub async fn dues(&self, limit: i32) -> Result<Vec<DueMessage>, TableError> {
        let parts = (0..SHARDS).map(|shard| self.dues_of(shard, limit));
        Ok(try_join_all(parts).await?.concat())
    }

    /// Since when a report is waited for that would end a message, where somebody has said that it was
    /// sent.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn waits_since(&self, message_id: &str) -> Result<Option<UnixSeconds>, TableError> {
        match self.message_item(message_id).await? {
            Some(item) => Ok(self.read(&item).await?.waits_since()),
            None => Ok(None),
        }
    }

    /// A message as it is kept.
    ///
    /// # Errors
    /// When the table cannot be read.
    #[cfg(feature = "functions")]
    pub(crate) async fn aggregate(&self, message_id: &str) -> Result<Option<Message>, TableError> {
        match self.message_item(message_id).await? {
            Some(item) => self.read(&item).await.map(Some),
            None => Ok(None),
        }
    }

    async fn dues_of(&self, shard: u64, limit: i32) -> Result<Vec<DueMessage>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(INDEX)
            .key_condition_expression("#shard = :shard")
            .expression_attribute_names("#shard", SHARD)
            .expression_attribute_values(":shard", number(shard))
            .limit(limit)
            .send()
            .await
            .map_err(|error| TableError::of(&error))?;
        let items = answer.items.unwrap_or_default();
        let messages = items.iter().filter_map(|item| {
            let pk = read_text(item, PK);
            Some(DueMessage {
                message_id: record::message_id(&pk)?.to_owned(),
                at: UnixSeconds::new(read_number(item, DUE)),
            })
        });
        Ok(messages.collect())
    }
}
