//! Messages as earlier versions kept them: a state, and an item for each report.

use std::collections::{HashMap, hash_map::Entry};

use serde_json::json;
use sinch_callback::{Carrier, ContentKey, Delivery, DeliveryState, Failure, Step};
use sinch_callback_pipeline::messages::{self, Dues, LogEntry, LogLine, Message, MessageLog};

use super::{
    DeliveryTable,
    attributes::{Item, PK, read_flag, read_map, read_number, read_optional_text, read_text, text},
    callbacks::{self, CALLBACK},
    error::TableError,
    record,
};

pub(super) const VERSION: &str = "version";
/// What the reports say: [`Delivery::encode`].
const DELIVERY: &str = "delivery";
/// What stands with a callback of what became of it.
const ARRIVAL: &str = "request_id, repeats, last_repeat_at, last_repeat_by";

impl DeliveryTable {
    /// The message of an item of an earlier version, with its log.
    pub(super) async fn taken_over(&self, item: &Item) -> Result<Message, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND begins_with(sk, :log)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", text(read_text(item, PK)))
            .expression_attribute_values(":log", text("log#"))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let (mut log, mut arrivals) = (Vec::new(), HashMap::new());
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| TableError::of(&error))?;
            let key = read_text(&item, "content_key");
            if let Entry::Vacant(unknown) = arrivals.entry(key) {
                let partition = callbacks::partition(unknown.key());
                let arrival = self.get(&partition, CALLBACK, Some(ARRIVAL)).await?;
                unknown.insert(arrival.unwrap_or_default());
            }
            log.push(item);
        }
        message(item, entries(&log, &arrivals))
    }
}

/// The message of an item, whichever version has written it; of an earlier one without its log.
pub(super) fn without_log(item: &Item) -> Result<Message, TableError> {
    match record::read(item)? {
        Some(message) => Ok(message),
        None => message(item, Vec::new()),
    }
}

/// The message of an item of an earlier version, with a log of these entries.
fn message(item: &Item, log: Vec<LogEntry>) -> Result<Message, TableError> {
    let encoded = read_optional_text(item, DELIVERY).unwrap_or_else(|| delivery(item));
    let id = read_text(item, "message_id");
    let of_partition = read_text(item, PK);
    let of_partition = record::message_id(&of_partition).map(ToOwned::to_owned);
    Ok(Message {
        message_id: of_partition.unwrap_or(id),
        subject: read_text(item, "subject"),
        delivery: Delivery::decode(&encoded).ok_or(TableError::Unreadable)?,
        version: read_number(item, VERSION),
        revision: 0,
        first_received_at: read_number(item, "first_received_at"),
        updated_at: read_number(item, "updated_at"),
        dues: Dues::default(),
        attempt: None,
        log: MessageLog::taken_over(log),
    })
}

/// The log: the items of one callback's reports are one entry.
fn entries(log: &[Item], arrivals: &HashMap<String, Item>) -> Vec<LogEntry> {
    let of_arrivals =
        log.chunk_by(|one, other| read_text(one, "content_key") == read_text(other, "content_key"));
    of_arrivals
        .filter_map(|reports| {
            let (first, last) = (reports.first()?, reports.last()?);
            let key = read_text(first, "content_key");
            let nothing = Item::new();
            let arrival = arrivals.get(&key).unwrap_or(&nothing);
            let received_at = read_number(first, "received_at");
            let age = received_at
                .cast_signed()
                .wrapping_sub(read_number(first, "signed_at").cast_signed());
            let decides = reports
                .iter()
                .rposition(|report| from(report) != state(report, "state"));
            let decides = decides.unwrap_or_default();
            let by = |name| Some(read_text(arrival, name)).filter(|by| !by.is_empty());
            Some(LogEntry {
                content_key: ContentKey::from_hex(&key)?,
                arrival: by("request_id").map_or_else(String::new, |by| messages::arrival(&by)),
                received_at,
                age_secs: age,
                secret_slot: u8::try_from(read_number(first, "secret_slot")).unwrap_or(u8::MAX),
                polled: false,
                from: from(first),
                to: state(last, "state"),
                version: read_number(last, VERSION),
                contradicted: read_flag(last, "contradicted"),
                reports: reports.iter().map(line).collect(),
                decides: u64::try_from(decides).unwrap_or_default(),
                said: reports
                    .get(decides)
                    .and_then(|report| read_optional_text(report, "said"))
                    .and_then(|said| serde_json::from_str(&said).ok()),
                repeats: read_number(arrival, "repeats"),
                last_repeat_at: arrival
                    .contains_key("last_repeat_at")
                    .then(|| read_number(arrival, "last_repeat_at")),
                last_repeat_by: by("last_repeat_by")
                    .map_or_else(String::new, |by| messages::arrival(&by)),
            })
        })
        .collect()
}

