//! How messages stand as a whole, over time: by what is counted as they are written, and never by a look
//! at each.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use serde::Serialize;
use sinch_callback::DeliveryState;

use super::spans;

/// Seconds that are counted together: `counts` and `times` in the schema.
pub(crate) const CELL: u64 = 300;
/// Points of a series at most. Our own choice: a point is a few pixels wide.
const POINTS: u64 = 96;
/// Rows of a ranking at most: there are fewer countries than that which a sender sends to.
const ROWS: usize = 50;

/// The messages first heard of in a span of time, as they stand now.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    /// The span in Unix seconds, widened to whole buckets.
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// Seconds of each number of a series.
    pub(crate) bucket_s: u64,
    /// How many stand where, by `DeliveryState::as_str`; `none` of those of which nothing is known.
    funnel: BTreeMap<&'static str, u64>,
    times: Times,
    failures: Failures,
    /// How many were delivered, read ones included.
    delivered_series: Vec<u64>,
    /// How many are overdue at present, whenever they were first heard of.
    overdue: u64,
    /// Whether messages of an earlier version's store are still being counted.
    is_counting: bool,
}

/// How long messages took.
#[derive(Debug, Serialize)]
struct Times {
    queued_delivered: Option<Span>,
    delivered_read: Option<Span>,
}

#[derive(Debug, Serialize)]
struct Span {
    p50_ms: u64,
    p95_ms: u64,
    /// Of how many messages that is known.
    count: u64,
}

#[derive(Debug, Serialize)]
struct Failures {
    by_reason: Vec<ByReason>,
    by_channel: Vec<ByChannel>,
    by_country_prefix: Vec<ByPrefix>,
}

#[derive(Debug, Serialize)]
struct ByReason {
    reason: String,
    #[serde(flatten)]
    counted: Counted,
}

#[derive(Debug, Serialize)]
struct ByChannel {
    channel: String,
    #[serde(flatten)]
    counted: Counted,
}

#[derive(Debug, Serialize)]
struct ByPrefix {
    /// With its plus; empty of recipients that are no numbers.
    prefix: String,
    #[serde(flatten)]
    counted: Counted,
}

/// How many, and when.
#[derive(Clone, Debug, Serialize)]
struct Counted {
    count: u64,
    series: Vec<u64>,
}

impl Counted {
    fn nothing(points: usize) -> Self {
        Self {
            count: 0,
            series: vec![0; points],
        }
    }

    fn add(&mut self, point: usize, count: u64) {
        self.count = self.count.saturating_add(count);
        if let Some(at) = self.series.get_mut(point) {
            *at = at.saturating_add(count);
        }
    }
}

/// How a span is cut into the numbers of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buckets {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) each: u64,
}

impl Buckets {
    /// The longest span that is shown: a month. Our own choice.
    pub(crate) const LONGEST: u64 = 31 * 86_400;

    /// Whole cells, and as many of them a bucket as keep a series short.
    pub(crate) fn of(from: u64, to: u64) -> Self {
        let cells = to.saturating_sub(from).div_ceil(CELL);
        let each = cells.div_ceil(POINTS).max(1).saturating_mul(CELL);
        let from = from.saturating_sub(from.checked_rem(each).unwrap_or_default());
        let span = to.saturating_sub(from).div_ceil(each).max(1);
        Self {
            from,
            to: from.saturating_add(span.saturating_mul(each)),
            each,
        }
    }

    pub(crate) fn points(&self) -> usize {
        usize::try_from(self.place(self.to)).unwrap_or_default()
    }

    /// Which of its numbers a moment belongs to.
    fn place(&self, at: u64) -> u64 {
        at.saturating_sub(self.from)
            .checked_div(self.each)
            .unwrap_or_default()
    }

    pub(crate) fn point(&self, at: u64) -> usize {
        usize::try_from(self.place(at)).unwrap_or(usize::MAX)
    }
}

