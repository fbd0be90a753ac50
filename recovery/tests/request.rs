//! What a request may be, and what a wrong one is told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

mod schema;

use proptest::prelude::*;
use serde_json::{Value, json};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{Channel, Intent, IntentId, Request, SCHEMA, ports::Mode};

/// 2026-11-25T10:00:11Z, by date.
const NOW: UnixSeconds = UnixSeconds::new(1_795_600_811);

fn good() -> Value {
    json!({
        "key": "login-7f3a",
        "to": {"SMS": "+15550100", "EMAIL": "ada@example.com"},
        "content": {"text": "Your code is 271828", "subject": "Your code"},
        "plan": "otp",
        "deadline": "PT10M",
        "valid_until": "2026-11-25T12:00:11+01:00",
        "quiet_hours": {"from": "22:00", "to": "08:00", "zone": "Europe/Stockholm"},
        "metadata": "order 7",
        "sent": {"message_id": "01M", "channel": "SMS"},
    })
}

fn own_plan() -> Value {
    json!({"steps": [
        {"channel": "SMS", "wait": "PT2M", "until": "read", "tries": 2, "backoff": ["PT5M", "P1D"]},
        {"channel": "EMAIL", "wait": "P3D"},
    ], "double": "harmless", "ttl_within_wait": true})
}

/// `good()` with the field at a path set; null takes it out.
fn with(path: &str, value: Value) -> Value {
    let mut document = good();
    if path.starts_with("/plan/") {
        document["plan"] = own_plan();
    }
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    document
}

fn faults(document: &Value) -> Vec<(String, String)> {
    match Request::parse(document.to_string().as_bytes(), NOW) {
        Ok(_) => Vec::new(),
        Err(invalid) => {
            let faults = invalid.faults.into_iter();
            faults.map(|fault| (fault.field, fault.expected)).collect()
        }
    }
}

/// Whether the published schema accepts it.
fn fits(document: &Value) -> bool {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    schema::fits(&schema, &schema, document)
}

const CHANNELS: &str = "expected one of SMS, WHATSAPP, RCS, MMS, VIBERBM, MESSENGER, INSTAGRAM, \
    TELEGRAM, KAKAOTALK, LINE, WECHAT, APPLEBC, EMAIL";
const NUMBER: &str = "expected a telephone number of 5 to 15 digits, such as +15550100";
const ADDRESS: &str = "expected an address such as ada@example.com";
const DURATION: &str = "expected a duration such as PT10M, of weeks to seconds";
const KEY: &str = "expected 1 to 100 visible ASCII characters";
const PLANS: &str = "expected one of otp, notification, receipt-only, or an object with steps";