fn state(report: &Item, name: &str) -> Option<DeliveryState> {
    read_optional_text(report, name)?.parse().ok()
}

/// Where the message stood before a report.
fn from(report: &Item) -> Option<DeliveryState> {
    // An entry of an early version does not know it: what moved a leg is told again rather than never.
    let is_early = read_number(report, VERSION) == 0;
    if is_early && !matches!(step(report), Step::Moved(_)) {
        return state(report, "state");
    }
    state(report, "from")
}

fn step(report: &Item) -> Step {
    let leg = read_optional_text(report, "leg").and_then(|leg| leg.parse().ok());
    Step::parse(&read_text(report, "step"), leg).unwrap_or(Step::Unknown)
}

fn line(report: &Item) -> LogLine {
    LogLine {
        channel: read_text(report, "channel"),
        status: read_text(report, "status"),
        step: step(report),
        occurred_at: read_text(report, "occurred_at"),
        reason: reason(report),
        carrier: carrier(report),
    }
}

fn reason(report: &Item) -> Option<Failure> {
    let reason = read_map(report, "reason")?;
    let mut failure = Failure::default();
    failure.code = read_text(reason, "code");
    failure.sub_code = read_text(reason, "sub_code");
    failure.description = read_text(reason, "description");
    failure.channel_code = read_text(reason, "channel_code");
    failure.status_message = read_text(reason, "status_message");
    // Items of early versions have none, and name the remedy otherwise.
    failure.permanence = read_text(reason, "permanence").parse().unwrap_or_default();
    failure.remedy = read_optional_text(reason, "remedy")
        .unwrap_or_else(|| read_text(reason, "asks_for"))
        .parse()
        .unwrap_or_default();
    Some(failure)
}

fn carrier(report: &Item) -> Option<Carrier> {
    let item = read_map(report, "carrier")?;
    let mut carrier = Carrier::default();
    carrier.channel_code = read_text(item, "channel_code");
    carrier.status_message = read_text(item, "status_message");
    carrier.operator = read_text(item, "operator");
    carrier.parts = item
        .get("parts")
        .and_then(|parts| parts.as_n().ok())
        .and_then(|parts| parts.parse().ok());
    carrier.encoding = read_text(item, "encoding");
    Some(carrier)
}

