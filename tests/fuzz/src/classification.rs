//! What a body is understood as. The input is the body.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use sinch_callback::{Callback, CallbackKind, DeliveryReport, Unrecognized};
use sinch_callback_tests::Vector;

use crate::Seed;

pub(crate) fn run(data: &[u8]) {
    let callback = Callback::parse(data);
    assert_eq!(callback, Callback::parse(data), "read twice");
    if let Ok(callback) = &callback {
        says_what_is_written(callback, data);
    }
    let json = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        // Read as far as it goes, without an opinion on how far that has to be.
        return;
    };
    assert_ne!(callback, Err(Unrecognized::NotJson), "JSON");
    let object = value.as_object();
    assert_eq!(
        callback == Err(Unrecognized::NotAnObject),
        object.is_none(),
        "an object"
    );
    let Some(object) = object else {
        return;
    };
    beside_something_odd(json, &callback);
    if !repeats_a_key(json) {
        is_not_lost(object, callback.as_ref());
    }
}

/// What a strict reader refuses, as the value of a field that nobody reads.
const ODD: &[&[u8]] = &[
    br#""cut \ud83d""#,
    br#""\ude00""#,
    b"\"\xff\xc0\x80\"",
    br#""\q \u12 \"""#,
    b"\"\0\n\"",
    b"1e400",
    b"-00.",
    b"NaN",
    b"[1,,2,]",
    b"[[[[{\"a\":[[[[\"]\"]]]]}]]]]",
];

/// A field that no strict reader takes changes nothing of what the others say.
fn beside_something_odd(json: &[u8], callback: &Result<Callback, Unrecognized>) {
    let odd = ODD[json.len() % ODD.len()];
    let json = json.trim_ascii();
    let inner = &json[1..json.len() - 1];
    for twin in [
        [b"{\"zz\":", odd, b",", inner, b"}"].concat(),
        [b"{", inner, b",\"zz\":", odd, b"}\0"].concat(),
        [b"{", inner, b",\"z\xff\":", odd, b",}}"].concat(),
    ] {
        assert_eq!(&Callback::parse(&twin), callback, "beside {odd:?}");
    }
}

/// Whether some object has two fields of one name: readers differ on what it says.
pub(crate) fn repeats_a_key(json: &[u8]) -> bool {
    struct Repeats(bool);

    impl<'de> Deserialize<'de> for Repeats {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Walk)
        }
    }

    struct Walk;

    impl<'de> Visitor<'de> for Walk {
        type Value = Repeats;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }

        fn visit_bool<E>(self, _: bool) -> Result<Repeats, E> {
            Ok(Repeats(false))
        }

        fn visit_i64<E>(self, _: i64) -> Result<Repeats, E> {
            Ok(Repeats(false))
        }

        fn visit_u64<E>(self, _: u64) -> Result<Repeats, E> {
            Ok(Repeats(false))
        }

        fn visit_f64<E>(self, _: f64) -> Result<Repeats, E> {
            Ok(Repeats(false))
        }

        fn visit_str<E>(self, _: &str) -> Result<Repeats, E> {
            Ok(Repeats(false))
        }

        fn visit_unit<E>(self) -> Result<Repeats, E> {
            Ok(Repeats(false))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Repeats, A::Error> {
            let mut found = false;
            while let Some(Repeats(repeats)) = values.next_element()? {
                found |= repeats;
            }
            Ok(Repeats(found))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Repeats, A::Error> {
            let (mut found, mut keys) = (false, BTreeSet::new());
            while let Some((key, Repeats(repeats))) = members.next_entry::<String, _>()? {
                found |= repeats | !keys.insert(key);
            }
            Ok(Repeats(found))
        }
    }

    serde_json::from_slice(json).is_ok_and(|Repeats(found)| found)
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
        // Which of two is told is for nobody to decide.
        let [told] = told else {
            panic!("{} reports are told of {}", told.len(), complete.len());
        };
        let is_told = complete
            .iter()
            .any(|(id, status)| id.is(&told.message_id) && status.is(&told.status_text));
        assert!(is_told, "the report");
        return;
    }
    let Some(Text::Exactly(sms_type)) = text(object, "type") else {
        return;
    };
    match &*sms_type {
        "recipient_delivery_report_sms" | "recipient_delivery_report_mms" => {
            let names_one = text(object, "recipient").is_some_and(|text| text.is_recipient());
            let expected = usize::from(has_batch(object) && has_status(object) && names_one);
            assert_eq!(told.len(), expected, "the recipient");
        }
        "delivery_report_sms" | "delivery_report_mms" if has_batch(object) => {
            assert_eq!(told.len(), recipients(object), "the batch's recipients");
            let listed = callback.is_ok_and(|callback| callback.unread.is_some());
            let is_batch = object.get("statuses").is_some_and(Value::is_array);
            // Who is not named is listed.
            assert!(
                listed || !told.is_empty() || !is_batch,
                "the batch is listed"
            );
        }
        _ => {}
    }
}

/// A text as it has to be told.
enum Text {
    Exactly(String),
    /// A number that a strict reader does not keep as it is written.
    SomeNumber,
}

impl Text {
    fn is(&self, told: &str) -> bool {
        match self {
            Self::Exactly(text) => text == told,
            Self::SomeNumber => {
                told.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            }
        }
    }

    /// Whether it is more than the sign in front of a number.
    fn is_recipient(&self) -> bool {
        match self {
            Self::Exactly(text) => text.contains(|character| character != '+'),
            Self::SomeNumber => true,
        }
    }
}

