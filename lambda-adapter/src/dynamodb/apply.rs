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
use sinch_callback_pipeline::{Applied, CallbackRecord, Change, DeliveryLog, Novelty};

use super::{
    DeliveryTable, TableError,
    arrival::{UNRECOGNIZED, body_items, part_item, partition, sort_key},
    attributes::{
        Item, PK, SK, key, key_of, number, read_number, read_optional_text, read_text, text,
    },
    message::{self, Message, VERSION, log_entry, log_sort_key, recorded_change},
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
        let mut chunks: Vec<&[DeliveryReport]> = reports.chunks(REPORTS).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
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
        let parts: Vec<_> = parts.into_iter().zip(chunks).enumerate().collect();
        let mut changes = Vec::with_capacity(reports.len());
        for some in parts.chunks(AT_ONCE) {
            let done = some
                .iter()
                .map(|(number, (part, reports))| self.changes(&record, *number, part, reports));
            for part in join_all(done).await {
                changes.extend(part?);
            }
        }
        Ok(Applied { novelty, changes })
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
        reports: &[DeliveryReport],
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
        reports: &[DeliveryReport],
        again: Option<&Item>,
    ) -> Result<(Vec<TransactWriteItem>, Vec<Change>), TableError> {
        let received_at = record.envelope.received_at.get();
        let expires_at = received_at.saturating_add(self.retention.log_secs);
        let mut messages = self.messages(reports).await?;
        let mut entries = Vec::with_capacity(reports.len());
        let mut changes = Vec::with_capacity(reports.len());
        for (index, report) in numbered(part, reports) {
            let message = messages
                .entry(report.message_id.clone())
                .or_insert_with(|| Message::new(report, received_at));
            let change = message.apply(report, received_at);
            entries.push(log_entry(
                record.envelope,
                index,
                report,
                change,
                expires_at,
            ));
            changes.push(change);
        }

        let item = part_item(record, part, expires_at);
        let mut writes = vec![match again {
            Some(known) => self.put_again(item, known)?,
            None => self.put_new(item)?,
        }];
        for message in messages.into_values() {
            writes.push(self.put_message(message, received_at)?);
        }
        for entry in entries {
            writes.push(self.put(entry)?);
        }
        Ok((writes, changes))
    }

    /// The messages that reports speak of, as far as they are known.
    async fn messages(
        &self,
        reports: &[DeliveryReport],
    ) -> Result<BTreeMap<String, Message>, TableError> {
        let ids: BTreeSet<_> = reports.iter().map(|report| &report.message_id).collect();
        let keys = ids
            .iter()
            .map(|id| key(&message::partition(id), message::STATE));
        let items = self.get(keys.collect()).await?;
        Ok(items
            .into_iter()
            .map(|item| (read_text(&item, "message_id"), Message::of_item(item)))
            .collect())
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
        number: usize,
        part: &Part,
        reports: &[DeliveryReport],
    ) -> Result<Vec<Change>, TableError> {
        match part {
            Part::Recorded(changes) => Ok(changes.clone()),
            Part::Known { received_at, .. } => {
                self.recorded(record, number, *received_at, reports).await
            }
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
        part: usize,
        received_at: u64,
        reports: &[DeliveryReport],
    ) -> Result<Vec<Change>, TableError> {
        let content_key = record.envelope.content_key.to_string();
        let keys: Vec<Item> = numbered(part, reports)
            .map(|(index, report)| {
                let sort_key = log_sort_key(received_at, &content_key, index);
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
            state: None,
        };
        Ok(keys
            .iter()
            .map(|key| found.get(&key_of(key)).copied().unwrap_or(gone))
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

    /// Writes a message on the condition that it still is what was read.
    fn put_message(
        &self,
        message: Message,
        received_at: u64,
    ) -> Result<TransactWriteItem, TableError> {
        let read = message.version();
        let expires_at = received_at.saturating_add(self.retention.state_secs);
        let put = Put::builder().set_item(Some(message.into_item(expires_at)));
        self.write(if read == 0 {
            put.condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PK)
        } else {
            put.condition_expression("#version = :read")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":read", AttributeValue::N(read.to_string()))
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

/// A part's reports with their places in the callback.
fn numbered(
    part: usize,
    reports: &[DeliveryReport],
) -> impl Iterator<Item = (usize, &DeliveryReport)> {
    let first = part.saturating_mul(REPORTS);
    reports
        .iter()
        .enumerate()
        .map(move |(index, report)| (first.saturating_add(index), report))
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
