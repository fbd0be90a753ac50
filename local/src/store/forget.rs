//! Deletes what is known of a person or of a message.

use std::collections::BTreeSet;

use rusqlite::{Connection, TransactionBehavior, params};
use sinch_callback::{Callback, UnixSeconds};
use sinch_callback_pipeline::Envelope;

use super::{forgotten, messages};
use crate::forget::{Forgotten, Subject, contains, normal};

/// Rows that are changed in one transaction: processing waits for no more than that.
const BATCH: usize = 100;

/// How often the store is searched: what was on its way from the queue to the messages during one
/// search is found by the next.
const ROUNDS: usize = 5;

/// What there is about a subject, as the rows of each table.
#[derive(Default)]
struct Found {
    messages: BTreeSet<i64>,
    /// Their ids, and those of messages that only what waits speaks of.
    message_ids: BTreeSet<String>,
    /// Callbacks that have a body.
    bodies: BTreeSet<i64>,
    events: BTreeSet<i64>,
    queued: BTreeSet<i64>,
    set_aside: BTreeSet<i64>,
}

/// Deletes what there is about a subject, or only counts it. `needle` is what stands for it in
/// bodies.
pub(crate) fn forget(
    connection: &Connection,
    subject: &Subject,
    needle: &str,
    dry_run: bool,
    now: UnixSeconds,
) -> rusqlite::Result<Forgotten> {
    // What is freed is overwritten, and not only no longer in a table.
    connection.pragma_update(None, "secure_delete", true)?;
    let mut forgotten = Forgotten::default();
    for _ in 0..ROUNDS {
        let found = find(connection, subject, needle)?.counted(&mut forgotten);
        if dry_run {
            break;
        }
        // First of all: what is processed meanwhile must not bring back what is deleted next.
        mark(connection, &found.message_ids, now)?;
        if found.is_empty() {
            break;
        }
        delete(connection, &found)?;
    }
    if !dry_run {
        // The log of writes has it too, until it is folded into the database and cut.
        connection.query_row("PRAGMA wal_checkpoint (TRUNCATE)", (), |_| Ok(()))?;
    }
    Ok(forgotten)
}

impl Found {
    fn counted(self, sum: &mut Forgotten) -> Self {
        let add = |sum: &mut u64, rows: &BTreeSet<i64>| {
            *sum = sum.saturating_add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        };
        add(&mut sum.messages, &self.messages);
        add(&mut sum.bodies, &self.bodies);
        add(&mut sum.events, &self.events);
        add(&mut sum.queued, &self.queued);
        add(&mut sum.queued, &self.set_aside);
        self
    }

    fn is_empty(&self) -> bool {
        let rows = [
            &self.messages,
            &self.bodies,
            &self.events,
            &self.queued,
            &self.set_aside,
        ];
        rows.iter().all(|rows| rows.is_empty())
    }
}

fn find(connection: &Connection, subject: &Subject, needle: &str) -> rusqlite::Result<Found> {
    // All of one moment.
    let connection = connection.unchecked_transaction()?;
    let messages = match subject {
        Subject::Message(id) => rows(
            &connection,
            "SELECT seq FROM messages WHERE message_id = ?1",
            id,
        )?,
        Subject::Identity(identity) => identified(&connection, identity)?,
    };
    let mut message_ids = BTreeSet::new();
    if let Subject::Message(id) = subject {
        message_ids.insert(id.clone());
    }
    for message in &messages {
        message_ids.extend(rows(
            &connection,
            "SELECT message_id FROM messages WHERE seq = ?1",
            message,
        )?);
    }
    let mut is_about = |text: &[u8]| is_about(text, subject, needle, &mut message_ids);
    let mut found = Found {
        bodies: spoken_of(&connection, "callbacks", "body", |body| {
            contains(body, needle.as_bytes())
        })?,
        queued: spoken_of(
            &connection,
            "queue",
            "CAST(envelope AS BLOB)",
            &mut is_about,
        )?,
        set_aside: spoken_of(
            &connection,
            "set_aside",
            "CAST(envelope AS BLOB)",
            &mut is_about,
        )?,
        ..Found::default()
    };
    found.message_ids = message_ids;
    for message in &messages {
        found.bodies.extend(rows::<i64>(
            &connection,
            "SELECT DISTINCT callback FROM log JOIN callbacks ON callbacks.seq = callback \
             WHERE message = ?1 AND length(body) > 0",
            message,
        )?);
        found.events.extend(rows::<i64>(
            &connection,
            "SELECT outbox.seq FROM outbox JOIN messages ON message = message_id \
             WHERE messages.seq = ?1",
            message,
        )?);
    }
    found.messages = messages;
    Ok(found)
}

