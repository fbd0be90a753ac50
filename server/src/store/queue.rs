use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::Envelope;

use super::{error::StoreError, open::Store};

/// How long a callback may wait for the disk before its sender has to retry.
const HANDOFF_LIMIT: Duration = Duration::from_secs(5);

/// Further than this ahead nothing is put off, in milliseconds: what claims to be was written by a
/// clock that has been put back since.
const LONGEST_PAUSE_MS: u64 = 60_000;

/// One queued envelope.
#[derive(Debug)]
pub(crate) struct QueuedRow {
    pub(crate) seq: i64,
    pub(crate) tries: u32,
    pub(crate) envelope: String,
}

impl Store {
    /// Takes a callback into the queue. It is on the disk when this returns.
    pub(crate) async fn enqueue(&self, envelope: &Envelope<'_>) -> Result<(), StoreError> {
        let text = envelope.encode();
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("INSERT INTO queue (envelope) VALUES (?1)")?
                    .execute([&text])
            })
            .await?;
        self.queued.notify_one();
        Ok(())
    }

    /// Bounds how long a callback waits for the disk, and remembers how that went. Past the limit it
    /// may still be written: the retry then counts as a repeat.
    pub(crate) async fn accepting<T>(
        &self,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let accepted = within_limit(write).await;
        self.last_failure.record(&accepted);
        accepted
    }
}

async fn within_limit<T>(
    write: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let limit_secs = HANDOFF_LIMIT.as_secs();
    tokio::time::timeout(HANDOFF_LIMIT, write)
        .await
        .unwrap_or(Err(StoreError::TimedOut { limit_secs }))
}

impl Store {
    /// The oldest `limit` envelopes that wait to be processed and are not put off at `now_ms`.
    pub(crate) async fn queue_head(
        &self,
        now_ms: u64,
        limit: usize,
    ) -> Result<Vec<QueuedRow>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| {
            connection
                .prepare_cached(
                    // A clock that was put back does not put anything off for longer.
                    "SELECT seq, tries, envelope FROM queue \
                     WHERE retry_at NOT BETWEEN ?1 + 1 AND ?1 + ?2 ORDER BY seq LIMIT ?3",
                )?
                .query_map(params![now_ms, LONGEST_PAUSE_MS, limit], |row| {
                    Ok(QueuedRow {
                        seq: row.get(0)?,
                        tries: row.get(1)?,
                        envelope: row.get(2)?,
                    })
                })?
                .collect()
        })
        .await
    }

    /// Whether a write would go through now, as far as one that changes nothing and the last hand-off
    /// can tell: on a full disk there may be room for the one and not for a callback.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        if let Some(error) = self.last_failure.recent() {
            return Err(error);
        }
        within_limit(self.writer.write(|connection| {
            // Takes the write lock and a page, and leaves everything as it was.
            connection
                .prepare_cached("UPDATE queue SET tries = tries WHERE seq = 0")?
                .execute(())
        }))
        .await?;
        Ok(())
    }

    /// Takes processed envelopes out of the queue.
    pub(crate) async fn acknowledge(&self, seqs: Vec<i64>) -> Result<(), StoreError> {
        if seqs.is_empty() {
            return Ok(());
        }
        self.writer
            .write(move |connection| {
                let mut delete = connection.prepare_cached("DELETE FROM queue WHERE seq = ?1")?;
                for seq in &seqs {
                    delete.execute([seq])?;
                }
                Ok(())
            })
            .await
    }

    /// Puts an envelope off that could not be processed, after so many tries that count.
    pub(crate) async fn put_off(
        &self,
        seq: i64,
        tries: u32,
        retry_at_ms: u64,
    ) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("UPDATE queue SET tries = ?2, retry_at = ?3 WHERE seq = ?1")?
                    .execute(params![seq, tries, retry_at_ms])?;
                Ok(())
            })
            .await
    }

    /// Sets an envelope aside that is not going to be processed, with the cause, for a person.
    pub(crate) async fn set_aside(
        &self,
        seq: i64,
        cause: String,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO set_aside (cause, set_aside_at, envelope) \
                         SELECT ?2, ?3, envelope FROM queue WHERE seq = ?1",
                    )?
                    .execute(params![seq, cause, now.get()])?;
                connection
                    .prepare_cached("DELETE FROM queue WHERE seq = ?1")?
                    .execute([seq])?;
                Ok(())
            })
            .await
    }
}

/// When the oldest callback was received that waits to be processed. What is set aside is told to a
/// person, and not waited for: it may lie there for ever.
pub(super) fn oldest_queued(connection: &Connection) -> rusqlite::Result<Option<UnixSeconds>> {
    let envelope: Option<String> = connection
        .prepare_cached("SELECT envelope FROM queue ORDER BY seq LIMIT 1")?
        .query_row((), |row| row.get(0))
        .optional()?;
    // What cannot be read is set aside within moments.
    let envelope = envelope.as_deref().map(Envelope::decode);
    let envelope = envelope.and_then(Result::ok);
    Ok(envelope.map(|envelope| envelope.received_at()))
}

/// An envelope that is set aside.
#[derive(Debug, Serialize)]
pub struct SetAsideRow {
    /// What [`release`](Self::release) calls it by.
    pub id: i64,
    /// Why it could not be processed.
    pub cause: String,
    /// When, in seconds since 1970.
    pub set_aside_at: u64,
    /// How long the envelope is.
    pub bytes: u64,
}

impl SetAsideRow {
    /// All that is set aside, the oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn list(connection: &Connection) -> rusqlite::Result<Vec<Self>> {
        connection
            .prepare_cached(
                "SELECT seq, cause, set_aside_at, octet_length(envelope) FROM set_aside ORDER BY seq",
            )?
            .query_map((), |row| {
                Ok(Self {
                    id: row.get(0)?,
                    cause: row.get(1)?,
                    set_aside_at: row.get(2)?,
                    bytes: row.get(3)?,
                })
            })?
            .collect()
    }

    /// Puts one, or all where none is named, back into the queue, and tells how many.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn release(connection: &mut Connection, id: Option<i64>) -> rusqlite::Result<usize> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let released = transaction.execute(
            "INSERT INTO queue (envelope) \
             SELECT envelope FROM set_aside WHERE ?1 IS NULL OR seq = ?1 ORDER BY seq",
            [id],
        )?;
        transaction.execute("DELETE FROM set_aside WHERE ?1 IS NULL OR seq = ?1", [id])?;
        transaction.commit()?;
        Ok(released)
    }
}
