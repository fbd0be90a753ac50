//! What the API and `status` show.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params, params, types::Value};
use serde::Serialize;
use sinch_callback::{Callback, ContentKey, ReportSubject, scheme::SchemeName};
use sinch_callback_pipeline::{BatchView, MessageSummary, MessageView, Promise, messages::Message};

use super::{kept::scheme_at, listening::Hearing, messages};

/// Which messages to list, and how far back.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// A state, or one of [`MessageFilter::OTHER_STATES`].
    pub state: Option<String>,
    /// A reason's code, or a remedy.
    pub reason: Option<String>,
    /// Metadata, a correlation id or a client reference.
    pub correlation: Option<String>,
    /// The channel that is shown, in capitals.
    pub channel: Option<String>,
    /// The recipient's country code with its plus; empty for recipients that are no numbers.
    pub prefix: Option<String>,
    /// First heard of at that moment or later, in Unix seconds.
    pub from: Option<u64>,
    /// First heard of before that moment.
    pub to: Option<u64>,
    /// The `next_before` of the page before.
    pub before: Option<i64>,
    /// Most messages of the page.
    pub limit: u32,
    /// Without the recipients: [`MessageSummary::masked`].
    pub masked: bool,
}

impl MessageFilter {
    /// What stands for a state without being one: reports that contradict each other, deadlines that were
    /// missed, and both states in which a message has arrived.
    pub const OTHER_STATES: [&str; 3] = ["contradicted", "overdue", "arrived"];
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

/// The message of this id, or of what stands for it where recipients are masked.
///
/// # Errors
/// Where the store cannot be read.
pub fn find_message(connection: &Connection, id: &str) -> rusqlite::Result<Option<MessageView>> {
    Ok(find(connection, id)?.map(|(_, message)| message.view()))
}

/// The same with its row.
pub(crate) fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<(i64, Message)>> {
    let found = messages::find(connection, id)?;
    let Some((batch, seq)) = id.rsplit_once(STANDS_FOR).filter(|_| found.is_none()) else {
        return Ok(found);
    };
    connection
        .prepare_cached("SELECT seq, aggregate FROM messages WHERE seq = ?1 AND instr(message_id, ?2 || ':') = 1")?
        .query_row([seq, batch], |row| Ok((row.get("seq")?, messages::read(row)?)))
        .optional()
}

/// What stands between a batch and the row of one of its messages.
const STANDS_FOR: &str = ":~";

/// A message's id as whoever need not know its recipient sees it: of one recipient of an SMS batch the id
/// is the batch and the number, for which the row stands. The row stays the message's for as long as
/// it is kept.
pub(crate) fn masked_id(seq: i64, subject: &str, id: &str) -> String {
    match id.split_once(':') {
        Some((batch, _)) if subject == ReportSubject::SmsRecipient.as_str() => {
            format!("{batch}{STANDS_FOR}{seq}")
        }
        _ => id.to_owned(),
    }
}

/// A message as whoever need not know its recipient sees it.
pub(crate) fn masked(seq: i64, message: MessageSummary) -> MessageSummary {
    let message_id = masked_id(seq, &message.subject, &message.message_id);
    let mut message = message.masked();
    message.message_id = message_id;
    message
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
        let found = Found::by(connection, filter)?;
        let values: Vec<(&str, &dyn ToSql)> = found
            .values
            .iter()
            .map(|(name, value)| {
                let value: &dyn ToSql = value;
                (*name, value)
            })
            .collect();
        let order = found.order;
        let rows: Vec<_> = connection
            .prepare_cached(&format!(
                "SELECT seq, aggregate FROM messages WHERE {} ORDER BY {order} LIMIT :limit",
                found.condition
            ))?
            .query_map(values.as_slice(), message_row)?
            .collect::<Result<_, _>>()?;
        let next_before = next_before(rows.iter().map(|(seq, _)| *seq), filter.limit);
        let shown = |(seq, message)| {
            if filter.masked {
                masked(seq, message)
            } else {
                message
            }
        };
        Ok(Self {
            messages: rows.into_iter().map(shown).collect(),
            next_before,
        })
    }
}

