use alloc::{string::String, vec::Vec};

use super::{
    conversation::{self, Context},
    kind::CallbackKind,
    sms::{self, Told},
    unrecognized::Unrecognized,
};
#[cfg(feature = "schemes")]
use crate::scheme::name::SchemeName;
use crate::{
    authentic::Authentic,
    delivery::{
        report::{BatchSummary, DeliveryReport, ReportSubject},
        status::DeliveryStatus,
    },
    json::{Document, Object, Value},
};

/// An authentic callback's body, understood as far as a delivery is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Callback {
    /// What it is about.
    pub kind: CallbackKind,
    /// The app at Sinch; empty where the callback names none.
    pub app_id: String,
    /// The project at Sinch; empty where the callback names none.
    pub project_id: String,
    /// The delivery reports it carries: one, or one for each recipient of a batch. That a message was
    /// submitted is one too, of the status [`DeliveryStatus::Submitted`]. None for the other kinds.
    pub reports: Vec<DeliveryReport>,
    /// What it counts of a batch without naming anybody.
    pub summary: Option<BatchSummary>,
    /// Why it, or a part of it, moves no message, though it may have to. To be kept and looked at.
    pub unread: Option<Unrecognized>,
}

impl Callback {
    /// Reads an authentic callback, and has no way to fail: what is not understood is a callback of
    /// the kind [`CallbackKind::Unrecognized`]. It is authentic all the same, and to be kept, because
    /// Sinch may have added its kind since.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{Callback, CallbackKind, Secret, SignedHeaders, UnixSeconds, Verifier};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let headers = [
    /// #     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
    /// #     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
    /// #     ("x-sinch-webhook-signature-timestamp", "1634579353"),
    /// # ];
    /// # let now = UnixSeconds::new(1_634_579_360);
    /// # let verifier = Verifier::logged(Secret::new("foo_secret1234")?);
    /// let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
    /// let headers = SignedHeaders::collect(headers)?;
    /// let authentic = verifier.authenticate(&headers, body, now)?;
    /// let callback = Callback::of(&authentic);
    /// assert_eq!(callback.kind, CallbackKind::Unrecognized);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn of(authentic: &Authentic<'_>) -> Self {
        Self::parse(authentic.body()).unwrap_or_else(|why| Self {
            kind: CallbackKind::Unrecognized,
            app_id: String::new(),
            project_id: String::new(),
            reports: Vec::new(),
            summary: None,
            unread: Some(why),
        })
    }

    /// Reads an authentic body as what its scheme signs, and as nothing else: the secret of one product
    /// moves no message of another, and what a signature does not cover says nothing.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{Callback, Unrecognized, scheme::SchemeName};
    ///
    /// let report = br#"{"message_delivery_report":{"message_id":"m","status":"DELIVERED"}}"#;
    /// assert!(Callback::parse_by(SchemeName::Conversation, report).is_ok());
    /// let by_numbers = Callback::parse_by(SchemeName::Numbers, report);
    /// assert_eq!(by_numbers, Err(Unrecognized::OtherScheme));
    /// let by_mailgun = Callback::parse_by(SchemeName::Mailgun, report);
    /// assert_eq!(by_mailgun, Err(Unrecognized::NotCovered));
    /// ```
    ///
    /// # Errors
    /// [`Unrecognized`], with the reason.
    #[cfg(feature = "schemes")]
    pub fn parse_by(scheme: SchemeName, body: &[u8]) -> Result<Self, Unrecognized> {
        if !scheme.covers_body() {
            return Err(Unrecognized::NotCovered);
        }
        let callback = Self::parse(body)?;
        if callback.kind.scheme().is_some_and(|other| other != scheme) {
            return Err(Unrecognized::OtherScheme);
        }
        Ok(callback)
    }

    /// Reads a body that was authenticated elsewhere, as one out of a queue; [`Callback::of`] is for
    /// one that was authenticated here. Extra fields are passed over, and a field that is null or of an unexpected type
    /// is as good as absent. A number where a text is expected is its text, digits in a text are
    /// their number, and what is odd in one field loses nothing beside it: the body is signed.
    ///
    /// # Errors
    /// [`Unrecognized`], with the reason.
    pub fn parse(body: &[u8]) -> Result<Self, Unrecognized> {
        let object = match Document::read(body) {
            Document::Object(object) => object,
            Document::Other => return Err(Unrecognized::NotAnObject),
            Document::None => return Err(Unrecognized::NotJson),
        };
        let (kind, told) = told(object).map_err(|reason| {
            // What breaks off in front of a report is no JSON, whatever it began as.
            if object.is_whole() {
                reason
            } else {
                Unrecognized::NotJson
            }
        })?;
        let [app_id, project_id] = object.fields(["app_id", "project_id"]);
        let is_known = |report: &DeliveryReport| report.status != DeliveryStatus::Unknown;
        let unknown_status =
            (!told.reports.iter().all(is_known)).then_some(Unrecognized::UnknownStatus);
        Ok(Self {
            kind,
            app_id: app_id.text(),
            project_id: project_id.text(),
            reports: told.reports,
            summary: told.summary,
            unread: told.unread.or(unknown_status),
        })
    }
}

