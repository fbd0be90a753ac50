//! Intents as rows: the text that the crate `recovery` keeps of each, and the columns that are looked for.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params, types::Type};
use serde::Serialize;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::messages::{AttemptName, Watch};
use sinch_callback_recovery::{
    Attempt, Channel, Intent, IntentId, IntentKey, IntentState, IntentSummary,
    ports::{Creation, Intents},
};

use super::{error::StoreError, messages, moment, open::Store, outbox};

impl Intents for Store {
    type Error = StoreError;

    async fn create(&self, intent: Intent) -> Result<Creation, StoreError> {
        let creation = self
            .writer
            .write(move |connection| create(connection, &intent))
            .await?;
        self.acting.notify_one();
        Ok(creation)
    }

    async fn find(&self, key: &IntentKey) -> Result<Option<Intent>, StoreError> {
        let key = key.clone();
        self.read(move |connection| find(connection, &key)).await
    }

    async fn read(&self, id: IntentId) -> Result<Option<Intent>, StoreError> {
        // What has been committed by now is seen, so no turn at the writer has to be waited for.
        self.read(move |connection| Ok(of_id(connection, id)?.map(|(_, intent)| intent)))
            .await
    }

    async fn update<T: Send + 'static>(
        &self,
        id: IntentId,
        change: impl Fn(Intent) -> (Option<Intent>, T) + Send + Sync + 'static,
    ) -> Result<Option<T>, StoreError> {
        self.writer
            .write(move |connection| update(connection, id, &change))
            .await
    }

    async fn due(&self, now: UnixSeconds, limit: usize) -> Result<Vec<IntentId>, StoreError> {
        self.read(move |connection| due(connection, now, limit))
            .await
    }
}

impl Store {
    /// Waits until an intent has been accepted or told of a message since the last call.
    pub(crate) async fn acted(&self) {
        self.acting.notified().await;
    }
}

pub(super) fn id_of(row: &Row<'_>, index: usize) -> rusqlite::Result<IntentId> {
    let text: String = row.get(index)?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
    })
}

/// Those that are to be looked at, the most overdue first.
pub(super) fn due(
    connection: &Connection,
    now: UnixSeconds,
    limit: usize,
) -> rusqlite::Result<Vec<IntentId>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached("SELECT id FROM intents WHERE look_at <= ?1 ORDER BY look_at LIMIT ?2")?
        .query_map(params![moment::seconds(now), limit], |row| id_of(row, 0))?
        .collect()
}

/// The intent of a row that has its `record`.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Intent> {
    let text = row.get_ref("record")?;
    // Only we write it, so else this is a broken store: nothing is to be sent by it.
    text.as_str().ok().and_then(Intent::decode).ok_or_else(|| {
        let index = row.as_ref().column_index("record").unwrap_or_default();
        rusqlite::Error::InvalidColumnType(index, "record".into(), Type::Text)
    })
}

/// The intent of a key.
///
/// # Errors
/// Where the store cannot be read.
pub fn find(connection: &Connection, key: &IntentKey) -> rusqlite::Result<Option<Intent>> {
    connection
        .prepare_cached("SELECT record FROM intents WHERE key = ?1")?
        .query_row([key.as_str()], read)
        .optional()
}

fn of_id(connection: &Connection, id: IntentId) -> rusqlite::Result<Option<(i64, Intent)>> {
    connection
        .prepare_cached("SELECT seq, record FROM intents WHERE id = ?1")?
        .query_row([id.to_string()], |row| Ok((row.get("seq")?, read(row)?)))
        .optional()
}

/// Changes the intent of a key beside a receiver that runs, or without one, which looks at it within
/// five seconds. `None`: there is none.
///
/// # Errors
/// Where the store cannot be read or written.
pub fn change<T>(
    connection: &mut Connection,
    key: &IntentKey,
    change: impl Fn(Intent) -> (Option<Intent>, T),
) -> rusqlite::Result<Option<T>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(intent) = find(&transaction, key)? else {
        return Ok(None);
    };
    let changed = update(&transaction, intent.id(), change)?;
    transaction.commit()?;
    Ok(changed)
}

