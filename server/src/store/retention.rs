//! Deletes what is too old, in steps that hold nobody up.
//!
//! Rows are numbered as they arrive, so the old ones come first: a step walks from the front to the
//! first row that is young enough, and needs no index.

use rusqlite::{Connection, params};
use sinch_callback::UnixSeconds;
use sinch_callback_recovery::Intent;

use super::{budgets, error::StoreError, forgotten, intents, moment::seconds, open::Store};

/// Rows that one step looks at.
const STEP: usize = 200;

impl Store {
    /// Deletes messages that were last heard of before a moment, with all that is about them. Looks at
    /// one step's worth behind row `after`; tells how many it has deleted, and where to go on.
    pub(crate) async fn expire_messages(
        &self,
        before: UnixSeconds,
        after: i64,
    ) -> Result<(u64, Option<i64>), StoreError> {
        self.writer
            .write(move |connection| messages(connection, seconds(before), after))
            .await
    }

    /// Deletes intents that ended before a moment: one step's worth behind row `after`. Tells where to go
    /// on.
    pub(crate) async fn expire_intents(
        &self,
        before: UnixSeconds,
        after: i64,
    ) -> Result<Option<i64>, StoreError> {
        self.writer
            .write(move |connection| expire_intents(connection, seconds(before), after))
            .await
    }

    /// Deletes callbacks that were received before a moment, and what was set aside or given up
    /// before it: one step's worth, with the marks of forgotten messages and the counts of sends whose time
    /// is up `now`. Tells whether there may be more. Their messages come first.
    pub(crate) async fn expire_callbacks(
        &self,
        before: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                forgotten::expire(connection, now)?;
                budgets::expire(connection, now)?;
                let before = seconds(before);
                let are_there_more = [
                    oldest(connection, "callbacks", before)?,
                    oldest(connection, "bodies", before)?,
                ];
                set_aside(connection, before)?;
                counts(connection, before)?;
                Ok(are_there_more.contains(&true))
            })
            .await
    }
}

fn messages(
    connection: &Connection,
    before: i64,
    after: i64,
) -> rusqlite::Result<(u64, Option<i64>)> {
    // What somebody waits for is kept until that is told.
    let rows: Vec<(i64, i64, i64)> = connection
        .prepare_cached(
            "SELECT seq, first_received_at, max(updated_at, coalesce(due_at, 0)) FROM messages \
             WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?
        .query_map(params![after, limit()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    let looked_at = rows.len();
    let (mut deleted, mut next) = (0_u64, None);
    for (seq, first_received_at, updated_at) in rows {
        if first_received_at >= before {
            return Ok((deleted, None));
        }
        next = Some(seq);
        if updated_at >= before {
            continue;
        }
        for statement in [
            "DELETE FROM outbox WHERE message = (SELECT message_id FROM messages WHERE seq = ?1)",
            "DELETE FROM messages WHERE seq = ?1",
        ] {
            connection.prepare_cached(statement)?.execute([seq])?;
        }
        deleted = deleted.saturating_add(1);
    }
    Ok((deleted, next.filter(|_| looked_at >= STEP)))
}

fn expire_intents(
    connection: &Connection,
    before: i64,
    after: i64,
) -> rusqlite::Result<Option<i64>> {
    let rows: Vec<(i64, i64, i64, Intent)> = connection
        .prepare_cached(
            "SELECT seq, created_at, updated_at, record FROM intents WHERE seq > ?1 \
             ORDER BY seq LIMIT ?2",
        )?
        .query_map(params![after, limit()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, intents::read(row)?))
        })?
        .collect::<Result<_, _>>()?;
    let looked_at = rows.len();
    let mut next = None;
    for (seq, created_at, updated_at, intent) in rows {
        if created_at >= before {
            return Ok(None);
        }
        next = Some(seq);
        // What has not ended is not old, and what is owed is told first.
        if updated_at < before && intent.end().is_some() && intent.look_at().is_none() {
            intents::delete(connection, seq, intent.id())?;
        }
    }
    Ok(next.filter(|_| looked_at >= STEP))
}

/// Deletes one step's worth from the front of a table, and tells whether there may be more.
fn oldest(connection: &Connection, table: &str, before: i64) -> rusqlite::Result<bool> {
    let rows: Vec<(i64, i64)> = connection
        .prepare_cached(&format!(
            "SELECT seq, received_at FROM {table} ORDER BY seq LIMIT ?1"
        ))?
        .query_map([limit()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let old = rows.into_iter().take_while(|(_, at)| *at < before);
    let mut deleted: usize = 0;
    for (seq, _) in old {
        connection
            .prepare_cached(&format!("DELETE FROM {table} WHERE seq = ?1"))?
            .execute([seq])?;
        deleted = deleted.saturating_add(1);
    }
    Ok(deleted >= STEP)
}

/// Deletes what was set aside or given up before a moment.
fn set_aside(connection: &Connection, before: i64) -> rusqlite::Result<()> {
    for statement in [
        "DELETE FROM set_aside WHERE set_aside_at < ?1",
        "DELETE FROM outbox WHERE given_up IS NOT NULL AND created_at < ?1",
    ] {
        connection.prepare_cached(statement)?.execute([before])?;
    }
    Ok(())
}

/// Deletes what counted messages of before a moment, of which none is left.
fn counts(connection: &Connection, before: i64) -> rusqlite::Result<()> {
    for statement in [
        "DELETE FROM counts WHERE at < ?1 AND count <= 0",
        "DELETE FROM times WHERE at < ?1 AND count <= 0",
    ] {
        connection.prepare_cached(statement)?.execute([before])?;
    }
    Ok(())
}

fn limit() -> i64 {
    i64::try_from(STEP).unwrap_or(i64::MAX)
}
