//! Callbacks as a whole: bodies, and how far large ones have been applied.

use rusqlite::{Connection, OptionalExtension, params};
use sinch_callback::UnixSeconds;
use sinch_callback::{ContentKey, Unrecognized};
use sinch_callback_pipeline::{
    DeliveryEvent, Envelope, EventFilter,
    messages::{
        Callbacks, Change, Changed, Cursor, KeptFor, Message, Novelty, Processed, ReadCallback,
        Transaction,
    },
};

use super::{error::StoreError, messages, moment, open::Store, outbox};

impl Callbacks for Store {
    async fn keep(&self, envelope: &Envelope<'_>, why: KeptFor) -> Result<Novelty, StoreError> {
        let row = CallbackRow::of(envelope, &ReadCallback::of(envelope), why.unrecognized);
        self.writer
            .write(move |connection| row.keep(connection))
            .await
    }

    async fn cursor(&self, content_key: ContentKey) -> Result<Option<Cursor>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("SELECT done, of FROM cursors WHERE content_key = ?1")?
                .query_row([content_key.as_bytes()], |row| {
                    Ok(Cursor {
                        done: row.get(0)?,
                        of: row.get(1)?,
                    })
                })
                .optional()
        })
        .await
    }

    async fn set_cursor(
        &self,
        content_key: ContentKey,
        cursor: Option<Cursor>,
    ) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                match cursor {
                    Some(Cursor { done, of }) => connection
                        .prepare_cached(
                            "INSERT OR REPLACE INTO cursors (content_key, done, of) \
                             VALUES (?1, ?2, ?3)",
                        )?
                        .execute(params![content_key.as_bytes(), done, of])?,
                    None => connection
                        .prepare_cached("DELETE FROM cursors WHERE content_key = ?1")?
                        .execute([content_key.as_bytes()])?,
                };
                Ok(())
            })
            .await
    }
}

/// A callback as it is kept: for its body.
struct CallbackRow {
    content_key: ContentKey,
    request_id: String,
    kind: String,
    scheme: &'static str,
    /// Whether repeats are counted with its messages.
    has_messages: bool,
    unrecognized: Option<&'static str>,
    received_at: i64,
    signed_at: i64,
    secret_slot: u8,
    body: Vec<u8>,
}

impl CallbackRow {
    fn of(
        envelope: &Envelope<'_>,
        callback: &ReadCallback,
        unrecognized: Option<Unrecognized>,
    ) -> Self {
        Self {
            content_key: envelope.content_key(),
            request_id: envelope.request_id().to_owned(),
            kind: callback.kind.clone(),
            scheme: envelope.scheme().as_str(),
            has_messages: callback.messages() > 0,
            unrecognized: unrecognized.map(Unrecognized::as_str),
            received_at: moment::seconds(envelope.received_at()),
            signed_at: moment::seconds(envelope.signed_at()),
            secret_slot: envelope.secret_slot().index(),
            body: envelope.body().to_vec(),
        }
    }

    /// Keeps it once for its content, and anew where this version reads it otherwise.
    fn keep(&self, connection: &Connection) -> rusqlite::Result<Novelty> {
        let inserted = connection
            .prepare_cached(
                "INSERT INTO callbacks (content_key, request_id, kind, unrecognized, received_at, \
                 signed_at, secret_slot, body, scheme) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                 ON CONFLICT (content_key) DO NOTHING",
            )?
            .execute(params![
                self.content_key.as_bytes(),
                self.request_id,
                self.kind,
                self.unrecognized,
                self.received_at,
                self.signed_at,
                self.secret_slot,
                self.body,
                self.scheme,
            ])?;
        if inserted > 0 {
            return Ok(Novelty::New);
        }
        let (seq, by, why): (i64, String, Option<String>) = connection
            .prepare_cached(
                "SELECT seq, request_id, unrecognized FROM callbacks WHERE content_key = ?1",
            )?
            .query_row([self.content_key.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        if why.is_some() && why.as_deref() != self.unrecognized {
            connection
                .prepare_cached(
                    "UPDATE callbacks SET kind = ?2, unrecognized = ?3, request_id = ?4 \
                     WHERE seq = ?1",
                )?
                .execute(params![seq, self.kind, self.unrecognized, self.request_id])?;
            return Ok(Novelty::New);
        }
        if by == self.request_id {
            return Ok(Novelty::Redelivered);
        }
        if !self.has_messages {
            self.count_repeat(connection, seq)?;
        }
        Ok(Novelty::Repeated)
    }

    fn count_repeat(&self, connection: &Connection, seq: i64) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "UPDATE callbacks SET repeats = repeats + 1, last_repeat_at = ?2, \
                 last_repeat_by = ?3 WHERE seq = ?1 AND last_repeat_by IS NOT ?3",
            )?
            .execute(params![seq, self.received_at, self.request_id])?;
        Ok(())
    }

    /// Keeps the body of a callback that its messages' logs know: no index has to find it.
    fn append(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO bodies (content_key, kind, received_at, signed_at, secret_slot, body) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                self.content_key.as_bytes(),
                self.kind,
                self.received_at,
                self.signed_at,
                self.secret_slot,
                self.body,
            ])?;
        Ok(())
    }
}

/// Which events follow from a callback that is applied at once, and from when on they are due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling {
    pub(crate) filter: EventFilter,
    pub(crate) now: UnixSeconds,
}

impl Store {
    /// Applies a callback in the commit that accepts it: its messages, its body, and its events.
    pub(crate) async fn accept(
        &self,
        envelope: &Envelope<'_>,
        callback: ReadCallback,
        telling: Option<Telling>,
    ) -> Result<Processed, StoreError> {
        let row = CallbackRow::of(envelope, &callback, None);
        let changed: Vec<_> = (0..callback.messages())
            .filter(|_| self.changes.are_watched())
            .filter_map(|index| callback.message_id(index).map(str::to_owned))
            .collect();
        let processed = self
            .writer
            .write(move |connection| {
                let mut commit = Commit {
                    connection,
                    row: &row,
                    telling,
                };
                callback.apply(&mut commit, telling.map(|telling| telling.filter))
            })
            .await?;
        if processed.events > 0 {
            self.events.notify_one();
        }
        if !processed.attempts.is_empty() {
            self.acting.notify_one();
        }
        for message_id in &changed {
            self.changes.note(message_id);
        }
        Ok(processed)
    }
}

/// The commit that accepts a callback.
struct Commit<'c> {
    connection: &'c Connection,
    row: &'c CallbackRow,
    telling: Option<Telling>,
}

impl Transaction for Commit<'_> {
    type Error = rusqlite::Error;

    fn update(
        &mut self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change,
    ) -> rusqlite::Result<Changed> {
        messages::update(self.connection, message_id, change)
    }

    fn keep_event(&mut self, event: &DeliveryEvent<'_>) -> rusqlite::Result<()> {
        match self.telling {
            Some(Telling { now, .. }) => outbox::Kept::of(event).insert(self.connection, now),
            None => Ok(()),
        }
    }

    fn keep_body(&mut self) -> rusqlite::Result<()> {
        self.row.append(self.connection)
    }
}
