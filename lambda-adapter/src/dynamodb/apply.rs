use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, KeysAndAttributes, Put, TransactWriteItem,
        builders::{KeysAndAttributesBuilder, PutBuilder},
    },
};
use futures_util::future::join_all;
use sinch_callback::{DeliveryReport, Unrecognized};
use sinch_callback_pipeline::{
    Applied, CallbackRecord, Change, DeliveryLog, Message, Novelty, Placed, by_message,
};

use super::{
    DeliveryTable, TableError,
    arrival::{UNRECOGNIZED, body_items, part_item, partition, sort_key},
    attributes::{
        Item, PK, SK, key, key_of, number, read_number, read_optional_text, read_text, text,
    },
    message::{self, EXPIRES_AT, VERSION, log_entry, log_sort_key, recorded_change},
};
use crate::{AwsError, backoff::Backoff, random};

/// Reports in one transaction, which takes a hundred items: for each report its log entry and its
/// message, and besides the callback
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const REPORTS: usize = 40;
/// Parts of one callback at once: a report on tens of thousands of recipients has to be recorded
/// within one invocation. Our own choice.
const AT_ONCE: usize = 16;
/// How often to try when others change the same messages at the same time.
const ATTEMPTS: u32 = 8;
/// The waits between those.
const CONTENTION: Backoff = Backoff {
    first_ms: 10,
    longest_ms: 500,
};
/// How often to ask for what a busy table has left out of an answer.
const READS: u32 = 5;

/// What was read of a message's item beside the message.
#[derive(Clone, Copy)]
struct Read {
    version: u64,
    expires_at: u64,
}

/// What became of one part.
enum Part {
    Recorded(Vec<Change>),
    /// It had been recorded before, by this arrival.
    Known {
        request_id: String,
        received_at: u64,
    },
}

impl DeliveryLog for DeliveryTable {
    type Error = TableError;

    async fn apply(&self, record: CallbackRecord<'_>) -> Result<Applied, TableError> {
        let reports = record.content.map_or(&[][..], |callback| &callback.reports);
        let chunks = chunks(reports);
        self.put_body(&record).await?;
        let mut parts = Vec::with_capacity(chunks.len());
        let numbered: Vec<_> = chunks.iter().enumerate().collect();
        for some in numbered.chunks(AT_ONCE) {
            let recorded = some
                .iter()
                .map(|(number, reports)| self.record(&record, *number, reports));
            for part in join_all(recorded).await {
                parts.push(part?);
            }
        }
        let novelty = novelty(&parts, &record.envelope.request_id);
        if novelty == Novelty::Repeated {
            self.count_repeat(&record).await?;
            return Ok(Applied {
                novelty,
                changes: Vec::new(),
            });
        }
        let parts: Vec<_> = parts.into_iter().zip(&chunks).collect();
        let mut changes = BTreeMap::new();
        for some in parts.chunks(AT_ONCE) {
            let done = some
                .iter()
                .map(|(part, reports)| self.changes(&record, part, reports));
            for ((_, reports), done) in some.iter().zip(join_all(done).await) {
                changes.extend(reports.iter().map(|(place, _)| *place).zip(done?));
            }
        }
        Ok(Applied {
            novelty,
            changes: changes.into_values().collect(),
        })
    }
}

/// New is what nobody had recorded; a repeat is what another arrival had recorded whole. Anything
/// between is the rest of work that broke off, and its events follow once more.
fn novelty(parts: &[Part], request_id: &str) -> Novelty {
    let by_other = |part: &Part| match part {
        Part::Recorded(_) => false,
        Part::Known { request_id: by, .. } => by != request_id,
    };
    if parts.iter().all(|part| matches!(part, Part::Recorded(_))) {
        Novelty::New
    } else if parts.iter().all(by_other) {
        Novelty::Repeated
    } else {
        Novelty::Redelivered
    }
}

