//! Delivery reports of the SMS API.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use serde_json::Value;

use super::{
    Carrier, Correlation, DeliveryReport, Failure, ReportSubject,
    fields::{self, Object},
    report::is_failure,
};
use crate::{DeliveryStatus, Meaning};

/// The one report of a callback about one recipient.
pub(super) fn recipient_report(callback: &Object) -> Option<Vec<DeliveryReport>> {
    let report = Share {
        callback,
        status: callback,
        recipient: fields::text_ref(callback, "recipient"),
    }
    .report()?;
    Some([report].into())
}

/// A report for every recipient that a callback about a batch names. A summary that only counts
/// names nobody, and so gives none.
pub(super) fn batch_reports(callback: &Object) -> Option<Vec<DeliveryReport>> {
    if fields::text_ref(callback, "batch_id").is_empty() {
        return None;
    }
    let statuses = callback.get("statuses")?.as_array()?;
    let mut reports = Vec::new();
    for status in statuses.iter().filter_map(Value::as_object) {
        let recipients = status.get("recipients").and_then(Value::as_array);
        for recipient in recipients.into_iter().flatten().filter_map(Value::as_str) {
            reports.extend(
                Share {
                    callback,
                    status,
                    recipient,
                }
                .report(),
            );
        }
    }
    Some(reports)
}

/// One recipient's share of a batch.
struct Share<'a> {
    callback: &'a Object,
    /// Where `status` and `code` stand.
    status: &'a Object,
    recipient: &'a str,
}

impl Share<'_> {
    fn report(&self) -> Option<DeliveryReport> {
        let batch_id = fields::text_ref(self.callback, "batch_id");
        // The same recipient is written with a plus in one kind of report and without in the other.
        let digits = self.recipient.trim_start_matches('+');
        let status_text = fields::text(self.status, "status");
        if batch_id.is_empty() || digits.is_empty() || status_text.is_empty() {
            return None;
        }
        let status = DeliveryStatus::parse(&status_text);
        let carrier = self.carrier();
        Some(DeliveryReport {
            subject: ReportSubject::SmsRecipient,
            message_id: [batch_id, ":", digits].concat(),
            conversation_id: String::new(),
            contact_id: String::new(),
            status,
            channel: self.channel().to_owned(),
            identity: self.recipient.to_owned(),
            occurred_at: self.occurred_at().to_owned(),
            failure: is_failure(status).then(|| self.failure(&status_text, &carrier)),
            carrier,
            status_text,
            correlation: Correlation {
                client_reference: fields::text(self.callback, "client_reference"),
                ..Correlation::default()
            },
        })
    }

    fn channel(&self) -> &'static str {
        if fields::text_ref(self.callback, "type").ends_with("_mms") {
            "MMS"
        } else {
            "SMS"
        }
    }

    /// When the operator says it happened, or when Sinch recorded it.
    fn occurred_at(&self) -> &str {
        match fields::text_ref(self.callback, "operator_status_at") {
            "" => fields::text_ref(self.callback, "at"),
            text => text,
        }
    }

    fn carrier(&self) -> Carrier {
        Carrier {
            channel_code: fields::text_or_number(self.status, "channel_code"),
            status_message: fields::text(self.status, "status_message"),
            operator: fields::text_or_number(self.status, "operator"),
            parts: fields::number(self.status, "number_of_message_parts"),
            encoding: fields::text(self.status, "encoding"),
        }
    }

    fn failure(&self, status_text: &str, carrier: &Carrier) -> Failure {
        let code = fields::number(self.status, "code");
        let (meaning, description) = Meaning::of_sms(code, status_text);
        Failure {
            code: fields::text_or_number(self.status, "code"),
            sub_code: status_text.to_owned(),
            description: description.to_owned(),
            channel_code: carrier.channel_code.clone(),
            status_message: carrier.status_message.clone(),
            permanence: meaning.permanence,
            remedy: meaning.remedy,
        }
    }
}
