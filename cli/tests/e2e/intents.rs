//! Intents: what is asked for is acted upon once, within every gate, and told.

use serde_json::{Value, json};

use crate::harness::{Receiver, Reply, binary, eventually, said};

/// What is to be said, which no log, view or event may hold.
const TEXT: &str = "Your made-up code is 4711";

/// A code to a person with a number.
fn code(key: &str, number: &str) -> Value {
    json!({
        "key": key,
        "to": {"SMS": number, "WHATSAPP": number},
        "content": {"text": TEXT},
        "plan": "otp",
        "deadline": "PT10M",
    })
}

fn with(mut intent: Value, field: &str, value: Value) -> Value {
    intent[field] = value;
    intent
}

/// A receiver that decides everything and sends nothing.
fn rehearsing(more: &[&str]) -> Receiver {
    Receiver::start_with(&[&["--recovery-mode", "dry-run"], more].concat())
}

fn code_of(reply: &Reply) -> (u16, String) {
    (
        reply.status,
        reply.json()["code"].as_str().unwrap_or_default().to_owned(),
    )
}

/// What the command says beside the receiver.
fn command(receiver: &Receiver, arguments: &[&str]) -> (i32, String, String) {
    let data = receiver.database();
    let mut command = binary();
    command.arg("intents").args(arguments);
    command.arg("--data").arg(data.parent().unwrap());
    said(&command.output().unwrap())
}

#[test]
fn nothing_is_taken_unless_it_is_switched_on_and_on_needs_something_to_send_with() {
    let receiver = Receiver::start();
    let reply = receiver.ask("/api/intents", &code("login-1", "+15550101"));
    assert_eq!(reply.told(), (503, "recovery_off".into()));
    assert_eq!(receiver.get("/api/recovery").json()["mode"], "off");

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), crate::harness::SECRET).unwrap();
    for (more, told) in [
        (&["--recovery-mode", "on"][..], "nothing to send with"),
        (
            &["--recovery-mode", "on", "--recovery-project-id", "p"],
            "--recovery-app-id and --recovery-credentials-file is missing",
        ),
    ] {
        let mut command = binary();
        command.args(Receiver::arguments(folder.path(), more));
        let (exit, _, errors) = said(&command.output().unwrap());
        assert_eq!(exit, 2, "{errors}");
        assert!(errors.contains(told), "{errors}");
    }
}

#[test]
fn what_is_wrong_with_a_request_is_named_by_its_field() {
    let receiver = rehearsing(&[]);
    let good = || code("login-1", "+15550101");
    for (intent, field) in [
        (with(good(), "key", json!("two words")), "key"),
        (with(good(), "to", json!({})), "to"),
        (with(good(), "to", json!({"PIGEON": "home"})), "to.PIGEON"),
        (with(good(), "plan", json!("opt")), "plan"),
        (with(good(), "deadline", json!("soon")), "deadline"),
        (
            with(good(), "valid_until", json!("2001-01-01T00:00:00Z")),
            "valid_until",
        ),
        (with(good(), "contents", json!({})), "contents"),
    ] {
        let reply = receiver.ask("/api/intents", &intent);
        assert_eq!(code_of(&reply), (400, "invalid_intent".into()), "{field}");
        let faults = reply.json()["faults"].clone();
        let faults = faults.as_array().unwrap();
        assert!(
            faults.iter().any(|fault| fault["field"] == field),
            "{field}: {faults:?}"
        );
    }
    // A page that its visitor's browser has opened cannot send JSON here unasked.
    let body = good().to_string();
    let kind = [("content-type", "text/plain".to_owned())];
    let request = crate::harness::request("POST", "/api/intents", &kind, body.as_bytes());
    let reply = crate::harness::exchange(&mut crate::harness::connect(receiver.admin), &request);
    assert_eq!(reply.told(), (415, "not_json".into()));
    assert_eq!(receiver.get("/api/intents").json()["intents"], json!([]));
}

#[test]
fn the_same_request_is_the_same_intent_and_another_one_under_its_key_is_refused() {
    let receiver = rehearsing(&[]);
    let first = receiver.ask("/api/intents", &code("login-1", "+15550101"));
    assert_eq!(first.status, 201, "{}", first.text());
    let id = first.json()["intent_id"].clone();
    // `valid_until` is computed anew by who asks again.
    let again = with(
        code("login-1", "+15550101"),
        "valid_until",
        json!("2023-11-15T00:00:00Z"),
    );
    for same in [code("login-1", "+15550101"), again] {
        let reply = receiver.ask("/api/intents", &same);
        assert_eq!((reply.status, &reply.json()["intent_id"]), (200, &id));
    }
    let other = receiver.ask("/api/intents", &code("login-1", "+15550102"));
    assert_eq!(other.told(), (409, "key_in_use".into()));
    let list = receiver.get("/api/intents").json();
    assert_eq!(list["intents"].as_array().unwrap().len(), 1);
    assert_eq!(receiver.get("/api/intents/none").status, 404);
}