impl DeliveryTable {
    /// Records a part of a callback in one transaction, unless it has been recorded.
    async fn record(
        &self,
        record: &CallbackRecord<'_>,
        part: usize,
        reports: &[Placed<'_>],
    ) -> Result<Part, TableError> {
        // The item of a callback that no version had understood until now.
        let mut again = None;
        for attempt in 1..=ATTEMPTS {
            let (writes, changes) = self.writes(record, part, reports, again.as_ref()).await?;
            let written = self
                .client
                .transact_write_items()
                .set_transact_items(Some(writes))
                .send()
                .await;
            let error = match written {
                Ok(_) => return Ok(Part::Recorded(changes)),
                Err(error) => error,
            };
            match cancelled(&error) {
                // Nothing was written: the first of the writes says that the part is there.
                Some(codes) if codes.first().is_some_and(|code| code == CONDITION) => {
                    match self.known(record, part).await? {
                        Some(item) if is_understood_now(&item, record) => again = Some(item),
                        Some(item) => return Ok(Part::known(&item)),
                        None => again = None,
                    }
                }
                Some(codes) if codes.iter().any(|code| code == INVALID) => {
                    return Err(TableError::Invalid(AwsError::of(&error)));
                }
                Some(codes) if codes.iter().any(|code| PASSING.contains(&code.as_str())) => {}
                None if error.code().is_some_and(|code| BUSY.contains(&code)) => {}
                _ => return Err(TableError::of(&error)),
            }
            tokio::time::sleep(CONTENTION.jittered(attempt, random::number())).await;
        }
        Err(TableError::Contended { attempts: ATTEMPTS })
    }

    /// All that is to be written for a part, each on the condition that nobody was faster.
    async fn writes(
        &self,
        record: &CallbackRecord<'_>,
        part: usize,
        reports: &[Placed<'_>],
        again: Option<&Item>,
    ) -> Result<(Vec<TransactWriteItem>, Vec<Change>), TableError> {
        let envelope = record.envelope;
        let received_at = envelope.received_at;
        let expires_at = received_at.get().saturating_add(self.retention.log_secs);
        let mut known = self.messages(reports).await?;
        let mut messages = Vec::with_capacity(reports.len());
        let mut entries = Vec::with_capacity(reports.len());
        let mut changes = Vec::with_capacity(reports.len());
        for of_message in
            reports.chunk_by(|(_, one), (_, other)| one.message_id == other.message_id)
        {
            let Some((_, first)) = of_message.first() else {
                continue;
            };
            let found = known.remove(&first.message_id);
            let read = found.as_ref().map(|(read, _)| *read);
            let mut message = found
                .map(|(_, message)| message)
                .unwrap_or_else(|| Message::new(&first.message_id, first.subject, received_at));
            let done = message.apply(envelope.content_key, received_at, of_message);
            messages.push((read, message));
            for ((place, report), change) in of_message.iter().zip(&done) {
                entries.push(log_entry(envelope, *place, report, change, expires_at));
            }
            changes.extend(done);
        }

        let item = part_item(record, part, expires_at);
        let mut writes = vec![match again {
            Some(known) => self.put_again(item, known)?,
            None => self.put_new(item)?,
        }];
        for (read, message) in &messages {
            writes.push(self.put_message(*read, message)?);
        }
        for entry in entries {
            writes.push(self.put(entry)?);
        }
        Ok((writes, changes))
    }

    /// The messages that reports speak of, as far as they are known.
    async fn messages(
        &self,
        reports: &[Placed<'_>],
    ) -> Result<BTreeMap<String, (Read, Message)>, TableError> {
        let ids: BTreeSet<_> = reports
            .iter()
            .map(|(_, report)| &report.message_id)
            .collect();
        let keys = ids
            .iter()
            .map(|id| key(&message::partition(id), message::STATE));
        let items = self.get(keys.collect()).await?;
        items
            .iter()
            .map(|item| {
                let message = message::read(item)?;
                let read = Read {
                    version: message.version,
                    expires_at: read_number(item, EXPIRES_AT),
                };
                Ok((message.message_id.clone(), (read, message)))
            })
            .collect()
    }

    /// The item that says by which arrival a part was recorded; `None` where it was not, or is gone.
    async fn known(
        &self,
        record: &CallbackRecord<'_>,
        part: usize,
    ) -> Result<Option<Item>, TableError> {
        let content_key = record.envelope.content_key.to_string();
        let items = self
            .get(vec![key(&partition(&content_key), &sort_key(part))])
            .await?;
        Ok(items.into_iter().next())
    }

    /// What the reports of a part did, whether now or earlier.
    async fn changes(
        &self,
        record: &CallbackRecord<'_>,
        part: &Part,
        reports: &[Placed<'_>],
    ) -> Result<Vec<Change>, TableError> {
        match part {
            Part::Recorded(changes) => Ok(changes.clone()),
            Part::Known { received_at, .. } => self.recorded(record, *received_at, reports).await,
        }
    }

    /// Puts what one item does not hold of a body, before anything refers to it: a transaction takes
    /// 4 MB, and a body may have more. Putting it again changes nothing, since its key is of its
    /// content.
    async fn put_body(&self, record: &CallbackRecord<'_>) -> Result<(), TableError> {
        let received_at = record.envelope.received_at.get();
        let expires_at = received_at.saturating_add(self.retention.log_secs);
        let puts = body_items(record, expires_at).into_iter().map(|item| {
            self.client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(item))
                .send()
        });
        for put in join_all(puts).await {
            put.map_err(|error| TableError::of(&error))?;
        }
        Ok(())
    }

    /// What the reports of a part did when it was recorded.
    async fn recorded(
        &self,
        record: &CallbackRecord<'_>,
        received_at: u64,
        reports: &[Placed<'_>],
    ) -> Result<Vec<Change>, TableError> {
        let content_key = record.envelope.content_key.to_string();
        let keys: Vec<Item> = reports
            .iter()
            .map(|(place, report)| {
                let sort_key = log_sort_key(received_at, &content_key, *place);
                key(&message::partition(&report.message_id), &sort_key)
            })
            .collect();
        let found: HashMap<_, _> = self
            .get(keys.clone())
            .await?
            .into_iter()
            .map(|item| (key_of(&item), recorded_change(&item)))
            .collect();
        // An entry that has expired tells nothing any more.
        let gone = Change {
            step: sinch_callback::Step::Unknown,
            from: None,
            state: None,
            version: 0,
            contradicted: false,
            contradicts: false,
            said: None,
        };
        Ok(keys
            .iter()
            .map(|key| found.get(&key_of(key)).unwrap_or(&gone).clone())
            .collect())
    }

    /// Counts a repeat once, however often the queue hands it out.
    async fn count_repeat(&self, record: &CallbackRecord<'_>) -> Result<(), TableError> {
        let envelope = record.envelope;
        let counted = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(
                &partition(&envelope.content_key.to_string()),
                &sort_key(0),
            )))
            .update_expression(
                "SET last_repeat_at = :at, last_repeat_by = :by, repeats = repeats + :one",
            )
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(last_repeat_by) OR last_repeat_by <> :by)",
            )
            .expression_attribute_values(":at", number(envelope.received_at.get()))
            .expression_attribute_values(":by", text(envelope.request_id.as_ref()))
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        match counted {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(TableError::of(&error)),
        }
    }

