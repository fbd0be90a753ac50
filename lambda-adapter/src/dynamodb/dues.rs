//! The index of messages that have to be settled by a moment.

use futures_util::future::try_join_all;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::messages::Message;

use super::{
    DeliveryTable,
    attributes::{Item, PK, number, read_number, read_text},
    error::TableError,
    record,
};

/// The index by moment: sparse, and of keys alone.
const INDEX: &str = "by_due";
/// The moment: what a message's item has while there is something to tell of it.
const DUE: &str = "due";
/// Which part of the index it is in.
const SHARD: &str = "due_shard";
/// Parts of the index: one takes a thousand changes a second
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
const SHARDS: u64 = 16;

/// A message that the index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// Its id.
    pub message_id: String,
    /// By when it has to be settled.
    pub at: UnixSeconds,
}

/// Adds what the index is about to a message's item: nothing where there is nothing to tell.
pub(super) fn add(item: &mut Item, message: &Message) {
    let Some(due) = message.dues.next() else {
        return;
    };
    item.insert(DUE.into(), number(due.get()));
    item.insert(SHARD.into(), number(shard(&message.message_id)));
}

fn shard(message_id: &str) -> u64 {
    let bytes = message_id.bytes().map(u64::from);
    let hash = bytes.fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte));
    hash.checked_rem(SHARDS).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_spread_over_all_parts() {
        let mut counts = [0_u32; 16];
        for number in 0..16_000 {
            counts[usize::try_from(shard(&format!("01KAY9T4Z8Q6E1V7N3M5{number:06}"))).unwrap()] +=
                1;
        }
        assert!(
            counts.iter().all(|count| (700..1_300).contains(count)),
            "{counts:?}"
        );
    }
}
