//! What the API and `status` show.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde::Serialize;
use sinch_callback::{Callback, ContentKey, scheme::SchemeName};
use sinch_callback_pipeline::{BatchView, MessageSummary, MessageView, Promise};

use super::{kept::scheme_at, listening::Hearing, messages};

/// Which messages to list, and how far back.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// A state, or `contradicted`.
    pub state: Option<String>,
    /// A reason's code, or a remedy.
    pub reason: Option<String>,
    /// Metadata, a correlation id or a client reference.
    pub correlation: Option<String>,
    /// The `next_before` of the page before.
    pub before: Option<i64>,
    /// Most messages of the page.
    pub limit: u32,
}

/// A page of messages, the newest first.
#[derive(Debug, Serialize)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<MessageSummary>,
    /// What to ask for as `before` to get the next page.
    pub next_before: Option<i64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct UnrecognizedPage {
    pub(crate) callbacks: Vec<UnrecognizedRow>,
    pub(crate) next_before: Option<i64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct UnrecognizedRow {
    #[serde(skip)]
    seq: i64,
    pub(crate) content_key: String,
    pub(crate) why: String,
    pub(crate) received_at: u64,
    #[serde(flatten)]
    signed: SignedView,
    pub(crate) body_bytes: u64,
    pub(crate) repeats: u64,
    /// What it counts of a batch, where it names nobody.
    pub(crate) batch: Option<serde_json::Value>,
}

/// What the signature of a callback was, and what it was worth.
#[derive(Debug, Serialize)]
struct SignedView {
    /// None where the scheme signs no time.
    signed_at: Option<u64>,
    scheme: &'static str,
    promise: &'static str,
}

impl SignedView {
    fn of(row: &Row<'_>) -> rusqlite::Result<(SchemeName, Self)> {
        let scheme = scheme_at(row, row.as_ref().column_index("scheme")?)?;
        let signed_at: u64 = row.get("signed_at")?;
        let view = Self {
            signed_at: scheme.signs_time().then_some(signed_at),
            scheme: scheme.as_str(),
            promise: Promise::name_of(scheme),
        };
        Ok((scheme, view))
    }
}

/// Callbacks that are kept as a whole, the newest first.
#[derive(Debug, Serialize)]
pub(crate) struct CallbackPage {
    callbacks: Vec<CallbackRow>,
    next_before: Option<i64>,
}

#[derive(Debug, Serialize)]
struct CallbackRow {
    #[serde(skip)]
    seq: i64,
    content_key: String,
    kind: String,
    /// Why it, or a part of it, was not understood.
    unrecognized: Option<String>,
    received_at: u64,
    #[serde(flatten)]
    signed: SignedView,
    body_bytes: u64,
    repeats: u64,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    pub(crate) messages: u64,
    pub(crate) by_state: Vec<Count>,
    pub(crate) failed_by_reason: Vec<ReasonCount>,
    pub(crate) contradicted: u64,
    pub(crate) callbacks: u64,
    pub(crate) repeats: u64,
    pub(crate) unrecognized: u64,
    pub(crate) queued: u64,
    pub(crate) set_aside: u64,
    pub(crate) events_waiting: u64,
    pub(crate) events_given_up: u64,
    pub(crate) watched: u64,
    /// How far we have heard by the last sign of life; none before the first.
    pub(crate) listening: Option<Hearing>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Count {
    pub(crate) state: String,
    pub(crate) count: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct ReasonCount {
    pub(crate) reason: String,
    pub(crate) remedy: String,
    pub(crate) count: u64,
}

/// A message and its place in the store.
fn message_row(row: &Row<'_>) -> rusqlite::Result<(i64, MessageSummary)> {
    Ok((row.get("seq")?, messages::read(row)?.summary()))
}

/// The message of this id.
///
/// # Errors
/// Where the store cannot be read.
pub fn find_message(connection: &Connection, id: &str) -> rusqlite::Result<Option<MessageView>> {
    Ok(messages::find(connection, id)?.map(|(_, message)| message.view()))
}

/// How a correlation is found: by an index for each of what it may be.
const CORRELATED: [&str; 3] = [
    "metadata <> '' AND metadata = :correlation",
    "correlation_id <> '' AND correlation_id = :correlation",
    "client_reference <> '' AND client_reference = :correlation",
];
/// How a reason or a remedy is found.
const WITH_REASON: [&str; 2] = ["reason_code = :reason", "remedy = :reason"];

impl MessagePage {
    /// The newest messages that the filter lets through.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn list(connection: &Connection, filter: &MessageFilter) -> rusqlite::Result<Self> {
        // Each condition stands in the text only where it is asked for, so that the index that
        // fits is found. Of several filters the one that is likely to be rare leads, through its
        // own indices; a sign keeps the others' out. Each index gives its newest rows that pass all
        // filters, and no more of them than fill a page.
        let state = filter.state.as_deref().unwrap_or_default();
        let reason = filter.reason.as_deref().unwrap_or_default();
        let correlation = filter.correlation.as_deref().unwrap_or_default();
        let leads: &[&str] = if !correlation.is_empty() {
            &CORRELATED
        } else if !reason.is_empty() {
            &WITH_REASON
        } else {
            &[]
        };
        let mut conditions = vec!["seq < :before"];
        conditions.push(match state {
            "" => ":state = ''",
            "contradicted" => "contradicted AND :state <> ''",
            _ if leads.is_empty() => "state = :state",
            _ => "+state = :state",
        });
        if correlation.is_empty() {
            conditions.push(":correlation = ''");
        }
        if reason.is_empty() {
            conditions.push(":reason = ''");
        } else if !correlation.is_empty() {
            conditions.push("(+reason_code = :reason OR +remedy = :reason)");
        }
        let conditions = conditions.join(" AND ");
        let found = if leads.is_empty() {
            conditions
        } else {
            let by_index = leads.iter().map(|lead| {
                format!(
                    "SELECT seq FROM (SELECT seq FROM messages WHERE {lead} AND {conditions} \
                     ORDER BY seq DESC LIMIT :limit)"
                )
            });
            let by_indices: Vec<_> = by_index.collect();
            format!("seq IN ({})", by_indices.join(" UNION "))
        };
        let rows: Vec<_> = connection
            .prepare_cached(&format!(
                "SELECT seq, aggregate FROM messages WHERE {found} \
                 ORDER BY seq DESC LIMIT :limit"
            ))?
            .query_map(
                named_params! {
                    ":before": filter.before.unwrap_or(i64::MAX),
                    ":state": state,
                    ":reason": reason,
                    ":correlation": correlation,
                    ":limit": filter.limit,
                },
                message_row,
            )?
            .collect::<Result<_, _>>()?;
        let next_before = next_before(rows.iter().map(|(seq, _)| *seq), filter.limit);
        Ok(Self {
            messages: rows.into_iter().map(|(_, message)| message).collect(),
            next_before,
        })
    }
}

impl CallbackPage {
    /// The newest of them.
    pub(crate) fn list(
        connection: &Connection,
        before: Option<i64>,
        limit: u32,
    ) -> rusqlite::Result<Self> {
        let callbacks: Vec<_> = connection
            .prepare_cached(
                "SELECT seq, lower(hex(content_key)) AS content_key, kind, unrecognized, \
                 received_at, signed_at, length(body) AS body_bytes, repeats, scheme \
                 FROM callbacks WHERE seq < :before ORDER BY seq DESC LIMIT :limit",
            )?
            .query_map(
                named_params! { ":before": before.unwrap_or(i64::MAX), ":limit": limit },
                |row| {
                    let (_, signed) = SignedView::of(row)?;
                    Ok(CallbackRow {
                        seq: row.get("seq")?,
                        content_key: row.get("content_key")?,
                        kind: row.get("kind")?,
                        unrecognized: row.get("unrecognized")?,
                        received_at: row.get("received_at")?,
                        signed,
                        body_bytes: row.get("body_bytes")?,
                        repeats: row.get("repeats")?,
                    })
                },
            )?
            .collect::<Result<_, _>>()?;
        let next_before = next_before(callbacks.iter().map(|row| row.seq), limit);
        Ok(Self {
            callbacks,
            next_before,
        })
    }

    /// The body of the one of this key.
    pub(crate) fn body(
        connection: &Connection,
        key: ContentKey,
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        connection
            .prepare_cached("SELECT body FROM callbacks WHERE content_key = ?1")?
            .query_row([key.as_bytes()], |row| row.get(0))
            .optional()
    }
}

impl UnrecognizedPage {
    /// The newest callbacks whose body was not understood.
    pub(crate) fn list(
        connection: &Connection,
        before: Option<i64>,
        limit: u32,
    ) -> rusqlite::Result<Self> {
        let callbacks: Vec<_> = connection
            .prepare_cached(
                "SELECT seq, lower(hex(content_key)) AS content_key, unrecognized, received_at, \
                 signed_at, length(body) AS body_bytes, repeats, scheme, \
                 iif(unrecognized IN ('names_nobody', 'unreadable_share'), body, NULL) AS batch \
                 FROM callbacks \
                 WHERE unrecognized IS NOT NULL AND seq < :before ORDER BY seq DESC LIMIT :limit",
            )?
            .query_map(
                named_params! { ":before": before.unwrap_or(i64::MAX), ":limit": limit },
                |row| {
                    let (scheme, signed) = SignedView::of(row)?;
                    Ok(UnrecognizedRow {
                        seq: row.get("seq")?,
                        content_key: row.get("content_key")?,
                        why: row.get("unrecognized")?,
                        received_at: row.get("received_at")?,
                        signed,
                        body_bytes: row.get("body_bytes")?,
                        repeats: row.get("repeats")?,
                        batch: row
                            .get::<_, Option<Vec<u8>>>("batch")?
                            .and_then(|body| batch(scheme, &body)),
                    })
                },
            )?
            .collect::<Result<_, _>>()?;
        let next_before = next_before(callbacks.iter().map(|row| row.seq), limit);
        Ok(Self {
            callbacks,
            next_before,
        })
    }
}

/// What a body counts of a batch.
fn batch(scheme: SchemeName, body: &[u8]) -> Option<serde_json::Value> {
    let summary = Callback::parse_by(scheme, body).ok()?.summary?;
    serde_json::to_value(BatchView::of(&summary)).ok()
}

/// Where the next page begins: behind the last row of a full one.
fn next_before(seqs: impl ExactSizeIterator<Item = i64>, limit: u32) -> Option<i64> {
    let full = u32::try_from(seqs.len()).is_ok_and(|count| count >= limit);
    seqs.last().filter(|_| full)
}

/// How much waits, for `/metrics`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depths {
    pub(crate) queued: u64,
    pub(crate) set_aside: u64,
    pub(crate) events_waiting: u64,
    pub(crate) events_given_up: u64,
    pub(crate) watched: u64,
}

impl Depths {
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM set_aside), \
                 count(*), count(given_up), \
                 (SELECT count(*) FROM messages WHERE due_at IS NOT NULL) FROM outbox",
            )?
            .query_row((), |row| {
                let (events, events_given_up): (u64, u64) = (row.get(2)?, row.get(3)?);
                Ok(Self {
                    queued: row.get(0)?,
                    set_aside: row.get(1)?,
                    events_waiting: events.saturating_sub(events_given_up),
                    events_given_up,
                    watched: row.get(4)?,
                })
            })
    }
}

