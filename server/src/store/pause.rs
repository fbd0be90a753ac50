//! Whether sends are paused, and why: kept, so that a restart does not begin to send again by itself.

use std::{fs, io, path::Path};

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use sinch_callback::UnixSeconds;

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

impl Pause {
    /// The pause by a file that is there.
    ///
    /// # Errors
    /// Where it cannot be told whether it is: then nothing is sent.
    pub(crate) fn by_file(
        path: Option<&Path>,
        now: UnixSeconds,
    ) -> Result<Option<Self>, StoreError> {
        let Some(path) = path else {
            return Ok(None);
        };
        match fs::symlink_metadata(path) {
            Ok(_) => Ok(Some(Self {
                why: format!("the stop file {} is there", path.display()),
                at: now.get(),
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::folder(path, error)),
        }
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
