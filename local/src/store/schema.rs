use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// Version of the tables below, kept in `PRAGMA user_version`.
const VERSION: i64 = 2;

/// How long to wait for a lock that another program holds. Shorter than any sender's patience.
const BUSY: Duration = Duration::from_secs(1);

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
    unrecognized TEXT,
    received_at INTEGER NOT NULL,
    signed_at INTEGER NOT NULL,
    secret_slot INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    last_repeat_at INTEGER,
    body BLOB NOT NULL
);
CREATE INDEX unrecognized_callbacks ON callbacks (seq) WHERE unrecognized IS NOT NULL;

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
    reason_channel_code TEXT,
    reason_status_message TEXT,
    permanence TEXT,
    remedy TEXT,
    -- What the carrier said, as JSON.
    carrier TEXT,
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
    reason_channel_code TEXT,
    reason_status_message TEXT,
    permanence TEXT,
    remedy TEXT,
    -- What the carrier said, as JSON.
    carrier TEXT,
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

/// What brings the tables of version 1 to version 2.
const TO_2: &str = "
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

/// Opens the database, sets it up for durability, and brings its tables to this version.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit is on the disk before it is answered.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Kibibytes, so the sign: 12 MiB of pages, within the memory that serve promises.
    connection.pragma_update(None, "cache_size", -12_288)?;
    // Pages of log after which a commit folds it itself: far past what the checkpointer leaves.
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&connection)?;
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

/// Opens the database for reading beside whoever writes.
pub(super) fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cache_size", -2_048)?;
    check(version(&connection)?)?;
    Ok(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn check(found: i64) -> Result<(), StoreError> {
    if found > VERSION {
        return Err(StoreError::Newer {
            found,
            known: VERSION,
        });
    }
    Ok(())
}

fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    check(found)?;
    let steps: &[&str] = match found {
        0 => &[TABLES],
        1 => &[TO_2],
        _ => return Ok(()),
    };
    let steps = steps.concat();
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT;"
    ))?;
    Ok(())
}
