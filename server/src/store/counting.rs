//! How many messages stand where: moved by whoever writes a message, in the same commit.

use core::cell::RefCell;
use std::collections::HashMap;

use rusqlite::{Connection, Row, params};
use sinch_callback::DeliveryState;
use sinch_callback_pipeline::messages::Message;

use super::{moment, overview::CELL, spans};

/// What a message counts for. Its columns hold it, so that the next write knows what to take back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Standing {
    /// The beginning of the cell that it was first heard of in.
    at: i64,
    pub(super) state: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) channel: String,
    pub(super) prefix: String,
    pub(super) to_delivered: Option<i64>,
    pub(super) to_read: Option<i64>,
}

impl Standing {
    /// The columns that [`Standing::read`] needs.
    pub(super) const COLUMNS: &str =
        "first_received_at, state, reason_code, channel, prefix, to_delivered, to_read";

    pub(super) fn of(message: &Message) -> Self {
        let facets = message.facets();
        let delivery = &message.delivery;
        let failure = delivery
            .deciding()
            .and_then(|report| report.failure.as_ref());
        Self {
            at: cell(moment::seconds(message.first_received_at.into())),
            state: delivery
                .state()
                .map(|state| DeliveryState::as_str(state).into()),
            reason: failure.map(|failure| failure.code.clone()),
            channel: facets.channel,
            prefix: facets.prefix,
            to_delivered: facets.queued_to_delivered_ms.map(spans::step),
            to_read: facets.delivered_to_read_ms.map(spans::step),
        }
    }

    /// What a row counts for; `None` while it is not counted.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let Some(channel) = row.get("channel")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            at: cell(row.get("first_received_at")?),
            state: row.get("state")?,
            reason: row.get("reason_code")?,
            channel,
            prefix: row.get::<_, Option<String>>("prefix")?.unwrap_or_default(),
            to_delivered: row.get("to_delivered")?,
            to_read: row.get("to_read")?,
        }))
    }

    fn add(&self, count: i64, moves: &mut HashMap<Counter, i64>) {
        let mut add = |counter: Counter| {
            let sum = moves.entry(counter).or_default();
            *sum = sum.saturating_add(count);
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        add(Counter::Standing {
            at: self.at,
            state: text(&self.state),
            reason: text(&self.reason),
            channel: self.channel.clone(),
            prefix: self.prefix.clone(),
        });
        for (what, step) in [(0, self.to_delivered), (1, self.to_read)] {
            if let Some(step) = step {
                let at = self.at;
                add(Counter::Time { at, what, step });
            }
        }
    }
}

fn cell(first_received_at: i64) -> i64 {
    let each = i64::try_from(CELL).unwrap_or(1);
    first_received_at.saturating_sub(first_received_at.checked_rem(each).unwrap_or_default())
}

/// A row of `counts` or of `times`.
#[derive(PartialEq, Eq, Hash)]
enum Counter {
    Standing {
        at: i64,
        state: String,
        reason: String,
        channel: String,
        prefix: String,
    },
    Time {
        at: i64,
        what: i64,
        step: i64,
    },
}

thread_local! {
    /// What the writes of a commit have moved: many messages move the same few counts.
    static MOVED: RefCell<Option<HashMap<Counter, i64>>> = const { RefCell::new(None) };
}

/// Does the writes of a commit, and moves what they count together, at its end. Where they fail nothing
/// is moved.
pub(super) fn together(
    connection: &Connection,
    writes: impl FnOnce() -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    MOVED.set(Some(HashMap::new()));
    let written = writes();
    let moved = MOVED.take().unwrap_or_default();
    written?;
    write(connection, moved)
}

/// A message that stood so stands otherwise.
pub(super) fn moved(
    connection: &Connection,
    from: Option<&Standing>,
    to: &Standing,
) -> rusqlite::Result<()> {
    if from == Some(to) {
        return Ok(());
    }
    let add = |moves: &mut HashMap<Counter, i64>| {
        if let Some(from) = from {
            from.add(-1, moves);
        }
        to.add(1, moves);
    };
    let is_gathered = MOVED.with_borrow_mut(|moved| moved.as_mut().map(add).is_some());
    if is_gathered {
        return Ok(());
    }
    // A command beside the receiver has a transaction of its own.
    let mut moves = HashMap::new();
    add(&mut moves);
    write(connection, moves)
}

fn write(connection: &Connection, moves: HashMap<Counter, i64>) -> rusqlite::Result<()> {
    for (counter, count) in moves.into_iter().filter(|(_, count)| *count != 0) {
        match counter {
            Counter::Standing {
                at,
                state,
                reason,
                channel,
                prefix,
            } => connection
                .prepare_cached(
                    "INSERT INTO counts (at, state, reason, channel, prefix, count) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                     ON CONFLICT DO UPDATE SET count = count + excluded.count",
                )?
                .execute(params![at, state, reason, channel, prefix, count])?,
            Counter::Time { at, what, step } => connection
                .prepare_cached(
                    "INSERT INTO times (at, what, step, count) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT DO UPDATE SET count = count + excluded.count",
                )?
                .execute(params![at, what, step, count])?,
        };
    }
    Ok(())
}
