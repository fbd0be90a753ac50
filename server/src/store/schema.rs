use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;

/// What brings a store from each version to the next, the first from nothing. `PRAGMA user_version`
/// says how many of them a store has behind it. A step is never changed once it has been released.
const STEPS: [&str; 11] = [
    TABLES, REASONS, QUEUES, DELIVERIES, FORGOTTEN, AGGREGATES, SCHEMES, INTENTS, LISTENING,
    COUNTED, SETUP,
];

/// How long to wait for a lock that another program holds. Shorter than any sender's patience.
const BUSY: Duration = Duration::from_secs(1);
/// Statements that a connection keeps prepared: more than it ever uses.
const STATEMENTS: usize = 64;

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

/// A message is what its reports say together: one text, with the columns that queries look for. A log
/// entry has what its events are made of.
const DELIVERIES: &str = "
DROP INDEX failed_messages;
DROP INDEX message_metadata;
DROP INDEX message_correlation_id;
DROP INDEX message_client_reference;
ALTER TABLE messages RENAME TO messages_before;
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    -- What its reports say, as JSON: `Delivery::encode`.
    delivery TEXT NOT NULL,
    version INTEGER NOT NULL,
    first_received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- When it is told that what would settle it has not come, and since which callback it waits.
    due_at INTEGER,
    due_by BLOB,
    -- Written off the above, to be looked for.
    state TEXT,
    reason_code TEXT,
    remedy TEXT,
    contradicted INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    client_reference TEXT NOT NULL
);
INSERT INTO messages
SELECT seq, message_id, subject,
    json_object(
        'legs', json((SELECT json_group_array(json_object(
            'channel', legs.channel,
            'leg', leg,
            'received', legs.updated_at,
            'identity', iif(legs.channel = old.channel, identity, ''),
            'failure', json(iif(legs.channel = old.channel AND reason_code IS NOT NULL, json_object(
                'code', reason_code,
                'sub_code', reason_sub_code,
                'description', reason_description,
                'channel_code', reason_channel_code,
                'status_message', reason_status_message,
                'permanence', permanence,
                'remedy', remedy
            ), NULL))
        )) FROM legs WHERE message = old.seq)),
        'unknown', json(iif(EXISTS (SELECT 1 FROM legs WHERE message = old.seq), NULL, json_object(
            'channel', channel, 'identity', identity, 'received', updated_at
        ))),
        'texts', json_array(json_object(
            'conversation_id', conversation_id,
            'contact_id', contact_id,
            'metadata', metadata,
            'correlation_id', correlation_id,
            'client_reference', client_reference
        )),
        'was_contradicted', json(iif(contradicted, 'true', 'false'))
    ),
    1, first_received_at, updated_at, NULL, NULL, state, reason_code, remedy, contradicted,
    metadata, correlation_id, client_reference
FROM messages_before AS old ORDER BY seq;
DROP TABLE messages_before;
DROP TABLE legs;
-- Only the few rows that are asked for in particular are worth an index.
CREATE INDEX failed_messages ON messages (seq) WHERE state = 'failed';
CREATE INDEX due_messages ON messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX message_metadata ON messages (metadata) WHERE metadata <> '';
CREATE INDEX message_correlation_id ON messages (correlation_id) WHERE correlation_id <> '';
CREATE INDEX message_client_reference ON messages (client_reference) WHERE client_reference <> '';

ALTER TABLE log ADD COLUMN from_state TEXT;
-- Zero in an entry that is older than versions.
ALTER TABLE log ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log ADD COLUMN contradicted INTEGER NOT NULL DEFAULT 0;
-- What is told of the message where the report does not say it itself, as JSON.
ALTER TABLE log ADD COLUMN said TEXT;
";

