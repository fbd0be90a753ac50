//! What a body is understood as. The input is the body.

use serde_json::{Map, Value};
use sinch_callback::{Callback, CallbackKind, DeliveryReport, Unrecognized};
use sinch_callback_tests::Vector;

use crate::Seed;

pub(crate) fn run(data: &[u8]) {
    let callback = Callback::parse(data);
    assert_eq!(callback, Callback::parse(data), "read twice");

    let json = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let value: Option<Value> = serde_json::from_slice(json).ok();
    assert_eq!(
        callback == Err(Unrecognized::NotJson),
        value.is_none(),
        "JSON"
    );
    let Some(value) = value else {
        return;
    };
    let object = value.as_object();
    assert_eq!(
        callback == Err(Unrecognized::NotAnObject),
        object.is_none(),
        "an object"
    );
    let Some(object) = object else {
        return;
    };
    is_not_lost(object, callback.as_ref());
    if let Ok(callback) = &callback {
        says_what_is_written(callback, &value);
    }
}

/// A report that names its message and its status is told, whatever else stands in the callback.
fn is_not_lost(object: &Map<String, Value>, callback: Result<&Callback, &Unrecognized>) {
    let told = callback.map_or(&[][..], |callback| &callback.reports);
    let reports = [
        ("message_delivery_report", "message_id"),
        ("event_delivery_report", "event_id"),
    ];
    let complete: Vec<_> = reports
        .into_iter()
        .filter_map(|(key, id)| conversation(object, key, id))
        .collect();
    if !complete.is_empty() {
        let told: Vec<_> = told
            .iter()
            .map(|report| (&*report.message_id, &*report.status_text))
            .collect();
        // Which of two is told is for nobody to decide.
        let [told] = told[..] else {
            panic!("{} reports are told of {}", told.len(), complete.len());
        };
        assert!(complete.contains(&told), "the report");
        return;
    }
    let expected = match text(object, "type") {
        "recipient_delivery_report_sms" | "recipient_delivery_report_mms" => {
            let names_one = is_recipient(text(object, "recipient"));
            usize::from(has_batch(object) && has_status(object) && names_one)
        }
        "delivery_report_sms" | "delivery_report_mms" if has_batch(object) => recipients(object),
        _ => return,
    };
    assert_eq!(told.len(), expected, "the batch's recipients");
}

fn conversation<'a>(
    callback: &'a Map<String, Value>,
    key: &str,
    id: &str,
) -> Option<(&'a str, &'a str)> {
    let report = callback.get(key)?.as_object()?;
    let (id, status) = (text(report, id), text(report, "status"));
    (!id.is_empty() && !status.is_empty()).then_some((id, status))
}

/// How many recipients a batch's report names.
fn recipients(batch: &Map<String, Value>) -> usize {
    let statuses = batch.get("statuses").and_then(Value::as_array);
    let statuses = statuses.into_iter().flatten().filter_map(Value::as_object);
    statuses
        .filter(|status| has_status(status))
        .filter_map(|status| status.get("recipients")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .filter(|recipient| is_recipient(recipient))
        .count()
}

fn has_batch(callback: &Map<String, Value>) -> bool {
    !text(callback, "batch_id").is_empty()
}

fn has_status(callback: &Map<String, Value>) -> bool {
    !text(callback, "status").is_empty()
}

/// Whether it is more than the sign in front of a number.
fn is_recipient(text: &str) -> bool {
    text.contains(|character| character != '+')
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Every text of a report stands in the body. What is made up here could be taken for Sinch's word.
fn says_what_is_written(callback: &Callback, body: &Value) {
    let mut written = Vec::new();
    collect(body, &mut written);
    let is_written = |text: &str| text.is_empty() || written.iter().any(|found| found == text);
    for text in [&callback.app_id, &callback.project_id] {
        assert!(is_written(text));
    }
    let of_sms = matches!(
        callback.kind,
        CallbackKind::SmsRecipientDeliveryReport | CallbackKind::SmsBatchDeliveryReport
    );
    for report in &callback.reports {
        let DeliveryReport { correlation, .. } = report;
        for text in [
            &report.conversation_id,
            &report.contact_id,
            &report.status_text,
            &report.identity,
            &report.occurred_at,
            &correlation.metadata,
            &correlation.correlation_id,
            &correlation.client_reference,
        ] {
            assert!(is_written(text));
        }
        assert!(of_sms || is_written(&report.channel));
        let id = if of_sms {
            // A batch has one id for all of its recipients.
            let digits = report.identity.trim_start_matches('+');
            report
                .message_id
                .strip_suffix(digits)
                .map(|id| &id[..id.len() - 1])
        } else {
            Some(&*report.message_id)
        };
        assert!(id.is_some_and(|id| !id.is_empty() && is_written(id)));
        if let Some(failure) = &report.failure {
            assert!(is_written(&failure.code) && is_written(&failure.sub_code));
            assert!(is_written(&failure.channel_code));
            assert!(of_sms || is_written(&failure.description));
        }
    }
}

/// All texts of a document, and its whole numbers as texts.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(object) => object.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A callback of each kind that carries reports, and of some that do not.
const BODIES: &[(&str, &str)] = &[
    (
        "message-failed",
        r#"{"app_id":"app-1","project_id":"project-1","event_time":"2026-01-02T03:04:05Z","correlation_id":"order-7","message_metadata":"outer","message_delivery_report":{"message_id":"msg-1","conversation_id":"c-1","contact_id":"p-1","status":"FAILED","channel_identity":{"channel":"WHATSAPP","identity":"4799999999"},"reason":{"code":"RECIPIENT_NOT_OPTED_IN","description":"no","sub_code":"UNSPECIFIED_SUB_CODE","channel_code":470},"metadata":"inner"}}"#,
    ),
    (
        "event-delivered",
        r#"{"accepted_time":"2026-01-02T03:04:05Z","event_delivery_report":{"event_id":"event-1","status":"DELIVERED","channel_identity":{"channel":"RCS","identity":"47"}}}"#,
    ),
    (
        "recipient",
        r#"{"type":"recipient_delivery_report_sms","batch_id":"b1","recipient":"+4791","code":401,"status":"Dispatched","at":"2026-01-02T03:04:05Z","operator_status_at":"2026-01-02T03:04:04Z","client_reference":"order-8"}"#,
    ),
    (
        "batch",
        r#"{"type":"delivery_report_mms","batch_id":"b1","client_reference":"order-8","total_message_count":3,"statuses":[{"code":0,"status":"Delivered","count":2,"recipients":["4791","4792"]},{"code":402,"status":"Aborted","count":1,"recipients":["+4793"]}]}"#,
    ),
    (
        "inbound-text",
        r#"{"type":"mo_text","body":"hello","from":"4791"}"#,
    ),
    (
        "inbound-message",
        r#"{"message":{"id":"m-1","contact_message":{"text_message":{"text":"hi"}}},"app_id":"app-1"}"#,
    ),
    ("opt-in", r#"{"opt_in_notification":{}}"#),
];

pub(crate) fn seeds() -> Vec<Seed> {
    let named = BODIES.iter().map(|(name, body)| Seed::new(*name, *body));
    let vectors = Vector::all();
    let vectors = vectors
        .iter()
        .map(|vector| Seed::new(&*vector.id, vector.body()));
    let deep = Seed::new("deep", [b'['; 4_096]);
    named.chain(vectors).chain([deep]).collect()
}

/// The bodies that carry reports, for targets behind the verifier.
pub(crate) fn bodies() -> impl Iterator<Item = (&'static str, &'static str)> {
    BODIES.iter().copied()
}
