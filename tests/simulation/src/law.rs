//! What a message's reports say together, read plainly off all of their bodies: what the referee
//! holds the core's law against. It shares no code with it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use sinch_callback_pipeline::messages::Message;

/// What is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    state: Option<String>,
    /// By channel and the recipient's digits.
    legs: BTreeMap<(String, String), &'static str>,
    reason: String,
    correlation_id: String,
    metadata: String,
    contradicted: bool,
}

/// One report.
#[derive(Debug)]
struct Report {
    leg: (String, String),
    /// Higher is more.
    rank: usize,
    reason: String,
    correlation_id: String,
    metadata: String,
    /// In milliseconds, which the worlds write beside the text.
    moment: Option<u64>,
    content_key: String,
    place: usize,
}

const RANKS: [&str; 6] = [
    "queued",
    "unconfirmed",
    "switched",
    "failed",
    "delivered",
    "read",
];
const FAILED: usize = 3;

/// The only reason of the worlds that no retry could mend.
pub(crate) const PERMANENT: &str = "RECIPIENT_INVALID_CHANNEL_IDENTITY";
const NO_CHANNELS_LEFT: &str = "NO_CHANNELS_LEFT";

/// The reports of a body, by message.
#[derive(Debug)]
pub(crate) struct Read(BTreeMap<String, Vec<Report>>);

impl Read {
    pub(crate) fn of(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).expect("worlds write JSON");
        let key = sinch_callback::ContentKey::of_body(body).to_string();
        let mut read: BTreeMap<String, Vec<Report>> = BTreeMap::new();
        for (message_id, report) in reports(&value, &key) {
            read.entry(message_id).or_default().push(report);
        }
        Self(read)
    }

    /// The messages that it reports on.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// What the reports of these bodies on one message say.
pub(crate) fn of<'a>(message_id: &str, bodies: impl Iterator<Item = &'a Read>) -> Standing {
    let reports: Vec<&Report> = bodies
        .filter_map(|read| read.0.get(message_id))
        .flatten()
        .collect();
    let known = || {
        let reports = reports.iter().copied();
        reports.filter(|report| report.rank < RANKS.len())
    };
    let mut legs: BTreeMap<(String, String), &Report> = BTreeMap::new();
    for report in known() {
        let best = legs.entry(report.leg.clone()).or_insert(report);
        if (report.rank, report.latest()) > (best.rank, best.latest()) {
            *best = report;
        }
    }
    let whole = known()
        .filter(|report| report.rank == FAILED)
        .filter(|report| report.leg.0.is_empty() || report.reason == NO_CHANNELS_LEFT)
        .max_by_key(|report| report.latest());
    let best = |ranks: &[usize]| {
        let best = legs.values().filter(|report| ranks.contains(&report.rank));
        best.max_by_key(|report| report.latest()).copied()
    };
    let decided = [
        ("read", best(&[5])),
        ("delivered", best(&[4])),
        ("failed", whole),
        ("queued", best(&[0])),
        ("unconfirmed", best(&[1])),
        ("failed", best(&[3])),
        ("switching", best(&[2])),
    ];
    let decided = decided
        .into_iter()
        .find_map(|(state, report)| Some((state, report?)));
    let first = |text: fn(&Report) -> &String| {
        let brought = reports.iter().filter(|report| !text(report).is_empty());
        brought
            .min_by_key(|report| report.earliest())
            .map(|report| text(report).clone())
            .unwrap_or_default()
    };
    let mut failed_for_good = HashMap::new();
    for report in known().filter(|report| report.reason == PERMANENT) {
        failed_for_good.insert(report.leg.clone(), ());
    }
    Standing {
        state: decided.map(|(state, _)| state.to_owned()),
        reason: decided
            .map(|(_, report)| report.reason.clone())
            .unwrap_or_default(),
        contradicted: legs
            .iter()
            .any(|(leg, report)| report.rank > FAILED && failed_for_good.contains_key(leg)),
        legs: legs
            .into_iter()
            .map(|(leg, report)| (leg, RANKS[report.rank]))
            .collect(),
        correlation_id: first(|report| &report.correlation_id),
        metadata: first(|report| &report.metadata),
    }
}

