//! How a receiver acts on intents and how it stands with them: kept for whoever asks beside it.

use std::{collections::BTreeMap, path::PathBuf};

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;
use sinch_callback_recovery::ports::Mode;

use super::{budgets, error::StoreError, intents, open::Store, pause::Pause};
use crate::causes::with_causes;

/// How a receiver was set up when it was started last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) mode: Mode,
    pub(crate) per_person_and_day: u32,
    pub(crate) per_hour: u32,
    pub(crate) stop_file: Option<PathBuf>,
}

/// Whether intents are acted upon, what holds sends back, and where the intents stand.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct RecoveryState {
    /// How the receiver was started last; off where none ever was.
    pub mode: Mode,
    /// Why all sends pause, if they do.
    pub paused: Option<Pause>,
    /// Why it cannot be told whether they do: nothing is sent meanwhile.
    pub unreadable: Option<String>,
    /// Most sends to a person on a day of UTC.
    pub per_person_and_day: u32,
    /// Most sends in an hour.
    pub per_hour: u32,
    /// How many of them this hour has had.
    pub used_this_hour: u32,
    /// How many intents are in which state; those without any are left out.
    pub intents: BTreeMap<&'static str, u64>,
}

impl RecoveryState {
    /// Reads it from a store.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn read(connection: &Connection, now: UnixSeconds) -> rusqlite::Result<Self> {
        let setup = connection
            .prepare_cached("SELECT setup FROM recovery_setup")?
            .query_row((), |row| row.get::<_, String>(0))
            .optional()?;
        // Only we write it.
        let setup = setup.and_then(|setup| serde_json::from_str(&setup).ok());
        let setup: Setup = setup.unwrap_or_default();
        let (paused, unreadable) = match Pause::by_file(setup.stop_file.as_deref(), now) {
            Ok(Some(pause)) => (Some(pause), None),
            Ok(None) => (Pause::read(connection)?, None),
            Err(error) => (None, Some(with_causes(&error))),
        };
        let counts = intents::counts(connection)?.into_iter();
        Ok(Self {
            mode: setup.mode,
            paused,
            unreadable,
            per_person_and_day: setup.per_person_and_day,
            per_hour: setup.per_hour,
            used_this_hour: budgets::used_this_hour(connection, now)?,
            intents: counts
                .map(|(state, count)| (state.as_str(), count))
                .collect(),
        })
    }
}

impl Store {
    /// Keeps how the receiver is set up.
    pub(crate) async fn keep_setup(&self, setup: &Setup) -> Result<(), StoreError> {
        // A path that is no text is told without what is none.
        let setup = serde_json::to_string(setup).unwrap_or_default();
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO recovery_setup (one, setup) VALUES (1, ?1)",
                    )?
                    .execute([&setup])?;
                Ok(())
            })
            .await
    }
}
