//! Intents: what is asked for is acted upon once, within every gate, and told.

use serde_json::{Value, json};
use sinch_callback_server::clock::Clock;

use crate::{
    harness::{Receiver, Reply, SECRET, binary, eventually, said, signed_as},
    intent_world::{TEXT, World, code, notice},
};

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
    std::fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
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
    assert_eq!(shown["to"]["SMS"], "+1…01");
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

const TROUBLES: &str = r#"
[[rule]]
name = "fails"
to = "+15550101"
channel = "SMS"
[[rule.report]]
after = "1s"
status = "FAILED"
code = "RECIPIENT_NOT_REACHABLE"

[[rule]]
name = "read"
to = "+15550101"
channel = "WHATSAPP"
[[rule.report]]
after = "1s"
status = "DELIVERED"
[[rule.report]]
after = "2s"
status = "READ"

[[rule]]
name = "silent"
to = "+15550102"
channel = "SMS"
submit_after = "never"

[[rule]]
name = "sent and never answered"
to = "+15550103"
channel = "SMS"
answer = "cut"
sent = true
[[rule.report]]
after = "40s"
status = "DELIVERED"

[[rule]]
name = "error, and nothing comes of it"
to = "+15550104"
answer = 500
sent = false

[[rule]]
name = "late"
to = "+15550105"
channel = "SMS"
submit_after = "never"
[[rule.report]]
after = "50s"
status = "DELIVERED"

[[rule]]
name = "busy at first"
to = "+15550106"
calls = 1
answer = 429

[[rule]]
name = "refused"
to = "+15550107"
answer = 400

[[rule]]
name = "our key is refused"
to = "+15550108"
answer = 403
"#;

#[test]
fn a_code_whose_text_fails_is_read_on_another_channel_and_one_that_is_silent_goes_on_after_its_wait()
 {
    let world = World::start(TROUBLES, &[]);
    let accepted = world.accept(&code("fails", "+15550101"));
    world.accept(&code("silent", "+15550102"));
    world.accept(&code("well", "+15550199"));
    let id = accepted["intent_id"].as_str().unwrap();
    let done = world.once("fails", "done", "read");
    assert_eq!(world.calls("15550101"), ["SMS", "WHATSAPP"]);
    let attempts = done["attempts"].as_array().unwrap();
    assert_eq!(attempts[0]["message_state"], "failed");
    let code = attempts[0]["failure"]["code"].as_str().unwrap();
    assert!(code.starts_with("RECIPIENT_NOT_REACHABLE"), "{code}");
    assert_eq!(attempts[1]["message_state"], "read");
    let sends = world.sinch.written("send");
    let names: Vec<_> = sends
        .iter()
        .filter(|send| send["to"].as_str().unwrap().ends_with("15550101"))
        .map(|send| send["correlation_id"].as_str().unwrap())
        .collect();
    assert_eq!(names, [format!("{id}~1"), format!("{id}~2")]);

    let done = world.once("silent", "done", "delivered");
    assert_eq!(world.calls("15550102"), ["SMS", "WHATSAPP"]);
    let called = |index: usize| done["attempts"][index]["called_at"].as_u64().unwrap();
    assert!(called(1) - called(0) >= 30, "{done:#}");
    assert_eq!(done["attempts"][0]["message_state"], Value::Null);

    world.once("well", "done", "delivered");
    assert_eq!(world.calls("15550199"), ["SMS"]);
    assert!(
        world
            .receiver
            .metric("sinch_callback_attempts_total{channel=\"SMS\",outcome=\"sent\"}")
            > 2.9
    );
    // Content goes with the end, and stands nowhere.
    let (folder, log) = world.receiver.stop();
    let database = std::fs::read(folder.path().join("data/deliveries.sqlite3")).unwrap();
    let text = TEXT.as_bytes();
    assert!(!database.windows(text.len()).any(|window| window == text));
    assert!(!log.contains(TEXT) && !log.contains("15550101"), "{log}");
}