/// How the messages of a filter are found.
struct Found {
    condition: String,
    order: &'static str,
    values: Vec<(&'static str, Value)>,
}

/// In the order of their first callbacks, which is nearly that of their rows.
const BY_ARRIVAL: &str = "first_received_at DESC, seq DESC";

impl Found {
    /// Each condition stands in the text only where it is asked for, so that the index that fits is
    /// found. Of several filters the one that is likely to be rare leads, through its own indices; a
    /// sign keeps the others' out. Each index gives its newest rows that pass all filters, and no more of
    /// them than fill a page.
    fn by(connection: &Connection, filter: &MessageFilter) -> rusqlite::Result<Self> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (reason, correlation) = (given(&filter.reason), given(&filter.correlation));
        let is_correlated = correlation.is_some();
        let spans_time = [filter.from, filter.to].iter().any(Option::is_some)
            || filter.channel.is_some()
            || filter.prefix.is_some()
            || filter.state.as_deref() == Some("arrived");
        let leads: &[&str] = if is_correlated {
            &CORRELATED
        } else if spans_time {
            &[]
        } else if reason.is_some() {
            &WITH_REASON
        } else {
            &[]
        };
        // An index of its own leads, or the one of all that a span of time is filtered by.
        let sign = if spans_time && !is_correlated {
            ""
        } else {
            "+"
        };
        let mut conditions = Vec::new();
        let mut values = vec![(":limit", Value::from(filter.limit))];
        match given(&filter.state) {
            None => {}
            Some(state) if state == "contradicted" => conditions.push("contradicted".into()),
            Some(state) if state == "overdue" => conditions.push("overdue".into()),
            Some(state) if state == "arrived" => {
                conditions.push(format!("{sign}state IN ('delivered', 'read')"));
            }
            Some(state) => {
                let alone = leads.is_empty() && !spans_time;
                conditions.push(format!("{}state = :state", if alone { "" } else { sign }));
                values.push((":state", state.into()));
            }
        }
        if let Some(reason) = reason {
            if is_correlated || spans_time {
                conditions.push(format!(
                    "({sign}reason_code = :reason OR {sign}remedy = :reason)"
                ));
            }
            values.push((":reason", reason.into()));
        }
        values.extend(correlation.map(|text| (":correlation", Value::from(text))));
        for (name, column, text) in [
            (":channel", "channel", &filter.channel),
            (":prefix", "prefix", &filter.prefix),
        ] {
            if let Some(text) = text {
                conditions.push(format!("{sign}{column} = {name}"));
                values.push((name, text.clone().into()));
            }
        }
        for (name, comparison, moment) in [(":from", ">=", filter.from), (":to", "<", filter.to)] {
            if let Some(moment) = moment {
                conditions.push(format!("{sign}first_received_at {comparison} {name}"));
                let moment = i64::try_from(moment).unwrap_or(i64::MAX);
                values.push((name, moment.into()));
            }
        }
        if spans_time && !is_correlated {
            return Self::by_arrival(connection, filter.before, conditions, values);
        }
        conditions.push("seq < :before".into());
        values.push((":before", filter.before.unwrap_or(i64::MAX).into()));
        let conditions = conditions.join(" AND ");
        let condition = if leads.is_empty() {
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
        Ok(Self {
            condition,
            order: "seq DESC",
            values,
        })
    }

