use rusqlite::{Connection, params};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::DeliveryEvent;

use super::{counting::Standing, error::StoreError, messages, moment, open::Store, outbox};

/// Messages that are told in one commit.
const BATCH: u32 = 256;

impl Store {
    /// Tells that messages are overdue whose time is up by `heard_until`, and gives what it told. With
    /// `tells`, the event of each is kept in the same commit, so that it is told once.
    pub(crate) async fn overdue(
        &self,
        heard_until: UnixSeconds,
        now: UnixSeconds,
        tells: bool,
    ) -> Result<Vec<DeliveryEvent<'static>>, StoreError> {
        let is_any = self
            .read(move |connection| is_any(connection, heard_until))
            .await?;
        if !is_any {
            return Ok(Vec::new());
        }
        let taken = self
            .writer
            .write(move |connection| take(connection, heard_until, now, tells))
            .await?;
        self.events.notify_one();
        Ok(taken)
    }
}

/// Whether a message is due: the question that costs the writer nothing.
fn is_any(connection: &Connection, heard_until: UnixSeconds) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM messages WHERE due_at <= ?1)")?
        .query_row([moment::seconds(heard_until)], |row| row.get(0))
}

fn take(
    connection: &Connection,
    heard_until: UnixSeconds,
    now: UnixSeconds,
    tells: bool,
) -> rusqlite::Result<Vec<DeliveryEvent<'static>>> {
    let due: Vec<_> = connection
        .prepare_cached(&format!(
            "SELECT seq, aggregate, {} FROM messages WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
            Standing::COLUMNS
        ))?
        .query_map(params![moment::seconds(heard_until), BATCH], |row| {
            let message = messages::read(row)?;
            Ok((messages::Place::of(row, &message)?, message))
        })?
        .collect::<Result<_, _>>()?;
    let mut taken = Vec::with_capacity(due.len());
    for (place, mut message) in due {
        let events = message.take_overdue(heard_until);
        for event in events.iter().filter(|_| tells) {
            outbox::Kept::of(event).insert(connection, now)?;
        }
        messages::write(connection, Some(&place), &message)?;
        taken.extend(events);
    }
    Ok(taken)
}
