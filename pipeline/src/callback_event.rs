use std::borrow::Cow;

use serde::Serialize;
use sinch_callback::{BatchSummary, Callback, ContentKey, UnixSeconds, Unrecognized};

use crate::told::{ConsentEvent, ProductEvent, Told};

/// What others are told of a callback as a whole. No [`EventFilter`](crate::EventFilter) drops it: that
/// is about messages.
///
/// # Examples
/// ```
/// use core::convert::Infallible;
/// use sinch_callback_pipeline::{CallbackEvent, DeliveryEvent, EventContent, Notifier};
///
/// struct OptOuts;
///
/// impl Notifier for OptOuts {
///     type Error = Infallible;
///
///     async fn notify(&self, _: &[DeliveryEvent<'_>]) -> Result<(), Infallible> {
///         Ok(())
///     }
///
///     async fn notify_of_callback(&self, events: &[CallbackEvent<'_>]) -> Result<(), Infallible> {
///         for event in events {
///             match &event.content {
///                 EventContent::Consent(consent) if event.kind == "contact.opted_out" => {
///                     println!("send {} nothing more on {}", consent.identity, consent.channel);
///                 }
///                 _ => {}
///             }
///         }
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallbackEvent<'a> {
    /// `{content key}::{type}`. Always of the same content.
    pub id: String,
    /// What has happened, as `contact.opted_out`: each case of [`CallbackEvent::content`] has its own.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The callback, as it is kept.
    pub content_key: String,
    /// What it says.
    #[serde(flatten)]
    pub content: EventContent<'a>,
    /// When the callback was received, in Unix seconds.
    pub received_at: u64,
}

/// What an event about a callback as a whole says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum EventContent<'a> {
    /// `delivery.unrecognized`, or `delivery.batch` for a report that counts the recipients of a
    /// batch and names none: it moves no message, and somebody should look.
    Unread {
        /// Why it is told: `Unrecognized::as_str`.
        why: &'static str,
        /// The same in words.
        detail: &'static str,
        /// What it counts of a batch.
        #[serde(skip_serializing_if = "Option::is_none")]
        batch: Option<BatchView<'a>>,
    },
    /// `contact.opted_out` or `contact.opted_in`.
    Consent(ConsentEvent),
    /// `numbers.event`, `voice.event` or `verification.event`.
    Product(ProductEvent),
}

/// How many recipients of a batch are where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BatchView<'a> {
    /// The batch.
    pub batch_id: Cow<'a, str>,
    /// `client_reference` of the batch.
    pub client_reference: Cow<'a, str>,
    /// How many recipients it has.
    pub total_message_count: Option<u64>,
    /// How many of them are where.
    pub statuses: Vec<BatchCountView<'a>>,
}

/// How many recipients of a batch have one status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BatchCountView<'a> {
    /// The code.
    pub code: Cow<'a, str>,
    /// The status as Sinch wrote it.
    pub status: Cow<'a, str>,
    /// How many recipients.
    pub count: Option<u64>,
}

/// Why a callback, or a part of it, moves no message though it was delivered: what is listed.
fn unread(content: Result<&Callback, Unrecognized>) -> Option<Unrecognized> {
    match content {
        Ok(callback) => callback.unread,
        Err(unrecognized) => Some(unrecognized),
    }
}

impl<'a> CallbackEvent<'a> {
    /// What is told of this callback as a whole, of which `content` is what its body says.
    pub(crate) fn of(
        content: Result<&'a Callback, Unrecognized>,
        body: &[u8],
        content_key: ContentKey,
        received_at: UnixSeconds,
    ) -> Vec<Self> {
        let event = |kind: &'static str, content: EventContent<'a>| Self {
            id: format!("{content_key}::{kind}"),
            kind,
            content_key: content_key.to_string(),
            content,
            received_at: received_at.get(),
        };
        let Some(why) = unread(content) else {
            let told = content.ok().and_then(|callback| Told::of(callback, body));
            let told = told.map(|told| match told {
                Told::Consent(kind, consent) => event(kind, EventContent::Consent(consent)),
                Told::Product(kind, product) => event(kind, EventContent::Product(product)),
            });
            return told.into_iter().collect();
        };
        let unread = |kind: &'static str, batch: Option<BatchView<'a>>| {
            let (why, detail) = (why.as_str(), why.detail());
            event(kind, EventContent::Unread { why, detail, batch })
        };
        let summary = content.ok().and_then(|callback| callback.summary.as_ref());
        let of_batch =
            summary.map(|summary| unread("delivery.batch", Some(BatchView::of(summary))));
        // A summary has been read, and its counts are all that there is to it.
        let of_callback = (why != Unrecognized::NamesNobody || summary.is_none())
            .then(|| unread("delivery.unrecognized", None));
        of_callback.into_iter().chain(of_batch).collect()
    }

