//! Which intents are to be told of which messages: written in the commit that changes the message, so
//! that no crash lies between a report and what follows from it.

use rusqlite::{Connection, params};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::messages::Message;
use sinch_callback_recovery::IntentId;

use super::{error::StoreError, intents, messages, moment, open::Store};

/// A note that a message of an intent has changed.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) seq: i64,
    pub(crate) intent: IntentId,
    /// The message as it is now; `None` where it has been forgotten since.
    pub(crate) message: Option<Message>,
}

/// The oldest notes behind one of them.
fn behind(connection: &Connection, after: i64, limit: usize) -> rusqlite::Result<Vec<Look>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT intent, looks.seq AS look, messages.seq IS NOT NULL AS is_known, aggregate \
             FROM looks LEFT JOIN messages ON message_id = looks.message \
             WHERE looks.seq > ?1 ORDER BY looks.seq LIMIT ?2",
        )?
        .query_map(params![after, limit], |row| {
            let is_known: bool = row.get("is_known")?;
            Ok(Look {
                seq: row.get("look")?,
                intent: intents::id_of(row, 0)?,
                message: is_known.then(|| messages::read(row)).transpose()?,
            })
        })?
        .collect()
}

/// When the oldest callback was received of which an intent is still to be told.
pub(super) fn oldest(connection: &Connection) -> rusqlite::Result<Option<UnixSeconds>> {
    let oldest: Option<u64> = connection
        .prepare_cached("SELECT min(received_at) FROM looks")?
        .query_row((), |row| row.get(0))?;
    Ok(oldest.map(UnixSeconds::new))
}

/// What is to be done about intents.
#[derive(Debug)]
pub(crate) struct ToDo {
    /// What they are to be told, the oldest first.
    pub(crate) notes: Vec<Look>,
    /// Those that are to be looked at, the most overdue first.
    pub(crate) due: Vec<IntentId>,
    /// When the next one is to be looked at after these.
    pub(crate) next: Option<UnixSeconds>,
}

impl Store {
    /// What is to be done now, behind the note of this number: at most so many of each.
    pub(crate) async fn to_do(
        &self,
        after: i64,
        now: UnixSeconds,
        notes: usize,
        intents: usize,
    ) -> Result<ToDo, StoreError> {
        self.read(move |connection| {
            let next: Option<u64> = connection
                .prepare_cached("SELECT min(look_at) FROM intents WHERE look_at > ?1")?
                .query_row([moment::seconds(now)], |row| row.get(0))?;
            Ok(ToDo {
                notes: behind(connection, after, notes)?,
                due: intents::due(connection, now, intents)?,
                next: next.map(UnixSeconds::new),
            })
        })
        .await
    }

    /// Takes notes off of which the intents have been told.
    pub(crate) async fn looked(&self, seqs: Vec<i64>) -> Result<(), StoreError> {
        if seqs.is_empty() {
            return Ok(());
        }
        self.writer
            .write(move |connection| {
                let mut delete = connection.prepare_cached("DELETE FROM looks WHERE seq = ?1")?;
                for seq in &seqs {
                    delete.execute([seq])?;
                }
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_an_intent_is_still_to_be_told_is_as_old_as_its_oldest_callback() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.read(oldest).await.unwrap(), None);
        let noted = store.writer.write(|connection| {
            connection.execute_batch(
                "INSERT INTO looks (intent, message, received_at) VALUES ('i', 'm', 1200);
                 INSERT INTO looks (intent, message, received_at) VALUES ('i', 'n', 1150);",
            )
        });
        noted.await.unwrap();
        let told = store.read(oldest).await.unwrap();
        assert_eq!(told, Some(UnixSeconds::new(1_150)));
        store.looked(vec![2]).await.unwrap();
        let told = store.read(oldest).await.unwrap();
        assert_eq!(told, Some(UnixSeconds::new(1_200)));
        store.close().await.unwrap();
    }
}