impl Overview {
    pub(crate) fn read(connection: &Connection, buckets: Buckets) -> rusqlite::Result<Self> {
        let points = buckets.points();
        let nothing = Counted::nothing(points);
        let states = DeliveryState::NAMES.iter().copied().chain(["none"]);
        let mut funnel: BTreeMap<_, _> = states.map(|state| (state, 0_u64)).collect();
        let mut delivered = nothing.clone();
        let [mut reasons, mut channels, mut prefixes] = [const { BTreeMap::new() }; 3];
        let mut select = connection.prepare_cached(
            "SELECT at, state, reason, channel, prefix, count FROM counts \
             WHERE at >= ?1 AND at < ?2 AND count > 0",
        )?;
        let mut rows = select.query(params![buckets.from, buckets.to])?;
        while let Some(row) = rows.next()? {
            let (at, count): (u64, u64) = (row.get(0)?, row.get(5)?);
            let state = row.get_ref(1)?.as_str()?;
            let point = buckets.point(at);
            let name = if state.is_empty() { "none" } else { state };
            if let Some(known) = funnel.get_mut(name) {
                *known = known.saturating_add(count);
            }
            if is(state, DeliveryState::Delivered) || is(state, DeliveryState::Read) {
                delivered.add(point, count);
            }
            if is(state, DeliveryState::Failed) {
                for (counted, place) in [(&mut reasons, 2), (&mut channels, 3), (&mut prefixes, 4)]
                {
                    let key = row.get_ref(place)?.as_str()?;
                    if !counted.contains_key(key) {
                        counted.insert(key.to_owned(), nothing.clone());
                    }
                    if let Some(counted) = counted.get_mut(key) {
                        counted.add(point, count);
                    }
                }
            }
        }
        let failures = Failures {
            by_reason: ranking(reasons, |reason, counted| ByReason { reason, counted }),
            by_channel: ranking(channels, |channel, counted| ByChannel { channel, counted }),
            by_country_prefix: ranking(prefixes, |prefix, counted| ByPrefix { prefix, counted }),
        };
        Ok(Self {
            from: buckets.from,
            to: buckets.to,
            bucket_s: buckets.each,
            funnel,
            times: Times {
                queued_delivered: span(connection, buckets, 0)?,
                delivered_read: span(connection, buckets, 1)?,
            },
            failures,
            delivered_series: delivered.series,
            overdue: connection
                .prepare_cached(
                    "SELECT count(*) FROM messages INDEXED BY overdue_messages WHERE overdue",
                )?
                .query_row((), |row| row.get(0))?,
            is_counting: connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM messages INDEXED BY uncounted_messages \
                     WHERE channel IS NULL)",
                )?
                .query_row((), |row| row.get(0))?,
        })
    }
}

fn is(name: &str, state: DeliveryState) -> bool {
    name == state.as_str()
}

/// The most frequent first.
fn ranking<T>(counted: BTreeMap<String, Counted>, row: impl Fn(String, Counted) -> T) -> Vec<T> {
    let mut rows: Vec<_> = counted.into_iter().collect();
    rows.sort_by_key(|(_, counted)| core::cmp::Reverse(counted.count));
    rows.truncate(ROWS);
    rows.into_iter()
        .map(|(key, counted)| row(key, counted))
        .collect()
}