impl Summary {
    /// The counts over the whole store.
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let count = |query: &str| connection.query_row(query, (), |row| row.get::<_, u64>(0));
        let by_state = connection
            .prepare_cached(
                "SELECT coalesce(state, 'unknown'), count(*) FROM messages GROUP BY 1 ORDER BY 2 DESC, 1",
            )?
            .query_map((), |row| {
                Ok(Count {
                    state: row.get(0)?,
                    count: row.get(1)?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let failed_by_reason = connection
            .prepare_cached(
                "SELECT coalesce(reason_code, ''), coalesce(remedy, 'unknown'), count(*) \
                 FROM messages WHERE state = 'failed' GROUP BY 1, 2 ORDER BY 3 DESC, 1",
            )?
            .query_map((), |row| {
                Ok(ReasonCount {
                    reason: row.get(0)?,
                    remedy: row.get(1)?,
                    count: row.get(2)?,
                })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            messages: by_state.iter().map(|state| state.count).sum(),
            by_state,
            failed_by_reason,
            contradicted: count("SELECT count(*) FROM messages WHERE contradicted")?,
            callbacks: count(
                "SELECT (SELECT count(*) FROM callbacks) + (SELECT count(*) FROM bodies)",
            )?,
            repeats: count(
                "SELECT (SELECT coalesce(sum(repeats), 0) FROM callbacks WHERE repeats > 0) \
                 + (SELECT coalesce(sum(repeats), 0) FROM messages WHERE repeats > 0)",
            )?,
            unrecognized: count("SELECT count(*) FROM callbacks WHERE unrecognized IS NOT NULL")?,
            queued: count("SELECT count(*) FROM queue")?,
            set_aside: count("SELECT count(*) FROM set_aside")?,
            events_waiting: count("SELECT count(*) FROM outbox WHERE given_up IS NULL")?,
            events_given_up: count("SELECT count(*) FROM outbox WHERE given_up IS NOT NULL")?,
            watched: count("SELECT count(*) FROM messages WHERE due_at IS NOT NULL")?,
            listening: Hearing::read(connection)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback::{ReportSubject, UnixSeconds};
    use sinch_callback_pipeline::messages::Message;

    use super::*;
    use crate::store::open::Store;

    /// So many messages of each kind: far more than a question may look at.
    const MESSAGES: i64 = 20_000;
    /// Looks that an answered page may take, counted by SQLite in steps of a thousand.
    const STEPS: usize = 20;

    fn fill(connection: &Connection) {
        let aggregate = Message::new("m", ReportSubject::Message, UnixSeconds::new(1)).encode();
        connection
            .execute_batch(&format!(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MESSAGES}) \
                 INSERT INTO messages (message_id, aggregate, state, reason_code, \
                 remedy, contradicted, repeats, metadata, correlation_id, client_reference, \
                 first_received_at, updated_at) \
                 SELECT 'm-' || i, '{aggregate}', iif(i % 2, 'delivered', 'failed'), \
                 iif(i % 2, NULL, 'COMMON'), iif(i % 2, NULL, 'retry_later'), i = 7, 0, 'shop', \
                 'order-' || i, '', 1, 1 FROM n"
            ))
            .unwrap();
    }

    #[tokio::test]
    async fn no_filter_looks_at_every_message() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mut connection = Connection::open(folder.path().join(crate::store::DATABASE)).unwrap();
        fill(&connection);
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&count);
        let step = move || {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            false
        };
        connection.progress_handler(1_000, Some(step)).unwrap();
        for (state, reason, correlation, found) in [
            ("", "", "", 50),
            ("delivered", "", "", 50),
            ("read", "", "", 0),
            ("failed", "", "", 50),
            ("contradicted", "", "", 1),
            ("", "none", "", 0),
            ("", "COMMON", "", 50),
            ("", "retry_later", "", 50),
            ("failed", "retry_later", "", 50),
            ("read", "none", "", 0),
            ("", "", "shop", 50),
            ("", "", "none", 0),
            ("", "", "order-7", 1),
            ("delivered", "", "order-7", 1),
            ("failed", "", "order-7", 0),
            ("failed", "COMMON", "shop", 50),
            ("contradicted", "", "shop", 1),
        ] {
            let filter = MessageFilter {
                state: Some(state.into()),
                reason: Some(reason.into()),
                correlation: Some(correlation.into()),
                before: None,
                limit: 50,
            };
            count.store(0, std::sync::atomic::Ordering::Relaxed);
            let page = MessagePage::list(&connection, &filter).unwrap();
            assert_eq!(page.messages.len(), found, "{filter:?}");
            // The one rare combination looks through all of the correlation that it asks for.
            if (state, correlation) != ("contradicted", "shop") {
                let steps = count.load(std::sync::atomic::Ordering::Relaxed);
                assert!(steps <= STEPS, "{steps} thousand steps for {filter:?}");
            }
        }
        store.close().await.unwrap();
    }
}
