use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// What brings a store from each version to the next, the first from nothing. `PRAGMA user_version`
/// says how many of them a store has behind it. A step is never changed once it has been released.
const STEPS: [&str; 3] = [TABLES, REASONS, QUEUES];

/// How long to wait for a lock that another program holds. Shorter than any sender's patience.
const BUSY: Duration = Duration::from_secs(1);

/// The same for a command that writes beside a receiver: a person waits for it, no sender.
const BUSY_BESIDE: Duration = Duration::from_secs(10);

const TABLES: &str = "
-- Envelopes that have been acknowledged and not yet processed. A row with a dead_cause will never
-- be processed and waits for a person.
CREATE TABLE queue (
    seq INTEGER PRIMARY KEY,
    envelope TEXT NOT NULL,
    dead_cause TEXT
);

-- Every event once, by its content.
CREATE TABLE callbacks (
    seq INTEGER PRIMARY KEY,
    content_key BLOB NOT NULL UNIQUE,
    request_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    unrecognised TEXT,
    received_at INTEGER NOT NULL,
    signed_at INTEGER NOT NULL,
    secret_slot INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    last_repeat_at INTEGER,
    body BLOB NOT NULL
);
CREATE INDEX unrecognised_callbacks ON callbacks (seq) WHERE unrecognised IS NOT NULL;

CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    state TEXT,
    channel TEXT NOT NULL,
    identity TEXT NOT NULL,
    reason_code TEXT,
    reason_sub_code TEXT,
    reason_description TEXT,
    asks_for TEXT,
    contradicted INTEGER NOT NULL DEFAULT 0,
    conversation_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    metadata TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    client_reference TEXT NOT NULL,
    first_received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
-- Only the few rows that are asked for in particular are worth an index.
CREATE INDEX failed_messages ON messages (seq) WHERE state = 'failed';
CREATE INDEX message_metadata ON messages (metadata) WHERE metadata <> '';
CREATE INDEX message_correlation_id ON messages (correlation_id) WHERE correlation_id <> '';
CREATE INDEX message_client_reference ON messages (client_reference) WHERE client_reference <> '';

-- Where each message stands on each of its channels.
CREATE TABLE legs (
    message INTEGER NOT NULL,
    channel TEXT NOT NULL,
    leg TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (message, channel)
) WITHOUT ROWID;

-- What each report did, in the order of arrival.
CREATE TABLE log (
    message INTEGER NOT NULL,
    callback INTEGER NOT NULL,
    report INTEGER NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    step TEXT NOT NULL,
    leg TEXT,
    state TEXT,
    reason_code TEXT,
    reason_sub_code TEXT,
    reason_description TEXT,
    asks_for TEXT,
    occurred_at TEXT NOT NULL,
    PRIMARY KEY (message, callback, report)
) WITHOUT ROWID;

-- Events on their way to --notify-url.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    -- Set when the last retry has failed: kept for a person to see.
    given_up TEXT
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE given_up IS NULL;
";

/// What the carrier said, and whether a failure is for good.
const REASONS: &str = "
ALTER TABLE callbacks RENAME COLUMN unrecognised TO unrecognized;
DROP INDEX unrecognised_callbacks;
CREATE INDEX unrecognized_callbacks ON callbacks (seq) WHERE unrecognized IS NOT NULL;
ALTER TABLE messages RENAME COLUMN asks_for TO remedy;
ALTER TABLE messages ADD COLUMN reason_channel_code TEXT;
ALTER TABLE messages ADD COLUMN reason_status_message TEXT;
ALTER TABLE messages ADD COLUMN permanence TEXT;
ALTER TABLE messages ADD COLUMN carrier TEXT;
ALTER TABLE log RENAME COLUMN asks_for TO remedy;
ALTER TABLE log ADD COLUMN reason_channel_code TEXT;
ALTER TABLE log ADD COLUMN reason_status_message TEXT;
ALTER TABLE log ADD COLUMN permanence TEXT;
ALTER TABLE log ADD COLUMN carrier TEXT;
";

/// Queues whose rows can be put off one by one: the outbox knows which message an event is about, the
/// queue how often a row has failed, and what is set aside lies in a table of its own, where nobody
/// who looks for work has to step over it.
const QUEUES: &str = "
CREATE TABLE set_aside (
    -- A person names it: no number is given out twice.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    cause TEXT NOT NULL,
    set_aside_at INTEGER NOT NULL,
    envelope TEXT NOT NULL
);
INSERT INTO set_aside (cause, set_aside_at, envelope)
    SELECT dead_cause, unixepoch(), envelope FROM queue WHERE dead_cause IS NOT NULL ORDER BY seq;

ALTER TABLE queue RENAME TO queue_before;
CREATE TABLE queue (
    -- No number is given out twice: whoever has found a row can delete it later.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- How often it could not be processed for a reason of its own.
    tries INTEGER NOT NULL DEFAULT 0,
    -- Not before this moment, in Unix milliseconds.
    retry_at INTEGER NOT NULL DEFAULT 0,
    envelope TEXT NOT NULL
);
INSERT INTO queue (seq, envelope)
    SELECT seq, envelope FROM queue_before WHERE dead_cause IS NULL;
