//! Messages as rows: the aggregate that the pipeline keeps of each, and the columns that queries look
//! for.

use rusqlite::{Connection, OptionalExtension, Row, named_params, types::Type};
use sinch_callback::DeliveryState;
use sinch_callback_pipeline::messages::{Change, Changed, Message, Messages};

use super::{Store, StoreError, forgotten};

impl Messages for Store {
    type Error = StoreError;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, StoreError> {
        let message_id = message_id.to_owned();
        self.writer
            .write(move |connection| update(connection, &message_id, &change))
            .await
    }
}

/// Changes a message, in the transaction that there is.
pub(super) fn update(
    connection: &Connection,
    message_id: &str,
    change: impl Fn(Option<Message>) -> Change,
) -> rusqlite::Result<Changed> {
    let found = find(connection, message_id)?;
    if found.is_none() && forgotten::is_marked(connection, message_id)? {
        return Ok(Changed::FORGOTTEN);
    }
    let seq = found.as_ref().map(|(seq, _)| *seq);
    let Change { write, changed } = change(found.map(|(_, message)| message));
    if let Some(message) = write {
        self::write(connection, seq, &message)?;
    }
    Ok(changed)
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
    seq: Option<i64>,
    message: &Message,
) -> rusqlite::Result<()> {
    let delivery = &message.delivery;
    let failure = delivery
        .deciding()
        .and_then(|report| report.failure.as_ref());
    let repeats = message.log.entries().iter().map(|entry| entry.repeats);
    let statement = if seq.is_some() {
        "UPDATE messages SET aggregate = :aggregate, updated_at = :updated_at, due_at = :due_at, \
         state = :state, reason_code = :reason_code, remedy = :remedy, \
         contradicted = :contradicted, repeats = :repeats, metadata = :metadata, \
         correlation_id = :correlation_id, client_reference = :client_reference \
         WHERE seq = :seq AND message_id = :message_id AND first_received_at = :first_received_at"
    } else {
        "INSERT INTO messages (seq, message_id, aggregate, first_received_at, updated_at, due_at, \
         state, reason_code, remedy, contradicted, repeats, metadata, correlation_id, \
         client_reference) VALUES (:seq, :message_id, :aggregate, :first_received_at, \
         :updated_at, :due_at, :state, :reason_code, :remedy, :contradicted, :repeats, :metadata, \
         :correlation_id, :client_reference)"
    };
    connection
        .prepare_cached(statement)?
        .execute(named_params! {
            ":seq": seq,
            ":message_id": message.message_id,
            ":aggregate": message.encode(),
            ":first_received_at": message.first_received_at,
            ":updated_at": message.updated_at,
            ":due_at": message.due.map(|due| i64::try_from(due.at.get()).unwrap_or(i64::MAX)),
            ":state": delivery.state().map(DeliveryState::as_str),
            ":reason_code": failure.map(|failure| &failure.code),
            ":remedy": failure.map(|failure| failure.remedy.as_str()),
            ":contradicted": delivery.is_contradicted(),
            ":repeats": repeats.fold(0, u64::saturating_add),
            ":metadata": delivery.metadata(),
            ":correlation_id": delivery.correlation_id(),
            ":client_reference": delivery.client_reference(),
        })?;
    Ok(())
}
