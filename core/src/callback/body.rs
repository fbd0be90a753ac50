use alloc::{string::String, vec::Vec};
use core::fmt;

use serde_json::Value;

use super::{
    CallbackKind, DeliveryReport, ReportSubject, conversation,
    fields::{self, Object},
    sms,
};

/// The UTF-8 byte order mark, which some senders put first and JSON does not know.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// An authentic callback's body, understood as far as a delivery is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Callback {
    /// What it is about.
    pub kind: CallbackKind,
    /// The app at Sinch; empty where the callback names none.
    pub app_id: String,
    /// The project at Sinch; empty where the callback names none.
    pub project_id: String,
    /// The delivery reports it carries: one, or one for each recipient of a batch. None for the
    /// other kinds.
    pub reports: Vec<DeliveryReport>,
}

/// Why a body is not understood. It is authentic all the same, and to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unrecognized {
    /// It is not JSON.
    NotJson,
    /// It is JSON, but not an object.
    NotAnObject,
    /// It has none of the keys or types that we know.
    UnknownKind,
    /// It is a delivery report without an id or without a status.
    IncompleteReport,
}

impl Callback {
    /// Reads a body. Extra fields are passed over, and a field of an unexpected type is as good as
    /// absent.
    ///
    /// # Errors
    /// [`Unrecognized`], with the reason.
    pub fn parse(body: &[u8]) -> Result<Self, Unrecognized> {
        let json = body.strip_prefix(BOM).unwrap_or(body);
        let value = serde_json::from_slice::<Value>(json).map_err(|_| Unrecognized::NotJson)?;
        let object = value.as_object().ok_or(Unrecognized::NotAnObject)?;
        let (kind, reports) = told(object)?;
        Ok(Self {
            kind,
            app_id: fields::text(object, "app_id"),
            project_id: fields::text(object, "project_id"),
            reports,
        })
    }
}

/// What a callback is about, and its delivery reports. A complete report goes before whatever known key
/// stands beside it, an incomplete report's included: nothing else moves a state.
fn told(object: &Object) -> Result<(CallbackKind, Vec<DeliveryReport>), Unrecognized> {
    let kinds = || {
        let by_key = object.keys().filter_map(|key| CallbackKind::of_key(key));
        by_key.chain(CallbackKind::of_sms_type(fields::text_ref(object, "type")))
    };
    let of_reports = || kinds().filter(|kind| carries_reports(*kind));
    if let Some(told) = of_reports().find_map(|kind| Some((kind, reports(kind, object)?))) {
        return Ok(told);
    }
    if of_reports().next().is_some() {
        return Err(Unrecognized::IncompleteReport);
    }
    let kind = kinds().next().ok_or(Unrecognized::UnknownKind)?;
    Ok((kind, Vec::new()))
}

const fn carries_reports(kind: CallbackKind) -> bool {
    matches!(
        kind,
        CallbackKind::MessageDelivery
            | CallbackKind::EventDelivery
            | CallbackKind::SmsRecipientDeliveryReport
            | CallbackKind::SmsBatchDeliveryReport
    )
}

/// The reports of a callback of this kind; `None` where it can tell none.
fn reports(kind: CallbackKind, object: &Object) -> Option<Vec<DeliveryReport>> {
    match kind {
        CallbackKind::MessageDelivery => conversation::report(
            object,
            "message_delivery_report",
            ReportSubject::Message,
            "message_id",
        )
        .map(|report| [report].into()),
        CallbackKind::EventDelivery => conversation::report(
            object,
            "event_delivery_report",
            ReportSubject::Event,
            "event_id",
        )
        .map(|report| [report].into()),
        CallbackKind::SmsRecipientDeliveryReport => sms::recipient_report(object),
        CallbackKind::SmsBatchDeliveryReport => sms::batch_reports(object),
        _ => None,
    }
}

impl Unrecognized {
    /// The reason in words.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NotJson => "the body is not JSON",
            Self::NotAnObject => "the body is JSON, but not an object",
            Self::UnknownKind => "the body has no key or type of a callback that is known here",
            Self::IncompleteReport => "the delivery report lacks its id or its status",
        }
    }

    /// The reason's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::UnknownKind => "unknown_kind",
            Self::IncompleteReport => "incomplete_report",
        }
    }
}

impl fmt::Display for Unrecognized {
    /// [`Unrecognized::detail`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl core::error::Error for Unrecognized {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeliveryStatus, Permanence, Remedy};

    #[test]
    fn a_report_is_not_lost_to_a_known_key_beside_it() {
        for body in [
            r#"{"contact_create_notification":{},"message_delivery_report":{"message_id":"m","status":"READ"}}"#,
            r#"{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"1","status":"Delivered","event":{}}"#,
            r#"{"event_delivery_report":{},"message_delivery_report":{"message_id":"m","status":"READ"}}"#,
            r#"{"message_delivery_report":7,"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"1","status":"Queued"}"#,
        ] {
            assert_eq!(
                Callback::parse(body.as_bytes()).unwrap().reports.len(),
                1,
                "{body}"
            );
        }
    }