#[test]
fn a_fault_names_its_field_and_what_is_expected() {
    let long = "x".repeat(5_000);
    let wordy = |min: usize, max: usize| {
        format!("expected {min} to {max} characters, without control characters")
    };
    for (path, value, field, expected) in [
        ("/key", json!(null), "key", "is missing"),
        ("/key", json!(7), "key", "expected a text"),
        ("/key", json!("two words"), "key", KEY),
        ("/key", json!(""), "key", KEY),
        ("/key", json!("k".repeat(101)), "key", KEY),
        ("/to", json!([]), "to", "expected an object"),
        ("/to/FAX", json!("+15550100"), "to.FAX", CHANNELS),
        ("/to/SMS", json!("call me"), "to.SMS", NUMBER),
        ("/to/SMS", json!("+1555"), "to.SMS", NUMBER),
        ("/to/SMS", json!(15_550_100), "to.SMS", "expected a text"),
        ("/to/EMAIL", json!("ada"), "to.EMAIL", ADDRESS),
        (
            "/to/EMAIL",
            json!("a@example.com\r\nBcc: b@example.com"),
            "to.EMAIL",
            ADDRESS,
        ),
        (
            "/to/EMAIL",
            json!("a@example.com,b@example.com"),
            "to.EMAIL",
            ADDRESS,
        ),
        ("/to/LINE", json!("a\u{0}"), "to.LINE", &wordy(1, 254)),
        ("/content", json!(null), "content", "is missing"),
        ("/content", json!("hello"), "content", "expected an object"),
        ("/content/text", json!(null), "content.text", "is missing"),
        ("/content/text", json!(""), "content.text", &wordy(1, 4_096)),
        (
            "/content/text",
            json!(long),
            "content.text",
            &wordy(1, 4_096),
        ),
        (
            "/content/subject",
            json!("a\nb"),
            "content.subject",
            &wordy(1, 250),
        ),
        (
            "/content/html",
            json!("<b>"),
            "content.html",
            "is not known; expected text, subject",
        ),
        ("/plan", json!(null), "plan", "is missing"),
        ("/plan", json!("opt"), "plan", PLANS),
        ("/plan", json!(["otp"]), "plan", PLANS),
        ("/plan", json!({}), "plan.steps", "is missing"),
        ("/plan/steps", json!({}), "plan.steps", "expected a list"),
        (
            "/plan/steps",
            json!([]),
            "plan.steps",
            "expected 1 to 8 steps",
        ),
        (
            "/plan/double",
            json!("maybe"),
            "plan.double",
            "expected one of harmless, never",
        ),
        (
            "/plan/ttl_within_wait",
            json!(1),
            "plan.ttl_within_wait",
            "expected true or false",
        ),
        (
            "/plan/steps/1",
            json!("SMS"),
            "plan.steps[1]",
            "expected an object",
        ),
        (
            "/plan/steps/1/channel",
            json!("FAX"),
            "plan.steps[1].channel",
            CHANNELS,
        ),
        (
            "/plan/steps/1/channel",
            json!("RCS"),
            "plan.steps[1].channel",
            "`to` has no RCS",
        ),
        (
            "/plan/steps/1/wait",
            json!("30s"),
            "plan.steps[1].wait",
            DURATION,
        ),
        (
            "/plan/steps/1/wait",
            json!("PT29S"),
            "plan.steps[1].wait",
            "expected 30 s to 259200 s",
        ),
        (
            "/plan/steps/0/until",
            json!("sent"),
            "plan.steps[0].until",
            "expected one of delivered, read",
        ),
        (
            "/plan/steps/0/tries",
            json!(0),
            "plan.steps[0].tries",
            "expected 1 to 5",
        ),
        (
            "/plan/steps/0/tries",
            json!(1.5),
            "plan.steps[0].tries",
            "expected a whole number",
        ),
        (
            "/plan/steps/0/backoff/1",
            json!("soon"),
            "plan.steps[0].backoff[1]",
            DURATION,
        ),
        ("/deadline", json!(null), "deadline", "is missing"),
        ("/deadline", json!("10 minutes"), "deadline", DURATION),
        (
            "/deadline",
            json!("PT0S"),
            "deadline",
            "has passed: expected a duration of at least a second",
        ),
        (
            "/deadline",
            json!("P31D"),
            "deadline",
            "expected at most 30 days",
        ),
        (
            "/valid_until",
            json!("tomorrow"),
            "valid_until",
            "expected a moment such as 2026-11-25T10:00:11Z",
        ),
        (
            "/valid_until",
            json!("2026-11-25T10:00:11Z"),
            "valid_until",
            "has passed",
        ),
        (
            "/valid_until",
            json!("2026-11-25T10:05:00Z"),
            "valid_until",
            "lies before the deadline",
        ),
        (
            "/valid_until",
            json!("2027-11-25T10:05:00Z"),
            "valid_until",
            "lies more than 30 days ahead",
        ),
        (
            "/quiet_hours/from",
            json!("24:00"),
            "quiet_hours.from",
            "expected a time of day from 00:00 to 23:59",
        ),
        (
            "/quiet_hours/zone",
            json!("Mars"),
            "quiet_hours.zone",
            "expected a time zone of the IANA database, such as Europe/Stockholm",
        ),
        (
            "/metadata",
            json!("m".repeat(1_025)),
            "metadata",
            &wordy(0, 1_024),
        ),
        (
            "/sent/message_id",
            json!(""),
            "sent.message_id",
            &wordy(1, 254),
        ),
        ("/sent/channel", json!("FAX"), "sent.channel", CHANNELS),
        (
            "/quite_hours",
            json!({}),
            "quite_hours",
            "is not known; expected key, to, content, plan, deadline, valid_until, quiet_hours, metadata, sent",
        ),
    ] {
        let found = faults(&with(path, value.clone()));
        assert_eq!(
            found,
            [(field.to_owned(), expected.to_owned())],
            "{path} {value}"
        );
    }
    assert_eq!(faults(&good()), []);
    assert_eq!(faults(&with("/plan", own_plan())), []);
    let error = Request::parse(b"{", NOW).unwrap_err();
    assert_eq!(error.to_string(), "expected a JSON object");
}

