use std::time::Duration;

use rusqlite::params;
use sinch_callback_pipeline::{Envelope, Handoff};

use super::{Store, StoreError};

/// How long a callback may wait for the disk before its sender is asked to come again.
const HANDOFF_LIMIT: Duration = Duration::from_secs(5);

/// One queued envelope.
#[derive(Debug)]
pub(crate) struct QueuedRow {
    pub(crate) seq: i64,
    pub(crate) envelope: String,
}

impl Handoff for Store {
    type Error = StoreError;

    async fn send(&self, envelope: Envelope<'_>) -> Result<(), StoreError> {
        let text = envelope.encode();
        // Past the limit it may still be written: the retry then counts as a repeat.
        let sent = within_limit(self.writer.write(move |connection| {
            connection
                .prepare_cached("INSERT INTO queue (envelope) VALUES (?1)")?
                .execute([text])
        }))
        .await;
        self.last_failure.record(&sent);
        sent?;
        self.queued.notify_one();
        Ok(())
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
    /// The oldest `limit` envelopes that wait to be processed.
    pub(crate) async fn queue_head(&self, limit: usize) -> Result<Vec<QueuedRow>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT seq, envelope FROM queue WHERE dead_cause IS NULL ORDER BY seq LIMIT ?1",
                )?
                .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                    Ok(QueuedRow {
                        seq: row.get(0)?,
                        envelope: row.get(1)?,
                    })
                })?
                .collect()
        })
        .await
    }

    /// How many envelopes wait to be processed, by the span of their numbers: at most a few more
    /// than there are.
    pub(crate) async fn queue_depth(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT coalesce(1 \
                     + (SELECT seq FROM queue WHERE dead_cause IS NULL ORDER BY seq DESC LIMIT 1) \
                     - (SELECT seq FROM queue WHERE dead_cause IS NULL ORDER BY seq LIMIT 1), 0)",
                )?
                .query_row((), |row| row.get(0))
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
                .prepare_cached("UPDATE queue SET dead_cause = dead_cause WHERE seq = 0")?
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
                for seq in seqs {
                    delete.execute([seq])?;
                }
                Ok(())
            })
            .await
    }

    /// Sets an envelope aside that can never be processed, with the cause.
    pub(crate) async fn set_aside(&self, seq: i64, cause: String) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("UPDATE queue SET dead_cause = ?2 WHERE seq = ?1")?
                    .execute(params![seq, cause])?;
                Ok(())
            })
            .await
    }
}