fn create(connection: &Connection, intent: &Intent) -> rusqlite::Result<Creation> {
    if let Some(known) = find(connection, intent.key())? {
        return Ok(Creation::Exists(Box::new(known)));
    }
    let summary = intent.summary();
    connection
        .prepare_cached(
            "INSERT INTO intents (key, id, record, state, look_at, created_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        )?
        .execute(params![
            intent.key().as_str(),
            intent.id().to_string(),
            intent.encode(),
            summary.state.as_str(),
            intent.look_at().map(moment::seconds),
            seconds(summary.accepted_at),
        ])?;
    watch(connection, intent, &[])?;
    Ok(Creation::Created)
}

fn update<T>(
    connection: &Connection,
    id: IntentId,
    change: impl Fn(Intent) -> (Option<Intent>, T),
) -> rusqlite::Result<Option<T>> {
    let found = of_id(connection, id)?;
    // Nobody else writes meanwhile, so the version that was given is the one that is replaced.
    let Some((seq, intent)) = found else {
        return Ok(None);
    };
    let known: Vec<_> = message_ids(&intent).map(str::to_owned).collect();
    let (changed, result) = change(intent);
    if let Some(intent) = changed {
        write(connection, seq, &intent)?;
        watch(connection, &intent, &known)?;
    }
    Ok(Some(result))
}

fn message_ids(intent: &Intent) -> impl Iterator<Item = &str> {
    let attempts = intent.attempts().iter();
    attempts.filter_map(Attempt::message_id)
}

/// Says on each message of an intent that is not known yet which attempt it is: so the intent is told of
/// it even if its reports bear no correlation id, and one that stays silent is known to wait.
fn watch(connection: &Connection, intent: &Intent, known: &[String]) -> rusqlite::Result<()> {
    for (number, attempt) in (1..).zip(intent.attempts()) {
        let Some(message_id) = attempt.message_id() else {
            continue;
        };
        if attempt.channel() == Channel::Email || known.iter().any(|known| known == message_id) {
            continue;
        }
        let watch = Watch {
            message_id: message_id.to_owned(),
            deadline: None,
            attempt: AttemptName::parse(&intent.attempt_name(number).to_string()),
        };
        let now = attempt.called_at();
        messages::update(connection, message_id, |found| watch.change(found, now))?;
    }
    Ok(())
}

fn write(connection: &Connection, seq: i64, intent: &Intent) -> rusqlite::Result<()> {
    let summary = intent.summary();
    let updated_at = intent.log().lines().last().map(|line| line.at);
    connection
        .prepare_cached(
            "UPDATE intents SET record = ?2, state = ?3, look_at = ?4, updated_at = ?5 \
             WHERE seq = ?1",
        )?
        .execute(params![
            seq,
            intent.encode(),
            summary.state.as_str(),
            intent.look_at().map(moment::seconds),
            seconds(updated_at.map_or(summary.accepted_at, UnixSeconds::get)),
        ])?;
    Ok(())
}

fn seconds(moment: u64) -> i64 {
    i64::try_from(moment).unwrap_or(i64::MAX)
}

/// Deletes an intent, with what is still to be told of it.
pub(super) fn delete(connection: &Connection, seq: i64, id: IntentId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM outbox WHERE message = ?1")?
        .execute([outbox::order_of(id)])?;
    connection
        .prepare_cached("DELETE FROM intents WHERE seq = ?1")?
        .execute([seq])?;
    Ok(())
}

/// Which intents to list, and how far back.
#[derive(Clone, Debug, Default)]
pub struct IntentFilter {
    /// A state.
    pub state: Option<IntentState>,
    /// The `next_before` of the page before.
    pub before: Option<i64>,
    /// Most intents of the page.
    pub limit: u32,
}

/// A page of intents, the newest first.
#[derive(Debug, Serialize)]
pub struct IntentPage {
    /// The intents.
    pub intents: Vec<IntentSummary>,
    /// What to ask for as `before` to get the next page.
    pub next_before: Option<i64>,
}

impl IntentPage {
    /// The page that a filter asks for.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn list(connection: &Connection, filter: &IntentFilter) -> rusqlite::Result<Self> {
        let rows: Vec<(i64, Intent)> = connection
            .prepare_cached(
                "SELECT seq, record FROM intents WHERE seq < coalesce(?1, 9223372036854775807) \
                 AND (?2 IS NULL OR state = ?2) ORDER BY seq DESC LIMIT ?3",
            )?
            .query_map(
                params![
                    filter.before,
                    filter.state.map(IntentState::as_str),
                    filter.limit
                ],
                |row| Ok((row.get("seq")?, read(row)?)),
            )?
            .collect::<Result<_, _>>()?;
        let is_full = u32::try_from(rows.len()).is_ok_and(|rows| rows >= filter.limit);
        Ok(Self {
            next_before: rows.last().map(|(seq, _)| *seq).filter(|_| is_full),
            intents: rows.iter().map(|(_, intent)| intent.summary()).collect(),
        })
    }
}

/// How many intents are in which state.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn counts(connection: &Connection) -> rusqlite::Result<Vec<(IntentState, u64)>> {
    let rows: Vec<(String, u64)> = connection
        .prepare_cached("SELECT state, count(*) FROM intents GROUP BY state")?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let known = |(state, count): (String, u64)| Some((state.parse().ok()?, count));
    Ok(rows.into_iter().filter_map(known).collect())
}