    /// What it is ordered by: events of one order are told in it. Of one person on one channel an
    /// opt-in must not overtake an opt-out.
    #[must_use]
    pub fn order(&self) -> String {
        match &self.content {
            EventContent::Consent(consent) => {
                let whom = if consent.identity.is_empty() {
                    &consent.contact_id
                } else {
                    &consent.identity
                };
                format!("contact:{}:{whom}", consent.channel)
            }
            _ => self.id.clone(),
        }
    }
}

impl<'a> BatchView<'a> {
    /// What a report says of its batch.
    #[must_use]
    pub fn of(summary: &'a BatchSummary) -> Self {
        Self {
            batch_id: summary.batch_id.as_str().into(),
            client_reference: summary.client_reference.as_str().into(),
            total_message_count: summary.total,
            statuses: summary
                .counts
                .iter()
                .map(|count| BatchCountView {
                    code: count.code.as_str().into(),
                    status: count.status_text.as_str().into(),
                    count: count.count,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(body: &str) -> Vec<Value> {
        let callback = Callback::parse(body.as_bytes());
        let content = callback.as_ref().map_err(|reason| *reason);
        let key = ContentKey::from_bytes([0x2a; 16]);
        CallbackEvent::of(content, body.as_bytes(), key, UnixSeconds::new(9))
            .iter()
            .map(|event| serde_json::to_value(event).unwrap())
            .collect()
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_reason() {
        let key = "2a".repeat(16);
        assert_eq!(
            told("{}"),
            [json!({
                "id": format!("{key}::delivery.unrecognized"),
                "type": "delivery.unrecognized",
                "content_key": key,
                "why": "unknown_kind",
                "detail": Unrecognized::UnknownKind.detail(),
                "received_at": 9,
            })]
        );
        assert_eq!(told(r#"{"opt_in_notification":{}}"#), [Value::Null; 0]);
    }

    #[test]
    fn consent_is_told_with_channel_and_identity() {
        let key = "2a".repeat(16);
        assert_eq!(
            told(
                r#"{"app_id":"a","project_id":"p","opt_out_notification":{"contact_id":"c","channel":"WHATSAPP","identity":"4791","status":"OPT_OUT_SUCCEEDED"}}"#
            ),
            [json!({
                "id": format!("{key}::contact.opted_out"),
                "type": "contact.opted_out",
                "content_key": key,
                "channel": "WHATSAPP",
                "identity": "4791",
                "contact_id": "c",
                "sender": "",
                "evidence": "notification",
                "app_id": "a",
                "project_id": "p",
                "received_at": 9,
            })]
        );
        let inbound = |text: &str| {
            format!(
                r#"{{"message":{{"contact_message":{{"text_message":{{"text":"{text}"}}}},"channel_identity":{{"channel":"SMS","identity":"4791"}},"sender_id":"2440"}}}}"#
            )
        };
        let stopped = &told(&inbound(" Stop! "))[0];
        assert_eq!(stopped["type"], "contact.opted_out");
        assert_eq!(stopped["evidence"], "word");
        assert_eq!(stopped["word"], "Stop");
        assert_eq!(
            (
                &stopped["channel"],
                &stopped["identity"],
                &stopped["sender"]
            ),
            (&json!("SMS"), &json!("4791"), &json!("2440"))
        );
        assert_eq!(told(&inbound("START"))[0]["type"], "contact.opted_in");
        let sms = &told(r#"{"type":"mo_text","from":"4791","to":"2440","body":"STOP"}"#)[0];
        assert_eq!(
            (&sms["type"], &sms["channel"]),
            (&json!("contact.opted_out"), &json!("SMS"))
        );
        let opt_in = r#"{"opt_in_notification":{"channel":"SMS","identity":"4791","status":"OPT_IN_SUCCEEDED"}}"#;
        assert_eq!(told(opt_in)[0]["type"], "contact.opted_in");
        for silent in [
            &inbound("please stop"),
            r#"{"type":"mo_text","from":"4791","body":"stopover"}"#,
            r#"{"opt_out_notification":{"identity":"4791","status":"OPT_OUT_FAILED"}}"#,
            r#"{"opt_in_notification":{"identity":"4791","status":"OPT_IN_FAILED"}}"#,
        ] {
            assert_eq!(told(silent), [Value::Null; 0], "{silent}");
        }
    }

    #[test]
    fn what_is_asynchronous_of_other_products_is_told_with_its_ids() {
        for (body, kind, expected) in [
            (
                r#"{"eventId":"e","timestamp":"2026-01-02T03:04:05.6","projectId":"p","resourceId":"+4791","resourceType":"ACTIVE_NUMBER","eventType":"PROVISIONING_TO_CAMPAIGN","status":"FAILED","failureCode":"CAMPAIGN_EXPIRED"}"#,
                "numbers.event",
                json!({"kind": "numbers", "event": "PROVISIONING_TO_CAMPAIGN", "status": "FAILED", "reason": "CAMPAIGN_EXPIRED",
                    "about": {"event_id": "e", "resource_id": "+4791", "resource_type": "ACTIVE_NUMBER", "project_id": "p"},
                    "reference": "", "custom": "", "occurred_at": "2026-01-02T03:04:05.6"}),
            ),
            (
                r#"{"event":"dice","callid":"c","timestamp":"t","reason":"HANGUP","result":"ANSWERED","applicationKey":"k","custom":"order-7"}"#,
                "voice.event",
                json!({"kind": "voice_disconnected_call", "event": "dice", "status": "ANSWERED", "reason": "HANGUP",
                    "about": {"call_id": "c", "application_key": "k"}, "reference": "", "custom": "order-7", "occurred_at": "t"}),
            ),
            (
                r#"{"event":"notify","callid":"c","type":"recording_finished"}"#,
                "voice.event",
                json!({"kind": "voice_notification", "event": "notify", "status": "recording_finished", "reason": "",
                    "about": {"call_id": "c"}, "reference": "", "custom": "", "occurred_at": ""}),
            ),
            (
                r#"{"event":"call.hangup","call":{"callId":"c","sessionId":"s","callResult":"COMPLETED","callReason":"CALLER_HANGUP","endTime":"t"}}"#,
                "voice.event",
                json!({"kind": "voice_v2_ended", "event": "call.hangup", "status": "COMPLETED", "reason": "CALLER_HANGUP",
                    "about": {"call_id": "c", "session_id": "s"}, "reference": "", "custom": "", "occurred_at": "t"}),
            ),
            (
                r#"{"event":"VerificationResultEvent","id":"v","method":"sms","status":"FAIL","reason":"Expired","reference":"r"}"#,
                "verification.event",
                json!({"kind": "verification_result", "event": "VerificationResultEvent", "status": "FAIL", "reason": "Expired",
                    "about": {"verification_id": "v", "method": "sms"}, "reference": "r", "custom": "", "occurred_at": ""}),
            ),
            (
                r#"{"event":"VerificationSmsDeliveredEvent","id":"v","smsResult":"Successful"}"#,
                "verification.event",
                json!({"kind": "verification_sms_delivered", "event": "VerificationSmsDeliveredEvent", "status": "Successful", "reason": "",
                    "about": {"verification_id": "v"}, "reference": "", "custom": "", "occurred_at": ""}),
            ),
        ] {
            let mut told = told(body);
            assert_eq!(told.len(), 1, "{body}");
            let mut event = told.remove(0).as_object().unwrap().clone();
            let id = event.remove("id");
            assert_eq!(id, Some(json!(format!("{}::{kind}", "2a".repeat(16)))));
            assert_eq!(event.remove("type"), Some(json!(kind)));
            assert_eq!(event.remove("content_key"), Some(json!("2a".repeat(16))));
            assert_eq!(event.remove("received_at"), Some(json!(9)));
            assert_eq!(Value::Object(event), expected);
        }
    }

    #[test]
    fn a_product_s_body_that_breaks_off_is_told_by_its_kind() {
        let event = &told(r#"{"event":"dice","callid":"c""#)[0];
        assert_eq!(
            (&event["kind"], &event["event"]),
            (&json!("voice_disconnected_call"), &json!(""))
        );
    }

    #[test]
    fn an_opt_in_is_ordered_behind_the_opt_out_of_the_same_person() {
        let order = |body: &str| {
            let callback = Callback::parse(body.as_bytes());
            let content = callback.as_ref().map_err(|reason| *reason);
            let key = ContentKey::of_body(body.as_bytes());
            CallbackEvent::of(content, body.as_bytes(), key, UnixSeconds::new(9))[0].order()
        };
        let sms = |from: &str, body: &str| {
            order(&format!(
                r#"{{"type":"mo_text","from":"{from}","body":"{body}"}}"#
            ))
        };
        assert_eq!(sms("4791", "STOP"), sms("4791", "START"));
        assert_ne!(sms("4791", "STOP"), sms("4792", "STOP"));
        assert_ne!(order("{}"), order(r#"{"a":1}"#));
    }

    #[test]
    fn a_summary_is_told_with_its_counts_and_a_lost_share_beside_what_is_known() {
        let summary = told(
            r#"{"type":"delivery_report_sms","batch_id":"b","client_reference":"camp","total_message_count":3,"statuses":[{"code":402,"status":"Aborted","count":1},{"code":0,"status":"Delivered","count":2}]}"#,
        );
        assert_eq!(summary.len(), 1);
        assert_eq!(summary[0]["type"], "delivery.batch");
        assert_eq!(summary[0]["why"], "names_nobody");
        assert_eq!(
            summary[0]["batch"],
            json!({"batch_id": "b", "client_reference": "camp", "total_message_count": 3, "statuses": [
                {"code": "402", "status": "Aborted", "count": 1},
                {"code": "0", "status": "Delivered", "count": 2},
            ]})
        );
        let share = told(
            r#"{"type":"delivery_report_sms","batch_id":"b","statuses":[{"status":"Delivered","recipients":["4791",{}]}]}"#,
        );
        assert_eq!(share.len(), 1);
        assert_eq!(share[0]["type"], "delivery.unrecognized");
        assert_eq!(share[0]["why"], "unreadable_share");
    }
}
