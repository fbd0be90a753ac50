use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use sinch_callback::{Delivery, DeliveryReport, Step};
use sinch_callback_pipeline::{CarrierWords, Change, Envelope, Message, Reason};

use super::{
    TableError,
    attributes::{
        Item, key, number, read_flag, read_map, read_number, read_optional_text, read_text, text,
    },
};

pub(super) const STATE: &str = "state";
pub(super) const VERSION: &str = "version";
pub(super) const EXPIRES_AT: &str = "expires_at";
/// What the reports say: [`Delivery::encode`].
pub(super) const DELIVERY: &str = "delivery";

/// The partition of a message.
pub(super) fn partition(message_id: &str) -> String {
    format!("message#{message_id}")
}

/// A message's item: what its reports say, and beside it what people and indices look for. It expires
/// whole.
pub(super) fn item(message: &Message, expires_at: u64) -> Item {
    let delivery = &message.delivery;
    let mut item = key(&partition(&message.message_id), STATE);
    item.insert("message_id".into(), text(&message.message_id));
    item.insert("subject".into(), text(&message.subject));
    item.insert(DELIVERY.into(), text(delivery.encode()));
    item.insert(VERSION.into(), number(message.version));
    item.insert(EXPIRES_AT.into(), number(expires_at));
    item.insert(
        "first_received_at".into(),
        number(message.first_received_at),
    );
    item.insert("updated_at".into(), number(message.updated_at));
    item.insert(
        "contradicted".into(),
        AttributeValue::Bool(delivery.is_contradicted()),
    );
    if let Some(state) = delivery.state() {
        item.insert(STATE.into(), text(state.as_str()));
    }
    // An index takes no empty text.
    if !delivery.correlation_id().is_empty() {
        item.insert("correlation_id".into(), text(delivery.correlation_id()));
    }
    item
}

/// The message of an item.
pub(super) fn read(item: &Item) -> Result<Message, TableError> {
    let encoded = read_optional_text(item, DELIVERY).unwrap_or_else(|| taken_over(item));
    let message_id = read_text(item, "message_id");
    Ok(Message {
        delivery: Delivery::decode(&encoded).ok_or(TableError::Unreadable)?,
        subject: read_text(item, "subject"),
        version: read_number(item, VERSION),
        first_received_at: read_number(item, "first_received_at"),
        updated_at: read_number(item, "updated_at"),
        // Nobody wakes up here to tell it.
        due: None,
        message_id,
    })
}

