//! Messages as rows: the aggregate that the pipeline keeps of each, and the columns that queries look
//! for.

use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use sinch_callback_pipeline::messages::{Change, Changed, Message, Messages};

use super::{
    counting::{self, Standing},
    error::StoreError,
    forgotten, moment,
    open::Store,
};

impl Messages for Store {
    type Error = StoreError;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, StoreError> {
        let message_id = message_id.to_owned();
        let told = message_id.clone();
        let changed = self
            .writer
            .write(move |connection| update(connection, &message_id, &change))
            .await?;
        if !changed.attempts.is_empty() {
            self.acting.notify_one();
        }
        self.changes.note(&told);
        Ok(changed)
    }
}

impl Store {
    /// Counts a few of the messages that a store of an earlier version has left uncounted, the newest first,
    /// and tells whether there may be more.
    pub(crate) async fn count_some(&self) -> Result<bool, StoreError> {
        self.writer.write(count_some).await
    }
}

/// Changes a message, in the transaction that there is.
pub(super) fn update(
    connection: &Connection,
    message_id: &str,
    change: impl Fn(Option<Message>) -> Change,
) -> rusqlite::Result<Changed> {
    let found = connection
        .prepare_cached(&format!(
            "SELECT seq, aggregate, {} FROM messages WHERE message_id = ?1",
            Standing::COLUMNS
        ))?
        .query_row([message_id], |row| {
            let message = read(row)?;
            Ok((Place::of(row, &message)?, message))
        })
        .optional()?;
    if found.is_none() && forgotten::is_marked(connection, message_id)? {
        return Ok(Changed::default());
    }
    let (row, found) = found.unzip();
    let Change { write, changed } = change(found);
    if let Some(message) = write {
        self::write(connection, row.as_ref(), &message)?;
    }
    Ok(changed)
}

/// Where a message lies, and what ties it to the sender's business there.
pub(super) struct Place {
    seq: i64,
    texts: [String; 3],
    recipients: Vec<String>,
    /// What it is counted for; `None` where it is not yet.
    standing: Option<Standing>,
}

impl Place {
    /// The place of a row that has the message, and [`Standing::COLUMNS`].
    pub(super) fn of(row: &Row<'_>, message: &Message) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get("seq")?,
            texts: texts(message).map(str::to_owned),
            recipients: message.recipients(),
            standing: Standing::read(row)?,
        })
    }
}

fn texts(message: &Message) -> [&str; 3] {
    let delivery = &message.delivery;
    [
        delivery.metadata(),
        delivery.correlation_id(),
        delivery.client_reference(),
    ]
}

/// The message of a row that has its `aggregate`.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Message> {
    let text = row.get_ref("aggregate")?;
    // Only we write it, so else this is a broken store: nothing is to be built on it.
    text.as_str().ok().and_then(Message::decode).ok_or_else(|| {
        let index = row.as_ref().column_index("aggregate").unwrap_or_default();
        rusqlite::Error::InvalidColumnType(index, "aggregate".into(), Type::Text)
    })
}

/// The message of this id, and its row.
pub(super) fn find(
    connection: &Connection,
    message_id: &str,
) -> rusqlite::Result<Option<(i64, Message)>> {
    connection
        .prepare_cached("SELECT seq, aggregate FROM messages WHERE message_id = ?1")?
        .query_row([message_id], |row| Ok((row.get("seq")?, read(row)?)))
        .optional()
}