/// What was forgotten stays so.
const FORGOTTEN: &str = "
-- A keyed hash of each forgotten message's id, and until when it is kept: `ForgetKey`.
CREATE TABLE forgotten (mark BLOB PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
-- One row, made with the first of those.
CREATE TABLE forget_key (key BLOB NOT NULL);
";

/// A message is one text with its log, and a callback that is applied in the commit that accepts it
/// leaves its body alone, in a table without an index.
const AGGREGATES: &str = "
ALTER TABLE messages RENAME TO messages_before;
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    -- All that is kept of it, as JSON: `Message::encode`.
    aggregate TEXT NOT NULL,
    -- Written off the above, to be looked for.
    first_received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due_at INTEGER,
    state TEXT,
    reason_code TEXT,
    remedy TEXT,
    contradicted INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    client_reference TEXT NOT NULL
);
INSERT INTO messages
SELECT seq, message_id,
    json_object(
        'id', message_id,
        'subject', subject,
        'version', version,
        'revision', 1,
        'first', first_received_at,
        'updated', updated_at,
        'due', json(iif(due_at IS NULL OR due_by IS NULL, 'null', json_object(
            'at', due_at, 'key', lower(hex(due_by))
        ))),
        'delivery', json(delivery),
        'log', json((SELECT json_group_array(json(entry) ORDER BY callback) FROM (
            SELECT callback, json_object(
                'key', lower(hex(content_key)),
                -- The name itself, where a new entry has its hash.
                'by', request_id,
                'at', received_at,
                'age', received_at - signed_at,
                'slot', secret_slot,
                'from', iif(max(moves), max(iif(moves, from_state, NULL)), max(log.state)),
                'to', max(log.state),
                'v', max(log.version),
                'contradicted', json(iif(max(log.contradicted), 'true', 'false')),
                'said', json(coalesce(max(said), 'null')),
                'repeats', repeats,
                'last_repeat_at', last_repeat_at,
                'reports', json_group_array(json_object(
                    'on', channel,
                    'status', status,
                    'step', iif(step = 'moved', leg, step),
                    'at', occurred_at,
                    'reason', json(iif(log.reason_code IS NULL, 'null', json_object(
                        'code', log.reason_code,
                        'sub_code', coalesce(reason_sub_code, ''),
                        'description', coalesce(reason_description, ''),
                        'channel_code', coalesce(reason_channel_code, ''),
                        'status_message', coalesce(reason_status_message, ''),
                        'permanence', coalesce(permanence, 'unknown'),
                        'remedy', coalesce(log.remedy, '')
                    ))),
                    'carrier', json(coalesce(carrier, 'null'))
                ) ORDER BY report)
            ) AS entry FROM (
                -- An entry of the first version does not know where its message came from.
                SELECT *, from_state IS NOT state AND (version > 0 OR step = 'moved') AS moves
                FROM log WHERE message = old.seq
            ) AS log JOIN callbacks ON callbacks.seq = callback GROUP BY callback
        )))
    ),
    first_received_at, updated_at, due_at, state, reason_code, remedy, contradicted,
    (SELECT coalesce(sum(repeats), 0) FROM callbacks
        WHERE seq IN (SELECT callback FROM log WHERE message = old.seq)),
    metadata, correlation_id, client_reference
FROM messages_before AS old ORDER BY seq;
-- Its repeats are counted with the messages since.
UPDATE callbacks SET repeats = 0 WHERE repeats > 0 AND seq IN (SELECT callback FROM log);
DROP TABLE messages_before;
DROP TABLE log;

-- Bodies of callbacks that messages' logs know.
CREATE TABLE bodies (
    seq INTEGER PRIMARY KEY,
    content_key BLOB NOT NULL,
    kind TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    signed_at INTEGER NOT NULL,
    secret_slot INTEGER NOT NULL,
    body BLOB NOT NULL
);
-- By which arrival a callback was repeated last: each is counted once.
ALTER TABLE callbacks ADD COLUMN last_repeat_by TEXT;
-- How far a large callback has been applied.
CREATE TABLE cursors (
    content_key BLOB PRIMARY KEY,
    done INTEGER NOT NULL,
    of INTEGER NOT NULL
) WITHOUT ROWID;
";

const SCHEMES: &str = "
-- By which a callback was signed. Where it signs no time, signed_at is when it was received.
ALTER TABLE callbacks ADD COLUMN scheme TEXT NOT NULL DEFAULT 'conversation';
";

