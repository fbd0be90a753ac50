//! What is kept of our own listening, in one row, and what waits for callbacks.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::listening::{CallbacksEvent, Listening, SENDS, Turn};

use super::{error::StoreError, looks, moment, open::Store, outbox, queue};

/// What outlives a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    /// When we last were known to run.
    pub(crate) alive_at: Option<UnixSeconds>,
    /// Our outages.
    pub(crate) listening: Listening,
    /// When the last authentic callback was received.
    pub(crate) callback_at: Option<UnixSeconds>,
    /// Whether it is told that callbacks have stopped.
    #[serde(flatten)]
    pub(crate) turn: Turn,
}

/// How far a receiver has heard, by its last sign of life.
#[derive(Clone, Debug, Serialize)]
pub struct Hearing {
    /// The moment up to which all that was reported has been applied, in Unix seconds.
    pub heard_until: u64,
    /// When the receiver last was known to run, in Unix seconds.
    pub alive_at: u64,
    /// Whether callbacks come: `heard`, or `stopped`.
    pub callbacks: &'static str,
    /// When the last authentic one was received, in Unix seconds.
    pub last_callback_at: Option<u64>,
}

impl Hearing {
    /// [`Hearing::callbacks`] where they have stopped.
    pub const STOPPED: &str = "stopped";

    /// Reads it; `None` where no receiver has run that keeps it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn read(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        let kept = read(connection)?;
        let Some(alive_at) = kept.alive_at else {
            return Ok(None);
        };
        let waiting = queue::oldest_queued(connection)?;
        Ok(Some(Self {
            heard_until: kept.listening.heard_until(alive_at, waiting).get(),
            alive_at: alive_at.get(),
            callbacks: if kept.turn.is_stopped() {
                Self::STOPPED
            } else {
                "heard"
            },
            last_callback_at: kept.callback_at.map(UnixSeconds::get),
        }))
    }
}

impl Store {
    /// What a receiver before this one has kept.
    pub(crate) async fn listening(&self) -> Result<Kept, StoreError> {
        self.read(read).await
    }

    /// Keeps it, with what is to be told.
    pub(crate) async fn keep_listening(
        &self,
        kept: &Kept,
        event: Option<CallbacksEvent>,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        // Numbers under fixed names have no way to fail.
        let text = serde_json::to_string(kept).unwrap_or_default();
        let is_told = event.is_some();
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("INSERT OR REPLACE INTO listening (id, kept) VALUES (1, ?1)")?
                    .execute([&text])?;
                event.as_ref().map_or(Ok(()), |event| {
                    outbox::Kept::of_callbacks(event).insert(connection, now)
                })
            })
            .await?;
        if is_told {
            self.events.notify_one();
        }
        Ok(())
    }

    /// What waits, of one moment, so that nothing that goes on from one to the next is missed.
    pub(crate) async fn waiting(&self, since: UnixSeconds) -> Result<Waiting, StoreError> {
        self.read(move |connection| {
            Ok(Waiting {
                sends: connection
                    .prepare_cached(
                        "SELECT count(*) FROM \
                         (SELECT 1 FROM messages WHERE waits_since <= ?1 LIMIT ?2)",
                    )?
                    .query_row(params![moment::seconds(since), SENDS], |row| row.get(0))?,
                queued: queue::oldest_queued(connection)?,
                untold: looks::oldest(connection)?,
            })
        })
        .await
    }
}

/// What waits for callbacks, and the callbacks that wait.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// How many messages have waited for a callback since a moment or longer, counted up to [`SENDS`].
    pub(crate) sends: usize,
    /// When the oldest callback was received that is not applied.
    pub(crate) queued: Option<UnixSeconds>,
    /// When the oldest one was received that is applied, and that an intent is still to be told of.
    pub(crate) untold: Option<UnixSeconds>,
}

fn read(connection: &Connection) -> rusqlite::Result<Kept> {
    let text: Option<String> = connection
        .prepare_cached("SELECT kept FROM listening")?
        .query_row((), |row| row.get(0))
        .optional()?;
    // Only we write it.
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}
