//! What did not come is asked for: within a budget, through the queue, and without a second effect.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    harness::{Receiver, binary, deliver, eventually, said},
    stand_in::{StandIn, receiver},
};

/// Everything is reported as dispatched, and its end is lost.
const LOST: &str = "
[[rule]]
submit_after = \"never\"
[[rule.report]]
after = \"1ms\"
status = \"QUEUED_ON_CHANNEL\"
[[rule.report]]
after = \"2ms\"
status = \"DELIVERED\"
copies = 0
";

struct Asked {
    code: i32,
    told: Value,
    error: String,
}

/// Asks Sinch, with these arguments besides.
fn reconcile(sinch: &StandIn, receiver: &Receiver, arguments: &[&str]) -> Asked {
    let folder = receiver.folder.path();
    let token = folder.join("token.txt");
    std::fs::write(&token, "made-up-token\n").unwrap();
    let output = binary()
        .args([
            "reconcile",
            "--service-plan",
            "plan",
            "--older-than",
            "0",
            "--json",
            "--sms-token-file",
        ])
        .arg(&token)
        .args(["--sinch-url", &sinch.url(), "--data"])
        .arg(data(folder))
        .args(arguments)
        .output()
        .unwrap();
    let (code, text, error) = said(&output);
    Asked {
        code,
        told: serde_json::from_str(&text).unwrap_or_default(),
        error,
    }
}

fn data(folder: &Path) -> std::path::PathBuf {
    folder.join("data")
}

/// Sends a batch, and gives the ids of its messages once the receiver has heard of them.
fn sent(sinch: &StandIn, receiver: &Receiver, to: &[&str]) -> Vec<String> {
    let batch =
        json!({"from": "shop", "to": to, "body": "Hello", "delivery_report": "per_recipient"});
    let reply = sinch.ask("POST", "/xms/v1/plan/batches", &batch);
    let batch = reply.json()["id"].as_str().unwrap().to_owned();
    let ids = to
        .iter()
        .map(|to| format!("{batch}:{}", to.trim_start_matches('+')));
    let ids: Vec<_> = ids.collect();
    for id in &ids {
        wait_for(receiver, id, "queued");
        // Its end is known at Sinch.
        let (_, number) = id.split_once(':').unwrap();
        let path = format!("/xms/v1/plan/batches/{batch}/delivery_report/{number}");
        eventually(|| {
            let report = sinch.ask("GET", &path, &Value::Null);
            (report.status == 200 && report.json()["status"] == "Delivered").then_some(())
        });
    }
    ids
}

fn wait_for(receiver: &Receiver, id: &str, state: &str) -> Value {
    let path = format!("/api/messages/{id}");
    eventually(|| {
        let found = receiver.get(&path);
        (found.status == 200 && found.json()["state"] == state).then(|| found.json())
    })
}

#[test]
fn a_report_that_was_lost_is_found_once_and_its_callback_has_no_second_effect() {
    let (receiver, url) = receiver();
    let sinch = StandIn::start(LOST, &url, &[]);
    let one = sent(&sinch, &receiver, &["+15550100"]);
    let two = sent(&sinch, &receiver, &["+15550101", "+15550102"]);

    let dry = reconcile(&sinch, &receiver, &["--dry-run"]);
    assert_eq!(
        (dry.code, &dry.told["news"]),
        (0, &json!(2)),
        "{}",
        dry.error
    );
    assert_eq!(wait_for(&receiver, &one[0], "queued")["state"], "queued");

    // A recipient alone, and a batch of which two wait: two calls.
    let found = reconcile(&sinch, &receiver, &[]);
    assert_eq!(found.code, 0, "{}", found.error);
    assert_eq!(
        found.told,
        json!({"dry_run": false, "calls": 2, "found": 2, "news": 2, "unknown": 0, "unread": 0, "not_asked": 0})
    );
    let delivered: Vec<_> = one
        .iter()
        .chain(&two)
        .map(|id| wait_for(&receiver, id, "delivered"))
        .collect();
    let of_log = |message: &Value, field: &str| {
        let entries = message["log"].as_array().unwrap().iter();
        let values = entries.map(|entry| entry[field].as_str().unwrap().to_owned());
        values.collect::<Vec<_>>()
    };
    for message in &delivered {
        assert_eq!(of_log(message, "source"), ["callback", "poll"]);
    }

    // Nothing waits; and what is asked for by name again is known.
    assert_eq!(reconcile(&sinch, &receiver, &[]).told["calls"], 0);
    let batch = one[0].split_once(':').unwrap().0;
    let again = reconcile(&sinch, &receiver, &["--batch", batch]);
    assert_eq!(
        (&again.told["found"], &again.told["news"]),
        (&json!(1), &json!(0))
    );
    let all = reconcile(&sinch, &receiver, &["--last-hours", "24"]);
    assert_eq!(
        (&all.told["found"], &all.told["news"]),
        (&json!(3), &json!(0))
    );

    // The callback comes after all, as Sinch would have sent it.
    let (batch, number) = one[0].split_once(':').unwrap();
    let path = format!("/xms/v1/plan/batches/{batch}/delivery_report/{number}");
    let body = sinch.ask("GET", &path, &Value::Null).text();
    // Of another spacing: what the two say is the same, and their content keys are not.
    let body = body.replace(',', ", ");
    let now = sinch_callback_server::clock::Clock::System.now().get();
    let headers = crate::harness::signed_as(
        crate::harness::SECRET,
        body.as_bytes(),
        "nonce-of-a-late-one",
        now,
    );
    assert_eq!(receiver.post(&headers, body.as_bytes()).status, 200);
    let message = receiver.message(&one[0]);
    assert_eq!(message["state"], "delivered");
    assert_eq!(of_log(&message, "step"), ["moved", "moved", "repeated"]);
    assert_eq!(receiver.get("/api/summary").json()["contradicted"], 0);
}