fn span(connection: &Connection, buckets: Buckets, what: i64) -> rusqlite::Result<Option<Span>> {
    let steps: Vec<(i64, u64)> = connection
        .prepare_cached(
            "SELECT step, sum(count) FROM times WHERE at >= ?1 AND at < ?2 AND what = ?3 \
             GROUP BY step HAVING sum(count) > 0 ORDER BY step",
        )?
        .query_map(params![buckets.from, buckets.to, what], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    let at = |percent| spans::percentile(&steps, percent);
    Ok(at(50).zip(at(95)).map(|(p50_ms, p95_ms)| Span {
        p50_ms,
        p95_ms,
        count: steps.iter().map(|(_, count)| count).sum(),
    }))
}

#[cfg(test)]
mod tests {
    use sinch_callback::UnixSeconds;
    use sinch_callback_pipeline::{
        Envelope,
        messages::{Messages, ReadCallback},
    };

    use super::*;
    use crate::store::open::Store;

    #[test]
    fn a_span_is_cut_into_whole_cells_and_few_points() {
        let day = Buckets::of(1_000_000, 1_086_400);
        assert_eq!(day.each, 900);
        assert!(day.from <= 1_000_000 && day.to >= 1_086_400);
        assert_eq!((day.from % 900, day.to % 900), (0, 0));
        assert!((96..=97).contains(&day.points()), "{day:?}");
        assert_eq!(day.point(day.from), 0);
        assert_eq!(day.point(day.to - 1), day.points() - 1);
        let moment = Buckets::of(700, 700);
        assert_eq!((moment.from, moment.to, moment.points()), (600, 900, 1));
        assert!(Buckets::of(0, Buckets::LONGEST).points() <= 97);
    }

    fn rows(connection: &Connection, query: &str) -> Vec<String> {
        connection
            .prepare(query)
            .unwrap()
            .query_map((), |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    fn add(counts: &mut BTreeMap<String, u64>, key: String) {
        let count = counts.entry(key).or_default();
        *count = count.saturating_add(1);
    }

    /// What is counted is what the messages say, each looked at.
    fn check(connection: &Connection) -> usize {
        let counted = rows(
            connection,
            "SELECT format('%d %s %s %s %s %d', at, state, reason, channel, prefix, count) FROM counts \
             WHERE count <> 0 ORDER BY 1",
        );
        let timed = rows(
            connection,
            "SELECT format('%d %d %d %d', at, what, step, count) FROM times WHERE count <> 0 ORDER BY 1",
        );
        let found = rows(
            connection,
            "SELECT format('%d %s', message, identity) FROM recipients ORDER BY 1",
        );
        let mut select = connection
            .prepare("SELECT seq, aggregate FROM messages")
            .unwrap();
        let messages: Vec<(i64, sinch_callback_pipeline::messages::Message)> = select
            .query_map((), |row| {
                Ok((row.get("seq")?, super::super::messages::read(row)?))
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let mut cells = BTreeMap::<String, u64>::new();
        let mut spans = BTreeMap::<String, u64>::new();
        let mut recipients = Vec::new();
        for (seq, message) in &messages {
            let at = Buckets::of(message.first_received_at, message.first_received_at).from;
            let (facets, summary) = (message.facets(), message.summary());
            let reason = message
                .delivery
                .deciding()
                .and_then(|it| it.failure.clone());
            let cell = format!(
                "{at} {} {} {} {}",
                summary.state.unwrap_or_default(),
                reason.map(|it| it.code).unwrap_or_default(),
                facets.channel,
                facets.prefix
            );
            add(&mut cells, cell);
            for (what, millis) in [
                (0, facets.queued_to_delivered_ms),
                (1, facets.delivered_to_read_ms),
            ] {
                if let Some(millis) = millis {
                    add(&mut spans, format!("{at} {what} {}", spans::step(millis)));
                }
            }
            recipients.extend(message.recipients().iter().map(|it| format!("{seq} {it}")));
        }
        let sorted = |counts: BTreeMap<String, u64>| {
            let mut lines: Vec<_> = counts
                .into_iter()
                .map(|(key, count)| format!("{key} {count}"))
                .collect();
            lines.sort();
            lines
        };
        recipients.sort();
        assert_eq!(counted, sorted(cells));
        assert_eq!(timed, sorted(spans));
        assert_eq!(found, recipients);
        messages.len()
    }

    async fn report(store: &Store, random: &mut fastrand::Rng) {
        let status = [
            "QUEUED_ON_CHANNEL",
            "DELIVERED",
            "READ",
            "FAILED",
            "SWITCHING_CHANNEL",
            "NEW",
        ];
        let at = random.u64(0..2_000);
        let body = format!(
            r#"{{"event_time":"2026-01-02T03:{:02}:{:02}.{:03}Z","message_delivery_report":{{"message_id":"m-{}","status":"{}","channel_identity":{{"channel":"{}","identity":"{}"}},"reason":{{"code":"{}"}}}}}}"#,
            random.u8(0..60),
            random.u8(0..60),
            random.u16(0..1_000),
            random.u8(0..40),
            random.choice(status).unwrap(),
            random.choice(["SMS", "rcs", "MESSENGER"]).unwrap(),
            random
                .choice(["4915112345678", "+12025550147", "x"])
                .unwrap(),
            random.choice(["RATE_LIMITED", "CHANNEL_FAILURE"]).unwrap(),
        );
        let envelope = Envelope::polled(body.as_bytes(), UnixSeconds::new(at), "r");
        let callback = ReadCallback::of(&envelope);
        let id = callback.message_id(0).unwrap().to_owned();
        let _ = store
            .update(&id, move |found| callback.change(0, found))
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn counts_follow_each_correction_and_each_deletion() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let connection = Connection::open(folder.path().join(crate::store::DATABASE)).unwrap();
        connection
            .busy_timeout(core::time::Duration::from_secs(9))
            .unwrap();
        let mut random = fastrand::Rng::with_seed(15);
        for round in 0..12 {
            for _ in 0..25 {
                report(&store, &mut random).await;
            }
            assert!(check(&connection) > 9);
            let deleted = format!("DELETE FROM messages WHERE message_id = 'm-{round}'");
            connection.execute_batch(&deleted).unwrap();
            check(&connection);
        }
        let all = Overview::read(&connection, Buckets::of(0, 2_000)).unwrap();
        let sum: u64 = all.funnel.values().sum();
        assert_eq!(usize::try_from(sum).unwrap(), check(&connection));
        let failed: u64 = all
            .failures
            .by_channel
            .iter()
            .map(|it| it.counted.count)
            .sum();
        assert_eq!(failed, all.funnel["failed"]);
        let series: u64 = all.delivered_series.iter().sum();
        assert_eq!(series, all.funnel["delivered"] + all.funnel["read"]);
        assert!(all.times.queued_delivered.is_some() && !all.is_counting);
        let none = Overview::read(&connection, Buckets::of(900_000, 900_001)).unwrap();
        assert_eq!(none.funnel.values().sum::<u64>(), 0);
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn what_an_earlier_version_has_not_counted_is_counted_a_little_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let connection = Connection::open(folder.path().join(crate::store::DATABASE)).unwrap();
        connection
            .busy_timeout(core::time::Duration::from_secs(9))
            .unwrap();
        let mut random = fastrand::Rng::with_seed(16);
        for _ in 0..300 {
            report(&store, &mut random).await;
        }
        connection
            .execute_batch(
                "UPDATE messages SET channel = NULL, prefix = NULL, to_delivered = NULL, to_read = NULL; \
                 DELETE FROM counts; DELETE FROM times; DELETE FROM recipients;",
            )
            .unwrap();
        let is_counting = |connection: &Connection| {
            Overview::read(connection, Buckets::of(0, 1))
                .unwrap()
                .is_counting
        };
        assert!(is_counting(&connection));
        // A report counts its message before its turn has come, and a deletion counts nothing.
        report(&store, &mut random).await;
        connection
            .execute_batch("DELETE FROM messages WHERE message_id = 'm-1'")
            .unwrap();
        while store.count_some().await.unwrap() {}
        assert!(!is_counting(&connection));
        assert!(check(&connection) > 9);
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn an_overview_reads_no_message() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let connection = Connection::open(folder.path().join(crate::store::DATABASE)).unwrap();
        // What is counted alone is told: there is no message.
        connection
            .execute_batch(
                "INSERT INTO counts VALUES (300, 'failed', 'X', 'SMS', '+49', 1000000); \
                 INSERT INTO times VALUES (300, 0, 40, 7);",
            )
            .unwrap();
        let overview = Overview::read(&connection, Buckets::of(0, 600)).unwrap();
        assert_eq!(overview.funnel["failed"], 1_000_000);
        assert_eq!(
            overview.failures.by_reason[0]
                .counted
                .series
                .iter()
                .sum::<u64>(),
            1_000_000
        );
        assert_eq!(overview.times.queued_delivered.unwrap().count, 7);
        store.close().await.unwrap();
    }
}
