use sinch_callback_pipeline::messages::{Change, Changed, Message, Messages};

use super::{
    ATTEMPTS, CONTENTION, DeliveryTable,
    attributes::{Item, PK, read_number},
    error::TableError,
    record::{self, EXPIRES_AT, REVISION, STATE},
    taken_over::VERSION,
};
use crate::random;

/// For how long a message is kept at least beyond the moment by which it is due: a look may be late, by
/// an outage. Our own choice.
const DUE_KEPT_SECS: u64 = 86_400;

impl Messages for DeliveryTable {
    type Error = TableError;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, TableError> {
        for attempt in 1..=ATTEMPTS {
            match self.try_update(message_id, &change).await {
                Ok(Some(changed)) => return Ok(changed),
                Ok(None) | Err(TableError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(CONTENTION.jittered(attempt, random::number())).await;
        }
        Err(TableError::Contended { attempts: ATTEMPTS })
    }
}

impl DeliveryTable {
    /// Changes a message; `None` where somebody else was faster. That may have been this very write,
    /// whose answer was lost: its entry is found at the next attempt.
    async fn try_update(
        &self,
        message_id: &str,
        change: &(impl Fn(Option<Message>) -> Change + Sync),
    ) -> Result<Option<Changed>, TableError> {
        let item = self.message_item(message_id).await?;
        let found = match &item {
            Some(item) => Some(self.read(item).await?),
            None if self.is_forgotten(message_id).await? => return Ok(Some(Changed::default())),
            None => None,
        };
        let Change { write, changed } = change(found);
        let Some(message) = write else {
            return Ok(Some(changed));
        };
        let is_written = self.put_message(item.as_ref(), &message).await?;
        Ok(is_written.then_some(changed))
    }

    pub(super) async fn message_item(&self, message_id: &str) -> Result<Option<Item>, TableError> {
        self.get(&record::partition(message_id), STATE, None).await
    }

    /// The message of an item, whichever version has written it.
    pub(super) async fn read(&self, item: &Item) -> Result<Message, TableError> {
        match record::read(item)? {
            Some(message) => Ok(message),
            None => self.taken_over(item).await,
        }
    }

    /// Writes a message on condition that its item still is what was read; whether it was.
    async fn put_message(
        &self,
        read: Option<&Item>,
        message: &Message,
    ) -> Result<bool, TableError> {
        // Not before it would have expired already: reports may be handed out late.
        let expires_at = message
            .updated_at
            .saturating_add(self.retention.state_secs)
            .max(read.map_or(0, |item| read_number(item, EXPIRES_AT)));
        // Nor before what is due of it has been told.
        let due = message.dues.next().map_or(0, |due| due.get());
        let expires_at = expires_at.max(due.saturating_add(DUE_KEPT_SECS));
        let item = record::item(message, expires_at);
        let Some(read) = read else {
            return self.put_new(item).await;
        };
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item));
        let put = if let Some(revision) = read.get(REVISION) {
            put.condition_expression("#revision = :read")
                .expression_attribute_values(":read", revision.clone())
        } else {
            put.condition_expression(
                "attribute_exists(#pk) AND attribute_not_exists(#revision) AND #version = :read",
            )
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#version", VERSION)
            .set_expression_attribute_values(
                read.get(VERSION)
                    .map(|version| [(":read".into(), version.clone())].into()),
            )
        };
        let put = put.expression_attribute_names("#revision", REVISION);
        TableError::unless_changed(put.send().await)
    }
}