/// What is to be said to whom, what was done about it, and what holds that back.
const INTENTS: &str = "
CREATE TABLE intents (
    seq INTEGER PRIMARY KEY,
    -- The business's own.
    key TEXT NOT NULL UNIQUE,
    -- A ULID, which is in the correlation id of each attempt.
    id TEXT NOT NULL UNIQUE,
    -- All that is kept of it, as JSON: `Intent::encode`.
    record TEXT NOT NULL,
    -- Written off the above, to be looked for.
    state TEXT NOT NULL,
    look_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX due_intents ON intents (look_at) WHERE look_at IS NOT NULL;

-- Which message of which intent has changed since the intent was last told of it.
CREATE TABLE looks (
    -- No number is given out twice: whoever has read up to one goes on behind it.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    intent TEXT NOT NULL,
    message TEXT NOT NULL,
    -- When the callback was received that changed it.
    received_at INTEGER NOT NULL
);

-- How many sends are reserved in an hour, or for a person on a day: by a keyed hash of both.
CREATE TABLE budgets (
    mark BLOB PRIMARY KEY,
    taken INTEGER NOT NULL,
    until INTEGER NOT NULL
) WITHOUT ROWID;

-- Whom nothing is sent on which channel, by a keyed hash of the identity: `forget` leaves it.
CREATE TABLE suppressions (
    mark BLOB PRIMARY KEY,
    channel TEXT NOT NULL,
    why TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;

-- One row while sends are paused, by a person or because our credentials were refused.
CREATE TABLE recovery_pause (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    why TEXT NOT NULL,
    at INTEGER NOT NULL
);
";

/// How far we have heard, and what waits to be heard of.
const LISTENING: &str = "
-- One row, as JSON: when we last were known to run, our outages, and whether callbacks come.
CREATE TABLE listening (id INTEGER PRIMARY KEY CHECK (id = 1), kept TEXT NOT NULL);
-- Since when a message is waited for that was sent: `Message::waits_since`.
ALTER TABLE messages ADD COLUMN waits_since INTEGER;
";

/// What messages are counted and found by, and the counts. A message without a channel is not counted
/// yet: a store of an earlier version has them, and they are counted a few at a time while it is used.
const COUNTED: &str = "
-- Written off the aggregate: `Message::facets`. The times are in steps, as `Step` has them.
ALTER TABLE messages ADD COLUMN channel TEXT;
ALTER TABLE messages ADD COLUMN prefix TEXT;
ALTER TABLE messages ADD COLUMN to_delivered INTEGER;
ALTER TABLE messages ADD COLUMN to_read INTEGER;
ALTER TABLE messages ADD COLUMN overdue INTEGER NOT NULL DEFAULT 0;

-- Whom messages went to, normalized.
CREATE TABLE recipients (
    message INTEGER NOT NULL,
    identity TEXT NOT NULL,
    PRIMARY KEY (message, identity)
) WITHOUT ROWID;
CREATE INDEX recipient_identity ON recipients (identity, message);

-- How many messages stand where, of those first heard of in the 300 seconds from then on.
CREATE TABLE counts (
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    channel TEXT NOT NULL,
    prefix TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, state, reason, channel, prefix)
) WITHOUT ROWID;
-- How many of them took how long to be delivered (0), and from there to be read (1).
CREATE TABLE times (
    at INTEGER NOT NULL,
    what INTEGER NOT NULL,
    step INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, what, step)
) WITHOUT ROWID;

-- What is deleted is counted no more, whoever deletes it. What is written is counted by `counting`.
-- A count may be less than 0 until the commit's end, when what it has written is added.
CREATE TRIGGER count_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO counts SELECT old.first_received_at - old.first_received_at % 300,
        coalesce(old.state, ''), coalesce(old.reason_code, ''), old.channel, old.prefix, -1
        WHERE old.channel IS NOT NULL ON CONFLICT DO UPDATE SET count = count - 1;
    INSERT INTO times SELECT old.first_received_at - old.first_received_at % 300, 0, old.to_delivered, -1
        WHERE old.to_delivered IS NOT NULL ON CONFLICT DO UPDATE SET count = count - 1;
    INSERT INTO times SELECT old.first_received_at - old.first_received_at % 300, 1, old.to_read, -1
        WHERE old.to_read IS NOT NULL ON CONFLICT DO UPDATE SET count = count - 1;
    DELETE FROM recipients WHERE message = old.seq;
END;
";

/// How a receiver acts on intents, for whoever asks beside it.
const SETUP: &str = "
-- One row, as JSON.
CREATE TABLE recovery_setup (one INTEGER PRIMARY KEY CHECK (one = 1), setup TEXT NOT NULL);
";