#[test]
fn nobody_to_reach_is_said_with_all_else_that_is_wrong() {
    for to in [json!({}), json!(null)] {
        let mut document = with("/to", to);
        document["deadline"] = json!("PT0S");
        document["plan"] = json!("call");
        let fields: Vec<_> = faults(&document)
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(fields, ["to", "plan", "deadline"]);
    }
}

#[test]
fn a_receipt_only_needs_what_was_sent_and_nothing_to_send() {
    let bare = json!({"key": "k", "plan": "receipt-only", "deadline": "PT1H",
        "sent": {"message_id": "01M", "channel": "WHATSAPP"}});
    assert_eq!(faults(&bare), []);
    assert!(fits(&bare));
    let mut without = bare;
    without["sent"] = json!(null);
    let expected = "is missing: receipt-only watches what you have sent".to_owned();
    assert_eq!(faults(&without), [("sent".to_owned(), expected)]);
}

fn intent(document: &Value) -> Intent {
    let request = Request::parse(document.to_string().as_bytes(), NOW).unwrap();
    let id = IntentId::new(NOW, [1; 10]);
    request.into_intent(id, &ForgetKey::new([7; 64]), Mode::On, NOW)
}

#[test]
fn what_was_sent_is_the_first_step_whatever_the_order_of_channels() {
    let mut document = with("/to/WHATSAPP", json!("+15550100"));
    document["sent"]["channel"] = json!("WHATSAPP");
    let intent = intent(&document);
    let channels: Vec<_> = intent
        .plan()
        .steps()
        .iter()
        .map(|step| step.channel)
        .collect();
    assert_eq!(channels, [Channel::WhatsApp, Channel::Sms, Channel::Email]);
    assert_eq!(intent.attempts()[0].message_id(), Some("01M"));
    let mut other = with("/plan", own_plan());
    other["sent"]["channel"] = json!("EMAIL");
    let expected = "expected the channel of the plan's first step".to_owned();
    assert_eq!(faults(&other), [("sent.channel".to_owned(), expected)]);
}

#[test]
fn the_same_request_is_the_same_whenever_it_is_valid_and_another_is_not() {
    let first = intent(&good());
    assert!(first.is_same(&intent(&with("/valid_until", json!(null)))));
    assert!(first.is_same(&intent(&with(
        "/valid_until",
        json!("2026-11-26T10:00:00Z")
    ))));
    for (path, value) in [
        ("/key", json!("login-7f3b")),
        ("/to/SMS", json!("+15550101")),
        ("/to/RCS", json!("+15550101")),
        ("/content/text", json!("Your code is 314159")),
        ("/content/subject", json!(null)),
        ("/plan", json!("notification")),
        ("/plan", own_plan()),
        ("/deadline", json!("PT11M")),
        ("/quiet_hours", json!(null)),
        ("/quiet_hours/zone", json!("UTC")),
        ("/metadata", json!("order 8")),
        ("/sent", json!(null)),
        ("/sent/message_id", json!("02M")),
    ] {
        assert!(
            !first.is_same(&intent(&with(path, value.clone()))),
            "{path} {value}"
        );
    }
}

