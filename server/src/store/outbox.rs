use rusqlite::{Connection, params};
use serde::Serialize;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::{CallbackEvent, DeliveryEvent, Notifier, listening::CallbacksEvent};
use sinch_callback_recovery::{IntentEvent, IntentId};

use super::{error::StoreError, moment::seconds, open::Store, suppressions::Wish};
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
    /// What its events are ordered by: the message's id.
    pub(crate) message: String,
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
        self.keep(events.iter().map(Kept::of).collect()).await
    }

    async fn notify_of_callback(&self, events: &[CallbackEvent<'_>]) -> Result<(), StoreError> {
        // Whether anybody is told or not: whoever has opted out is sent nothing.
        self.store
            .take_wishes(events.iter().filter_map(Wish::of).collect())
            .await?;
        self.keep(events.iter().map(Kept::of_callback).collect())
            .await
    }
}

impl Outbox {
    async fn keep(&self, events: Vec<Kept>) -> Result<(), StoreError> {
        let Some(clock) = self.clock else {
            return Ok(());
        };
        let now = clock.now();
        self.store
            .writer
            .write(move |connection| {
                for event in &events {
                    event.insert(connection, now)?;
                }
                Ok(())
            })
            .await?;
        self.store.events.notify_one();
        Ok(())
    }
}

/// An event as it is kept.
pub(super) struct Kept {
    id: String,
    /// What it is ordered by: the message's id, or what a callback's event says of that.
    message: String,
    text: String,
}

impl Kept {
    pub(super) fn of(event: &DeliveryEvent<'_>) -> Self {
        Self {
            id: event.id.clone(),
            message: event.message_id.to_string(),
            // Texts and numbers under fixed names have no way to fail.
            text: serde_json::to_string(event).unwrap_or_default(),
        }
    }

    fn of_callback(event: &CallbackEvent<'_>) -> Self {
        Self {
            id: event.id.clone(),
            message: event.order(),
            text: serde_json::to_string(event).unwrap_or_default(),
        }
    }

    pub(super) fn of_callbacks(event: &CallbacksEvent) -> Self {
        Self {
            id: event.id.clone(),
            message: CallbacksEvent::ORDER.into(),
            text: serde_json::to_string(event).unwrap_or_default(),
        }
    }

    fn of_intent(event: &IntentEvent) -> Self {
        Self {
            id: event.id.clone(),
            message: order_of(event.intent_id),
            text: serde_json::to_string(event).unwrap_or_default(),
        }
    }

    /// Keeps it, unless it is kept already. Behind an event that is put off, the next one of its
    /// message is too.
    pub(super) fn insert(&self, connection: &Connection, now: UnixSeconds) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO outbox (event_id, message, event, created_at, due_at) \
                 VALUES (?1, ?2, ?3, ?4, max(?4, coalesce((SELECT max(due_at) FROM outbox \
                 WHERE message = ?2 AND given_up IS NULL), 0))) \
                 ON CONFLICT (event_id) DO NOTHING",
            )?
            .execute(params![self.id, self.message, self.text, seconds(now)])?;
        Ok(())
    }
}

/// What the events of an intent are ordered by.
pub(super) fn order_of(intent: IntentId) -> String {
    format!("intent {intent}")
}

impl Store {
    /// Keeps events about intents.
    pub(crate) async fn keep_intent_events(
        &self,
        events: &[IntentEvent],
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let events: Vec<_> = events.iter().map(Kept::of_intent).collect();
        self.writer
            .write(move |connection| {
                for event in &events {
                    event.insert(connection, now)?;
                }
                Ok(())
            })
            .await?;
        self.events.notify_one();
        Ok(())
    }

    /// Waits until an event has been kept since the last call.
    pub(crate) async fn event_kept(&self) {
        self.events.notified().await;
    }

