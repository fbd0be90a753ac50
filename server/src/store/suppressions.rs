//! Whom nothing is sent, and on which channel. What is kept is a keyed hash of the identity: whoever is
//! forgotten stays suppressed.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use serde::Serialize;
use sinch_callback::{UnixSeconds, normalized_identity};
use sinch_callback_pipeline::{CallbackEvent, EventContent, ForgetKey};
use sinch_callback_recovery::{Channel, Identity, ports::SuppressedFor};

use super::{error::StoreError, forgotten, moment, open::Store};

/// What stands for a channel that is none in particular: the wish holds on all of them.
const ANY: &str = "";

/// What stands for an identity that is suppressed on a channel for one reason: both may hold.
fn mark(
    key: &ForgetKey,
    channel: &str,
    identity: &str,
    why: SuppressedFor,
) -> [u8; ForgetKey::MARK_LEN] {
    let (channel, identity) = (channel.to_uppercase(), normalized_identity(identity));
    key.mark(&format!("suppressed {why}\n{channel}\n{identity}"))
}

fn suppress(
    connection: &Connection,
    channel: &str,
    identity: &str,
    why: SuppressedFor,
    at: UnixSeconds,
) -> rusqlite::Result<()> {
    let mark = mark(&forgotten::made_key(connection)?, channel, identity, why);
    connection
        .prepare_cached(
            "INSERT INTO suppressions (mark, channel, why, at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (mark) DO UPDATE SET at = max(at, excluded.at)",
        )?
        .execute(params![
            mark,
            channel.to_uppercase(),
            why.as_str(),
            moment::seconds(at)
        ])?;
    Ok(())
}

/// Lifts what was suppressed for this reason by then, and tells whether anything was.
fn lift(
    connection: &Connection,
    channel: &str,
    identity: &str,
    why: SuppressedFor,
    by: UnixSeconds,
) -> rusqlite::Result<bool> {
    let Some(key) = forgotten::key(connection)? else {
        return Ok(false);
    };
    let mark = mark(&key, channel, identity, why);
    let lifted = connection
        .prepare_cached("DELETE FROM suppressions WHERE mark = ?1 AND at <= ?2")?
        .execute(params![mark, moment::seconds(by)])?;
    Ok(lifted > 0)
}

/// Why an identity is suppressed on a channel, or on any.
fn reasons(
    connection: &Connection,
    channel: &str,
    identity: &str,
) -> rusqlite::Result<BTreeSet<SuppressedFor>> {
    let mut reasons = BTreeSet::new();
    // Without a key nothing was ever marked.
    let Some(key) = forgotten::key(connection)? else {
        return Ok(reasons);
    };
    let mut select = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM suppressions WHERE mark IN (?1, ?2))")?;
    for why in SuppressedFor::ALL {
        let marks = [channel, ANY].map(|channel| mark(&key, channel, identity, *why));
        if select.query_row(marks, |row| row.get(0))? {
            reasons.insert(*why);
        }
    }
    Ok(reasons)
}

impl Store {
    /// On which of these channels the person is suppressed.
    pub(crate) async fn suppressed(
        &self,
        to: &BTreeMap<Channel, Identity>,
    ) -> Result<BTreeSet<Channel>, StoreError> {
        let to = to.clone();
        self.read(move |connection| {
            let mut suppressed = BTreeSet::new();
            for (channel, identity) in &to {
                if !reasons(connection, channel.as_str(), identity.as_str())?.is_empty() {
                    suppressed.insert(*channel);
                }
            }
            Ok(suppressed)
        })
        .await
    }

    /// Suppresses an identity on a channel.
    pub(crate) async fn suppress(
        &self,
        channel: Channel,
        identity: &Identity,
        why: SuppressedFor,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let identity = identity.clone();
        self.writer
            .write(move |connection| {
                suppress(connection, channel.as_str(), identity.as_str(), why, now)
            })
            .await
    }

    /// Lifts what an identity is suppressed for on a channel: an opt-out alone, or whatever the reason.
    /// Tells for what it was.
    pub(crate) async fn lift(
        &self,
        channel: Channel,
        identity: &Identity,
        reasons: &'static [SuppressedFor],
    ) -> Result<Vec<SuppressedFor>, StoreError> {
        let identity = identity.clone();
        // Whenever it was.
        let by = UnixSeconds::new(u64::MAX);
        self.writer
            .write(move |connection| {
                let mut lifted = Vec::new();
                for why in reasons {
                    if lift(connection, channel.as_str(), identity.as_str(), *why, by)? {
                        lifted.push(*why);
                    }
                }
                Ok(lifted)
            })
            .await
    }
}

/// What somebody wishes, by a callback.
pub(super) struct Wish {
    channel: String,
    identity: String,
    is_out: bool,
    at: UnixSeconds,
}

impl Wish {
    /// The wish that an event tells of; `None` of all others, and where only a contact at Sinch is named,
    /// whose identities nobody here knows.
    pub(super) fn of(event: &CallbackEvent<'_>) -> Option<Self> {
        let EventContent::Consent(consent) = &event.content else {
            return None;
        };
        (!consent.identity.is_empty()).then(|| Self {
            channel: consent.channel.clone(),
            identity: consent.identity.clone(),
            is_out: event.kind == "contact.opted_out",
            at: UnixSeconds::new(event.received_at),
        })
    }
}

impl Store {
    /// Suppresses whoever has opted out, and lifts the opt-outs before an opt-in: of those alone.
    pub(super) async fn take_wishes(&self, wishes: Vec<Wish>) -> Result<(), StoreError> {
        if wishes.is_empty() {
            return Ok(());
        }
        self.writer
            .write(move |connection| {
                for Wish {
                    channel,
                    identity,
                    is_out,
                    at,
                } in &wishes
                {
                    let why = SuppressedFor::OptedOut;
                    if *is_out {
                        suppress(connection, channel, identity, why, *at)?;
                    } else {
                        lift(connection, channel, identity, why, *at)?;
                    }
                }
                Ok(())
            })
            .await
    }
}

/// How many are suppressed on a channel for a reason: who they are, nobody can tell.
#[derive(Debug, Serialize)]
pub struct SuppressionCount {
    /// The channel; empty where it is none in particular.
    pub channel: String,
    /// The reason.
    pub why: String,
    /// How many.
    pub count: u64,
    /// When the last one was suppressed, in seconds since 1970.
    pub last_at: u64,
}

impl SuppressionCount {
    /// All of them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn list(connection: &Connection) -> rusqlite::Result<Vec<Self>> {
        connection
            .prepare_cached(
                "SELECT channel, why, count(*), max(at) FROM suppressions \
                 GROUP BY channel, why ORDER BY channel, why",
            )?
            .query_map((), |row| {
                Ok(Self {
                    channel: row.get(0)?,
                    why: row.get(1)?,
                    count: row.get(2)?,
                    last_at: row.get(3)?,
                })
            })?
            .collect()
    }
}
