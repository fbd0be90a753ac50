use alloc::{format, string::ToString};

use serde_json::{Value, json};

use crate::answer;

fn ask(message: &Value) -> Value {
    serde_json::from_str(&answer(message.to_string().as_bytes())).unwrap()
}

const SECRET: &str = "made-up-secret";

/// A callback that is signed at 1000 for the Conversation API.
fn signed() -> Value {
    let signed = ask(&json!({
        "ask": "sign", "scheme": "conversation", "secret": {"text": SECRET}, "url": "https://h/a",
        "body": "{\"a\":1}", "random": "0".repeat(64), "at": 1_000_000_000,
    }));
    signed["curl"].clone()
}

fn inspect(more: &Value) -> Value {
    let mut message = json!({
        "ask": "inspect", "request": {"text": signed()}, "secrets": [{"text": SECRET}],
        "now": 1_000_000_007,
    });
    for (name, value) in more.as_object().unwrap() {
        message[name] = value.clone();
    }
    ask(&message)
}

#[test]
fn a_right_signature_is_accepted_and_shown() {
    let found = inspect(&json!({}));
    assert_eq!(found["report"]["verdict"], "accepted");
    assert_eq!(found["report"]["age_secs"], 7);
    assert_eq!(found["scheme"]["found"], "guessed");
    assert_eq!(found["parts"][0]["shown"]["text"], "{\"a\":1}");
    assert_eq!(
        found["signature"]["theirs"]["text"],
        found["signature"]["ours"][0]["text"]
    );
    assert_eq!(found["signature"]["ours"][0]["differs_at"], Value::Null);
    assert_eq!(found["time"]["is_timely"], true);
    assert_eq!(found["problems"], json!([]));
}

#[test]
fn a_secret_that_looks_like_a_mistake_is_a_cause_and_not_the_end() {
    let found = inspect(&json!({"secrets": [{"text": format!("{SECRET}\n")}]}));
    assert_eq!(found["report"]["code"], "signature_mismatch");
    assert_eq!(
        found["report"]["diagnosis"][0]["code"],
        "secret_has_whitespace"
    );
    assert_eq!(found["problems"][0]["field"], "secret");
    assert_eq!(found["problems"][0]["stops"], false);
}

#[test]
fn what_is_missing_is_asked_for_and_the_rest_is_shown() {
    for (more, field) in [
        (json!({"request": {"text": ""}}), "request"),
        (
            json!({"request": {"text": "curl h -H 'x-sinch-signature: 00' -d @b"}}),
            "body",
        ),
        (
            json!({"request": {"text": "x-sinch-signature: 00"}}),
            "body",
        ),
        (
            json!({"request": {"text": "{}"}, "body": {"text": "x-sinch-signature: 00"}}),
            "request",
        ),
        (json!({"scheme": "fax"}), "scheme"),
        (json!({"scheme": "service", "key": "a:b"}), "key"),
        (
            json!({"scheme": "service", "request": {"text": "x-timestamp: 1"}, "body": {"text": "{}"}}),
            "path",
        ),
        (json!({"secrets": [{"text": ""}]}), "secret"),
        (json!({"scheme": "engage"}), "secret"),
    ] {
        let found = inspect(&more);
        let problems = found["problems"].as_array().unwrap();
        let is_asked = |problem: &Value| problem["field"] == field && problem["stops"] == true;
        assert!(problems.iter().any(is_asked), "{more}: {found}");
        assert_eq!(found["report"], Value::Null, "{more}");
    }
    let without = inspect(&json!({"secrets": []}));
    assert_eq!(without["report"], Value::Null);
    assert_eq!(without["parts"].as_array().unwrap().len(), 5);
}

#[test]
fn the_first_character_that_differs_is_told() {
    let found = inspect(&json!({"secrets": [{"text": "another"}]}));
    let [theirs, ours] = [
        &found["signature"]["theirs"]["text"],
        &found["signature"]["ours"][0]["text"],
    ]
    .map(|text| text.as_str().unwrap());
    let at = usize::try_from(
        found["signature"]["ours"][0]["differs_at"]
            .as_u64()
            .unwrap(),
    )
    .unwrap();
    assert_eq!(theirs.get(..at), ours.get(..at));
    assert_ne!(theirs.get(at..=at), ours.get(at..=at));
    assert!(found["hint"].as_str().unwrap().contains("another secret"));
}

#[test]
fn the_key_that_a_callback_names_is_taken_where_none_is_given() {
    let secret = "MDEyMzQ1Njc4OWFiY2RlZg==";
    let signed = ask(&json!({
        "ask": "sign", "scheme": "service", "key": "a-service", "secret": {"text": secret},
        "url": "https://h/a", "body": "{\"a\":1}", "random": "", "at": 1_000_000_000,
    }));
    let message = |more: Value| {
        let mut message = json!({
            "ask": "inspect", "request": {"text": signed["curl"]}, "secrets": [{"text": secret}],
            "now": 1_000_000_007,
        });
        message["key"] = more;
        ask(&message)
    };
    let taken = message(Value::Null);
    assert_eq!(taken["report"]["verdict"], "accepted", "{taken}");
    assert_eq!(taken["problems"][0]["field"], "key");
    let given = message(json!("another-service"));
    assert_eq!(given["report"]["code"], "unknown_key");
    assert_eq!(given["report"]["diagnosis"][0]["code"], "other_key_id");
}

#[test]
fn what_is_no_message_has_no_answer() {
    for message in ["", "{}", "[]", "{\"ask\":\"else\"}"] {
        assert_eq!(answer(message.as_bytes()), "", "{message}");
    }
}