    /// The events that are due, the one that has waited longest first: of each message the first
    /// that is still to be taken.
    pub(crate) async fn outbox_due(
        &self,
        now: UnixSeconds,
        limit: usize,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT seq, message, event, attempts FROM outbox AS this \
                     WHERE given_up IS NULL AND due_at <= ?1 AND NOT EXISTS (SELECT 1 FROM outbox \
                     WHERE message = this.message AND seq < this.seq AND given_up IS NULL) \
                     ORDER BY due_at, seq LIMIT ?2",
                )?
                .query_map(params![seconds(now), limit], |row| {
                    Ok(OutboxEntry {
                        seq: row.get(0)?,
                        message: row.get(1)?,
                        event: row.get(2)?,
                        attempts: row.get(3)?,
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

    /// Puts an event off until `due_at`, and with it the later ones of its message; or gives it up
    /// for `cause`, which lets those go on.
    pub(crate) async fn outbox_put_off(
        &self,
        entry: OutboxEntry,
        due_at: Option<UnixSeconds>,
        cause: String,
    ) -> Result<(), StoreError> {
        let due_at = due_at.map(seconds);
        self.writer
            .write(move |connection| {
                let given_up = due_at.is_none().then_some(&cause);
                connection
                    .prepare_cached(
                        "UPDATE outbox SET attempts = attempts + 1, last_cause = ?4, \
                         given_up = ?3, due_at = coalesce(?2, due_at) WHERE seq = ?1",
                    )?
                    .execute(params![entry.seq, due_at, given_up, cause])?;
                if due_at.is_some() {
                    connection
                        .prepare_cached(
                            "UPDATE outbox SET due_at = max(due_at, ?2) \
                             WHERE message = ?1 AND seq > ?3 AND given_up IS NULL",
                        )?
                        .execute(params![entry.message, due_at, entry.seq])?;
                }
                Ok(())
            })
            .await
    }
}

/// An event that has not been taken, for a person.
#[derive(Debug, Serialize)]
pub struct EventRow {
    /// The event's id.
    pub id: String,
    /// Its type, as `delivery.failed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The message that it is about; empty where it is about none.
    pub message_id: String,
    /// `waiting` or `given_up`.
    pub state: &'static str,
    /// How often it was posted.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub cause: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_at: u64,
    /// When it is posted next.
    pub due_at: Option<u64>,
}

impl EventRow {
    /// The events that have not been taken, the oldest first, to `each`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn list(
        connection: &Connection,
        only_given_up: bool,
        mut each: impl FnMut(Self),
    ) -> rusqlite::Result<()> {
        let mut select = connection.prepare_cached(
            "SELECT event_id, json_extract(event, '$.type'), json_extract(event, '$.message_id'), \
             given_up IS NOT NULL, attempts, coalesce(given_up, last_cause), created_at, due_at \
             FROM outbox WHERE given_up IS NOT NULL OR NOT ?1 ORDER BY seq",
        )?;
        let mut rows = select.query([only_given_up])?;
        while let Some(row) = rows.next()? {
            let given_up: bool = row.get(3)?;
            let due_at: u64 = row.get(7)?;
            each(Self {
                id: row.get(0)?,
                kind: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                message_id: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                state: if given_up { "given_up" } else { "waiting" },
                attempts: row.get(4)?,
                cause: row.get(5)?,
                created_at: row.get(6)?,
                due_at: (!given_up).then_some(due_at),
            });
        }
        Ok(())
    }

    /// Makes one event, or all that were given up where none is named, due at once, with all its
    /// retries again; tells how many.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn resend(connection: &Connection, id: Option<&str>) -> rusqlite::Result<usize> {
        // Zero is before any clock, one that is stopped for a test included.
        connection.execute(
            "UPDATE outbox SET given_up = NULL, attempts = 0, due_at = 0 \
             WHERE iif(?1 IS NULL, given_up IS NOT NULL, event_id = ?1)",
            [id],
        )
    }
}
