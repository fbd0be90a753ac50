//! Deletes what is known of a person or of a message.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, TransactionBehavior, params};
use sinch_callback::{Callback, UnixSeconds};
use sinch_callback_pipeline::{Envelope, Forgotten, Subject, messages::Message};

use super::{forgotten, intents, messages};

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
    /// Callbacks that have a body, by the table that it lies in.
    callbacks: BTreeSet<i64>,
    bodies: BTreeSet<i64>,
    events: BTreeSet<i64>,
    queued: BTreeSet<i64>,
    set_aside: BTreeSet<i64>,
    intents: BTreeSet<i64>,
}

/// Deletes what there is about a subject, or only counts it.
///
/// # Errors
/// Where the store cannot be read or written; what was deleted by then stays deleted.
pub fn forget(
    connection: &Connection,
    subject: &Subject,
    dry_run: bool,
    now: UnixSeconds,
) -> rusqlite::Result<Forgotten> {
    // What is freed is overwritten, and not only no longer in a table.
    connection.pragma_update(None, "secure_delete", true)?;
    let mut forgotten = Forgotten::default();
    for _ in 0..ROUNDS {
        let found = find(connection, subject)?.counted(&mut forgotten);
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
        // The log of writes has it too, until a checkpoint moves it into the database and cuts it.
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
        add(&mut sum.bodies, &self.callbacks);
        add(&mut sum.bodies, &self.bodies);
        add(&mut sum.events, &self.events);
        add(&mut sum.queued, &self.queued);
        add(&mut sum.queued, &self.set_aside);
        add(&mut sum.intents, &self.intents);
        self
    }

    fn is_empty(&self) -> bool {
        let rows = [
            &self.messages,
            &self.callbacks,
            &self.bodies,
            &self.events,
            &self.queued,
            &self.set_aside,
            &self.intents,
        ];
        rows.iter().all(|rows| rows.is_empty())
    }
}

fn find(connection: &Connection, subject: &Subject) -> rusqlite::Result<Found> {
    // All of one moment.
    let connection = connection.unchecked_transaction()?;
    let mut found = Found::default();
    let mut content_keys = BTreeSet::new();
    let mut take = |seq: i64, message: Message| {
        let log = message.log.entries().iter();
        content_keys.extend(log.map(|entry| *entry.content_key.as_bytes()));
        found.messages.insert(seq);
        found.message_ids.insert(message.message_id);
    };
    match subject.message_id() {
        Some(id) => {
            if let Some((seq, message)) = messages::find(&connection, id)? {
                take(seq, message);
            }
            found.message_ids.insert(id.to_owned());
        }
        None => identified(&connection, subject, take)?,
    }
    for table in ["callbacks", "bodies"] {
        let rows = spoken_of(&connection, table, "body, content_key", |row| {
            let (body, key) = (row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?);
            let is_of_message = content_keys.iter().any(|known| known == key);
            Ok(!body.is_empty() && (is_of_message || subject.is_spoken_of(body)))
        })?;
        match table {
            "bodies" => found.bodies = rows,
            _ => found.callbacks = rows,
        }
    }
    let message_ids = &mut found.message_ids;
    let mut is_about = |row: &Row<'_>| {
        let text = row.get_ref(1)?.as_blob()?;
        Ok(is_about(text, subject, message_ids))
    };
    let envelope = "CAST(envelope AS BLOB)";
    found.queued = spoken_of(&connection, "queue", envelope, &mut is_about)?;
    found.set_aside = spoken_of(&connection, "set_aside", envelope, &mut is_about)?;
    let event = "CAST(event AS BLOB)";
    found.events = spoken_of(&connection, "outbox", event, |row| {
        Ok(subject.is_spoken_of(row.get_ref(1)?.as_blob()?))
    })?;
    if subject.message_id().is_none() {
        found.intents = spoken_of(&connection, "intents", "record", |row| {
            let intent = intents::read(row)?;
            let mut identities = intent.to().values();
            Ok(identities.any(|identity| subject.is_person(identity.as_str())))
        })?;
    }
    for message in &found.messages {
        found.events.extend(rows(
            &connection,
            "SELECT outbox.seq FROM outbox JOIN messages ON message = message_id \
             WHERE messages.seq = ?1",
            message,
        )?);
    }
    Ok(found)
}

/// The messages of a person.
fn identified(
    connection: &Connection,
    subject: &Subject,
    mut take: impl FnMut(i64, Message),
) -> rusqlite::Result<()> {
    let mut select = connection.prepare("SELECT seq, aggregate FROM messages")?;
    let mut rows = select.query(())?;
    while let Some(row) = rows.next()? {
        let message = messages::read(row)?;
        let mut identities = message.delivery.identities();
        if identities.any(|identity| subject.is_person(identity)) {
            take(row.get("seq")?, message.clone());
        }
    }
    Ok(())
}

fn rows(
    connection: &Connection,
    query: &str,
    parameter: impl rusqlite::ToSql,
) -> rusqlite::Result<BTreeSet<i64>> {
    connection
        .prepare_cached(query)?
        .query_map([parameter], |row| row.get(0))?
        .collect()
}

/// The rows of a table that speak of the subject, as `speaks` finds in their columns.
fn spoken_of(
    connection: &Connection,
    table: &str,
    columns: &str,
    mut speaks: impl FnMut(&Row<'_>) -> rusqlite::Result<bool>,
) -> rusqlite::Result<BTreeSet<i64>> {
    let mut select = connection.prepare(&format!("SELECT seq, {columns} FROM {table}"))?;
    let mut rows = select.query(())?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if speaks(row)? {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}

/// Whether a queued envelope is about the subject, and the ids of its messages that are. What cannot
/// be read is searched as it is.
fn is_about(envelope: &[u8], subject: &Subject, message_ids: &mut BTreeSet<String>) -> bool {
    let Some(Ok(envelope)) = str::from_utf8(envelope).ok().map(Envelope::decode) else {
        return subject.is_spoken_of(envelope);
    };
    if let Ok(callback) = Callback::parse_by(envelope.scheme(), envelope.body()) {
        let reports = callback.reports.into_iter();
        let theirs = reports.filter(|report| subject.is_person(&report.identity));
        message_ids.extend(theirs.map(|report| report.message_id));
    }
    subject.is_spoken_of(envelope.body())
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
                "DELETE FROM messages WHERE seq = ?1",
            ][..],
        ),
        (&found.events, &["DELETE FROM outbox WHERE seq = ?1"][..]),
        (
            &found.callbacks,
            &["UPDATE callbacks SET body = x'' WHERE seq = ?1"][..],
        ),
        (
            &found.bodies,
            &["UPDATE bodies SET body = x'' WHERE seq = ?1"][..],
        ),
        (&found.queued, &["DELETE FROM queue WHERE seq = ?1"][..]),
        (
            &found.set_aside,
            &["DELETE FROM set_aside WHERE seq = ?1"][..],
        ),
        (
            // Nothing more is sent for it. Whoever is suppressed stays so.
            &found.intents,
            &[
                "DELETE FROM outbox WHERE message = (SELECT 'intent ' || id FROM intents WHERE seq = ?1)",
                "DELETE FROM looks WHERE intent = (SELECT id FROM intents WHERE seq = ?1)",
                "DELETE FROM intents WHERE seq = ?1",
            ][..],
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