#[test]
fn a_call_of_unknown_outcome_is_not_made_again_unless_a_person_says_so() {
    let world = World::start(TROUBLES, &[]);
    world.accept(&notice("cut", "+15550103"));
    world.accept(&notice("error", "+15550104"));
    // A report that bears the attempt's name resolves it.
    let done = world.once("cut", "done", "delivered");
    assert_eq!(world.calls("15550103"), ["SMS"]);
    assert_eq!(done["attempts"][0]["unresolved"], true);
    let shown = world.shown("error");
    assert_eq!(shown["attempts"][0]["state"], "unresolved", "{shown:#}");
    assert_eq!(world.calls("15550104"), ["SMS"]);
    let cancelled = world.receiver.ask("/api/intents/error/cancel", &json!({}));
    assert_eq!(cancelled.status, 200);
    world.once("error", "given_up", "cancelled");
    assert_eq!(world.calls("15550104"), ["SMS"]);
}

#[test]
fn what_never_left_us_is_planned_again_and_a_refusal_asks_a_person_who_lets_it_run_again() {
    let world = World::start(TROUBLES, &[]);
    world.accept(&notice("busy", "+15550106"));
    world.accept(&notice("refused", "+15550107"));
    world.once("busy", "done", "delivered");
    assert_eq!(world.calls("15550106"), ["SMS", "SMS"]);
    world.once("refused", "needs_person", "request");
    let retried = world.receiver.ask("/api/intents/refused/retry", &json!({}));
    assert_eq!(retried.status, 200, "{}", retried.text());
    eventually(|| (world.calls("15550107").len() == 2).then_some(()));
    let asked = world.once("refused", "needs_person", "request");
    assert_eq!(asked["attempts"].as_array().unwrap().len(), 2);
    let (exit, out, errors) = command(&world.receiver, &["retry", "refused"]);
    assert_eq!(
        (exit, &*out),
        (0, "its last step runs again, with all its tries\n"),
        "{errors}"
    );
    eventually(|| (world.calls("15550107").len() == 3).then_some(()));
    world.once("refused", "needs_person", "request");
    let needs_person = "sinch_callback_intents{state=\"needs_person\"}";
    assert!((world.receiver.metric(needs_person) - 1.0).abs() < 0.1);
}

#[test]
fn credentials_that_are_refused_pause_everything_and_no_intent_is_given_up_for_them() {
    let world = World::start(TROUBLES, &[]);
    world.accept(&notice("ours", "+15550108"));
    let paused = eventually(|| {
        let paused = world.receiver.get("/api/recovery").json()["paused"].clone();
        (!paused.is_null()).then_some(paused)
    });
    assert!(paused["why"].as_str().unwrap().contains("403"), "{paused}");
    // Once at first, and once more with a new token.
    assert_eq!(world.calls("15550108"), ["SMS", "SMS"]);
    world.accept(&notice("others", "+15550199"));
    world.once("others", "waiting", "paused");
    assert_eq!(world.shown("ours")["state"], "waiting");
    assert_eq!(world.calls("15550199"), [""; 0]);
}

#[test]
fn a_success_that_comes_late_beside_its_fallback_is_told_as_such() {
    let world = World::start(TROUBLES, &[]);
    world.accept(&code("late", "+15550105"));
    world.once("late", "done", "delivered");
    let doubled = "sinch_callback_intent_events_total{kind=\"intent.doubled\"}";
    eventually(|| (world.receiver.metric(doubled) > 0.9).then_some(()));
    assert_eq!(world.calls("15550105"), ["SMS", "WHATSAPP"]);
}

#[test]
fn the_kill_switch_stops_sends_within_five_seconds_by_a_file_and_by_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let stop = folder.path().join("stop");
    std::fs::write(&stop, "").unwrap();
    let file = stop.display().to_string();
    let world = World::start("", &["--recovery-stop-file", &file]);
    world.accept(&notice("by-file", "+15550101"));
    world.once("by-file", "waiting", "paused");
    let why = world.receiver.get("/api/recovery").json()["paused"]["why"].clone();
    assert!(why.as_str().unwrap().starts_with("the stop file "), "{why}");
    // A pause of the API is another one, and the file's end is not its end.
    world
        .receiver
        .ask("/api/recovery", &json!({"paused": true}));
    std::fs::remove_file(&stop).unwrap();
    assert_eq!(
        world.receiver.get("/api/recovery").json()["paused"]["why"],
        "by the API"
    );
    assert_eq!(world.calls("15550101"), [""; 0]);
    world
        .receiver
        .ask("/api/recovery", &json!({"paused": false}));
    world.once("by-file", "done", "delivered");
    std::fs::write(&stop, "").unwrap();
    world.accept(&notice("stopped", "+15550102"));
    world.once("stopped", "waiting", "paused");
    assert_eq!(world.calls("15550102"), [""; 0]);
}

