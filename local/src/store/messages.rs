//! Messages as rows: what the pipeline keeps of each, and the columns that queries look for.

use rusqlite::{Connection, OptionalExtension, Row, named_params, types::Type};
use sinch_callback::{ContentKey, Delivery, DeliveryState, UnixSeconds};
use sinch_callback_pipeline::{Due, Message};

/// The columns that [`read`] needs.
pub(super) const COLUMNS: &str = "seq, message_id, subject, delivery, version, \
    first_received_at, updated_at, due_at, due_by";

/// The message of a row.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Message> {
    let delivery: String = row.get("delivery")?;
    let due_by: Option<[u8; 16]> = row.get("due_by")?;
    let due_at: Option<u64> = row.get("due_at")?;
    Ok(Message {
        message_id: row.get("message_id")?,
        subject: row.get("subject")?,
        delivery: Delivery::decode(&delivery).ok_or_else(|| unreadable(row))?,
        version: row.get("version")?,
        first_received_at: row.get("first_received_at")?,
        updated_at: row.get("updated_at")?,
        due: due_at.zip(due_by).map(|(at, content_key)| Due {
            at: UnixSeconds::new(at),
            content_key: ContentKey::from_bytes(content_key),
        }),
    })
}

/// Only we write it, so this is a broken store: nothing is to be built on it.
fn unreadable(row: &Row<'_>) -> rusqlite::Error {
    let index = row.as_ref().column_index("delivery").unwrap_or_default();
    rusqlite::Error::InvalidColumnType(index, "delivery".into(), Type::Text)
}

/// The message of this id.
pub(super) fn find(connection: &Connection, message_id: &str) -> rusqlite::Result<Option<Message>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages WHERE message_id = ?1"
        ))?
        .query_row([message_id], read)
        .optional()
}

/// Writes a message, and gives its row.
pub(super) fn write(connection: &Connection, message: &Message) -> rusqlite::Result<i64> {
    let delivery = &message.delivery;
    let failure = delivery
        .deciding()
        .and_then(|report| report.failure.as_ref());
    connection
        .prepare_cached(
            "INSERT INTO messages (message_id, subject, delivery, version, first_received_at, \
             updated_at, due_at, due_by, state, reason_code, remedy, contradicted, metadata, \
             correlation_id, client_reference) VALUES \
             (:message_id, :subject, :delivery, :version, :first_received_at, \
             :updated_at, :due_at, :due_by, :state, :reason_code, :remedy, :contradicted, :metadata, \
             :correlation_id, :client_reference) \
             ON CONFLICT (message_id) DO UPDATE SET \
             delivery = excluded.delivery, \
             version = excluded.version, \
             updated_at = excluded.updated_at, \
             due_at = excluded.due_at, \
             due_by = excluded.due_by, \
             state = excluded.state, \
             reason_code = excluded.reason_code, \
             remedy = excluded.remedy, \
             contradicted = excluded.contradicted, \
             metadata = excluded.metadata, \
             correlation_id = excluded.correlation_id, \
             client_reference = excluded.client_reference \
             RETURNING seq",
        )?
        .query_row(
            named_params! {
                ":message_id": message.message_id,
                ":subject": message.subject,
                ":delivery": delivery.encode(),
                ":version": message.version,
                ":first_received_at": message.first_received_at,
                ":updated_at": message.updated_at,
                ":due_at": message.due.map(|due| i64::try_from(due.at.get()).unwrap_or(i64::MAX)),
                ":due_by": message.due.map(|due| *due.content_key.as_bytes()),
                ":state": delivery.state().map(DeliveryState::as_str),
                ":reason_code": failure.map(|failure| &failure.code),
                ":remedy": failure.map(|failure| failure.remedy.as_str()),
                ":contradicted": delivery.is_contradicted(),
                ":metadata": delivery.metadata(),
                ":correlation_id": delivery.correlation_id(),
                ":client_reference": delivery.client_reference(),
            },
            |row| row.get(0),
        )
}