/// What answers each filter of the API, and each count, without a look at every row. No index
/// changes what a table means, so these are made in stores of any version.
const INDICES: &str = "
CREATE INDEX IF NOT EXISTS due_messages ON messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS waiting_messages ON messages (waits_since) WHERE waits_since IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_metadata ON messages (metadata) WHERE metadata <> '';
CREATE INDEX IF NOT EXISTS message_correlation_id ON messages (correlation_id) WHERE correlation_id <> '';
CREATE INDEX IF NOT EXISTS message_client_reference ON messages (client_reference) WHERE client_reference <> '';
CREATE INDEX IF NOT EXISTS repeated_messages ON messages (repeats) WHERE repeats > 0;
CREATE INDEX IF NOT EXISTS message_state ON messages (state);
CREATE INDEX IF NOT EXISTS message_reason ON messages (reason_code) WHERE reason_code IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_remedy ON messages (remedy) WHERE remedy IS NOT NULL;
CREATE INDEX IF NOT EXISTS failed_message_reasons ON messages (reason_code, remedy) WHERE state = 'failed';
CREATE INDEX IF NOT EXISTS contradicted_messages ON messages (seq) WHERE contradicted;
CREATE INDEX IF NOT EXISTS overdue_messages ON messages (seq) WHERE overdue;
CREATE INDEX IF NOT EXISTS uncounted_messages ON messages (seq) WHERE channel IS NULL;
CREATE INDEX IF NOT EXISTS message_batch ON messages (message_id) WHERE instr(message_id, ':') > 0;
CREATE INDEX IF NOT EXISTS messages_by_arrival ON messages (first_received_at, state, reason_code, remedy, channel, prefix);
CREATE INDEX IF NOT EXISTS bodies_by_arrival ON bodies (received_at, content_key);
CREATE INDEX IF NOT EXISTS repeated_callbacks ON callbacks (repeats) WHERE repeats > 0;
CREATE INDEX IF NOT EXISTS outbox_given_up ON outbox (seq) WHERE given_up IS NOT NULL;
CREATE INDEX IF NOT EXISTS intent_state ON intents (state);
";

/// Opens the database, sets it up for durability, and brings its tables to this version.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What is deleted is overwritten, what has passed through the queue included: bodies hold phone
    // numbers. It costs a page more to write for each that is freed.
    connection.pragma_update(None, "secure_delete", true)?;
    // What a statement has to put aside is small, and its file would be made and removed each time.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // A commit is on the disk before it is answered.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Kibibytes, so the sign: 12 MiB of pages, within the memory that serve promises.
    connection.pragma_update(None, "cache_size", -12_288)?;
    // Pages of log after which a commit checkpoints it itself: far past what the checkpointer leaves.
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    migrate(&connection)?;
    connection.execute_batch(INDICES)?;
    Ok(connection)
}

