use rusqlite::params;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::{DeliveryEvent, Notifier};

use super::{Store, StoreError};
use crate::clock::Clock;

/// The notifier that keeps events until an outgoing webhook has taken them.
#[derive(Clone)]
pub(crate) struct Outbox {
    store: Store,
    /// Off where nobody is to be notified.
    clock: Option<Clock>,
}

/// An event that is due.
#[derive(Debug)]
pub(crate) struct OutboxEntry {
    pub(crate) seq: i64,
    pub(crate) event: String,
    pub(crate) attempts: u32,
}

impl Outbox {
    pub(crate) fn new(store: Store, clock: Option<Clock>) -> Self {
        Self { store, clock }
    }
}

impl Notifier for Outbox {
    type Error = StoreError;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), StoreError> {
        let Some(clock) = self.clock else {
            return Ok(());
        };
        let events: Vec<_> = events
            .iter()
            // Texts and numbers under fixed names have no way to fail.
            .map(|event| {
                (
                    event.id.clone(),
                    serde_json::to_string(event).unwrap_or_default(),
                )
            })
            .collect();
        let due_at = seconds(clock.now());
        self.store
            .writer
            .write(move |connection| {
                let mut insert = connection.prepare_cached(
                    "INSERT INTO outbox (event_id, event, due_at) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (event_id) DO NOTHING",
                )?;
                for (id, event) in &events {
                    insert.execute(params![id, event, due_at])?;
                }
                Ok(())
            })
            .await
    }
}

impl Store {
    /// The events that are due, the one that has waited longest first.
    pub(crate) async fn outbox_due(
        &self,
        now: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT seq, event, attempts FROM outbox \
                     WHERE given_up IS NULL AND due_at <= ?1 ORDER BY due_at, seq LIMIT ?2",
                )?
                .query_map(params![seconds(now), limit], |row| {
                    Ok(OutboxEntry {
                        seq: row.get(0)?,
                        event: row.get(1)?,
                        attempts: row.get(2)?,
                    })
                })?
                .collect()
        })
        .await
    }

    /// Forgets an event that has been taken.
    pub(crate) async fn outbox_taken(&self, seq: i64) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("DELETE FROM outbox WHERE seq = ?1")?
                    .execute([seq])?;
                Ok(())
            })
            .await
    }

    /// Puts an event off until `due_at`, or gives it up for `cause`.
    pub(crate) async fn outbox_put_off(
        &self,
        seq: i64,
        due_at: Option<UnixSeconds>,
        cause: String,
    ) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let given_up = due_at.is_none().then_some(cause);
                connection
                    .prepare_cached(
                        "UPDATE outbox SET attempts = attempts + 1, given_up = ?3, \
                         due_at = coalesce(?2, due_at) WHERE seq = ?1",
                    )?
                    .execute(params![seq, due_at.map(seconds), given_up])?;
                Ok(())
            })
            .await
    }
}

fn seconds(moment: UnixSeconds) -> i64 {
    i64::try_from(moment.get()).unwrap_or(i64::MAX)
}