/// What an item of an earlier version knows, in the form that [`Delivery::decode`] reads.
fn taken_over(item: &Item) -> String {
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

/// A report's reason as an attribute.
fn reason(report: &DeliveryReport) -> Option<AttributeValue> {
    let reason = Reason::of(report.failure.as_ref()?);
    Some(map([
        ("code", text(reason.code)),
        ("sub_code", text(reason.sub_code)),
        ("description", text(reason.description)),
        ("channel_code", text(reason.channel_code)),
        ("status_message", text(reason.status_message)),
        ("permanence", text(reason.permanence)),
        ("remedy", text(reason.remedy)),
    ]))
}

/// What its carrier said as an attribute.
fn carrier(report: &DeliveryReport) -> Option<AttributeValue> {
    let carrier = CarrierWords::of(&report.carrier)?;
    Some(map([
        ("channel_code", text(carrier.channel_code)),
        ("status_message", text(carrier.status_message)),
        ("operator", text(carrier.operator)),
        (
            "parts",
            carrier.parts.map_or(AttributeValue::Null(true), number),
        ),
        ("encoding", text(carrier.encoding)),
    ]))
}

fn map<const N: usize>(fields: [(&str, AttributeValue); N]) -> AttributeValue {
    AttributeValue::M(fields.map(|(name, value)| (name.into(), value)).into())
}

/// The sort key of a log entry: in the order of arrival.
pub(super) fn log_sort_key(received_at: u64, content_key: &str, index: usize) -> String {
    format!("log#{received_at:012}#{content_key}#{index:06}")
}

/// A log entry: what the report at `index` of a callback did.
pub(super) fn log_entry(
    envelope: &Envelope<'_>,
    index: usize,
    report: &DeliveryReport,
    change: &Change,
    expires_at: u64,
) -> Item {
    let content_key = envelope.content_key.to_string();
    let received_at = envelope.received_at.get();
    let sort_key = log_sort_key(received_at, &content_key, index);
    let mut item = key(&partition(&report.message_id), &sort_key);
    item.insert("channel".into(), text(&report.channel));
    item.insert("status".into(), text(&report.status_text));
    item.insert("step".into(), text(change.step.as_str()));
    if let Step::Moved(leg) = change.step {
        item.insert("leg".into(), text(leg.as_str()));
    }
    if let Some(state) = change.state {
        item.insert(STATE.into(), text(state.as_str()));
    }
    if let Some(from) = change.from {
        item.insert("from".into(), text(from.as_str()));
    }
    item.insert(VERSION.into(), number(change.version));
    if change.contradicted {
        item.insert("contradicted".into(), AttributeValue::Bool(true));
    }
    // Texts and numbers under fixed names have no way to fail.
    let said = change.said.as_ref();
    if let Some(said) = said.and_then(|said| serde_json::to_string(said).ok()) {
        item.insert("said".into(), text(said));
    }
    item.extend(reason(report).map(|reason| ("reason".into(), reason)));
    item.extend(carrier(report).map(|carrier| ("carrier".into(), carrier)));
    item.insert("occurred_at".into(), text(&report.occurred_at));
    item.insert("received_at".into(), number(received_at));
    item.insert("signed_at".into(), number(envelope.signed_at.get()));
    item.insert("content_key".into(), text(content_key));
    item.insert("secret_slot".into(), number(envelope.secret_slot.into()));
    item.insert("expires_at".into(), number(expires_at));
    item
}

/// What a log entry says that its report did.
pub(super) fn recorded_change(item: &Item) -> Change {
    let leg = read_optional_text(item, "leg");
    let leg = leg.as_deref().and_then(|leg| leg.parse().ok());
    let step = Step::parse(&read_text(item, "step"), leg).unwrap_or(Step::Unknown);
    let state_of = |name| {
        let state = read_optional_text(item, name);
        state.as_deref().and_then(|state| state.parse().ok())
    };
    let (from, state) = (state_of("from"), state_of(STATE));
    let version = read_number(item, VERSION);
    Change {
        step,
        // An entry of an earlier version does not know where its message came from: what moved a leg
        // is told again rather than never.
        from: match step {
            Step::Repeated | Step::Late | Step::Unknown if version == 0 => state,
            _ => from,
        },
        state,
        version,
        contradicted: read_flag(item, "contradicted"),
        contradicts: false,
        said: read_optional_text(item, "said").and_then(|said| serde_json::from_str(&said).ok()),
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback::{Callback, ContentKey, UnixSeconds};

    use super::*;

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

    #[test]
    fn an_item_of_the_version_before_is_shown_as_it_was_and_goes_on() {
        let mut message = read(&old()).unwrap();
        let summary = message.summary();
        assert_eq!(summary.state.as_deref(), Some("failed"));
        assert_eq!((&*summary.channel, &*summary.identity), ("SMS", "46701"));
        assert_eq!(summary.correlation.metadata, "shop");
        let reason = summary.reason.unwrap();
        assert_eq!(
            (&*reason.code, &*reason.remedy),
            ("RATE_LIMITED", "retry_later")
        );
        let states: Vec<_> = message
            .channels()
            .into_iter()
            .map(|leg| (leg.channel, leg.state))
            .collect();
        let expected = [("RCS", "switched"), ("SMS", "failed")];
        assert_eq!(
            states,
            expected.map(|(one, other)| (one.into(), other.into()))
        );

        let body = br#"{"message_delivery_report":{"message_id":"m","status":"READ","metadata":"other","channel_identity":{"channel":"RCS","identity":"46701"}}}"#;
        let callback = Callback::parse(body).unwrap();
        let change = message
            .apply(
                ContentKey::of_body(body),
                UnixSeconds::new(7),
                &[(0, &callback.reports[0])],
            )
            .remove(0);
        assert_eq!(
            (change.moved_to(), change.version),
            (Some(sinch_callback::DeliveryState::Read), 3)
        );
        assert_eq!(message.channels().len(), 2);
        assert_eq!(message.summary().correlation.metadata, "shop");
        assert_eq!(read(&item(&message, 9)).unwrap(), message);
    }
}
