//! Callbacks as a whole: those that are listed or archived, with their bodies, and cursors.

use futures_util::future::join_all;
use sinch_callback::{ContentKey, Unrecognized, scheme::SchemeName};
use sinch_callback_pipeline::{
    Envelope,
    messages::{Callbacks, Cursor, KeptFor, Novelty},
};

use super::{
    ATTEMPTS, CONTENTION, DeliveryTable,
    attributes::{Item, PK, SK, key, number, read_number, read_optional_text, read_text, text},
    error::TableError,
    packed::{binary, pack},
    record::EXPIRES_AT,
};
use crate::{clock::Clock, random};

/// Bytes of a body that stand in one item, of the 400 KB that one may have
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const BODY_BYTES: usize = 300_000;

const PREFIX: &str = "callback#";
/// The sort key of the callback itself, with the first piece of its body.
pub(super) const CALLBACK: &str = "callback";
/// Why the callback, or a part of it, was not understood; absent where all of it was.
pub(super) const UNRECOGNIZED: &str = "unrecognized";
/// The name of the scheme that it is signed by; absent of the Conversation and the SMS API's.
pub(super) const SCHEME: &str = "scheme";
pub(super) const BODY: &str = "body";
/// The body's length where its pieces together are deflated; earlier versions wrote it as it was.
pub(super) const DEFLATED: &str = "deflated";
const CURSOR: &str = "cursor";

/// The partition of a callback.
pub(super) fn partition(content_key: &str) -> String {
    format!("{PREFIX}{content_key}")
}

/// The content key of a callback's partition; `None` of another partition.
pub(super) fn content_key(partition: &str) -> Option<&str> {
    partition.strip_prefix(PREFIX)
}

fn batch(content_key: ContentKey) -> String {
    format!("batch#{content_key}")
}

impl Callbacks for DeliveryTable {
    async fn keep(&self, envelope: &Envelope<'_>, why: KeptFor) -> Result<Novelty, TableError> {
        // What is queued again has been kept, and may be understood by now.
        let is_kept = self.archives || why.is_kept();
        if !is_kept && !envelope.is_kept() {
            return Ok(Novelty::New);
        }
        let why = why.unrecognized.map(Unrecognized::as_str);
        for attempt in 1..=ATTEMPTS {
            match self.try_keep(envelope, why, is_kept).await {
                Ok(Some(novelty)) => return Ok(novelty),
                Ok(None) | Err(TableError::Busy(_)) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(CONTENTION.jittered(attempt, random::number())).await;
        }
        Err(TableError::Contended { attempts: ATTEMPTS })
    }

    async fn cursor(&self, content_key: ContentKey) -> Result<Option<Cursor>, TableError> {
        let item = self.get(&batch(content_key), CURSOR, None).await?;
        let read = |item: &Item, name| usize::try_from(read_number(item, name)).unwrap_or_default();
        Ok(item.map(|item| Cursor {
            done: read(&item, "done"),
            of: read(&item, "of"),
        }))
    }

    async fn set_cursor(
        &self,
        content_key: ContentKey,
        cursor: Option<Cursor>,
    ) -> Result<(), TableError> {
        let partition = batch(content_key);
        let Some(cursor) = cursor else {
            return self.delete(&partition, CURSOR).await;
        };
        let count = |count| number(u64::try_from(count).unwrap_or(u64::MAX));
        let mut item = key(&partition, CURSOR);
        item.insert("done".into(), count(cursor.done));
        item.insert("of".into(), count(cursor.of));
        let until = Clock::System.now().get();
        let until = until.saturating_add(self.retention.log_secs);
        item.insert(EXPIRES_AT.into(), number(until));
        self.put(item).await
    }
}

impl DeliveryTable {
    /// Keeps a callback; `None` where somebody else was faster.
    async fn try_keep(
        &self,
        envelope: &Envelope<'_>,
        why: Option<&str>,
        is_kept: bool,
    ) -> Result<Option<Novelty>, TableError> {
        let content_key = envelope.content_key().to_string();
        let partition = partition(&content_key);
        let known = self
            .get(&partition, CALLBACK, Some("request_id, unrecognized"))
            .await?;
        let Some(known) = known else {
            let is_new = !is_kept || self.put_callback(envelope, why).await?;
            return Ok(is_new.then_some(Novelty::New));
        };
        let was = read_optional_text(&known, UNRECOGNIZED);
        if was.as_deref() != why {
            self.relist(&content_key, was, why, is_kept).await
        } else if read_text(&known, "request_id") == envelope.request_id() {
            Ok(Some(Novelty::Redelivered))
        } else {
            self.count_repeat(envelope).await?;
            Ok(Some(Novelty::Repeated))
        }
    }