/// Opens the database for nothing but a checkpoint of its log.
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
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
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
    use sinch_callback::{Remedy, UnixSeconds};
    use sinch_callback_pipeline::{
        Envelope, EventFilter, NoNotifier,
        messages::{Novelty, Processor},
    };
    use sinch_callback_recovery::{
        IntentId, Request,
        ports::{Creation, Intents, Mode},
    };

    use super::*;
    use crate::store::{
        MessageFilter, MessagePage, find_message,
        open::{Store, database},
    };

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

    /// A store as the first version wrote it: switched on RCS and failed by SMS, and one that had
    /// been told both ways.
    const FIRST: &str = "
        PRAGMA user_version = 1;
        INSERT INTO callbacks (seq, content_key, request_id, kind, unrecognised, received_at, signed_at, secret_slot, body)
            VALUES (1, x'00112233445566778899aabbccddeeff', 'r1', 'message_delivery', NULL, 5, 4, 0, '{}'),
                   (2, x'10112233445566778899aabbccddeeff', 'r2', 'message_delivery', NULL, 6, 4, 0, '{}'),
                   (3, x'20112233445566778899aabbccddeeff', 'r3', 'unrecognized', 'not_json', 7, 4, 0, 'x');
        INSERT INTO messages (seq, message_id, subject, state, channel, identity, reason_code, reason_sub_code,
            reason_description, asks_for, contradicted, conversation_id, contact_id, metadata, correlation_id,
            client_reference, first_received_at, updated_at)
            VALUES (1, 'm-1', 'message', 'failed', 'SMS', '+4670', 'RATE_LIMITED', '', 'slow \"down\"', 'retry_later',
                    0, 'c', 'p', 'shop', 'order-1', '', 5, 6),
                   (2, 'm-2', 'message', 'failed', 'SMS', '4671', NULL, NULL, NULL, NULL,
                    1, '', '', '', '', '', 5, 6),
                   (3, 'm-3', 'message', NULL, 'SMS', '4672', NULL, NULL, NULL, NULL,
                    0, '', '', '', '', '', 5, 6);
        INSERT INTO legs VALUES (1, 'RCS', 'switched', 5), (1, 'SMS', 'failed', 6), (2, 'SMS', 'failed', 5);
        INSERT INTO log (message, callback, report, channel, status, step, leg, state, reason_code, reason_sub_code,
            reason_description, asks_for, occurred_at)
            VALUES (1, 1, 0, 'RCS', 'SWITCHING_CHANNEL', 'moved', 'switched', 'switching', NULL, NULL, NULL, NULL, ''),
                   (1, 2, 0, 'SMS', 'FAILED', 'moved', 'failed', 'failed', 'RATE_LIMITED', '', 'slow', 'retry_later', '');
    ";

    #[tokio::test]
    async fn a_store_of_the_first_version_opens_and_shows_the_same_messages() {
        let folder = tempfile::tempdir().unwrap();
        let path = database(folder.path());
        let old = Connection::open(&path).unwrap();
        old.execute_batch(TABLES).unwrap();
        old.execute_batch(FIRST).unwrap();
        drop(old);
        assert!(matches!(
            open_for_reading(&path),
            Err(StoreError::Older { found: 1, .. })
        ));

        let store = Store::open(folder.path()).unwrap();
        let shown = |id: &'static str| store.read(move |connection| find_message(connection, id));
        let view = shown("m-1").await.unwrap().unwrap();
        let message = &view.message;
        assert_eq!(message.state.as_deref(), Some("failed"));
        assert_eq!((&*message.channel, &*message.identity), ("SMS", "+4670"));
        assert_eq!(
            (&*message.conversation_id, &*message.contact_id),
            ("c", "p")
        );
        assert_eq!(message.correlation.correlation_id, "order-1");
        assert_eq!((message.first_received_at, message.updated_at), (5, 6));
        let reason = message.reason.as_ref().unwrap();
        assert_eq!(
            (&*reason.code, &*reason.description, reason.remedy),
            ("RATE_LIMITED", "slow \"down\"", Remedy::RetryLater)
        );
        let legs: Vec<_> = view
            .channels
            .iter()
            .map(|leg| (&*leg.channel, &*leg.state, leg.updated_at))
            .collect();
        assert_eq!(legs, [("RCS", "switched", 5), ("SMS", "failed", 6)]);
        assert_eq!(view.log.len(), 2);
        assert_eq!(
            view.log[1].reason.as_ref().unwrap().remedy,
            Remedy::RetryLater
        );
        let contradicted = shown("m-2").await.unwrap().unwrap().message;
        assert_eq!(
            (contradicted.state.as_deref(), contradicted.contradicted),
            (Some("failed"), true)
        );
        let unknown = shown("m-3").await.unwrap().unwrap().message;
        assert_eq!((unknown.state, &*unknown.identity), (None, "4672"));
        let filter = MessageFilter {
            state: Some("failed".into()),
            limit: 9,
            ..MessageFilter::default()
        };
        let page = store
            .read(move |connection| MessagePage::list(connection, &filter))
            .await
            .unwrap();
        assert_eq!(page.messages.len(), 2);

        // A report goes on from there, on the leg that had been known.
        let body = br#"{"message_delivery_report":{"message_id":"m-1","status":"READ","channel_identity":{"channel":"RCS","identity":"4670"}}}"#;
        let key = sinch_callback::ContentKey::of_body(body);
        let envelope =
            Envelope::kept(key, UnixSeconds::new(8), body).with_arrival(UnixSeconds::new(9), "r4");
        let processor = Processor::new(store.clone(), NoNotifier, 1).with_events(EventFilter::All);
        let processed = processor.process(&envelope, || true).await.unwrap();
        assert_eq!(processed.events, 1);
        let view = shown("m-1").await.unwrap().unwrap();
        assert_eq!((view.message.version, view.log.len()), (2, 3));
        assert_eq!(view.message.state.as_deref(), Some("read"));
        assert_eq!(view.channels.len(), 2);
        store.close().await.unwrap();
    }

    /// A store as version 4 wrote it: queued, failed by a callback that came twice, and told to be so.
    fn fourth(body: &str) -> String {
        let key = sinch_callback::ContentKey::of_body(body.as_bytes());
        format!(
            r#"
        INSERT INTO callbacks (seq, content_key, request_id, kind, received_at, signed_at, secret_slot, repeats,
            last_repeat_at, body)
            VALUES (1, x'00112233445566778899aabbccddeeff', 'r-1', 'message_delivery', 105, 100, 1, 0, NULL, '{{}}'),
                   (2, x'{key}', 'r-2', 'message_delivery', 106, 107, 0, 2, 109, '{body}');
        INSERT INTO messages (seq, message_id, subject, delivery, version, first_received_at, updated_at, due_at,
            due_by, state, reason_code, remedy, contradicted, metadata, correlation_id, client_reference)
            VALUES (7, 'm-1', 'message', '{{"legs":[{{"channel":"SMS","identity":"4670","key":"{key}",
                "leg":"failed","received":106,"status":"FAILED","failure":{{"code":"RATE_LIMITED",
                "permanence":"temporary","remedy":"retry_later"}}}}],"texts":[{{"correlation_id":"order-1",
                "key":"00112233445566778899aabbccddeeff"}}]}}', 2, 105, 106, 3705,
                x'00112233445566778899aabbccddeeff', 'failed', 'RATE_LIMITED', 'retry_later', 0, '', 'order-1', '');
        INSERT INTO log (message, callback, report, channel, status, step, leg, from_state, state, version,
            contradicted, said, reason_code, reason_sub_code, reason_description, reason_channel_code,
            reason_status_message, permanence, remedy, carrier, occurred_at)
            VALUES (7, 1, 0, 'SMS', 'QUEUED_ON_CHANNEL', 'moved', 'queued', NULL, 'queued', 1, 0, NULL,
                    NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{{"operator":"24201","parts":2}}', ''),
                   (7, 2, 0, 'SMS', 'FAILED', 'moved', 'failed', 'queued', 'failed', 2, 0,
                    '{{"channel":"SMS","status":"FAILED","reason":{{"code":"RATE_LIMITED","sub_code":"",
                    "description":"","channel_code":"","status_message":"","permanence":"temporary",
                    "remedy":"retry_later"}},"carrier":null,"occurred_at":"","metadata":"",
                    "correlation_id":"order-1","client_reference":""}}',
                    'RATE_LIMITED', '', '', '', '', 'temporary', 'retry_later', NULL, '2026-01-02T03:04:05Z');
        "#
        )
    }

    #[tokio::test]
    async fn a_store_of_the_fourth_version_keeps_its_messages_with_their_logs() {
        let body = r#"{"message_delivery_report":{"message_id":"m-1","status":"FAILED","channel_identity":{"channel":"SMS","identity":"4670"},"reason":{"code":"RATE_LIMITED"}}}"#;
        let folder = tempfile::tempdir().unwrap();
        let old = Connection::open(database(folder.path())).unwrap();
        for step in &STEPS[..4] {
            old.execute_batch(step).unwrap();
        }
        old.pragma_update(None, "user_version", 4).unwrap();
        old.execute_batch(&fourth(body)).unwrap();
        drop(old);
        let store = Store::open(folder.path()).unwrap();
        let shown = store
            .read(|connection| find_message(connection, "m-1"))
            .await
            .unwrap();
        let mut shown = serde_json::to_value(shown.unwrap()).unwrap();
        let log = shown["log"].take();
        assert_eq!(
            (&shown["version"], &shown["state"], &shown["updated_at"]),
            (&2.into(), &"failed".into(), &106.into())
        );
        assert_eq!(shown["correlation"]["correlation_id"], "order-1");
        let (queued, failed) = (&log[0], &log[1]);
        for (entry, expected) in [
            (
                queued,
                serde_json::json!({"received_at": 105, "signed_at": 100, "secret_slot": 1, "step": "moved",
                    "state": "queued", "version": 1, "repeats": 0, "last_repeat_at": null, "reason": null,
                    "status": "QUEUED_ON_CHANNEL", "content_key": "00112233445566778899aabbccddeeff"}),
            ),
            (
                failed,
                serde_json::json!({"received_at": 106, "signed_at": 107, "secret_slot": 0, "step": "moved",
                    "state": "failed", "version": 2, "repeats": 2, "last_repeat_at": 109, "carrier": null,
                    "status": "FAILED", "occurred_at": "2026-01-02T03:04:05Z"}),
            ),
        ] {
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(entry[name], *value, "{name}");
            }
        }
        assert_eq!(queued["carrier"]["parts"], 2);
        assert_eq!(failed["reason"]["remedy"], "retry_later");

        // What was in the queue, applied and not acknowledged, is told again and changes nothing; the
        // repeats go on.
        let key = sinch_callback::ContentKey::of_body(body.as_bytes());
        let kept = Envelope::kept(key, UnixSeconds::new(107), body.as_bytes());
        let received = |by| kept.clone().with_arrival(UnixSeconds::new(106), by);
        let processor = Processor::new(store.clone(), NoNotifier, 1);
        let processed = processor.process(&received("r-2"), || true).await.unwrap();
        assert_eq!(
            (processed.novelty, processed.events),
            (Novelty::Redelivered, 1)
        );
        let processed = processor.process(&received("r-3"), || true).await.unwrap();
        assert_eq!(processed.novelty, Novelty::Repeated);
        let summary = store
            .read(crate::store::queries::Summary::read)
            .await
            .unwrap();
        assert_eq!((summary.callbacks, summary.repeats), (2, 3));
        store.close().await.unwrap();
    }

    /// A message as version 7 wrote it: queued, and due to be told of in an hour.
    const SEVENTH: &str = r#"
        INSERT INTO messages (seq, message_id, aggregate, first_received_at, updated_at, due_at, state,
            contradicted, repeats, metadata, correlation_id, client_reference)
            VALUES (4, 'm-1', '{"id":"m-1","subject":"message","version":1,"revision":1,"first":105,"updated":105,
                "due":{"at":3705,"key":"00112233445566778899aabbccddeeff"},
                "delivery":{"legs":[{"channel":"SMS","identity":"4670","key":"00112233445566778899aabbccddeeff",
                    "leg":"queued","received":105,"status":"QUEUED_ON_CHANNEL"}],
                    "texts":[{"correlation_id":"order-1","key":"00112233445566778899aabbccddeeff"}]},
                "log":[]}', 105, 105, 3705, 'queued', 0, 0, '', 'order-1', '');
    "#;

    #[tokio::test]
    async fn a_store_of_the_seventh_version_keeps_its_messages_and_takes_intents() {
        let folder = tempfile::tempdir().unwrap();
        let old = Connection::open(database(folder.path())).unwrap();
        for step in &STEPS[..7] {
            old.execute_batch(step).unwrap();
        }
        old.pragma_update(None, "user_version", 7).unwrap();
        old.execute_batch(SEVENTH).unwrap();
        drop(old);
        let store = Store::open(folder.path()).unwrap();
        let shown = store
            .read(|connection| find_message(connection, "m-1"))
            .await
            .unwrap();
        let shown = serde_json::to_value(shown.unwrap()).unwrap();
        assert_eq!(
            (&shown["state"], &shown["version"]),
            (&"queued".into(), &1.into())
        );
        assert_eq!(shown["correlation"]["correlation_id"], "order-1");
        assert_eq!(shown["dues"][0]["deadline"], 3_705);

        // An intent whose first send that message was: it hears of it as of any other.
        let text =
            br#"{"key":"login-1","to":{"SMS":"+46701740605"},"content":{"text":"x"},"plan":"notification",
            "deadline":"PT6H","sent":{"message_id":"m-1","channel":"SMS"}}"#;
        let now = UnixSeconds::new(200);
        let request = Request::parse(text, now).unwrap();
        let id = IntentId::new(now, [7; 10]);
        let key = store.own_key().await.unwrap();
        let intent = request.into_intent(id, &key, Mode::On, now);
        let creation = store.create(intent.clone()).await.unwrap();
        assert_eq!(creation, Creation::Created);
        assert_eq!(Intents::read(&store, id).await.unwrap(), Some(intent));
        let body = br#"{"message_delivery_report":{"message_id":"m-1","status":"DELIVERED","channel_identity":{"channel":"SMS","identity":"4670"}}}"#;
        let key = sinch_callback::ContentKey::of_body(body);
        let envelope = Envelope::kept(key, now, &body[..]).with_arrival(UnixSeconds::new(201), "r");
        let processor = Processor::new(store.clone(), NoNotifier, 1);
        let _ = processor.process(&envelope, || true).await.unwrap();
        // Of what had been reported before, and of this.
        let to_do = store.to_do(0, now, 9, 9).await.unwrap();
        let told: Vec<_> = to_do.notes.iter().map(|note| note.intent).collect();
        assert_eq!(told, [id, id]);
        store.close().await.unwrap();
    }
}
