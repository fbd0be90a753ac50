//! A message with all that is about it.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use sinch_callback::ContentKey;
use sinch_callback_pipeline::{
    TimelineEntry, TimelineView,
    messages::{AttemptName, Message},
};
use sinch_callback_recovery::IntentView;

use super::{
    intents,
    queries::{self, CallbackPage},
};

/// A message, how it came to stand where it stands, and what was told and done about it.
#[derive(Debug, Serialize)]
pub(crate) struct Timeline {
    #[serde(flatten)]
    view: TimelineView,
    /// What it was sent for.
    intent: Option<IntentView>,
    /// Events about it that have not been taken yet.
    events: Vec<EventView>,
}

/// An event on its way to the outgoing webhook.
#[derive(Debug, Serialize)]
struct EventView {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    /// When it was raised, in Unix seconds.
    at: u64,
    /// How often it was posted.
    attempts: u32,
    /// Why it is posted no more.
    given_up: Option<String>,
}

impl Timeline {
    /// The timeline of a message, and the id that a log may have; `None` of an unknown one.
    pub(crate) fn read(
        connection: &Connection,
        id: &str,
        is_masked: bool,
    ) -> rusqlite::Result<Option<(String, Self)>> {
        let Some((seq, message)) = queries::find(connection, id)? else {
            return Ok(None);
        };
        let masked_id = queries::masked_id(seq, &message.subject, &message.message_id);
        let view = message.view();
        let mut view = TimelineView::of(if is_masked { view.masked() } else { view });
        for entry in &mut view.entries {
            find_body(connection, entry)?;
        }
        let mut events = events(connection, &message.message_id)?;
        if is_masked {
            view.message.summary.message_id.clone_from(&masked_id);
            for event in &mut events {
                event.id = event.id.replace(&message.message_id, &masked_id);
            }
        }
        let timeline = Self {
            view,
            intent: intent(connection, &message)?,
            events,
        };
        Ok(Some((masked_id, timeline)))
    }
}

/// Tells where an entry's body is, if it is kept.
fn find_body(connection: &Connection, entry: &mut TimelineEntry) -> rusqlite::Result<()> {
    let Some(key) = ContentKey::from_hex(&entry.content_key) else {
        return Ok(());
    };
    if CallbackPage::is_kept(connection, key, entry.at)? {
        entry.body = TimelineEntry::KEPT;
        entry.body_path = Some(format!("/api/callbacks/{key}?at={}", entry.at));
    }
    Ok(())
}

/// The intent whose attempt it is.
fn intent(connection: &Connection, message: &Message) -> rusqlite::Result<Option<IntentView>> {
    for attempt in message.attempts() {
        let found = connection
            .prepare_cached("SELECT record FROM intents WHERE id = ?1")?
            .query_row([AttemptName::intent(&attempt)], intents::read)
            .optional()?;
        if let Some(intent) = found {
            return Ok(Some(intent.view()));
        }
    }
    Ok(None)
}

fn events(connection: &Connection, message_id: &str) -> rusqlite::Result<Vec<EventView>> {
    let of_row = |row: &Row<'_>| {
        Ok(EventView {
            id: row.get(0)?,
            kind: row.get(1)?,
            at: row.get(2)?,
            attempts: row.get(3)?,
            given_up: row.get(4)?,
        })
    };
    // Each half by its own index: those to be posted, and the few that are given up.
    connection
        .prepare_cached(
            "SELECT event_id, coalesce(json_extract(event, '$.type'), ''), created_at, attempts, given_up \
             FROM outbox WHERE message = ?1 AND given_up IS NULL \
             UNION ALL \
             SELECT event_id, coalesce(json_extract(event, '$.type'), ''), created_at, attempts, given_up \
             FROM outbox INDEXED BY outbox_given_up WHERE given_up IS NOT NULL AND message = ?1",
        )?
        .query_map([message_id], of_row)?
        .collect()
}