DROP TABLE queue_before;

-- The message that an event is about: its events are posted one after the other.
ALTER TABLE outbox ADD COLUMN message TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN last_cause TEXT;
ALTER TABLE outbox ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET
    message = coalesce(nullif(json_extract(event, '$.message_id'), ''), event_id),
    created_at = coalesce(json_extract(event, '$.received_at'), due_at),
    last_cause = given_up;
CREATE INDEX outbox_message ON outbox (message, seq) WHERE given_up IS NULL;
";

/// What answers each filter of the API, and each count, without a look at every row. No index
/// changes what a table means, so these are made in stores of any version.
const INDICES: &str = "
CREATE INDEX IF NOT EXISTS message_state ON messages (state);
CREATE INDEX IF NOT EXISTS message_reason ON messages (reason_code) WHERE reason_code IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_remedy ON messages (remedy) WHERE remedy IS NOT NULL;
CREATE INDEX IF NOT EXISTS failed_message_reasons ON messages (reason_code, remedy) WHERE state = 'failed';
CREATE INDEX IF NOT EXISTS contradicted_messages ON messages (seq) WHERE contradicted;
CREATE INDEX IF NOT EXISTS repeated_callbacks ON callbacks (repeats) WHERE repeats > 0;
CREATE INDEX IF NOT EXISTS outbox_given_up ON outbox (seq) WHERE given_up IS NOT NULL;
";

/// Opens the database, sets it up for durability, and brings its tables to this version.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What is deleted is overwritten, what has passed through the queue included: bodies hold phone
    // numbers. It costs a page more to write for each that is freed.
    connection.pragma_update(None, "secure_delete", true)?;
    // A commit is on the disk before it is answered.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Kibibytes, so the sign: 12 MiB of pages, within the memory that serve promises.
    connection.pragma_update(None, "cache_size", -12_288)?;
    // Pages of log after which a commit folds it itself: far past what the checkpointer leaves.
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&connection)?;
    connection.execute_batch(INDICES)?;
    Ok(connection)
}

/// Opens the database for nothing but folding its log.
pub(super) fn open_for_checkpoints(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -256)?;
    Ok(connection)
}

/// Opens the database for a few writes beside a receiver that runs, or without one.
pub(super) fn open_for_writing_beside(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY_BESIDE)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    check_current(&connection)?;
    Ok(connection)
}

/// Opens the database for reading beside whoever writes.
pub(super) fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cache_size", -2_048)?;
    check_current(&connection)?;
    Ok(connection)
}

/// The version of this build's tables.
fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Whether a copy is a store that this build can read or bring up.
pub(super) fn check_copy(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    check_newer(found)?;
    if found == 0 || !has_table(connection, "messages")? {
        return Err(StoreError::Damaged {
            verdict: "it is a database of something else".into(),
        });
    }
    Ok(())
}

/// Whether there is a table of this name.
pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1",
        [name],
        |row| row.get(0),
    )
}

fn check_newer(found: i64) -> Result<(), StoreError> {
    if found > known() {
        return Err(StoreError::Newer {
            found,
            known: known(),
        });
    }
    Ok(())
}

fn check_current(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    check_newer(found)?;
    if found < known() {
        return Err(StoreError::Older {
            found,
            known: known(),
        });
    }
    Ok(())
}

fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    check_newer(found)?;
    for (step, version) in STEPS.iter().zip(1_i64..) {
        if version > found {
            let done = connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {step} PRAGMA user_version = {version}; COMMIT;"
            ));
            if done.is_err() && !connection.is_autocommit() {
                // The store stays at the version that it has.
                let _ = connection.execute_batch("ROLLBACK");
            }
            done?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_the_first_version_keeps_its_queue_and_its_events() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(TABLES).unwrap();
        old.execute_batch(
            "PRAGMA user_version = 1;
             INSERT INTO queue (seq, envelope, dead_cause) VALUES (3, 'bad', 'why'), (7, 'good', NULL);
             INSERT INTO outbox (event_id, event, due_at, given_up) VALUES
                 ('k-0', '{\"message_id\":\"m-1\",\"received_at\":5}', 9, NULL),
                 ('k-1', '{\"message_id\":\"\"}', 9, 'answered 500');",
        )
        .unwrap();
        drop(old);
        assert!(matches!(
            open_for_reading(&path),
            Err(StoreError::Older { found: 1, .. })
        ));
        let store = open_for_writing(&path).unwrap();
        let text = |query: &str| {
            store
                .query_row(query, (), |row| row.get::<_, String>(0))
                .unwrap()
        };
        assert_eq!(
            text("SELECT group_concat(seq || envelope || tries) FROM queue"),
            "7good0"
        );
        assert_eq!(
            text("SELECT group_concat(envelope || ':' || cause) FROM set_aside"),
            "bad:why"
        );
        assert_eq!(
            text(
                "SELECT group_concat(message || created_at || coalesce(given_up, '-')) FROM outbox"
            ),
            "m-15-,k-19answered 500"
        );
        assert!(open_for_reading(&path).is_ok());
    }
}
