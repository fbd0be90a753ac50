//! Delivery reports of the SMS API.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::{conversation::first, unrecognized::Unrecognized};
use crate::{
    delivery::report::{
        BatchCount, BatchSummary, Carrier, Correlation, DeliveryReport, Failure, ReportSubject,
        is_failure,
    },
    delivery::status::DeliveryStatus,
    failure::meaning::Meaning,
    json::{Object, Value},
};

/// What a callback about a batch tells.
#[derive(Default)]
pub(super) struct Told {
    pub(super) reports: Vec<DeliveryReport>,
    pub(super) summary: Option<BatchSummary>,
    pub(super) unread: Option<Unrecognized>,
}

/// The one report of a callback about one recipient.
pub(super) fn recipient_report(callback: Object<'_>) -> Option<Told> {
    let [recipient] = callback.fields(["recipient"]);
    let report = Batch::of(callback).report(&Status::of(callback), recipient)?;
    Some(Told {
        reports: [report].into(),
        ..Told::default()
    })
}

/// A report for every recipient that a callback about a batch names. A summary counts and names
/// nobody: it has no reports, and says so.
pub(super) fn batch_reports(callback: Object<'_>) -> Option<Told> {
    let batch = Batch::of(callback);
    if batch.id.is_empty() {
        return None;
    }
    let [statuses, total] = callback.fields(["statuses", "total_message_count"]);
    let mut told = Told::default();
    let mut counts = Vec::new();
    for status in statuses.array()?.filter(|status| !status.is_null()) {
        let Some(object) = status.object() else {
            told.unread = Some(Unrecognized::UnreadableShare);
            continue;
        };
        let status = Status::of(object);
        let [recipients, count] = object.fields(["recipients", "count"]);
        let mut named = 0_u64;
        let recipients = recipients.array().into_iter().flatten();
        for recipient in recipients.filter(|recipient| !recipient.is_null()) {
            match batch.report(&status, recipient) {
                Some(report) => told.reports.push(report),
                None => told.unread = Some(Unrecognized::UnreadableShare),
            }
            named = named.saturating_add(1);
        }
        let count = count.number();
        if named == 0 && count != Some(0) {
            if status.text.is_empty() {
                told.unread = Some(Unrecognized::UnreadableShare);
            }
            counts.push(BatchCount {
                status: DeliveryStatus::of_text(&status.text),
                status_text: status.text,
                code: status.code.code(),
                count,
            });
        }
    }
    let names_nobody = told.reports.is_empty() && told.unread.is_none();
    if names_nobody || !counts.is_empty() {
        told.unread = told.unread.or(Some(Unrecognized::NamesNobody));
        told.summary = Some(BatchSummary {
            batch_id: batch.id,
            client_reference: batch.client_reference,
            total: total.number(),
            counts,
        });
    }
    Some(told)
}

/// What all shares of a batch have in common.
struct Batch {
    id: String,
    client_reference: String,
    channel: &'static str,
    occurred_at: String,
}

impl Batch {
    fn of(callback: Object<'_>) -> Self {
        let [id, client_reference, kind, at, operator_status_at] = callback.fields([
            "batch_id",
            "client_reference",
            "type",
            "at",
            "operator_status_at",
        ]);
        Self {
            id: id.text(),
            client_reference: client_reference.given(),
            channel: if kind.text().ends_with("_mms") {
                "MMS"
            } else {
                "SMS"
            },
            // When the operator says it happened, or when Sinch recorded it.
            occurred_at: first(operator_status_at.text(), || at.text()),
        }
    }

    /// One recipient's share.
    fn report(&self, status: &Status<'_>, recipient: Value<'_>) -> Option<DeliveryReport> {
        let recipient = recipient.text();
        // The same recipient is written with a plus in one kind of report and without in the other.
        let digits = recipient.trim_start_matches('+');
        if self.id.is_empty() || digits.is_empty() || status.text.is_empty() {
            return None;
        }
        let parsed = DeliveryStatus::of_text(&status.text);
        Some(DeliveryReport {
            subject: ReportSubject::SmsRecipient,
            message_id: [&*self.id, ":", digits].concat(),
            conversation_id: String::new(),
            contact_id: String::new(),
            status: parsed,
            status_text: status.text.clone(),
            channel: self.channel.to_owned(),
            identity: recipient,
            occurred_at: self.occurred_at.clone(),
            failure: is_failure(parsed).then(|| status.failure()),
            carrier: status.carrier.clone(),
            correlation: Correlation {
                client_reference: self.client_reference.clone(),
                ..Correlation::default()
            },
        })
    }
}

/// What a callback, or a part of a batch, says of its recipients.
struct Status<'a> {
    text: String,
    code: Value<'a>,
    carrier: Carrier,
}

impl<'a> Status<'a> {
    fn of(object: Object<'a>) -> Self {
        let [
            text,
            code,
            channel_code,
            status_message,
            operator,
            parts,
            encoding,
        ] = object.fields([
            "status",
            "code",
            "channel_code",
            "status_message",
            "operator",
            "number_of_message_parts",
            "encoding",
        ]);
        Self {
            text: text.text(),
            code,
            carrier: Carrier {
                channel_code: channel_code.text(),
                status_message: status_message.text(),
                operator: operator.text(),
                parts: parts.number(),
                encoding: encoding.text(),
            },
        }
    }

    fn failure(&self) -> Failure {
        let (meaning, description) = Meaning::of_sms(self.code.number(), &self.text);
        Failure {
            code: self.code.code(),
            sub_code: self.text.clone(),
            description: description.to_owned(),
            channel_code: self.carrier.channel_code.clone(),
            status_message: self.carrier.status_message.clone(),
            permanence: meaning.permanence,
            remedy: meaning.remedy,
        }
    }
}
