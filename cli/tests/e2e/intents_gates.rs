//! What holds a send back besides the switch and the budgets: the hour, and what is known of a person.

use rusqlite::Connection;
use serde_json::{Value, json};
use sinch_callback_server::clock::Clock;

use crate::{
    harness::{NOW, SECRET, binary, eventually, said, signed_as},
    intent_world::{World, code, notice},
};

#[test]
fn what_is_asked_for_in_quiet_hours_waits_for_their_end_on_the_wall_clock_and_says_so() {
    // 23:13:20 in Stockholm, and the last second before 8 o'clock there.
    let (evening, last) = (NOW, NOW + 31_599);
    let mut world = World::start("", &["--clock-at", &evening.to_string()]);
    let mut intent = notice("night", "+15550101");
    intent["quiet_hours"] = json!({"from": "22:00", "to": "08:00", "zone": "Europe/Stockholm"});
    world.accept(&intent);
    let held = world.once("night", "waiting", "quiet_hours");
    assert!(held["look_at"].as_u64().unwrap() > evening, "{held:#}");
    let said = held["log"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&said["what"], &said["why"]),
        (&"wait".into(), &"quiet_hours".into())
    );
    // It is looked at, and waits on.
    world = world.crash_with(&[("--clock-at", &last.to_string())], || ());
    let held = eventually(|| {
        let shown = world.shown("night");
        (shown["look_at"].as_u64() > Some(last)).then_some(shown)
    });
    assert_eq!(held["reason"], "quiet_hours");
    assert_eq!(world.calls("15550101"), [""; 0]);
    // Nothing looks more often than once a minute.
    let morning = last + 60;
    world = world.crash_with(&[("--clock-at", &morning.to_string())], || ());
    let sent = eventually(|| {
        let shown = world.shown("night");
        (shown["attempts"][0]["state"] == "sent").then_some(shown)
    });
    assert_eq!(sent["attempts"][0]["called_at"], morning);
    assert_eq!(world.calls("15550101"), ["SMS"]);
}

/// A body that Sinch's SMS API would send, signed now.
fn deliver(world: &World, nonce: &str, body: &Value) {
    let body = body.to_string();
    let headers = signed_as(SECRET, body.as_bytes(), nonce, Clock::System.now().get());
    assert_eq!(world.receiver.post(&headers, body.as_bytes()).status, 200);
}

#[test]
fn whoever_a_failure_drops_is_sent_nothing_there_until_a_person_lifts_it() {
    let world = World::start("", &[]);
    let mut intent = notice("gone", "+15550101");
    let batch = "01FC66621XXXXX119Z8PMV1QPQ";
    intent["sent"] = json!({"message_id": format!("{batch}:15550101"), "channel": "SMS"});
    world.accept(&intent);
    // Error code 150: unknown subscriber.
    let report = json!({
        "type": "recipient_delivery_report_sms", "batch_id": batch, "recipient": "15550101",
        "code": 150, "status": "Failed", "at": "2023-11-14T22:13:20Z",
    });
    deliver(&world, "nonce-gone", &report);
    let dropped = world.once("gone", "given_up", "dropped");
    assert_eq!(
        dropped["attempts"][0]["failure"]["remedy"],
        "drop_recipient"
    );
    let suppressed = || world.receiver.get("/api/suppressions").json()["suppressions"].clone();
    eventually(|| (suppressed()[0]["why"] == "dropped").then_some(()));
    assert_eq!(
        (&suppressed()[0]["channel"], &suppressed()[0]["count"]),
        (&"SMS".into(), &1.into())
    );
    // The next one is not sent, and says why; another channel is open.
    world.accept(&notice("next", "+15550101"));
    let held = world.once("next", "given_up", "suppressed");
    assert_eq!(held["attempts"], json!([]));
    world.accept(&code("other", "+15550101"));
    world.once("other", "done", "delivered");
    assert_eq!(world.calls("15550101"), ["WHATSAPP"]);
    // Opting in is no proof that the number exists.
    let start =
        json!({"type": "mo_text", "id": "i-1", "from": "15550101", "to": "2440", "body": "START"});
    deliver(&world, "nonce-start", &start);
    world.receiver.settled();
    world.accept(&notice("again", "+15550101"));
    world.once("again", "given_up", "suppressed");
    let lift = json!({"channel": "SMS", "identity": "+15550101"});
    let lifted = world.receiver.ask("/api/suppressions/lift", &lift);
    assert_eq!(lifted.json()["lifted"], json!(["dropped"]));
    world.accept(&notice("lifted", "+15550101"));
    world.once("lifted", "done", "delivered");
    assert_eq!(world.calls("15550101"), ["WHATSAPP", "SMS"]);
}