    #[test]
    fn a_conversation_report_carries_its_failure_and_its_correlation() {
        let callback = Callback::parse(
            br#"{"app_id":"app-1","event_time":"2026-01-02T03:04:05Z","correlation_id":"order-7",
                 "message_metadata":"outer","something_new":{"a":[1]},
                 "message_delivery_report":{"message_id":"msg-1","status":"FAILED",
                   "channel_identity":{"channel":"WHATSAPP","identity":"4799999999"},
                   "reason":{"code":"RECIPIENT_NOT_OPTED_IN","description":"no","sub_code":"UNSPECIFIED_SUB_CODE"},
                   "metadata":"inner"}}"#,
        )
        .unwrap();
        assert_eq!(callback.kind, CallbackKind::MessageDelivery);
        let [report] = &callback.reports[..] else {
            panic!("one report");
        };
        assert_eq!(report.message_id, "msg-1");
        assert_eq!(report.status, DeliveryStatus::Failed);
        assert_eq!(report.channel, "WHATSAPP");
        assert_eq!(report.occurred_at, "2026-01-02T03:04:05Z");
        assert_eq!(report.correlation.metadata, "inner");
        assert_eq!(report.correlation.correlation_id, "order-7");
        let failure = report.failure.as_ref().unwrap();
        assert_eq!(failure.remedy, Remedy::TryAnotherChannel);
        assert_eq!(failure.permanence, Permanence::Permanent);
    }

    #[test]
    fn a_reason_belongs_to_a_failure_and_what_the_carrier_said_is_kept() {
        let body = |status: &str| {
            std::format!(
                r#"{{"message_delivery_report":{{"message_id":"m","status":"{status}","reason":{{"code":"CHANNEL_FAILURE","channel_code":"131047"}}}}}}"#
            )
        };
        for (status, has_reason) in [
            ("QUEUED_ON_CHANNEL", false),
            ("DELIVERED", false),
            ("READ", false),
            ("TELEPORTED", false),
            ("FAILED", true),
            ("SWITCHING_CHANNEL", true),
        ] {
            let callback = Callback::parse(body(status).as_bytes()).unwrap();
            let report = &callback.reports[0];
            let code = report
                .failure
                .as_ref()
                .map(|failure| &failure.channel_code[..]);
            assert_eq!(code, has_reason.then_some("131047"), "{status}");
            assert_eq!(report.carrier.channel_code, "131047", "{status}");
        }
    }

    #[test]
    fn the_carrier_s_words_stand_with_the_reason_of_an_sms() {
        let callback = Callback::parse(
            br#"{"type":"recipient_delivery_report_sms","batch_id":"b1","recipient":"4791","code":201,
                 "status":"Failed","status_message":"Detached","operator":"24201",
                 "number_of_message_parts":2,"encoding":"GSM"}"#,
        )
        .unwrap();
        let [report] = &callback.reports[..] else {
            panic!("one report");
        };
        let failure = report.failure.as_ref().unwrap();
        assert_eq!(failure.status_message, "Detached");
        assert_eq!(failure.permanence, Permanence::Temporary);
        assert_eq!(failure.remedy, Remedy::RetryLater);
        assert_eq!(report.carrier.operator, "24201");
        assert_eq!(report.carrier.parts, Some(2));
        assert_eq!(report.carrier.encoding, "GSM");
    }

    #[test]
    fn a_batch_fans_out_to_the_messages_that_recipient_reports_speak_of() {
        let batch = Callback::parse(
            br#"{"type":"delivery_report_sms","batch_id":"b1","client_reference":"order-8","total_message_count":3,
                 "statuses":[{"code":0,"status":"Delivered","count":2,"recipients":["4791","4792"]},
                             {"code":402,"status":"Aborted","count":1,"recipients":["4793"]}]}"#,
        )
        .unwrap();
        let ids: Vec<_> = batch
            .reports
            .iter()
            .map(|report| &report.message_id[..])
            .collect();
        assert_eq!(ids, ["b1:4791", "b1:4792", "b1:4793"]);
        let failure = batch.reports[2].failure.as_ref().unwrap();
        assert_eq!(
            (&failure.code[..], failure.remedy),
            ("402", Remedy::TryAnotherChannel)
        );

        let recipient = Callback::parse(
            br#"{"type":"recipient_delivery_report_sms","batch_id":"b1","recipient":"+4791","code":401,"status":"Dispatched"}"#,
        )
        .unwrap();
        assert_eq!(recipient.reports[0].message_id, "b1:4791");
        assert_eq!(recipient.reports[0].failure, None);
    }

    #[test]
    fn a_batch_summary_without_recipients_is_recognised_and_reports_on_nobody() {
        let summary = Callback::parse(
            br#"{"type":"delivery_report_mms","batch_id":"b1","statuses":[{"code":0,"status":"Delivered","count":2}]}"#,
        )
        .unwrap();
        assert_eq!(summary.reports, []);
    }

    #[test]
    fn what_is_not_understood_says_why() {
        for (body, reason) in [
            (&b""[..], Unrecognized::NotJson),
            (b"\xff", Unrecognized::NotJson),
            (b"[]", Unrecognized::NotAnObject),
            (b"{}", Unrecognized::UnknownKind),
            (br#"{"type":"mo_telepathy"}"#, Unrecognized::UnknownKind),
            (
                br#"{"message_delivery_report":{}}"#,
                Unrecognized::IncompleteReport,
            ),
            (
                br#"{"message_delivery_report":7}"#,
                Unrecognized::IncompleteReport,
            ),
        ] {
            assert_eq!(Callback::parse(body), Err(reason));
        }
    }

    #[test]
    fn a_byte_order_mark_does_not_hide_a_report() {
        let body = b"\xef\xbb\xbf{\"opt_in_notification\":{}}";
        assert_eq!(Callback::parse(body).unwrap().kind, CallbackKind::OptIn);
    }

    #[test]
    fn nesting_without_end_is_refused_and_does_not_exhaust_the_stack() {
        let deep = [b'['; 200_000];
        assert_eq!(Callback::parse(&deep), Err(Unrecognized::NotJson));
    }
}