#[test]
fn a_budget_stops_a_flood_to_one_person_and_one_to_everybody() {
    let world = World::start("", &["--recovery-per-hour", "5"]);
    for number in 0..6 {
        world.accept(&notice(&format!("one-{number}"), "+15550101"));
    }
    eventually(|| {
        let page = world.receiver.get("/api/intents?state=done").json();
        (page["intents"].as_array().unwrap().len() == 3).then_some(())
    });
    let waiting = world.receiver.get("/api/intents?state=waiting").json();
    let waiting = waiting["intents"].as_array().unwrap();
    assert_eq!(waiting.len(), 3, "{waiting:#?}");
    assert_eq!(world.calls("15550101").len(), 3);
    // Two of the hour's five are left.
    for number in 2..6 {
        world.accept(&notice(
            &format!("all-{number}"),
            &format!("+1555010{number}"),
        ));
    }
    eventually(|| (world.sinch.written("send").len() == 5).then_some(()));
    eventually(|| {
        (world.receiver.metric("sinch_callback_budget_reached_total") > 4.9).then_some(())
    });
    assert_eq!(world.sinch.written("send").len(), 5);
}

#[test]
fn whoever_has_opted_out_is_sent_nothing_there_until_they_opt_in() {
    let world = World::start("", &[]);
    let say = |word: &str| {
        let body = format!(
            r#"{{"type":"mo_text","id":"{word}","from":"15550101","to":"2440","body":"{word}"}}"#
        );
        let now = Clock::System.now().get();
        let headers = signed_as(SECRET, body.as_bytes(), word, now);
        assert_eq!(world.receiver.post(&headers, body.as_bytes()).status, 200);
    };
    let count = || world.receiver.get("/api/suppressions").json()["suppressions"].clone();
    say("STOP");
    eventually(|| (count()[0]["count"] == 1).then_some(()));
    world.accept(&code("other", "+15550101"));
    world.once("other", "done", "delivered");
    assert_eq!(world.calls("15550101"), ["WHATSAPP"]);
    world.accept(&notice("none", "+15550101"));
    world.once("none", "given_up", "suppressed");
    say("START");
    eventually(|| (count() == json!([])).then_some(()));
    world.accept(&notice("again", "+15550101"));
    world.once("again", "done", "delivered");
    assert_eq!(world.calls("15550101"), ["WHATSAPP", "SMS"]);
}

#[test]
fn an_intent_whose_first_send_was_somebody_else_s_hears_of_its_message() {
    let world = World::start(TROUBLES, &[]);
    let sent = world.sinch.send("SMS", "+15550101", "not-ours");
    let message_id = sent.json()["message_id"].clone();
    let intent = with(
        code("theirs", "+15550101"),
        "sent",
        json!({"message_id": message_id, "channel": "SMS"}),
    );
    world.accept(&intent);
    let done = world.once("theirs", "done", "read");
    assert_eq!(done["attempts"][0]["by_others"], true);
    assert_eq!(done["attempts"][0]["message_state"], "failed");
    assert_eq!(world.calls("15550101"), ["SMS", "WHATSAPP"]);
}

#[test]
fn an_intent_is_cancelled_by_the_api_and_by_the_command_while_it_waits() {
    let world = World::start("", &[]);
    world
        .receiver
        .ask("/api/recovery", &json!({"paused": true}));
    for key in ["by-api", "by-command"] {
        world.accept(&notice(key, "+15550101"));
    }
    let cancelled = world.receiver.ask("/api/intents/by-api/cancel", &json!({}));
    assert_eq!(
        (cancelled.status, &cancelled.json()["under_way"]),
        (200, &Value::Null)
    );
    world.once("by-api", "given_up", "cancelled");
    let (exit, out, errors) = command(&world.receiver, &["cancel", "by-command"]);
    assert_eq!(
        (exit, &*out),
        (0, "cancelled: nothing more is sent\n"),
        "{errors}"
    );
    world.once("by-command", "given_up", "cancelled");
    world
        .receiver
        .ask("/api/recovery", &json!({"paused": false}));
    assert_eq!(world.calls("15550101"), [""; 0]);
}
