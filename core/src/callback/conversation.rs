//! Delivery reports of the Conversation API.

use alloc::{borrow::ToOwned, string::String};

use super::{
    Carrier, Correlation, DeliveryReport, Failure, ReportSubject,
    fields::{self, Object},
    report::is_failure,
};
use crate::{DeliveryStatus, Meaning};

/// The report under `key`, about what `id_key` names; `None` where it says neither of what nor
/// what.
pub(super) fn report(
    callback: &Object,
    key: &str,
    subject: ReportSubject,
    id_key: &str,
) -> Option<DeliveryReport> {
    let report = fields::object(callback, key)?;
    let message_id = fields::text(report, id_key);
    let status_text = fields::text(report, "status");
    if message_id.is_empty() || status_text.is_empty() {
        return None;
    }
    let identity = fields::object(report, "channel_identity");
    let identity_text = |name| identity.map_or_else(String::new, |of| fields::text(of, name));
    // The report's own copy is what was sent with this message; older payloads have only the
    // callback's.
    let metadata = match fields::text_ref(report, "metadata") {
        "" => fields::text_ref(callback, "message_metadata"),
        text => text,
    };
    let reason = fields::object(report, "reason");
    let carrier = reason.map(carrier).unwrap_or_default();
    let status = DeliveryStatus::parse(&status_text);
    Some(DeliveryReport {
        subject,
        message_id,
        conversation_id: fields::text(report, "conversation_id"),
        contact_id: fields::text(report, "contact_id"),
        status,
        status_text,
        channel: identity_text("channel"),
        identity: identity_text("identity"),
        occurred_at: occurred_at(callback).to_owned(),
        failure: reason
            .filter(|_| is_failure(status))
            .map(|reason| failure(reason, &carrier)),
        carrier,
        correlation: Correlation {
            metadata: metadata.to_owned(),
            correlation_id: fields::text(callback, "correlation_id"),
            client_reference: String::new(),
        },
    })
}

/// The event's time, or when Sinch accepted it where that is absent.
fn occurred_at(callback: &Object) -> &str {
    match fields::text_ref(callback, "event_time") {
        "" => fields::text_ref(callback, "accepted_time"),
        text => text,
    }
}

fn carrier(reason: &Object) -> Carrier {
    Carrier {
        channel_code: fields::text_or_number(reason, "channel_code"),
        status_message: fields::text(reason, "status_message"),
        ..Carrier::default()
    }
}

fn failure(reason: &Object, carrier: &Carrier) -> Failure {
    let code = fields::text(reason, "code");
    let sub_code = fields::text(reason, "sub_code");
    let meaning = Meaning::of_reason(&code, &sub_code);
    Failure {
        code,
        sub_code,
        description: fields::text(reason, "description"),
        channel_code: carrier.channel_code.clone(),
        status_message: carrier.status_message.clone(),
        permanence: meaning.permanence,
        remedy: meaning.remedy,
    }
}
