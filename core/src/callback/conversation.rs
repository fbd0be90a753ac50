//! Delivery reports of the Conversation API.

use alloc::string::String;

use crate::{
    delivery::report::{Carrier, Correlation, DeliveryReport, Failure, ReportSubject, is_failure},
    delivery::status::DeliveryStatus,
    failure::meaning::Meaning,
    json::{Object, Value},
};

/// What a callback says around its report.
pub(super) struct Context<'a> {
    occurred_at: String,
    metadata: Value<'a>,
    correlation_id: Value<'a>,
}

impl<'a> Context<'a> {
    pub(super) fn of(callback: Object<'a>) -> Self {
        let [event_time, accepted_time, metadata, correlation_id] = callback.fields([
            "event_time",
            "accepted_time",
            "message_metadata",
            "correlation_id",
        ]);
        Self {
            // The event's time, or when Sinch accepted it where that is absent.
            occurred_at: first(event_time.text(), || accepted_time.text()),
            metadata,
            correlation_id,
        }
    }

    /// What ties a message to the sender's business. The message's own copy of the metadata is what was
    /// sent with it; older payloads have only the callback's.
    fn correlation(&self, metadata: Value<'a>) -> Correlation {
        Correlation {
            metadata: first(metadata.given(), || self.metadata.given()),
            correlation_id: self.correlation_id.given(),
            client_reference: String::new(),
        }
    }
}

/// The report of a callback, about what `id_key` names; `None` where it says neither of what nor
/// what.
pub(super) fn report(
    context: &Context<'_>,
    report: Value<'_>,
    subject: ReportSubject,
    id_key: &str,
) -> Option<DeliveryReport> {
    let [
        id,
        status,
        identity,
        reason,
        metadata,
        conversation,
        contact,
    ] = report.object()?.fields([
        id_key,
        "status",
        "channel_identity",
        "reason",
        "metadata",
        "conversation_id",
        "contact_id",
    ]);
    let message_id = id.text();
    let status_text = status.text();
    if message_id.is_empty() || status_text.is_empty() {
        return None;
    }
    let identity = identity.object();
    let [channel, identity] = identity.map_or_else(Default::default, |identity| {
        identity.fields(["channel", "identity"]).map(Value::text)
    });
    let reason = reason.object().map(Reason::of);
    let carrier = reason.as_ref().map(Reason::carrier).unwrap_or_default();
    let status = DeliveryStatus::of_text(&status_text);
    Some(DeliveryReport {
        subject,
        message_id,
        conversation_id: conversation.text(),
        contact_id: contact.text(),
        status,
        status_text,
        channel,
        identity,
        occurred_at: context.occurred_at.clone(),
        failure: reason
            .filter(|_| is_failure(status))
            .map(|reason| reason.failure(&carrier)),
        carrier,
        correlation: context.correlation(metadata),
    })
}

/// What a callback tells that a message was submitted to its channel, in place of a report: who it went to
/// and what it bears, and nothing of what became of it. `None` where it names no message. In an older
/// form its fields stand one level deeper.
pub(super) fn submission(context: &Context<'_>, submission: Value<'_>) -> Option<DeliveryReport> {
    const FIELDS: [&str; 5] = [
        "message_id",
        "channel_identity",
        "metadata",
        "conversation_id",
        "contact_id",
    ];
    let outer = submission.object()?;
    let [deeper] = outer.fields(["submitted_message"]);
    let inner = deeper.object().unwrap_or(outer);
    let mut fields = outer.fields(FIELDS);
    for (field, deeper) in fields.iter_mut().zip(inner.fields(FIELDS)) {
        if field.is_null() {
            *field = deeper;
        }
    }
    let [id, identity, metadata, conversation, contact] = fields;
    let message_id = id.text();
    if message_id.is_empty() {
        return None;
    }
    let [channel, identity] = identity.object().map_or_else(Default::default, |identity| {
        identity.fields(["channel", "identity"]).map(Value::text)
    });
    Some(DeliveryReport {
        conversation_id: conversation.text(),
        contact_id: contact.text(),
        channel,
        identity,
        occurred_at: context.occurred_at.clone(),
        correlation: context.correlation(metadata),
        ..DeliveryReport::new(message_id, DeliveryStatus::Submitted)
    })
}

/// The first text, or another where it is empty.
pub(super) fn first(text: String, other: impl FnOnce() -> String) -> String {
    if text.is_empty() { other() } else { text }
}

struct Reason<'a> {
    code: Value<'a>,
    sub_code: Value<'a>,
    description: Value<'a>,
    channel_code: Value<'a>,
    status_message: Value<'a>,
}

impl<'a> Reason<'a> {
    fn of(reason: Object<'a>) -> Self {
        let [code, sub_code, description, channel_code, status_message] = reason.fields([
            "code",
            "sub_code",
            "description",
            "channel_code",
            "status_message",
        ]);
        Self {
            code,
            sub_code,
            description,
            channel_code,
            status_message,
        }
    }

    fn carrier(&self) -> Carrier {
        Carrier {
            channel_code: self.channel_code.text(),
            status_message: self.status_message.text(),
            ..Carrier::default()
        }
    }

    fn failure(&self, carrier: &Carrier) -> Failure {
        let code = self.code.text();
        let sub_code = self.sub_code.text();
        let meaning = Meaning::of_reason(&code, &sub_code);
        Failure {
            code,
            sub_code,
            description: self.description.text(),
            channel_code: carrier.channel_code.clone(),
            status_message: carrier.status_message.clone(),
            permanence: meaning.permanence,
            remedy: meaning.remedy,
        }
    }
}
