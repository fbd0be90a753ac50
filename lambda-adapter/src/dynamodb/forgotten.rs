//! Marks of forgotten messages: no report brings one back while its mark is kept.

use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::ForgetKey;

use super::{
    DeliveryTable,
    attributes::{key, number},
    error::TableError,
    packed::{binary, read_binary},
    record::EXPIRES_AT,
};

/// The partition and the sort key of the key of all marks.
const FORGOTTEN: &str = "forgotten";
const KEY: &str = "key";
const MARK: &str = "mark";

impl DeliveryTable {
    /// Marks a message as forgotten from now on. `new_key` is for the first of all.
    pub(super) async fn mark_forgotten(
        &self,
        message_id: &str,
        new_key: [u8; ForgetKey::LEN],
        now: UnixSeconds,
    ) -> Result<(), TableError> {
        let forget_key = match self.forget_key().await? {
            Some(forget_key) => forget_key,
            None => {
                let mut item = key(FORGOTTEN, KEY);
                item.insert(KEY.into(), binary(new_key.to_vec()));
                self.put_new(item).await?;
                // Somebody else's, where they were faster.
                self.forget_key().await?.ok_or(TableError::Unreadable)?
            }
        };
        let mut item = key(&partition(&forget_key, message_id), MARK);
        let until = now.saturating_add(ForgetKey::KEPT);
        item.insert(EXPIRES_AT.into(), number(until.get()));
        self.put(item).await
    }

    /// Whether a message that is not there has been forgotten.
    pub(super) async fn is_forgotten(&self, message_id: &str) -> Result<bool, TableError> {
        let Some(key) = self.forget_key().await? else {
            return Ok(false);
        };
        let mark = self.get(&partition(&key, message_id), MARK, None).await?;
        Ok(mark.is_some())
    }

    /// The table's key; `None` where nothing was ever forgotten.
    async fn forget_key(&self) -> Result<Option<ForgetKey>, TableError> {
        if let Some(key) = self.forget_key.get() {
            return Ok(Some(key.clone()));
        }
        let Some(item) = self.get(FORGOTTEN, KEY, None).await? else {
            return Ok(None);
        };
        let bytes = read_binary(&item, KEY).try_into();
        let key = ForgetKey::new(bytes.map_err(|_| TableError::Unreadable)?);
        Ok(Some(self.forget_key.get_or_init(|| key).clone()))
    }
}

fn partition(key: &ForgetKey, message_id: &str) -> String {
    use core::fmt::Write;

    let mut partition = format!("{FORGOTTEN}#");
    for byte in key.mark(message_id) {
        // A text takes all that is written to it.
        let _ = write!(partition, "{byte:02x}");
    }
    partition
}
