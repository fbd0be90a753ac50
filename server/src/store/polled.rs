//! What a question to Sinch finds: which messages to ask about, what is news, and the queue that it
//! goes into.

use rusqlite::{Connection, params};
use sinch_callback::{DeliveryState, ReportSubject, Step, UnixSeconds};
use sinch_callback_pipeline::{
    Envelope,
    messages::{LogEntry, Novelty, ReadCallback},
};

use super::{forgotten, messages};

/// The ids of SMS messages that had no end by this moment, those that wait longest first: `batch:number`.
///
/// # Errors
/// Where the store cannot be read.
pub fn unsettled_sms(
    connection: &Connection,
    since_before: UnixSeconds,
    limit: usize,
) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        // No id of the Conversation API has a colon.
        "SELECT aggregate FROM messages WHERE message_id LIKE '%:%' AND updated_at <= ?1 \
         AND (state IS NULL OR state IN ('queued', 'switching')) ORDER BY updated_at, seq",
    )?;
    let mut rows = statement.query(params![since_before.get()])?;
    let mut ids = Vec::new();
    while ids.len() < limit
        && let Some(row) = rows.next()?
    {
        let message = messages::read(row)?;
        let is_over = matches!(
            message.delivery.state(),
            Some(DeliveryState::Delivered | DeliveryState::Read | DeliveryState::Failed)
        );
        if message.subject == ReportSubject::SmsRecipient.as_str() && !is_over {
            ids.push(message.message_id);
        }
    }
    Ok(ids)
}

/// Whether an envelope tells anything that the store does not know: whether a message would move on a
/// channel, or be contradicted. Of what was forgotten nothing is kept.
///
/// # Errors
/// Where the store cannot be read.
pub fn is_news(connection: &Connection, envelope: &Envelope<'_>) -> rusqlite::Result<bool> {
    let callback = ReadCallback::of(envelope);
    for index in 0..callback.messages() {
        let id = callback.message_id(index).unwrap_or_default();
        let found = messages::find(connection, id)?.map(|(_, message)| message);
        if found.is_none() && forgotten::is_marked(connection, id)? {
            continue;
        }
        let changed = callback.change(index, found).changed;
        let moves = |entry: LogEntry| {
            let mut steps = entry.reports.into_iter().map(|line| line.step);
            steps.any(|step| matches!(step, Step::Moved(_)))
        };
        let is_moved = changed.novelty == Novelty::New && changed.entry.is_some_and(moves);
        if is_moved || changed.contradicts {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts an envelope into the queue, beside a running receiver or without one.
///
/// # Errors
/// Where the store cannot be written.
pub fn queue_beside(connection: &Connection, envelope: &Envelope<'_>) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO queue (envelope) VALUES (?1)")?
        .execute([envelope.encode()])?;
    Ok(())
}