/// What an item of an earlier version knows, in the form that [`Delivery::decode`] reads.
fn delivery(item: &Item) -> String {
    let channel = read_text(item, "channel");
    let legs = item.get("legs").and_then(|legs| legs.as_l().ok());
    let legs = legs.into_iter().flatten().filter_map(|leg| {
        let leg = leg.as_m().ok()?;
        let is_last = read_text(leg, "channel") == channel;
        let identity = Some(read_text(item, "identity")).filter(|_| is_last);
        Some(json!({
            "channel": read_text(leg, "channel"),
            "identity": identity,
            "leg": read_text(leg, "leg"),
            "received": read_number(leg, "updated_at"),
            "failure": read_map(item, "reason").filter(|_| is_last).map(|reason| json!({
                "code": read_text(reason, "code"),
                "sub_code": read_text(reason, "sub_code"),
                "description": read_text(reason, "description"),
                "remedy": read_text(reason, "asks_for"),
            })),
        }))
    });
    let legs: Vec<_> = legs.collect();
    let unknown = legs.is_empty().then(|| {
        json!({
            "channel": channel,
            "identity": read_text(item, "identity"),
            "received": read_number(item, "updated_at"),
        })
    });
    json!({
        "legs": legs,
        "unknown": unknown,
        "texts": [{
            "conversation_id": read_text(item, "conversation_id"),
            "contact_id": read_text(item, "contact_id"),
            "metadata": read_text(item, "metadata"),
            "correlation_id": read_text(item, "correlation_id"),
            "client_reference": read_text(item, "client_reference"),
        }],
        "was_contradicted": read_flag(item, "contradicted"),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use sinch_callback::{Remedy, UnixSeconds};
    use sinch_callback_pipeline::{
        Envelope,
        messages::{Novelty, ReadCallback},
    };

    use super::*;
    use crate::dynamodb::attributes::number;

    /// An item as the version before this one wrote it.
    fn old() -> Item {
        let map = |fields: Vec<(&str, AttributeValue)>| -> Item {
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect()
        };
        let leg = |channel: &str, leg: &str, at| {
            AttributeValue::M(map(vec![
                ("channel", text(channel)),
                ("leg", text(leg)),
                ("updated_at", number(at)),
            ]))
        };
        map(vec![
            ("message_id", text("m")),
            ("subject", text("message")),
            ("state", text("failed")),
            ("version", number(2)),
            ("channel", text("SMS")),
            ("identity", text("46701")),
            ("contradicted", AttributeValue::Bool(false)),
            ("metadata", text("shop")),
            ("first_received_at", number(5)),
            ("updated_at", number(6)),
            (
                "legs",
                AttributeValue::L(vec![leg("RCS", "switched", 5), leg("SMS", "failed", 6)]),
            ),
            (
                "reason",
                AttributeValue::M(map(vec![
                    ("code", text("RATE_LIMITED")),
                    ("sub_code", text("")),
                    ("description", text("slow down")),
                    ("asks_for", text("retry_later")),
                ])),
            ),
        ])
    }

    const BODY: &[u8] = br#"{"message_delivery_report":{"message_id":"m","status":"READ","metadata":"other","channel_identity":{"channel":"RCS","identity":"46701"}}}"#;

    fn arrival(request_id: &str) -> ReadCallback {
        let envelope = Envelope::kept(ContentKey::of_body(BODY), UnixSeconds::new(7), BODY);
        ReadCallback::of(&envelope.with_arrival(UnixSeconds::new(7), request_id))
    }

    #[test]
    fn an_item_of_the_version_before_is_shown_as_it_was_and_goes_on() {
        let before = message(&old(), Vec::new()).unwrap();
        let summary = before.summary();
        assert_eq!(summary.state.as_deref(), Some("failed"));
        assert_eq!((&*summary.channel, &*summary.identity), ("SMS", "46701"));
        assert_eq!(summary.correlation.metadata, "shop");
        let reason = summary.reason.unwrap();
        assert_eq!(
            (&*reason.code, reason.remedy),
            ("RATE_LIMITED", Remedy::RetryLater)
        );
        let states: Vec<_> = before
            .channels()
            .into_iter()
            .map(|leg| (leg.channel, leg.state))
            .collect();
        let expected = [("RCS", "switched"), ("SMS", "failed")];
        assert_eq!(
            states,
            expected.map(|(one, other)| (one.into(), other.into()))
        );

        let change = arrival("r").change(0, Some(before));
        let entry = change.changed.entry.unwrap();
        assert_eq!(
            (entry.moved_to(), entry.version),
            (Some(DeliveryState::Read), 3)
        );
        let after = change.write.unwrap();
        assert_eq!((after.channels().len(), after.revision), (2, 1));
        assert_eq!(after.summary().correlation.metadata, "shop");
        assert_eq!(
            record::read(&record::item(&after, 9)).unwrap().unwrap(),
            after
        );
    }

    /// A log entry and its callback as the version before this one wrote them.
    #[test]
    fn an_old_log_entry_is_taken_over_and_knows_its_arrival() {
        let key = ContentKey::of_body(BODY).to_string();
        let entry: Item = [
            ("content_key", text(&key)),
            ("channel", text("RCS")),
            ("status", text("READ")),
            ("step", text("moved")),
            ("leg", text("read")),
            ("from", text("failed")),
            ("state", text("read")),
            ("version", number(3)),
            ("occurred_at", text("")),
            ("received_at", number(7)),
            ("signed_at", number(6)),
            ("secret_slot", number(1)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let callback: Item = [("request_id", text("r")), ("repeats", number(2))]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        let log = entries(&[entry], &[(key, callback)].into());
        let before = message(&old(), log).unwrap();
        let [line] = before.view().log.try_into().unwrap();
        assert_eq!((&*line.status, &*line.step), ("READ", "moved"));
        assert_eq!((line.received_at, line.signed_at, line.repeats), (7, 6, 2));

        let again = arrival("r").change(0, Some(before.clone()));
        assert_eq!(again.changed.novelty, Novelty::Redelivered);
        assert_eq!(
            again.changed.entry.unwrap().moved_to(),
            Some(DeliveryState::Read)
        );
        let other = arrival("another").change(0, Some(before));
        assert_eq!(other.changed.novelty, Novelty::Repeated);
        assert_eq!(other.write.unwrap().view().log[0].repeats, 3);
    }
}
