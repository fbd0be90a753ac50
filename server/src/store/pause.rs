//! Whether sends are paused, and why: kept, so that a restart does not begin to send again by itself.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::{error::StoreError, open::Store};

/// A pause of all sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Why.
    pub why: String,
    /// Since when, in seconds since 1970.
    pub at: u64,
}

impl Pause {
    /// The pause, if there is one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn read(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        connection
            .prepare_cached("SELECT why, at FROM recovery_pause")?
            .query_row((), |row| {
                Ok(Self {
                    why: row.get(0)?,
                    at: row.get(1)?,
                })
            })
            .optional()
    }
}

impl Store {
    /// Keeps a pause.
    pub(crate) async fn begin_pause(&self, pause: Pause) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO recovery_pause (one, why, at) VALUES (1, ?1, ?2)",
                    )?
                    .execute(params![pause.why, pause.at])?;
                Ok(())
            })
            .await
    }

    /// Ends the pause.
    pub(crate) async fn end_pause(&self) -> Result<(), StoreError> {
        self.writer
            .write(|connection| {
                connection
                    .prepare_cached("DELETE FROM recovery_pause")?
                    .execute(())?;
                Ok(())
            })
            .await
    }
}