    /// The items of these keys that exist, as they are now. At most a hundred keys.
    async fn get(&self, keys: Vec<Item>) -> Result<Vec<Item>, TableError> {
        self.get_as(KeysAndAttributes::builder(), keys).await
    }

    /// What `wanted` names of the items of these keys that exist.
    pub(super) async fn get_as(
        &self,
        wanted: KeysAndAttributesBuilder,
        keys: Vec<Item>,
    ) -> Result<Vec<Item>, TableError> {
        let mut found = Vec::with_capacity(keys.len());
        let mut rest = keys;
        for attempt in 1..=READS {
            if rest.is_empty() {
                return Ok(found);
            }
            let wanted = wanted
                .clone()
                .set_keys(Some(rest))
                .consistent_read(true)
                .build()
                .map_err(|error| AwsError::of(&error))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.name, wanted)
                .send()
                .await
                .map_err(|error| TableError::of(&error))?;
            let mut tables = answer.responses.unwrap_or_default();
            found.extend(tables.remove(&self.name).unwrap_or_default());
            let unread = answer.unprocessed_keys.unwrap_or_default();
            rest = unread
                .get(&self.name)
                .map(|keys| keys.keys().to_vec())
                .unwrap_or_default();
            if !rest.is_empty() {
                tokio::time::sleep(CONTENTION.jittered(attempt, random::number())).await;
            }
        }
        if rest.is_empty() {
            Ok(found)
        } else {
            Err(TableError::Unread)
        }
    }

    fn put(&self, item: Item) -> Result<TransactWriteItem, TableError> {
        self.write(Put::builder().set_item(Some(item)))
    }

    /// Puts the item of a callback that is understood now, on the condition that nobody was faster.
    /// How often it came stays known.
    fn put_again(&self, mut item: Item, known: &Item) -> Result<TransactWriteItem, TableError> {
        for name in ["repeats", "last_repeat_at", "last_repeat_by"] {
            item.extend(known.get(name).map(|value| (name.into(), value.clone())));
        }
        let why = text(read_text(known, UNRECOGNIZED));
        self.write(
            Put::builder()
                .set_item(Some(item))
                .condition_expression("#why = :why")
                .expression_attribute_names("#why", UNRECOGNIZED)
                .expression_attribute_values(":why", why),
        )
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, TableError> {
        self.write(
            Put::builder()
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(#pk) AND attribute_not_exists(#sk)")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#sk", SK),
        )
    }

    /// Writes a message on the condition that it still has the version that was read. A report that
    /// changes nothing leaves the version as it is, and so holds up nobody.
    fn put_message(
        &self,
        read: Option<Read>,
        message: &Message,
    ) -> Result<TransactWriteItem, TableError> {
        // Not before it would have expired already: reports may be handed out late.
        let expires_at = message
            .updated_at
            .saturating_add(self.retention.state_secs)
            .max(read.map_or(0, |read| read.expires_at));
        let put = Put::builder().set_item(Some(message::item(message, expires_at)));
        self.write(match read {
            None => put
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PK),
            Some(Read { version, .. }) => put
                .condition_expression("#version = :read")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":read", AttributeValue::N(version.to_string())),
        })
    }

    fn write(&self, put: PutBuilder) -> Result<TransactWriteItem, TableError> {
        let put = put
            .table_name(&self.name)
            .build()
            .map_err(|error| AwsError::of(&error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// Whether a recorded callback was listed as not understood for another reason than there is now, if
/// there is one: then a newer version has read more of it.
fn is_understood_now(item: &Item, record: &CallbackRecord<'_>) -> bool {
    let now = record.unrecognized().map(Unrecognized::as_str);
    read_optional_text(item, UNRECOGNIZED).is_some_and(|why| Some(why.as_str()) != now)
}

impl Part {
    fn known(item: &Item) -> Self {
        Self::Known {
            request_id: read_text(item, "request_id"),
            received_at: read_number(item, "received_at"),
        }
    }
}

/// The parts of a callback: reports on one message stand together in one, so that an arrival changes
/// it once. Only more reports on one message than a transaction takes go into several.
fn chunks(reports: &[DeliveryReport]) -> Vec<Vec<Placed<'_>>> {
    let mut chunks = vec![Vec::new()];
    for (_, of_message) in by_message(reports) {
        for some in of_message.chunks(REPORTS) {
            match chunks.last_mut() {
                Some(last) if last.len().saturating_add(some.len()) <= REPORTS => {
                    last.extend_from_slice(some);
                }
                _ => chunks.push(some.to_vec()),
            }
        }
    }
    chunks
}

const CONDITION: &str = "ConditionalCheckFailed";
/// What goes away when the transaction is tried again.
const PASSING: [&str; 4] = [
    CONDITION,
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
];
/// What stays as long as the transaction does: an item that the table does not take.
const INVALID: &str = "ValidationError";
/// Errors of a whole call that say the table is busy. The SDK has tried again by then, too soon for
/// a table that grows.
const BUSY: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// Why each write of a cancelled transaction was not done; `None` where it failed otherwise.
fn cancelled(error: &SdkError<TransactWriteItemsError>) -> Option<Vec<String>> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => Some(
            cancelled
                .cancellation_reasons()
                .iter()
                .map(|reason| reason.code().unwrap_or_default().to_owned())
                .collect(),
        ),
        _ => None,
    }
}