/// What a callback is about, and its delivery reports. A complete report goes before whatever known key
/// stands beside it, an incomplete report's included: nothing else moves a state.
fn told(object: Object<'_>) -> Result<(CallbackKind, Told), Unrecognized> {
    let mut other = None;
    let mut incomplete = false;
    let mut complete = None;
    let context = Context::of(object);
    let by_key = object
        .members()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(key, value)| Some((CallbackKind::of_key(&key.read())?, value)))
        // A text or a number under a name of the Conversation API's is another API's field. A report
        // is missed all the same.
        .filter(|(kind, value)| carries_reports(*kind) || value.object().is_some());
    for (kind, value) in by_text(object).into_iter().chain(by_key) {
        if !carries_reports(kind) {
            other = other.or(Some((kind, value)));
        } else if let Some(told) = reports(kind, object, &context, value) {
            // Of two, a later one may be the same key again, which says what counts.
            complete = Some((kind, told));
        } else {
            incomplete = true;
        }
    }
    match (complete, incomplete, other) {
        (Some(complete), ..) => Ok(complete),
        (None, true, _) => Err(Unrecognized::IncompleteReport),
        (None, false, Some((kind, value))) => Ok((kind, others(kind, &context, value))),
        (None, false, None) => Err(Unrecognized::UnknownKind),
    }
}

