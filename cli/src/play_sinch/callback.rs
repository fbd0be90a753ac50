//! The bodies of callbacks, as Sinch writes them.

use serde_json::{Value, json};

use super::{message::Sent, scenario::Report, sms};
use crate::moment::rfc3339;

/// What stands at the top of each.
fn top(sent: &Sent, at_ms: u64) -> Value {
    json!({
        "app_id": sent.app_id,
        "accepted_time": rfc3339(sent.accepted_at_ms),
        "event_time": rfc3339(at_ms),
        "project_id": sent.project,
        "message_metadata": sent.metadata,
        "correlation_id": sent.correlation_id,
    })
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
    body
}

/// `MESSAGE_SUBMIT`: the channel's provider has the message.
pub(super) fn submit(sent: &Sent, at_ms: u64) -> Value {
    let submitted = json!({
        "message_id": sent.id,
        "conversation_id": sent.conversation_id,
        "channel_identity": identity(sent, &sent.channel),
        "contact_id": sent.contact_id,
        "metadata": sent.metadata,
        "processing_mode": "CONVERSATION",
    });
    with(top(sent, at_ms), "message_submit_notification", submitted)
}

/// `MESSAGE_DELIVERY`, or the SMS API's report on a recipient.
pub(super) fn delivery(sent: &Sent, report: &Report, at_ms: u64) -> Value {
    if let Some(batch) = &sent.batch {
        return sms::recipient(sent, batch, report, at_ms);
    }
    let channel = if report.channel.is_empty() {
        &sent.channel
    } else {
        &report.channel
    };
    let mut told = json!({
        "message_id": sent.id,
        "conversation_id": sent.conversation_id,
        "status": report.status,
        "channel_identity": identity(sent, channel),
        "contact_id": sent.contact_id,
        "metadata": sent.metadata,
        "processing_mode": "CONVERSATION",
    });
    if !report.code.is_empty() {
        let reason = json!({
            "code": report.code,
            "sub_code": if report.sub_code.is_empty() { "UNSPECIFIED_SUB_CODE" } else { &report.sub_code },
            "description": report.description,
        });
        told = with(told, "reason", reason);
    }
    with(top(sent, at_ms), "message_delivery_report", told)
}

fn identity(sent: &Sent, channel: &str) -> Value {
    json!({"channel": channel, "identity": sent.identity, "app_id": sent.app_id})
}
