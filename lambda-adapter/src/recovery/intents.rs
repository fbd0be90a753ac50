use std::collections::BTreeMap;

use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    types::{Put, TransactWriteItem},
};
use futures_util::future::try_join_all;
use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    Intent, IntentId, IntentKey,
    ports::{Creation, Intents},
};

use super::table::{EXPIRES_AT, PK, RecoveryTable, key};
use crate::{
    dynamodb::{
        ATTEMPTS, CONTENTION, TableError,
        attributes::{Item, number, read_number, read_text, text},
    },
    random,
};

/// The intent: [`Intent::encode`].
const RECORD: &str = "record";
/// [`Intent::version`], on which a write is conditional.
const VERSION: &str = "version";
/// What an item of a key holds.
const ID: &str = "id";
/// The index of what is to be looked at: sparse, and of keys alone.
const INDEX: &str = "by_look";
const LOOK_AT: &str = "look_at";
const SHARD: &str = "look_shard";
const SHARDS: u64 = 16;
/// A transaction one of whose conditions does not hold.
const CANCELED: &str = "TransactionCanceledException";

fn partition(id: IntentId) -> String {
    format!("intent#{id}")
}

fn partition_of(intent_key: &IntentKey) -> String {
    format!("key#{}", intent_key.as_str())
}

fn item(intent: &Intent, expires_at: u64) -> Item {
    let mut item = key(&partition(intent.id()));
    item.insert(RECORD.into(), text(intent.encode()));
    item.insert(VERSION.into(), number(intent.version()));
    item.insert(EXPIRES_AT.into(), number(expires_at));
    if let Some(look_at) = intent.look_at() {
        item.insert(LOOK_AT.into(), number(look_at.get()));
        item.insert(SHARD.into(), number(shard(intent.id())));
    }
    item
}

fn shard(id: IntentId) -> u64 {
    let bytes = id.to_string().into_bytes();
    let hash = bytes.into_iter().map(u64::from);
    let hash = hash.fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte));
    hash.checked_rem(SHARDS).unwrap_or_default()
}

fn read(item: &Item) -> Result<Intent, TableError> {
    Intent::decode(&read_text(item, RECORD)).ok_or(TableError::Unreadable)
}

impl Intents for RecoveryTable {
    type Error = TableError;

    /// Both items, or neither: a key that led nowhere would never be free again.
    async fn create(&self, intent: Intent) -> Result<Creation, TableError> {
        let mut name = key(&partition_of(intent.key()));
        name.insert(ID.into(), text(intent.id().to_string()));
        name.insert(EXPIRES_AT.into(), number(self.expires_at(&intent)));
        let put = |item| -> Result<TransactWriteItem, TableError> {
            let put = Put::builder()
                .table_name(&self.name)
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(pk)")
                .build();
            let put = put.map_err(|_| TableError::Unreadable)?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        let created = self
            .client
            .transact_write_items()
            .transact_items(put(name)?)
            .transact_items(put(item(&intent, self.expires_at(&intent)))?)
            .send()
            .await;
        match created {
            Ok(_) => Ok(Creation::Created),
            Err(error) if error.code() == Some(CANCELED) => {
                let known = self.find(intent.key()).await?;
                // Somebody else's write was under way, or it has just expired: ask again.
                let known = known.ok_or(TableError::Contended { attempts: 1 })?;
                // Our own write, whose answer was lost.
                Ok(if known.id() == intent.id() {
                    Creation::Created
                } else {
                    Creation::Exists(Box::new(known))
                })
            }
            Err(error) => Err(TableError::of(&error)),
        }
    }

    async fn find(&self, intent_key: &IntentKey) -> Result<Option<Intent>, TableError> {
        let Some(name) = self.get(&partition_of(intent_key)).await? else {
            return Ok(None);
        };
        // Only we write it.
        let id = read_text(&name, ID).parse();
        self.read(id.map_err(|_| TableError::Unreadable)?).await
    }

    async fn read(&self, id: IntentId) -> Result<Option<Intent>, TableError> {
        let item = self.get(&partition(id)).await?;
        item.as_ref().map(read).transpose()
    }

    async fn update<T: Send + 'static>(
        &self,
        id: IntentId,
        change: impl Fn(Intent) -> (Option<Intent>, T) + Send + Sync + 'static,
    ) -> Result<Option<T>, TableError> {
        for attempt in 1..=ATTEMPTS {
            let Some(found) = self.get(&partition(id)).await? else {
                return Ok(None);
            };
            let (write, outcome) = change(read(&found)?);
            let Some(intent) = write else {
                return Ok(Some(outcome));
            };
            let put = self
                .client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(item(&intent, self.expires_at(&intent))))
                .condition_expression("#version = :read")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":read", number(read_number(&found, VERSION)))
                .send()
                .await;
            match TableError::unless_changed(put) {
                Ok(true) => return Ok(Some(outcome)),
                Ok(false) | Err(TableError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(CONTENTION.jittered(attempt, random::number())).await;
        }
        Err(TableError::Contended { attempts: ATTEMPTS })
    }

    async fn due(&self, now: UnixSeconds, limit: usize) -> Result<Vec<IntentId>, TableError> {
        let parts = (0..SHARDS).map(|shard| self.due_of(shard, now, limit));
        let found: BTreeMap<_, _> = try_join_all(parts).await?.into_iter().flatten().collect();
        Ok(found.into_values().take(limit).collect())
    }
}

impl RecoveryTable {
    fn expires_at(&self, intent: &Intent) -> u64 {
        let valid_until = intent.valid_until().get();
        valid_until.saturating_add(self.kept_secs)
    }

    async fn due_of(
        &self,
        shard: u64,
        now: UnixSeconds,
        limit: usize,
    ) -> Result<Vec<((u64, String), IntentId)>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(INDEX)
            .key_condition_expression("#shard = :shard AND #at <= :now")
            .expression_attribute_names("#shard", SHARD)
            .expression_attribute_names("#at", LOOK_AT)
            .expression_attribute_values(":shard", number(shard))
            .expression_attribute_values(":now", number(now.get()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| TableError::of(&error))?;
        let items = answer.items.unwrap_or_default();
        let due = items.iter().filter_map(|item| {
            let pk = read_text(item, PK);
            let id = pk.strip_prefix("intent#")?.parse().ok()?;
            Some(((read_number(item, LOOK_AT), pk), id))
        });
        Ok(due.collect())
    }
}