fn conversation(callback: &Map<String, Value>, key: &str, id: &str) -> Option<(Text, Text)> {
    let report = callback.get(key)?.as_object()?;
    Some((text(report, id)?, text(report, "status")?))
}

/// How many recipients a batch's report names.
fn recipients(batch: &Map<String, Value>) -> usize {
    let statuses = batch.get("statuses").and_then(Value::as_array);
    let statuses = statuses.into_iter().flatten().filter_map(Value::as_object);
    statuses
        .filter(|status| has_status(status))
        .filter_map(|status| status.get("recipients")?.as_array())
        .flatten()
        .filter_map(text_of)
        .filter(Text::is_recipient)
        .count()
}

fn has_batch(callback: &Map<String, Value>) -> bool {
    text(callback, "batch_id").is_some()
}

fn has_status(callback: &Map<String, Value>) -> bool {
    text(callback, "status").is_some()
}

/// A text that is not empty, or a number.
fn text(object: &Map<String, Value>, name: &str) -> Option<Text> {
    text_of(object.get(name)?)
}

fn text_of(value: &Value) -> Option<Text> {
    match value {
        Value::String(text) if !text.is_empty() => Some(Text::Exactly(text.clone())),
        Value::Number(number) if number.is_f64() => Some(Text::SomeNumber),
        Value::Number(number) => Some(Text::Exactly(number.to_string())),
        _ => None,
    }
}

/// Every text of a report stands in the body, as it is or escaped. What is made up here could be taken
/// for Sinch's word.
fn says_what_is_written(callback: &Callback, data: &[u8]) {
    let written = unescaped(data);
    let is_written = |text: &str| written.contains(text);
    for text in [&callback.app_id, &callback.project_id] {
        assert!(is_written(text));
    }
    let of_sms = matches!(
        callback.kind,
        CallbackKind::SmsRecipientDeliveryReport | CallbackKind::SmsBatchDeliveryReport
    );
    for report in &callback.reports {
        let DeliveryReport {
            correlation,
            carrier,
            ..
        } = report;
        for text in [
            &report.conversation_id,
            &report.contact_id,
            &report.status_text,
            &report.identity,
            &report.occurred_at,
            &correlation.metadata,
            &correlation.correlation_id,
            &correlation.client_reference,
            &carrier.channel_code,
            &carrier.status_message,
            &carrier.operator,
            &carrier.encoding,
        ] {
            // What is no text is told as it is written, its escapes included.
            assert!(is_written(text) || String::from_utf8_lossy(data).contains(text.as_str()));
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
            assert!(of_sms || is_written(&failure.description));
        }
    }
}

/// The body with all its escapes read wherever they stand, by rules of its own: what is told of a text
/// is a part of this.
fn unescaped(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            units.extend(character.encode_utf16(&mut [0; 2]).iter());
            continue;
        }
        let mut ahead = rest.clone();
        let escaped = match ahead.next() {
            Some('u') => {
                let digits: String = ahead.by_ref().take(4).collect();
                let is_hex =
                    digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                is_hex.then(|| u16::from_str_radix(&digits, 16).unwrap_or_default())
            }
            Some(short @ ('"' | '\\' | '/')) => Some(short as u16),
            Some('b') => Some(8),
            Some('f') => Some(12),
            Some('n') => Some(10),
            Some('r') => Some(13),
            Some('t') => Some(9),
            _ => None,
        };
        match escaped {
            Some(unit) => {
                units.push(unit);
                rest = ahead;
            }
            None => units.push(u16::from(b'\\')),
        }
    }
    String::from_utf16_lossy(&units)
}

/// A callback of each kind that carries reports, and of some that do not.
const BODIES: &[(&str, &str)] = &[
    (
        "message-failed",
        r#"{"app_id":"app-1","project_id":"project-1","event_time":"2026-01-02T03:04:05Z","correlation_id":"order-7","message_metadata":"outer","message_delivery_report":{"message_id":"msg-1","conversation_id":"c-1","contact_id":"p-1","status":"FAILED","channel_identity":{"channel":"WHATSAPP","identity":"4799999999"},"reason":{"code":"RECIPIENT_NOT_OPTED_IN","description":"no","sub_code":"UNSPECIFIED_SUB_CODE","channel_code":470},"metadata":"inner"}}"#,
    ),
    (
        "message-submitted",
        r#"{"event_time":"2026-01-02T03:04:05Z","correlation_id":"order-7","message_submit_notification":{"message_id":"msg-1","conversation_id":"c-1","contact_id":"p-1","channel_identity":{"channel":"SMS","identity":"4799999999","app_id":""},"submitted_message":{"text_message":{"text":"hi"}},"metadata":"inner","processing_mode":"DISPATCH"}}"#,
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
    (
        "summary",
        r#"{"type":"delivery_report_sms","batch_id":"b1","total_message_count":3,"statuses":[{"code":"402","status":"Aborted","count":1},{"code":0,"status":"Delivered","count":2}]}"#,
    ),
    (
        "numbers",
        r#"{"type":"delivery_report_sms","batch_id":77,"statuses":[{"code":"402","status":"Aborted","recipients":[4791,null,4792.0],"operator":24201,"encoding":"GSM"}]}"#,
    ),
    (
        "odd-fields",
        r#"{"x":"cut \ud83d","y":1e400,"message_metadata":{"order":[7]},"message_delivery_report":{"message_id":12,"status":"FAILED","metadata":null,"reason":{"code":"CHANNEL_FAILURE","channel_code":"131047","sub_code":"\uD83D\uDE00 \"q\""}},}"#,
    ),
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