    /// Puts a callback with its body; whether there was none. What one item does not hold of the body
    /// is put before anything refers to it, and putting it again changes nothing.
    async fn put_callback(
        &self,
        envelope: &Envelope<'_>,
        why: Option<&str>,
    ) -> Result<bool, TableError> {
        let partition = partition(&envelope.content_key().to_string());
        let received_at = envelope.received_at().get();
        let expires_at = received_at.saturating_add(self.retention.log_secs);
        let deflated = pack(envelope.body());
        let mut pieces = deflated.chunks(BODY_BYTES);
        let mut item = key(&partition, CALLBACK);
        item.insert("kind".into(), text(envelope.kind()));
        if envelope.scheme() != SchemeName::Conversation {
            item.insert(SCHEME.into(), text(envelope.scheme().as_str()));
        }
        item.insert("request_id".into(), text(envelope.request_id()));
        item.insert("received_at".into(), number(received_at));
        item.insert("signed_at".into(), number(envelope.signed_at().get()));
        item.insert(
            "secret_slot".into(),
            number(envelope.secret_slot().index().into()),
        );
        item.insert("repeats".into(), number(0));
        item.insert(EXPIRES_AT.into(), number(expires_at));
        let bytes = u64::try_from(envelope.body().len()).unwrap_or(u64::MAX);
        item.insert(DEFLATED.into(), number(bytes));
        item.insert(
            BODY.into(),
            binary(pieces.next().unwrap_or_default().to_vec()),
        );
        item.extend(why.map(|why| (UNRECOGNIZED.into(), text(why))));
        let rest = pieces.enumerate().map(|(place, piece)| {
            let number_of_piece = place.saturating_add(1);
            let mut item = key(&partition, &format!("body#{number_of_piece:04}"));
            item.insert(BODY.into(), binary(piece.to_vec()));
            item.insert(EXPIRES_AT.into(), number(expires_at));
            self.put(item)
        });
        for put in join_all(rest).await {
            put?;
        }
        self.put_new(item).await
    }

    /// Lists a callback for another reason, or no longer: a newer version has read more of it.
    async fn relist(
        &self,
        content_key: &str,
        was: Option<String>,
        why: Option<&str>,
        is_kept: bool,
    ) -> Result<Option<Novelty>, TableError> {
        if !is_kept {
            for item in self.bodies(content_key).await? {
                self.delete(&read_text(&item, PK), &read_text(&item, SK))
                    .await?;
            }
            self.delete(&partition(content_key), CALLBACK).await?;
            return Ok(Some(Novelty::New));
        }
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(&partition(content_key), CALLBACK)))
            .expression_attribute_names("#why", UNRECOGNIZED);
        let update = match why {
            Some(why) => update
                .update_expression("SET #why = :why")
                .expression_attribute_values(":why", text(why)),
            None => update.update_expression("REMOVE #why"),
        };
        let update = match was {
            Some(was) => update
                .condition_expression("#why = :was")
                .expression_attribute_values(":was", text(was)),
            None => update
                .condition_expression("attribute_exists(#pk) AND attribute_not_exists(#why)")
                .expression_attribute_names("#pk", PK),
        };
        let is_done = TableError::unless_changed(update.send().await)?;
        Ok(is_done.then_some(Novelty::New))
    }

    /// Counts a repeat once, however often the queue hands it out.
    async fn count_repeat(&self, envelope: &Envelope<'_>) -> Result<(), TableError> {
        let counted = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(
                &partition(&envelope.content_key().to_string()),
                CALLBACK,
            )))
            .update_expression(
                "SET last_repeat_at = :at, last_repeat_by = :by, repeats = repeats + :one",
            )
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(last_repeat_by) OR last_repeat_by <> :by)",
            )
            .expression_attribute_values(":at", number(envelope.received_at().get()))
            .expression_attribute_values(":by", text(envelope.request_id()))
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        TableError::unless_changed(counted).map(|_| ())
    }
}