impl Report {
    fn latest(&self) -> (Option<u64>, &str, usize) {
        (self.moment, &self.content_key, self.place)
    }

    fn earliest(&self) -> (bool, Option<u64>, &str, usize) {
        let (moment, key, place) = self.latest();
        (moment.is_none(), moment, key, place)
    }
}

impl Standing {
    pub(crate) fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// What the real core made of it.
    pub(crate) fn of(message: &Message) -> Self {
        let delivery = &message.delivery;
        Self {
            state: delivery.state().map(|state| state.to_string()),
            legs: delivery
                .legs()
                .iter()
                .map(|leg| {
                    let recipient = digits(&leg.deciding.identity);
                    ((leg.deciding.channel.clone(), recipient), leg.leg.as_str())
                })
                .collect(),
            reason: delivery
                .deciding()
                .and_then(|report| report.failure.as_ref())
                .map(|failure| failure.code.clone())
                .unwrap_or_default(),
            correlation_id: delivery.correlation_id().to_owned(),
            metadata: delivery.metadata().to_owned(),
            contradicted: delivery.is_contradicted(),
        }
    }
}

fn reports(body: &Value, content_key: &str) -> Vec<(String, Report)> {
    let moment = body["moment"].as_u64();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(report) = body.get("message_delivery_report") {
        let message_id = text(&report["message_id"]);
        let rank = rank(&text(&report["status"]));
        let is_failure = rank == FAILED || rank == FAILED - 1;
        let identity = &report["channel_identity"];
        let report = Report {
            leg: (
                text(&identity["channel"]),
                digits(identity["identity"].as_str().unwrap_or_default()),
            ),
            rank,
            reason: Some(text(&report["reason"]["code"]))
                .filter(|_| is_failure)
                .unwrap_or_default(),
            correlation_id: text(&body["correlation_id"]),
            metadata: text(&report["metadata"]),
            moment,
            content_key: content_key.to_owned(),
            place: 0,
        };
        return vec![(message_id, report)];
    }
    let batch = text(&body["batch_id"]);
    let single = body.get("recipient").map(|to| (&body["status"], to));
    let statuses = body["statuses"].as_array().into_iter().flatten();
    let of_batch = statuses.flat_map(|status| {
        let recipients = status["recipients"].as_array().into_iter().flatten();
        recipients.map(move |to| (&status["status"], to))
    });
    single
        .into_iter()
        .chain(of_batch)
        .enumerate()
        .filter_map(|(place, (status, to))| Some((place, status, digits(to.as_str()?))))
        .map(|(place, status, recipient)| {
            let message_id = format!("{batch}:{recipient}");
            let report = Report {
                leg: ("SMS".to_owned(), recipient),
                rank: rank(&text(status)),
                reason: match rank(&text(status)) {
                    FAILED => body["code"].as_u64().unwrap_or(407).to_string(),
                    _ => String::new(),
                },
                correlation_id: String::new(),
                metadata: String::new(),
                moment,
                content_key: content_key.to_owned(),
                place,
            };
            (message_id, report)
        })
        .collect()
}

fn rank(status: &str) -> usize {
    let name = match status {
        "QUEUED_ON_CHANNEL" | "Queued" | "Dispatched" => "queued",
        "Unknown" => "unconfirmed",
        "SWITCHING_CHANNEL" => "switched",
        "FAILED" | "Failed" | "Cancelled" => "failed",
        "DELIVERED" | "Delivered" => "delivered",
        "READ" => "read",
        _ => "",
    };
    RANKS
        .iter()
        .position(|known| *known == name)
        .unwrap_or(RANKS.len())
}

fn digits(identity: &str) -> String {
    identity.chars().filter(char::is_ascii_digit).collect()
}