#[test]
fn an_intent_reads_back_from_its_record_and_shows_neither_content_nor_identity() {
    for document in [good(), with("/plan", own_plan())] {
        let intent = intent(&document);
        assert_eq!(Intent::decode(&intent.encode()).as_ref(), Some(&intent));
        let shown = [
            format!("{intent:?}"),
            serde_json::to_string(&intent.view()).unwrap(),
        ];
        for text in shown {
            for secret in ["271828", "15550100", "ada@", "Your code"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
    assert_eq!(Intent::decode(r#"{"form":2}"#), None);
    let newer = intent(&good())
        .encode()
        .replace(r#""form":1"#, r#""form":2"#);
    assert_eq!(Intent::decode(&newer), None);
}

/// Values that a field may have, good and bad.
fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!({})),
        Just(json!([])),
        Just(json!(true)),
        (0..10_u32).prop_map(|number| json!(number)),
        "[ -~]{0,12}".prop_map(|text| json!(text)),
        "P([0-9]W)?([0-9]{1,2}D)?(T([0-9]{1,2}H)?([0-9]{1,2}M)?([0-9]{1,3}S)?)?"
            .prop_map(|text| json!(text)),
        "[0-2][0-9]:[0-6][0-9]".prop_map(|text| json!(text)),
        prop::sample::select(vec![
            "otp",
            "notification",
            "receipt-only",
            "SMS",
            "EMAIL",
            "RCS",
            "FAX",
            "read",
            "delivered",
            "harmless",
            "never",
            "+4670123456",
            "b@example.org",
            "b@c",
            "a b@example.org",
            "UTC",
            "a\u{0}b",
            "a\nb",
            "é",
        ])
        .prop_map(|text| json!(text)),
    ]
}

const PATHS: [&str; 33] = [
    "/key",
    "/to",
    "/to/SMS",
    "/to/EMAIL",
    "/to/RCS",
    "/to/LINE",
    "/to/FAX",
    "/content",
    "/content/text",
    "/content/subject",
    "/content/html",
    "/plan",
    "/plan/steps",
    "/plan/double",
    "/plan/ttl_within_wait",
    "/plan/steps/0",
    "/plan/steps/0/channel",
    "/plan/steps/0/wait",
    "/plan/steps/0/until",
    "/plan/steps/0/tries",
    "/plan/steps/0/backoff",
    "/plan/steps/0/backoff/0",
    "/plan/steps/1/wait",
    "/deadline",
    "/quiet_hours",
    "/quiet_hours/from",
    "/quiet_hours/to",
    "/metadata",
    "/sent",
    "/sent/message_id",
    "/sent/channel",
    "/other",
    "/valid_until",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// One field of a good request is something else. The schema accepts whatever is parsed, and of what
    /// it accepts, only what it cannot say is refused.
    #[test]
    fn the_schema_says_what_is_parsed(path in prop::sample::select(PATHS.to_vec()), value in values()) {
        let mut document = with(path, value);
        // Null is absent, which a schema has no word for.
        strip(&mut document);
        let faults = faults(&document);
        if faults.is_empty() {
            prop_assert!(fits(&document), "{document}");
        } else if fits(&document) {
            let unsaid = ["deadline", "valid_until", ".wait", ".backoff", "zone", ".channel", "plan.steps"];
            for (field, expected) in faults {
                prop_assert!(unsaid.iter().any(|end| field.ends_with(end)), "{field}: {expected} {document}");
                prop_assert!(expected != DURATION && expected != "expected a text", "{field}: {expected}");
            }
        }
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC{0,200}") {
        let _ = Request::parse(text.as_bytes(), NOW);
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}

#[test]
fn schema_and_parser_have_the_same_bounds() {
    let step = json!({"channel": "SMS", "wait": "PT30S"});
    let of = |letter: &str, count: usize| json!(letter.repeat(count));
    for (path, last, first_too_much) in [
        ("/key", of("k", 100), of("k", 101)),
        ("/to/SMS", of("1", 15), of("1", 16)),
        ("/to/LINE", of("u", 254), of("u", 255)),
        ("/content/text", of("\u{e9}", 4_096), of("\u{e9}", 4_097)),
        ("/content/subject", of("s", 250), of("s", 251)),
        ("/metadata", of("m", 1_024), of("m", 1_025)),
        ("/sent/message_id", of("m", 254), of("m", 255)),
        (
            "/plan/steps",
            json!(vec![step.clone(); 8]),
            json!(vec![step; 9]),
        ),
        ("/plan/steps/0/tries", json!(5), json!(6)),
        (
            "/plan/steps/0/backoff",
            json!(vec!["PT1M"; 8]),
            json!(vec!["PT1M"; 9]),
        ),
    ] {
        let (fitting, too_much) = (with(path, last), with(path, first_too_much));
        assert_eq!(faults(&fitting), [], "{path}");
        assert!(fits(&fitting), "{path}");
        assert_eq!(faults(&too_much).len(), 1, "{path}");
        assert!(!fits(&too_much), "{path}");
    }
}

/// What the schema's tests rest on: it refuses, too.
#[test]
fn the_schema_names_all_channels_and_refuses_what_it_says() {
    assert!(fits(&good()) && fits(&with("/plan", own_plan())));
    for (path, value) in [
        ("/key", json!("a b")),
        ("/to/FAX", json!("1")),
        ("/to", json!({})),
        ("/plan", json!("opt")),
        ("/plan/steps/0/tries", json!(6)),
        ("/deadline", json!("10 minutes")),
        ("/other", json!(1)),
    ] {
        assert!(!fits(&with(path, value.clone())), "{path} {value}");
    }
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(schema["$defs"]["channel"]["enum"], json!(Channel::NAMES));
    let to = schema["properties"]["to"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(to.len(), Channel::NAMES.len());
}