#[test]
fn a_pause_that_cannot_be_kept_is_told_and_holds_and_one_that_cannot_be_ended_goes_on() {
    let world = World::start("", &[]);
    let blocker = Connection::open(world.receiver.database()).unwrap();
    let pause = |paused: bool| {
        let asked = json!({"paused": paused, "why": "a wrong text"});
        world.receiver.ask("/api/recovery", &asked)
    };
    let paused = || world.receiver.get("/api/recovery").json()["paused"]["why"].clone();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(pause(true).told(), (503, "store_unavailable".into()));
    assert_eq!(paused(), "a wrong text");
    blocker.execute_batch("ROLLBACK").unwrap();
    world.accept(&notice("held", "+15550101"));
    world.once("held", "waiting", "paused");
    // Asked for again, it is kept.
    assert_eq!(pause(true).status, 200);
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(pause(false).told(), (503, "store_unavailable".into()));
    assert_eq!(paused(), "a wrong text");
    blocker.execute_batch("ROLLBACK").unwrap();
    let world = world.crash();
    assert_eq!(
        world.receiver.get("/api/recovery").json()["paused"]["why"],
        "a wrong text"
    );
    assert_eq!(world.calls("15550101"), [""; 0]);
    world
        .receiver
        .ask("/api/recovery", &json!({"paused": false}));
    world.once("held", "done", "delivered");
}

#[test]
fn a_glance_shows_the_mode_the_pause_the_budget_and_the_intents_by_their_state() {
    let folder = tempfile::tempdir().unwrap();
    let stop = folder.path().join("stop");
    let file = stop.display().to_string();
    let refuses = "[[rule]]\nto = \"+15550107\"\nanswer = 400\n";
    let more = ["--recovery-per-hour", "7", "--recovery-stop-file", &file];
    let world = World::start(refuses, &more);
    let data = world.receiver.database();
    let status = |more: &[&str]| {
        let mut command = binary();
        command.arg("status").args(more).arg("--data");
        said(&command.arg(data.parent().unwrap()).output().unwrap())
    };
    let (exit, out, errors) = status(&[]);
    assert_eq!(exit, 0, "{errors}");
    for line in [
        "recovery   on",
        "paused     no",
        "budget     0 of 7 sends this hour; 3 to a person on a day",
        "intents    none",
    ] {
        assert!(out.lines().any(|told| told == line), "{line}: {out}");
    }
    world.accept(&notice("well", "+15550101"));
    world.accept(&notice("refused", "+15550107"));
    world.once("well", "done", "delivered");
    world.once("refused", "needs_person", "request");
    std::fs::write(&stop, "").unwrap();
    let (exit, out, _) = status(&["--json"]);
    assert_eq!(exit, 0);
    let told: Value = serde_json::from_str(&out).unwrap();
    let intents = json!({"done": 1, "needs_person": 1});
    assert_eq!(
        (&told["mode"], &told["intents"], &told["per_hour"]),
        (&"on".into(), &intents, &7.into())
    );
    let why = told["paused"]["why"].as_str().unwrap();
    assert_eq!(why, format!("the stop file {file} is there"));
    let (_, out, _) = status(&[]);
    assert!(out.contains("intents    1 done, 1 needs_person"), "{out}");
    // By the receiver's own clock, one of the hour's sends is left in the budget: the refused one was given
    // back.
    let summary = world.receiver.get("/api/summary").json();
    let recovery = world.receiver.get("/api/recovery").json();
    for shown in [&summary["recovery"], &recovery] {
        assert_eq!(shown["used_this_hour"], 1, "{shown:#}");
        assert_eq!(shown["paused"]["why"], why);
        assert_eq!(shown["intents"], intents);
    }
    // Of a receiver that is off, too.
    std::fs::remove_file(&stop).unwrap();
    let world = world.crash_with(&[("--recovery-mode", "off")], || ());
    let (_, out, _) = status(&[]);
    assert!(out.starts_with("recovery   off\npaused     no\n"), "{out}");
    drop(world);
}
