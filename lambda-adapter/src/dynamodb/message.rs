use aws_sdk_dynamodb::types::AttributeValue;
use sinch_callback::{DeliveryReport, DeliveryState, Leg, Step};
use sinch_callback_pipeline::{CarrierWords, Change, ChannelView, Envelope, Reason};

use super::attributes::{
    Item, key, number, read_flag, read_number, read_optional_text, read_text, text,
};

pub(super) const STATE: &str = "state";
pub(super) const VERSION: &str = "version";
pub(super) const EXPIRES_AT: &str = "expires_at";

/// The partition of a message.
pub(super) fn partition(message_id: &str) -> String {
    format!("message#{message_id}")
}

/// A message's item: where it stands, and what ties it to a business.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    item: Item,
}

impl Message {
    /// A message of which nothing is known.
    pub(super) fn new(report: &DeliveryReport, received_at: u64) -> Self {
        let mut item = key(&partition(&report.message_id), STATE);
        item.insert("message_id".into(), text(&report.message_id));
        item.insert("subject".into(), text(report.subject.as_str()));
        item.insert("first_received_at".into(), number(received_at));
        item.insert("channel".into(), text(&report.channel));
        item.insert("identity".into(), text(&report.identity));
        item.insert("contradicted".into(), AttributeValue::Bool(false));
        // A list, since a channel may be without a name, and no map takes that.
        item.insert("legs".into(), AttributeValue::L(Vec::new()));
        Self { item }
    }

    pub(super) const fn of_item(item: Item) -> Self {
        Self { item }
    }

    /// How often it has been written; zero for a new one.
    pub(super) fn version(&self) -> u64 {
        read_number(&self.item, VERSION)
    }

    /// The item, under its next version. It expires whole, not before it would have already: reports
    /// may be handed out late.
    pub(super) fn into_item(mut self, expires_at: u64) -> Item {
        let next = self.version().saturating_add(1);
        let expires_at = expires_at.max(read_number(&self.item, EXPIRES_AT));
        self.item.insert(VERSION.into(), number(next));
        self.item.insert(EXPIRES_AT.into(), number(expires_at));
        self.item
    }

    /// Applies a report. The reason and the channel are those of its last move; what ties it to a
    /// business is filled in by whichever report brings it first, and kept. A contradiction is
    /// marked and moves nothing.
    pub(super) fn apply(&mut self, report: &DeliveryReport, received_at: u64) -> Change {
        let legs: Vec<_> = legs(&self.item)
            .filter_map(|leg| Some((leg.channel, Leg::parse(&leg.state)?)))
            .collect();
        let known = legs.iter().map(|(channel, leg)| (channel.as_str(), *leg));
        let change = Change::decide(known, report);
        match change.step {
            Step::Moved(leg) => self.move_to(leg, report, received_at),
            Step::Contradicted => {
                self.item
                    .insert("contradicted".into(), AttributeValue::Bool(true));
            }
            _ => {}
        }
        if let Some(state) = change.state {
            self.item.insert(STATE.into(), text(state.as_str()));
        }
        self.fill("conversation_id", &report.conversation_id);
        self.fill("contact_id", &report.contact_id);
        self.fill("metadata", &report.correlation.metadata);
        self.fill("correlation_id", &report.correlation.correlation_id);
        self.fill("client_reference", &report.correlation.client_reference);
        self.item.insert("updated_at".into(), number(received_at));
        change
    }

    fn move_to(&mut self, leg: Leg, report: &DeliveryReport, received_at: u64) {
        if let Some(AttributeValue::L(legs)) = self.item.get_mut("legs") {
            legs.retain(|leg| leg_of(leg).is_none_or(|leg| leg.channel != report.channel));
            legs.push(AttributeValue::M(
                [
                    ("channel".into(), text(&report.channel)),
                    ("leg".into(), text(leg.as_str())),
                    ("updated_at".into(), number(received_at)),
                ]
                .into(),
            ));
        }
        self.item.insert("channel".into(), text(&report.channel));
        self.item.insert("identity".into(), text(&report.identity));
        for (name, value) in [("reason", reason(report)), ("carrier", carrier(report))] {
            match value {
                Some(value) => self.item.insert(name.into(), value),
                None => self.item.remove(name),
            };
        }
    }

    /// Sets a text that is not known yet. Empty ones are not kept: an index takes none.
    fn fill(&mut self, name: &str, value: &str) {
        if !value.is_empty() && !self.item.contains_key(name) {
            self.item.insert(name.into(), text(value));
        }
    }
}

/// A message's channels and where it stands on each.
pub(super) fn legs(item: &Item) -> impl Iterator<Item = ChannelView> {
    let legs = item.get("legs").and_then(|legs| legs.as_l().ok());
    legs.into_iter().flatten().filter_map(leg_of)
}

fn leg_of(leg: &AttributeValue) -> Option<ChannelView> {
    let leg = leg.as_m().ok()?;
    Some(ChannelView {
        channel: read_text(leg, "channel"),
        state: read_text(leg, "leg"),
        updated_at: read_number(leg, "updated_at"),
    })
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
    change: Change,
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
    let leg = leg.as_deref().and_then(Leg::parse);
    let state = read_optional_text(item, STATE);
    Change {
        step: Step::parse(&read_text(item, "step"), leg).unwrap_or(Step::Unknown),
        state: state.as_deref().and_then(DeliveryState::parse),
    }
}

/// Whether reports disagree on how a message ended.
pub(super) fn is_contradicted(item: &Item) -> bool {
    read_flag(item, "contradicted")
}