/// What we have asked for says nothing of whether callbacks reach us.
#[test]
fn what_was_asked_for_is_no_sign_that_callbacks_come() {
    let receiver =
        Receiver::start_with(&["--clock-speed", "20", "--callbacks-stopped-after", "PT20S"]);
    let url = format!("http://{}/callbacks", receiver.address);
    let sinch = StandIn::start(LOST, &url, &[]);
    let id = sent(&sinch, &receiver, &["+15550100"]).remove(0);
    for number in 0..5 {
        let watch = json!({"message_id": format!("m-{number}"), "deadline": "PT10H"});
        assert_eq!(receiver.ask("/api/watches", &watch).status, 201);
    }
    let listening = || receiver.get("/api/summary").json()["listening"].clone();
    let stopped = eventually(|| {
        let listening = listening();
        (listening["callbacks"] == "stopped").then_some(listening)
    });
    // By its name: its last report is of a time that is to come for whoever asks.
    let (batch, _) = id.split_once(':').unwrap();
    let found = reconcile(&sinch, &receiver, &["--batch", batch]);
    assert_eq!(
        (found.code, &found.told["news"]),
        (0, &json!(1)),
        "{}",
        found.error
    );
    wait_for(&receiver, &id, "delivered");
    receiver.settled();
    let after = listening();
    assert_eq!(after["callbacks"], "stopped");
    assert_eq!(after["last_callback_at"], stopped["last_callback_at"]);
    assert!((receiver.metric("sinch_callback_callbacks_stopped") - 1.0).abs() < 0.1);
    deliver(&receiver, r#"{"contact_create_notification":{}}"#);
    eventually(|| (listening()["callbacks"] == "heard").then_some(()));
}

#[test]
fn no_more_calls_are_made_than_allowed_and_what_was_not_asked_is_told() {
    let (receiver, url) = receiver();
    let sinch = StandIn::start(LOST, &url, &[]);
    let ids: Vec<_> = (0..3)
        .flat_map(|_| sent(&sinch, &receiver, &["+15550100"]))
        .collect();
    let calls = |sinch: &StandIn| {
        let mut calls = sinch.written("call");
        calls.retain(|call| call["path"].as_str().unwrap().contains("delivery_report"));
        calls.len()
    };
    let before = calls(&sinch);
    let some = reconcile(&sinch, &receiver, &["--max-calls", "2"]);
    assert_eq!(
        (some.code, &some.told["calls"], &some.told["not_asked"]),
        (1, &json!(2), &json!(1))
    );
    assert_eq!(calls(&sinch) - before, 2);
    let rest = reconcile(&sinch, &receiver, &["--max-calls", "2"]);
    // The first two may still be in the queue: then they are asked about again, to no effect.
    assert!(rest.told["calls"].as_u64().unwrap() <= 2);
    reconcile(&sinch, &receiver, &[]);
    for id in &ids {
        wait_for(&receiver, id, "delivered");
    }
}

#[test]
fn what_sinch_does_not_know_or_refuses_is_told() {
    let (receiver, url) = receiver();
    let sinch = StandIn::start("", &url, &[]);
    let unknown = reconcile(
        &sinch,
        &receiver,
        &["--batch", "01FC66621XXXXX119Z8PMV1QPQ"],
    );
    assert_eq!((unknown.code, &unknown.told["unknown"]), (0, &json!(1)));
    let key = receiver.folder.path().join("key.txt");
    std::fs::write(&key, "key:made-up").unwrap();
    let closed = StandIn::start("", &url, &["--key-file", key.to_str().unwrap()]);
    let refused = reconcile(&closed, &receiver, &["--batch", "b"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .error
            .contains("is the API token one of this service plan?"),
        "{}",
        refused.error
    );
    assert!(!refused.error.contains("made-up-token"));
    let elsewhere = reconcile(&sinch, &receiver, &["--sinch-url", "http://example.com"]);
    assert_eq!(elsewhere.code, 2);
}
