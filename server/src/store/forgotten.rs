//! Marks of forgotten messages: no report brings one back while its mark is kept.

use rusqlite::{Connection, OptionalExtension};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::ForgetKey;

use super::{error::StoreError, moment::seconds, open::Store};
use crate::ids;

/// Marks messages as forgotten from now on.
pub(super) fn mark<'a>(
    connection: &Connection,
    message_ids: impl Iterator<Item = &'a String>,
    now: UnixSeconds,
) -> rusqlite::Result<()> {
    let key = made_key(connection)?;
    let until = now.saturating_add(ForgetKey::KEPT);
    let mut insert = connection
        .prepare_cached("INSERT OR REPLACE INTO forgotten (mark, until) VALUES (?1, ?2)")?;
    for id in message_ids {
        insert.execute((key.mark(id), seconds(until)))?;
    }
    Ok(())
}

/// Whether a message that is not there has been forgotten.
pub(super) fn is_marked(connection: &Connection, message_id: &str) -> rusqlite::Result<bool> {
    let Some(key) = key(connection)? else {
        return Ok(false);
    };
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM forgotten WHERE mark = ?1)")?
        .query_row([key.mark(message_id)], |row| row.get(0))
}

impl Store {
    /// The store's own key, made where there is none.
    pub(crate) async fn own_key(&self) -> Result<ForgetKey, StoreError> {
        self.writer.write(made_key).await
    }
}

/// Deletes the marks whose time is up.
pub(super) fn expire(connection: &Connection, now: UnixSeconds) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM forgotten WHERE until <= ?1")?
        .execute([seconds(now)])?;
    Ok(())
}

/// The store's key; `None` where nothing was ever forgotten.
pub(super) fn key(connection: &Connection) -> rusqlite::Result<Option<ForgetKey>> {
    connection
        .prepare_cached("SELECT key FROM forget_key")?
        .query_row((), |row| Ok(ForgetKey::new(row.get(0)?)))
        .optional()
}

/// The store's key, made where there is none. Only in a transaction that writes.
pub(super) fn made_key(connection: &Connection) -> rusqlite::Result<ForgetKey> {
    match key(connection)? {
        Some(key) => Ok(key),
        None => new_key(connection),
    }
}

fn new_key(connection: &Connection) -> rusqlite::Result<ForgetKey> {
    let key: [u8; ForgetKey::LEN] = ids::random();
    connection.execute("INSERT INTO forget_key (key) VALUES (?1)", [key])?;
    Ok(ForgetKey::new(key))
}
