//! Callbacks that were not understood, as they were received.

use rusqlite::{Connection, OptionalExtension, Row, types::Type};
use sinch_callback::{ContentKey, SecretSlot, UnixSeconds, scheme::SchemeName};
use sinch_callback_pipeline::Envelope;

use super::polled::queue_beside;

/// A callback that is listed as not understood, whole or in part.
pub struct KeptCallback {
    /// Why it is listed.
    pub why: String,
    /// What was queued when it was received.
    pub envelope: Envelope<'static>,
}

impl KeptCallback {
    /// The keys of all of them, oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn keys(connection: &Connection) -> rusqlite::Result<Vec<ContentKey>> {
        connection
            .prepare(
                "SELECT content_key FROM callbacks WHERE unrecognized IS NOT NULL ORDER BY seq",
            )?
            .query_map((), |row| Ok(ContentKey::from_bytes(row.get(0)?)))?
            .collect()
    }

    /// The one of this key.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn find(connection: &Connection, key: ContentKey) -> rusqlite::Result<Option<Self>> {
        connection
            .prepare_cached(
                "SELECT unrecognized, kind, secret_slot, received_at, signed_at, request_id, body, \
                 scheme \
                 FROM callbacks WHERE content_key = ?1 AND unrecognized IS NOT NULL",
            )?
            .query_row([key.as_bytes()], |row| {
                Ok(Self {
                    why: row.get(0)?,
                    envelope: Envelope::kept(
                        key,
                        UnixSeconds::new(row.get(4)?),
                        row.get::<_, Vec<u8>>(6)?,
                    )
                    .with_kind(row.get::<_, String>(1)?)
                    .with_secret_slot(SecretSlot::new(row.get(2)?))
                    .with_arrival(UnixSeconds::new(row.get(3)?), row.get::<_, String>(5)?)
                    .with_scheme(scheme_at(row, 7)?),
                })
            })
            .optional()
    }

    /// Puts it back into the queue, as the arrival that it was.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn queue_again(&self, connection: &Connection) -> rusqlite::Result<()> {
        queue_beside(connection, &self.envelope)
    }
}

/// The scheme in this column.
pub(super) fn scheme_at(row: &Row<'_>, column: usize) -> rusqlite::Result<SchemeName> {
    let name: String = row.get(column)?;
    name.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}