/// The kind that texts tell, where an API's callbacks have some for it, and what told it.
fn by_text(object: Object<'_>) -> Option<(CallbackKind, Value<'_>)> {
    let [sms_type, event, call, event_id, event_type] =
        object.fields(["type", "event", "call", "eventId", "eventType"]);
    let of_sms = || CallbackKind::of_sms_type(&sms_type.quoted_text()?);
    let of_event = || CallbackKind::of_event(&event.quoted_text()?, call.object().is_some());
    let of_numbers = || {
        let is_told = event_id.quoted_text().is_some() && event_type.quoted_text().is_some();
        is_told.then_some(CallbackKind::Numbers)
    };
    let kind = of_sms().or_else(of_event).or_else(of_numbers)?;
    Some((kind, sms_type))
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

/// What a callback tells that carries no delivery report.
fn others(kind: CallbackKind, context: &Context<'_>, value: Value<'_>) -> Told {
    let is_submission = kind == CallbackKind::MessageSubmit;
    let submission = is_submission.then(|| conversation::submission(context, value));
    Told {
        reports: submission.flatten().into_iter().collect(),
        ..Told::default()
    }
}

/// The reports of a callback of this kind, `value` being what told it; `None` where it can tell none.
fn reports(
    kind: CallbackKind,
    object: Object<'_>,
    context: &Context<'_>,
    value: Value<'_>,
) -> Option<Told> {
    let report = match kind {
        CallbackKind::SmsRecipientDeliveryReport => return sms::recipient_report(object),
        CallbackKind::SmsBatchDeliveryReport => return sms::batch_reports(object),
        CallbackKind::EventDelivery => {
            conversation::report(context, value, ReportSubject::Event, "event_id")
        }
        _ => conversation::report(context, value, ReportSubject::Message, "message_id"),
    }?;
    Some(Told {
        reports: [report].into(),
        ..Told::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{permanence::Permanence, remedy::Remedy};

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

    fn kind_of(body: &str) -> Result<&'static str, Unrecognized> {
        Callback::parse(body.as_bytes()).map(|callback| callback.kind.as_str())
    }

    #[test]
    fn a_text_under_event_is_no_event_of_a_contact() {
        for (event, kind) in [
            ("ice", "voice_incoming_call"),
            ("ace", "voice_answered_call"),
            ("dice", "voice_disconnected_call"),
            ("pie", "voice_prompt_input"),
            ("notify", "voice_notification"),
            ("VerificationRequestEvent", "verification_request"),
            ("VerificationResultEvent", "verification_result"),
            (
                "VerificationSmsDeliveredEvent",
                "verification_sms_delivered",
            ),
        ] {
            let body = std::format!(r#"{{"callid":"1","event":"{event}"}}"#);
            assert_eq!(kind_of(&body), Ok(kind));
        }
        for (event, kind) in [
            ("call.incoming", "voice_v2"),
            ("call.webhook.of_our_own", "voice_v2"),
            ("call.hangup", "voice_v2_ended"),
            ("call.busy", "voice_v2_ended"),
        ] {
            let body = std::format!(r#"{{"event":"{event}","call":{{"callId":"1"}}}}"#);
            assert_eq!(kind_of(&body), Ok(kind));
        }
        for body in [
            r#"{"event":"call.incoming"}"#,
            r#"{"event":"something"}"#,
            r#"{"event":7}"#,
            r#"{"event":["ice"]}"#,
            r#"{"message":"a text"}"#,
            r#"{"opt_out_notification":[]}"#,
        ] {
            assert_eq!(kind_of(body), Err(Unrecognized::UnknownKind), "{body}");
        }
        assert_eq!(kind_of(r#"{"event":{"id":"ice"}}"#), Ok("event_inbound"));
    }

    #[test]
    fn a_callback_of_numbers_is_told_by_its_two_texts() {
        let told = r#"{"eventId":"01","eventType":"SOMETHING_NEW","projectId":"p"}"#;
        assert_eq!(kind_of(told), Ok("numbers"));
        for body in [
            r#"{"eventId":"01"}"#,
            r#"{"eventType":"DELETE"}"#,
            r#"{"eventId":"01","eventType":null}"#,
            r#"{"eventId":{},"eventType":"DELETE"}"#,
        ] {
            assert_eq!(kind_of(body), Err(Unrecognized::UnknownKind), "{body}");
        }
    }

    #[test]
    fn a_report_is_not_lost_to_another_api_s_mark_beside_it() {
        for mark in [r#""event":"ice""#, r#""eventId":"1","eventType":"DELETE""#] {
            let body = std::format!(
                r#"{{{mark},"message_delivery_report":{{"message_id":"m","status":"READ"}}}}"#
            );
            assert_eq!(kind_of(&body), Ok("message_delivery"), "{mark}");
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
    fn a_submission_names_its_message_in_both_forms_and_moves_nothing() {
        let fields = r#""message_id":"msg-1","conversation_id":"c","contact_id":"k","metadata":"order-7",
            "channel_identity":{"channel":"SMS","identity":"4799999999","app_id":""}"#;
        for submission in [
            std::format!(r#"{{{fields},"submitted_message":{{"text_message":{{"text":"hi"}}}}}}"#),
            std::format!(r#"{{"submitted_message":{{{fields},"text_message":{{"text":"hi"}}}}}}"#),
        ] {
            let body = std::format!(
                r#"{{"event_time":"2026-01-02T03:04:05Z","correlation_id":"cid","message_submit_notification":{submission}}}"#
            );
            let callback = Callback::parse(body.as_bytes()).unwrap();
            assert_eq!(callback.kind, CallbackKind::MessageSubmit);
            assert_eq!(callback.unread, None);
            let [report] = &callback.reports[..] else {
                panic!("one submission: {body}");
            };
            assert_eq!(report.status, DeliveryStatus::Submitted);
            assert_eq!(
                (&*report.message_id, &*report.channel, &*report.identity),
                ("msg-1", "SMS", "4799999999")
            );
            assert_eq!((&*report.conversation_id, &*report.contact_id), ("c", "k"));
            assert_eq!(report.correlation.metadata, "order-7");
            assert_eq!(report.correlation.correlation_id, "cid");
            assert_eq!(report.occurred_at, "2026-01-02T03:04:05Z");
        }
        for nameless in ["{}", r#"{"submitted_message":7}"#] {
            let body = std::format!(r#"{{"message_submit_notification":{nameless}}}"#);
            let callback = Callback::parse(body.as_bytes()).unwrap();
            assert_eq!((callback.reports, callback.unread), (Vec::new(), None));
        }
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
            let unknown = (status == "TELEPORTED").then_some(Unrecognized::UnknownStatus);
            assert_eq!(callback.unread, unknown, "{status}");
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
    fn a_batch_summary_names_nobody_and_says_what_it_counts() {
        let summary = Callback::parse(
            br#"{"type":"delivery_report_mms","batch_id":"b1","client_reference":"camp","total_message_count":"3",
                 "statuses":[{"code":0,"status":"Delivered","count":2},{"code":"402","status":"Aborted","count":1},
                             {"code":401,"status":"Dispatched","count":0}]}"#,
        )
        .unwrap();
        assert_eq!(summary.reports, []);
        assert_eq!(summary.unread, Some(Unrecognized::NamesNobody));
        let batch = summary.summary.unwrap();
        assert_eq!((&*batch.batch_id, &*batch.client_reference), ("b1", "camp"));
        assert_eq!(batch.total, Some(3));
        let counts: Vec<_> = batch
            .counts
            .iter()
            .map(|count| (&*count.code, &*count.status_text, count.count))
            .collect();
        assert_eq!(
            counts,
            [("0", "Delivered", Some(2)), ("402", "Aborted", Some(1))]
        );
    }

    #[test]
    fn a_share_that_cannot_be_read_is_told_beside_those_that_can() {
        for shares in [
            r#"{"status":"Delivered","recipients":["4791",{}]}"#,
            r#"{"status":"Delivered","recipients":["4791"]},{"recipients":["4792"]}"#,
            r#"{"status":"Delivered","recipients":["4791",""]}"#,
            r#"{"status":"Delivered","recipients":["4791"]},7"#,
            r#"{"status":"Delivered","recipients":["4791"]},{"count":1}"#,
        ] {
            let body = std::format!(
                r#"{{"type":"delivery_report_sms","batch_id":"b1","statuses":[{shares}]}}"#
            );
            let callback = Callback::parse(body.as_bytes()).unwrap();
            assert_eq!(callback.reports.len(), 1, "{shares}");
            assert_eq!(
                callback.unread,
                Some(Unrecognized::UnreadableShare),
                "{shares}"
            );
        }
        // Some are named, and some only counted.
        let callback = Callback::parse(
            br#"{"type":"delivery_report_sms","batch_id":"b1","statuses":[{"status":"Delivered","recipients":["4791"]},{"status":"Failed","count":2}]}"#,
        )
        .unwrap();
        assert_eq!(callback.reports.len(), 1);
        assert_eq!(callback.unread, Some(Unrecognized::NamesNobody));
    }

    #[test]
    fn numbers_are_texts_and_texts_are_numbers_and_null_is_absent() {
        let callback = Callback::parse(
            br#"{"app_id":7,"event_time":null,"accepted_time":"2026-01-02T03:04:05Z","message_metadata":{"order":"a"},
                 "opt_in_notification":null,"correlation_id":12,
                 "message_delivery_report":{"message_id":123456789012345678901,"status":"FAILED","metadata":null,
                   "contact_id":null,"channel_identity":{"channel":"SMS","identity":4791},
                   "reason":{"code":"CHANNEL_FAILURE","channel_code":131047,"sub_code":null}}}"#,
        )
        .unwrap();
        let [report] = &callback.reports[..] else {
            panic!("one report");
        };
        assert_eq!(callback.app_id, "7");
        assert_eq!(report.message_id, "123456789012345678901");
        assert_eq!(report.identity, "4791");
        assert_eq!(report.occurred_at, "2026-01-02T03:04:05Z");
        assert_eq!(report.correlation.metadata, r#"{"order":"a"}"#);
        assert_eq!(report.correlation.correlation_id, "12");
        assert_eq!(report.carrier.channel_code, "131047");

        let sms = Callback::parse(
            br#"{"type":"delivery_report_sms","batch_id":77,"statuses":[{"code":"402","status":"Aborted","recipients":[4791,"+4792"]}]}"#,
        )
        .unwrap();
        let ids: Vec<_> = sms
            .reports
            .iter()
            .map(|report| &*report.message_id)
            .collect();
        assert_eq!(ids, ["77:4791", "77:4792"]);
        let failure = sms.reports[0].failure.as_ref().unwrap();
        assert_eq!(
            (&*failure.code, &*failure.description),
            ("402", "message unroutable")
        );

        let absent =
            Callback::parse(br#"{"message_delivery_report":null,"opt_in_notification":{}}"#);
        assert_eq!(absent.unwrap().kind, CallbackKind::OptIn);
    }

    #[test]
    fn one_odd_field_never_loses_a_report() {
        let report = r#""message_delivery_report":{"message_id":"m","status":"READ"}"#;
        let deep = std::format!("\"x\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let odd: [&[u8]; 12] = [
            br#""x":"cut \ud83d""#,
            b"\"x\":\"\xff\xfe\"",
            b"\"\xff\":1",
            br#""x":1e400"#,
            br#""x":-0123"#,
            br#""x":NaN"#,
            br#""x":"bad \q escape""#,
            b"\"x\":\"raw \n\0 control\"",
            br#""app_id":"a","app_id":"b""#,
            br#""message_delivery_report":null"#,
            br#""x":[1,2,]"#,
            deep.as_bytes(),
        ];
        for odd in odd {
            for body in [
                [b"{", odd, b",", report.as_bytes(), b"}"].concat(),
                [b"{", report.as_bytes(), b",", odd, b",}"].concat(),
                [b"\xef\xbb\xbf{", report.as_bytes(), b",", odd, b"}\0\0"].concat(),
            ] {
                let callback = Callback::parse(&body).unwrap();
                assert_eq!(callback.reports[0].message_id, "m");
                assert_eq!(callback.reports[0].status, DeliveryStatus::Read);
            }
        }
        let broken_off = [b"{", report.as_bytes(), br#","x":[1,2,{"y"#].concat();
        assert_eq!(Callback::parse(&broken_off).unwrap().reports.len(), 1);
    }

    #[test]
    fn what_is_not_understood_says_why() {
        for (body, reason) in [
            (&b""[..], Unrecognized::NotJson),
            (b"\xff", Unrecognized::NotJson),
            (b"[]", Unrecognized::NotAnObject),
            (b"{}", Unrecognized::UnknownKind),
            (
                br#"{"message_delivery_report":{"message_id":"m","sta"#,
                Unrecognized::NotJson,
            ),
            (
                br#"{"message_delivery_report":null}"#,
                Unrecognized::UnknownKind,
            ),
            (
                br#"{"type":"delivery_report_sms","batch_id":"b"}"#,
                Unrecognized::IncompleteReport,
            ),
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
    #[cfg(not(target_arch = "wasm32"))]
    #[expect(
        clippy::disallowed_methods,
        reason = "a bound on time is what is tested"
    )]
    fn a_body_is_read_in_time_that_grows_with_its_length() {
        /// What grows with the square of the length takes minutes, and not a second or two.
        const LENGTH: usize = 1 << 20;
        const MOST_SECS: u64 = 20;
        let begun = std::time::Instant::now();
        for piece in [
            "[",
            "{\"a\":",
            "\"\\ud83d",
            "\\",
            "\"a\":1,",
            "\"message_delivery_report\":{\"message_id\":\"m\",\"status\":\"READ\"},",
            "\"type\":\"delivery_report_sms\",\"statuses\":[],",
            "\"type\":\"delivery_report_sms\",\"batch_id\":\"b\",\"statuses\":[{\"status\":\"Failed\",\"recipients\":[1]}],",
        ] {
            let run = piece.repeat(LENGTH / piece.len());
            for body in [
                run.clone(),
                std::format!("{{{run}"),
                std::format!(
                    "{{\"type\":\"delivery_report_sms\",\"batch_id\":\"b\",\"statuses\":[{{\"recipients\":[{run}"
                ),
                std::format!("{{\"message_delivery_report\":{{{run}"),
            ] {
                let _ = Callback::parse(body.as_bytes());
            }
        }
        let recipients = "4791,".repeat(LENGTH / 5);
        let body = std::format!(
            "{{\"type\":\"delivery_report_sms\",\"batch_id\":\"b\",\"statuses\":[{{\"status\":\"Delivered\",\"recipients\":[{recipients}]}}]}}"
        );
        let batch = Callback::parse(body.as_bytes()).unwrap();
        assert_eq!(batch.reports.len(), LENGTH / 5);
        assert!(
            begun.elapsed().as_secs() < MOST_SECS,
            "{:?}",
            begun.elapsed()
        );
    }

    #[test]
    fn nesting_without_end_is_refused_and_does_not_exhaust_the_stack() {
        let deep = [b'['; 200_000];
        assert_eq!(Callback::parse(&deep), Err(Unrecognized::NotJson));
    }
}