/// The messages of a person.
fn identified(connection: &Connection, identity: &str) -> rusqlite::Result<BTreeSet<i64>> {
    let wanted = normal(identity);
    let mut select = connection.prepare(&format!("SELECT {} FROM messages", messages::COLUMNS))?;
    let mut rows = select.query(())?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let message = messages::read(row)?;
        let mut identities = message.delivery.identities();
        if identities.any(|identity| normal(identity) == wanted) {
            found.insert(row.get("seq")?);
        }
    }
    Ok(found)
}

fn rows<T: rusqlite::types::FromSql + Ord>(
    connection: &Connection,
    query: &str,
    parameter: impl rusqlite::ToSql,
) -> rusqlite::Result<BTreeSet<T>> {
    connection
        .prepare_cached(query)?
        .query_map([parameter], |row| row.get(0))?
        .collect()
}

/// The rows of a table whose column speaks of the subject.
fn spoken_of(
    connection: &Connection,
    table: &str,
    column: &str,
    mut speaks: impl FnMut(&[u8]) -> bool,
) -> rusqlite::Result<BTreeSet<i64>> {
    let mut select = connection.prepare(&format!("SELECT seq, {column} FROM {table}"))?;
    let mut rows = select.query(())?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if row.get_ref(1)?.as_blob().is_ok_and(&mut speaks) {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}

/// Whether a queued envelope is about the subject, and the ids of its messages that are. What cannot
/// be read is searched as it is.
fn is_about(
    envelope: &[u8],
    subject: &Subject,
    needle: &str,
    message_ids: &mut BTreeSet<String>,
) -> bool {
    let Some(Ok(envelope)) = str::from_utf8(envelope).ok().map(Envelope::decode) else {
        return contains(envelope, needle.as_bytes());
    };
    if let (Ok(callback), Subject::Identity(identity)) = (Callback::parse(&envelope.body), subject)
    {
        let wanted = normal(identity);
        let reports = callback.reports.into_iter();
        let theirs = reports.filter(|report| normal(&report.identity) == wanted);
        message_ids.extend(theirs.map(|report| report.message_id));
    }
    contains(&envelope.body, needle.as_bytes())
}

fn mark(
    connection: &Connection,
    message_ids: &BTreeSet<String>,
    now: UnixSeconds,
) -> rusqlite::Result<()> {
    if message_ids.is_empty() {
        return Ok(());
    }
    let transaction =
        rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    forgotten::mark(&transaction, message_ids.iter(), now)?;
    transaction.commit()
}

fn delete(connection: &Connection, found: &Found) -> rusqlite::Result<()> {
    for (rows, statements) in [
        (
            &found.messages,
            &[
                "DELETE FROM outbox WHERE message = (SELECT message_id FROM messages WHERE seq = ?1)",
                "DELETE FROM log WHERE message = ?1",
                "DELETE FROM messages WHERE seq = ?1",
            ][..],
        ),
        (
            &found.bodies,
            &["UPDATE callbacks SET body = x'' WHERE seq = ?1"][..],
        ),
        (&found.queued, &["DELETE FROM queue WHERE seq = ?1"][..]),
        (
            &found.set_aside,
            &["DELETE FROM set_aside WHERE seq = ?1"][..],
        ),
    ] {
        let rows: Vec<_> = rows.iter().copied().collect();
        for batch in rows.chunks(BATCH) {
            let transaction =
                rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            for row in batch {
                for statement in statements {
                    transaction
                        .prepare_cached(statement)?
                        .execute(params![row])?;
                }
            }
            transaction.commit()?;
        }
    }
    Ok(())
}