/// Writes a message into its row, or into a new one.
pub(super) fn write(
    connection: &Connection,
    place: Option<&Place>,
    message: &Message,
) -> rusqlite::Result<()> {
    let delivery = &message.delivery;
    let failure = delivery
        .deciding()
        .and_then(|report| report.failure.as_ref());
    let repeats = message.log.entries().iter().map(|entry| entry.repeats);
    let repeats = repeats.fold(0, u64::saturating_add);
    let due_at = message.dues.next().map(moment::seconds);
    let waits_since = message.waits_since().map(moment::seconds);
    let aggregate = message.encode();
    let remedy = failure.map(|failure| failure.remedy.as_str());
    let contradicted = delivery.is_contradicted();
    let texts = texts(message);
    let [metadata, correlation_id, client_reference] = texts;
    let standing = Standing::of(message);
    let Standing {
        state,
        reason,
        channel,
        prefix,
        to_delivered,
        to_read,
        ..
    } = &standing;
    let is_overdue = message.is_overdue();
    note(connection, message)?;
    counting::moved(
        connection,
        place.and_then(|place| place.standing.as_ref()),
        &standing,
    )?;
    let Some(Place {
        seq,
        texts: before,
        recipients: went_to_before,
        standing: place_standing,
    }) = place
    else {
        connection
            .prepare_cached(
                "INSERT INTO messages (message_id, aggregate, first_received_at, updated_at, \
                 due_at, waits_since, state, reason_code, remedy, contradicted, repeats, \
                 metadata, correlation_id, client_reference, channel, prefix, to_delivered, to_read, \
                 overdue) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
                 ?16, ?17, ?18, ?19)",
            )?
            .execute(params![
                message.message_id,
                aggregate,
                message.first_received_at,
                message.updated_at,
                due_at,
                waits_since,
                state,
                reason,
                remedy,
                contradicted,
                repeats,
                metadata,
                correlation_id,
                client_reference,
                channel,
                prefix,
                to_delivered,
                to_read,
                is_overdue,
            ])?;
        went_to(connection, connection.last_insert_rowid(), message)?;
        return Ok(());
    };
    connection
        .prepare_cached(
            "UPDATE messages SET aggregate = ?2, updated_at = ?3, due_at = ?4, \
             waits_since = ?5, state = ?6, reason_code = ?7, remedy = ?8, contradicted = ?9, \
             repeats = ?10, channel = ?11, prefix = ?12, to_delivered = ?13, to_read = ?14, \
             overdue = ?15 WHERE seq = ?1",
        )?
        .execute(params![
            seq,
            aggregate,
            message.updated_at,
            due_at,
            waits_since,
            state,
            reason,
            remedy,
            contradicted,
            repeats,
            channel,
            prefix,
            to_delivered,
            to_read,
            is_overdue,
        ])?;
    let recipients = message.recipients();
    if place_standing.is_none() || recipients != *went_to_before {
        went_to(connection, *seq, message)?;
    }
    for gone in went_to_before
        .iter()
        .filter(|one| !recipients.contains(one))
    {
        connection
            .prepare_cached("DELETE FROM recipients WHERE message = ?1 AND identity = ?2")?
            .execute(params![seq, gone])?;
    }
    // Each has an index, which is written whenever its column is, and hardly any ever changes.
    if texts.iter().ne(before) {
        connection
            .prepare_cached(
                "UPDATE messages SET metadata = ?2, correlation_id = ?3, client_reference = ?4 \
                 WHERE seq = ?1",
            )?
            .execute(params![seq, metadata, correlation_id, client_reference])?;
    }
    Ok(())
}

/// Lets a message be found by whom it went to.
fn went_to(connection: &Connection, seq: i64, message: &Message) -> rusqlite::Result<()> {
    for identity in message.recipients() {
        connection
            .prepare_cached("INSERT OR IGNORE INTO recipients (message, identity) VALUES (?1, ?2)")?
            .execute(params![seq, identity])?;
    }
    Ok(())
}

/// Counts a few of the messages that a store of an earlier version has left uncounted, and tells whether
/// there may be more.
fn count_some(connection: &Connection) -> rusqlite::Result<bool> {
    let rows: Vec<(i64, Message)> = connection
        .prepare_cached(
            "SELECT seq, aggregate FROM messages INDEXED BY uncounted_messages \
             WHERE channel IS NULL ORDER BY seq DESC LIMIT ?1",
        )?
        .query_map([COUNTED_AT_ONCE], |row| Ok((row.get("seq")?, read(row)?)))?
        .collect::<Result<_, _>>()?;
    for (seq, message) in &rows {
        let standing = Standing::of(message);
        counting::moved(connection, None, &standing)?;
        connection
            .prepare_cached(
                "UPDATE messages SET channel = ?2, prefix = ?3, to_delivered = ?4, to_read = ?5, \
                 overdue = ?6 WHERE seq = ?1",
            )?
            .execute(params![
                seq,
                standing.channel,
                standing.prefix,
                standing.to_delivered,
                standing.to_read,
                message.is_overdue(),
            ])?;
        went_to(connection, *seq, message)?;
    }
    Ok(i64::try_from(rows.len()).is_ok_and(|count| count >= COUNTED_AT_ONCE))
}

/// Messages that are counted in one step: a few milliseconds of the writer.
const COUNTED_AT_ONCE: i64 = 200;

/// Notes that an intent is to be told of its message, where something was reported of it: in the same
/// commit, so that no crash lies between a report and what follows from it.
fn note(connection: &Connection, message: &Message) -> rusqlite::Result<()> {
    if message.version == 0 {
        return Ok(());
    }
    let entry = message.log.entries().last();
    let received_at = entry.map_or(message.first_received_at, |entry| entry.received_at);
    for attempt in message.attempts() {
        connection
            .prepare_cached(
                "INSERT INTO looks (intent, message, received_at) SELECT ?1, ?2, ?3 \
                 WHERE EXISTS (SELECT 1 FROM intents WHERE id = ?1)",
            )?
            .execute(params![
                attempt.intent(),
                message.message_id,
                moment::seconds(received_at.into())
            ])?;
    }
    Ok(())
}