    /// By the index that has all that a span of time is filtered by.
    fn by_arrival(
        connection: &Connection,
        before: Option<i64>,
        mut conditions: Vec<String>,
        mut values: Vec<(&'static str, Value)>,
    ) -> rusqlite::Result<Self> {
        if let Some(before) = before {
            let arrived: Option<i64> = connection
                .prepare_cached("SELECT first_received_at FROM messages WHERE seq = ?1")?
                .query_row([before], |row| row.get(0))
                .optional()?;
            conditions.push(
                "first_received_at <= :arrived AND (first_received_at < :arrived OR seq < :before)"
                    .into(),
            );
            values.push((":arrived", arrived.unwrap_or(i64::MAX).into()));
            values.push((":before", before.into()));
        }
        let conditions = conditions.join(" AND ");
        Ok(Self {
            condition: format!(
                "seq IN (SELECT seq FROM messages INDEXED BY messages_by_arrival WHERE {conditions} \
                 ORDER BY {BY_ARRIVAL} LIMIT :limit)"
            ),
            order: BY_ARRIVAL,
            values,
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

    /// The body of the one of this key. What a message's log knows is found by when it was received, too:
    /// its body has no index that only its key could be looked for in.
    pub(crate) fn body(
        connection: &Connection,
        key: ContentKey,
        received_at: Option<u64>,
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        connection
            .prepare_cached(
                "SELECT body FROM callbacks WHERE content_key = ?1 AND body <> x'' \
                 UNION ALL SELECT body FROM bodies INDEXED BY bodies_by_arrival \
                 WHERE received_at = ?2 AND content_key = ?1 AND body <> x'' LIMIT 1",
            )?
            .query_row(params![key.as_bytes(), received_at], |row| row.get(0))
            .optional()
    }

    /// Whether that is kept.
    pub(crate) fn is_kept(
        connection: &Connection,
        key: ContentKey,
        received_at: u64,
    ) -> rusqlite::Result<bool> {
        connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM callbacks WHERE content_key = ?1 AND body <> x'') \
                 OR EXISTS (SELECT 1 FROM bodies INDEXED BY bodies_by_arrival \
                 WHERE received_at = ?2 AND content_key = ?1 AND body <> x'')",
            )?
            .query_row(params![key.as_bytes(), received_at], |row| row.get(0))
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
    use sinch_callback::UnixSeconds;

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
                 first_received_at, updated_at, channel, prefix) \
                 SELECT 'm-' || i, json_set('{aggregate}', '$.id', 'm-' || i), iif(i % 2, 'delivered', 'failed'), \
                 iif(i % 2, NULL, 'COMMON'), iif(i % 2, NULL, 'retry_later'), i = 7, 0, 'shop', \
                 'order-' || i, '', i, i, iif(i = 9, 'RCS', 'SMS'), iif(i % 2, '+49', '+1') FROM n"
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
                limit: 50,
                ..MessageFilter::default()
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
        let filter = MessageFilter {
            limit: 50,
            ..MessageFilter::default()
        };
        for (more, found) in [
            (r#"{"channel":"SMS"}"#, 50),
            (r#"{"channel":"SMS","prefix":"+49"}"#, 50),
            (r#"{"state":"failed","reason":"COMMON","prefix":"+1"}"#, 50),
            (
                r#"{"state":"failed","reason":"retry_later","from":"100","to":"200"}"#,
                50,
            ),
            (r#"{"state":"failed","from":"100","to":"110"}"#, 5),
            (r#"{"state":"arrived","from":"100","to":"110"}"#, 5),
            (r#"{"from":"100","to":"100"}"#, 0),
            (r#"{"from":"19990"}"#, 11),
            (r#"{"correlation":"order-7","channel":"SMS","from":"7"}"#, 1),
            (r#"{"correlation":"order-7","to":"7"}"#, 0),
        ] {
            let mut filter = filter.clone();
            let asked: std::collections::BTreeMap<String, String> =
                serde_json::from_str(more).unwrap();
            for (name, value) in asked {
                let text = Some(value.clone());
                match name.as_str() {
                    "state" => filter.state = text,
                    "reason" => filter.reason = text,
                    "correlation" => filter.correlation = text,
                    "channel" => filter.channel = text,
                    "prefix" => filter.prefix = text,
                    "from" => filter.from = value.parse().ok(),
                    _ => filter.to = value.parse().ok(),
                }
            }
            count.store(0, std::sync::atomic::Ordering::Relaxed);
            let page = MessagePage::list(&connection, &filter).unwrap();
            assert_eq!(page.messages.len(), found, "{filter:?}");
            let steps = count.load(std::sync::atomic::Ordering::Relaxed);
            assert!(steps <= STEPS, "{steps} thousand steps for {filter:?}");
        }
        // What is rare in all of a span is found in the index alone.
        let rare = Found::by(
            &connection,
            &MessageFilter {
                channel: Some("RCS".into()),
                ..filter
            },
        );
        let mut select = connection
            .prepare(&format!(
                "EXPLAIN QUERY PLAN SELECT seq FROM messages WHERE {}",
                rare.unwrap().condition
            ))
            .unwrap();
        let nothing = vec![rusqlite::types::Null; select.parameter_count()];
        let plan: Vec<String> = select
            .query_map(rusqlite::params_from_iter(nothing), |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let plan = plan.join("; ");
        assert!(
            plan.contains("COVERING INDEX messages_by_arrival"),
            "{plan}"
        );
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn pages_of_a_span_follow_each_other_without_a_gap() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let connection = Connection::open(folder.path().join(crate::store::DATABASE)).unwrap();
        fill(&connection);
        // A clock was put back, and many came in one second.
        connection
            .execute_batch("UPDATE messages SET first_received_at = seq / 7 % 50 WHERE seq <= 500")
            .unwrap();
        let mut filter = MessageFilter {
            channel: Some("SMS".into()),
            to: Some(50),
            limit: 7,
            ..MessageFilter::default()
        };
        let mut seen = Vec::new();
        loop {
            let page = MessagePage::list(&connection, &filter).unwrap();
            seen.extend(page.messages.into_iter().map(|message| message.message_id));
            filter.before = page.next_before;
            if filter.before.is_none() {
                break;
            }
        }
        let expected: i64 = connection
            .query_row(
                "SELECT count(*) FROM messages WHERE channel = 'SMS' AND first_received_at < 50",
                (),
                |row| row.get(0),
            )
            .unwrap();
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
        assert_eq!(i64::try_from(count).unwrap(), expected);
        store.close().await.unwrap();
    }
}
