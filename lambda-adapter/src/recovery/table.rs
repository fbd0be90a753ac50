//! Intents, budgets and suppressions on DynamoDB: one table.
//!
//! | item | `pk` |
//! |---|---|
//! | an intent, as its record | `intent#` id |
//! | which intent has a key | `key#` key |
//! | sends of an hour, and of a recipient's day | `hour#` n, `day#` n `#` keyed hash |
//! | that an identity is suppressed on a channel | `suppressed#` keyed hash |
//! | the key of these hashes | `own` |
//!
//! All but the last two expire.

use core::fmt::Write;

use aws_sdk_dynamodb::Client;
use sinch_callback_pipeline::ForgetKey;

use crate::{
    client::AwsConfig,
    dynamodb::{
        TableError,
        attributes::{Item, text},
        packed::{binary, read_binary},
    },
};

pub(super) const PK: &str = "pk";
pub(super) const EXPIRES_AT: &str = "expires_at";

/// The table of a recovery stack.
#[derive(Clone, Debug)]
pub(super) struct RecoveryTable {
    pub(super) client: Client,
    pub(super) name: String,
    /// For how long an intent is kept after it is no longer valid.
    pub(super) kept_secs: u64,
    key: ForgetKey,
}

impl RecoveryTable {
    /// The table of this name, with the key of its hashes; `new_key`, drawn at random, is for a table that
    /// has none.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub(super) async fn open(
        config: &AwsConfig,
        name: String,
        kept_secs: u64,
        new_key: [u8; ForgetKey::LEN],
    ) -> Result<Self, TableError> {
        let client = Client::new(&config.0);
        let mut table = Self {
            client,
            name,
            kept_secs,
            key: ForgetKey::new([0; ForgetKey::LEN]),
        };
        let bytes = match table.get(OWN).await? {
            Some(item) => read_binary(&item, KEY).to_vec(),
            None => {
                let mut item = key(OWN);
                item.insert(KEY.into(), binary(new_key.to_vec()));
                table.put_new(item).await?;
                // Somebody else's, where they were faster.
                let item = table.get(OWN).await?.ok_or(TableError::Unreadable)?;
                read_binary(&item, KEY).to_vec()
            }
        };
        let bytes: [u8; ForgetKey::LEN] = bytes.try_into().map_err(|_| TableError::Unreadable)?;
        table.key = ForgetKey::new(bytes);
        Ok(table)
    }

    /// The key by which requests are compared and identities hidden.
    #[must_use]
    pub(super) fn own_key(&self) -> ForgetKey {
        self.key.clone()
    }

    /// What stands for a text that the table must not hold.
    pub(super) fn mark(&self, hidden: &str) -> String {
        let mut mark = String::new();
        for byte in self.key.mark(hidden) {
            // A text takes all that is written to it.
            let _ = write!(mark, "{byte:02x}");
        }
        mark
    }

    pub(super) async fn get(&self, pk: &str) -> Result<Option<Item>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key(pk)))
            .consistent_read(true)
            .send()
            .await;
        Ok(answer.map_err(|error| TableError::of(&error))?.item)
    }

    async fn put_new(&self, item: Item) -> Result<bool, TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        TableError::unless_changed(put)
    }
}

const OWN: &str = "own";
const KEY: &str = "key";

pub(super) fn key(pk: &str) -> Item {
    [(PK.into(), text(pk))].into()
}
