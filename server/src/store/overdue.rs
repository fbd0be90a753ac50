use rusqlite::{Connection, params};
use sinch_callback::UnixSeconds;

use super::{error::StoreError, messages, open::Store, outbox};

/// Messages that are told in one commit.
const BATCH: u32 = 256;

impl Store {
    /// Takes the due off each stuck message whose time is up, and gives the messages. With `tells`,
    /// the event of each is kept in the same commit, so that it is told once.
    pub(crate) async fn overdue(
        &self,
        now: UnixSeconds,
        tells: bool,
    ) -> Result<Vec<String>, StoreError> {
        let is_any = self.read(move |connection| is_any(connection, now)).await?;
        if !is_any {
            return Ok(Vec::new());
        }
        let taken = self
            .writer
            .write(move |connection| take(connection, now, tells))
            .await?;
        self.events.notify_one();
        Ok(taken)
    }
}

/// Whether a message is due: the question that costs the writer nothing.
fn is_any(connection: &Connection, now: UnixSeconds) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM messages WHERE due_at <= ?1)")?
        .query_row([outbox::seconds(now)], |row| row.get(0))
}

fn take(connection: &Connection, now: UnixSeconds, tells: bool) -> rusqlite::Result<Vec<String>> {
    let due: Vec<_> = connection
        .prepare_cached(
            "SELECT seq, aggregate FROM messages WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
        )?
        .query_map(params![outbox::seconds(now), BATCH], |row| {
            let message = messages::read(row)?;
            Ok((messages::Place::of(row.get("seq")?, &message), message))
        })?
        .collect::<Result<_, _>>()?;
    let mut taken = Vec::with_capacity(due.len());
    for (place, mut message) in due {
        let events = message.take_overdue(now);
        for event in events.iter().filter(|_| tells) {
            outbox::Kept::of(event).insert(connection, now)?;
        }
        messages::write(connection, Some(&place), &message)?;
        taken.push(message.message_id);
    }
    Ok(taken)
}