#[test]
fn a_dry_run_shows_each_decision_and_sends_nothing_and_hides_whom_and_what() {
    let receiver = rehearsing(&[]);
    receiver.ask("/api/intents", &code("login-1", "+15550101"));
    let shown = eventually(|| {
        let shown = receiver.get("/api/intents/login-1").json();
        (shown["reason"] == "dry_run").then_some(shown)
    });
    assert_eq!(shown["state"], "given_up");
    assert_eq!(shown["attempts"], json!([]));
    assert_eq!(shown["to"]["SMS"], "…01");
    let text = shown.to_string();
    assert!(!text.contains(TEXT) && !text.contains("15550101"), "{text}");
    let (exit, out, _) = command(&receiver, &["show", "login-1"]);
    assert_eq!(exit, 0);
    assert!(out.starts_with("login-1  given_up\n"), "{out}");
    assert!(out.contains("given_up        dry_run"), "{out}");
    assert!(!out.contains(TEXT) && !out.contains("15550101"), "{out}");
    let (exit, out, _) = command(&receiver, &["--json"]);
    assert_eq!(exit, 0);
    let listed: Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!(
        (&listed["key"], &listed["state"]),
        (&json!("login-1"), &json!("given_up"))
    );
    assert!((receiver.metric("sinch_callback_intents{state=\"given_up\"}") - 1.0).abs() < 0.1);
    let (_, log) = receiver.stop();
    assert!(!log.contains(TEXT) && !log.contains("15550101"));
}

#[test]
fn what_has_ended_is_neither_cancelled_nor_tried_again_and_what_is_unknown_is_told_so() {
    let receiver = rehearsing(&[]);
    receiver.ask("/api/intents", &code("login-1", "+15550101"));
    eventually(|| {
        let shown = receiver.get("/api/intents/login-1").json();
        (shown["state"] == "given_up").then_some(())
    });
    for (what, told) in [("cancel", "intent_ended"), ("retry", "nobody_was_asked")] {
        let reply = receiver.ask(&format!("/api/intents/login-1/{what}"), &json!({}));
        assert_eq!(reply.told(), (409, told.into()));
        let reply = receiver.ask(&format!("/api/intents/none/{what}"), &json!({}));
        assert_eq!(reply.told(), (404, "unknown_intent".into()));
    }
    let (exit, _, errors) = command(&receiver, &["cancel", "login-1"]);
    assert_eq!(exit, 1);
    assert!(errors.contains("it has ended already"), "{errors}");
    let (exit, _, errors) = command(&receiver, &["retry", "login-1"]);
    assert_eq!(exit, 1);
    assert!(errors.contains("does not wait for a person"), "{errors}");
    for missing in ["show", "cancel", "retry"] {
        let (exit, _, errors) = command(&receiver, &[missing, "none"]);
        assert_eq!(exit, 1);
        assert!(errors.contains("no intent has the key none"), "{errors}");
    }
}

#[test]
fn whoever_is_forgotten_has_no_intents_left_and_a_suppression_stays() {
    let receiver = rehearsing(&[]);
    let stop = r#"{"type":"mo_text","id":"i-1","from":"15550101","to":"2440","body":"STOP"}"#;
    assert_eq!(receiver.deliver(stop).status, 200);
    let suppressed = || {
        let shown = receiver.get("/api/suppressions").json();
        shown["suppressions"][0].clone()
    };
    eventually(|| (suppressed()["count"] == 1).then_some(()));
    receiver.ask("/api/intents", &code("login-1", "+15550101"));
    receiver.ask("/api/intents", &code("login-2", "+15550102"));
    let mut forget = binary();
    let data = receiver.database();
    forget.args(["forget", "--identity", "+1 (555) 0101", "--data"]);
    forget.arg(data.parent().unwrap());
    let (exit, out, errors) = said(&forget.output().unwrap());
    assert_eq!(exit, 0, "{errors}");
    assert!(out.ends_with(", 1 intents\n"), "{out}");
    assert_eq!(receiver.get("/api/intents/login-1").status, 404);
    assert_eq!(receiver.get("/api/intents/login-2").status, 200);
    assert_eq!(suppressed()["count"], 1);
    assert_eq!(suppressed()["channel"], "SMS");
    assert_eq!(suppressed()["why"], "opted_out");

    let lift = json!({"channel": "SMS", "identity": "+15550101"});
    let lifted = receiver.ask("/api/suppressions/lift", &lift);
    assert_eq!(lifted.json()["lifted"], json!(["opted_out"]));
    assert_eq!(suppressed(), Value::Null);
    let lifted = receiver.ask("/api/suppressions/lift", &lift);
    assert_eq!(lifted.json()["lifted"], json!([]));
}

#[test]
fn a_pause_outlives_a_restart_and_tells_why() {
    let receiver = rehearsing(&[]);
    let paused = receiver.ask(
        "/api/recovery",
        &json!({"paused": true, "why": "a wrong text"}),
    );
    assert_eq!(paused.json()["paused"]["why"], "a wrong text");
    let receiver = Receiver::start_in(receiver.kill(), &["--recovery-mode", "dry-run"]);
    assert_eq!(
        receiver.get("/api/recovery").json()["paused"]["why"],
        "a wrong text"
    );
    assert!((receiver.metric("sinch_callback_sends_paused") - 1.0).abs() < 0.1);
    let going = receiver.ask("/api/recovery", &json!({"paused": false}));
    assert_eq!(going.json()["paused"], Value::Null);
    let malformed = receiver.ask("/api/recovery", &json!({"pause": true}));
    assert_eq!(malformed.told(), (400, "malformed_body".into()));
}
