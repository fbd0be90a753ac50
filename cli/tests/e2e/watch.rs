//! Watched messages, silence, and callbacks that stop. Hours pass in seconds on a fast clock, and nothing
//! waits but for the other process.

use std::{collections::BTreeMap, net::TcpListener};

use serde_json::Value;

use crate::{
    harness::{
        NOW, Receiver, Reply, binary, connect, deliver, eventually, exchange, now, report, request,
        said,
    },
    notify::{Target, event, take},
};

fn ask(receiver: &Receiver, body: &str) -> Reply {
    let json = [("content-type", "application/json".into())];
    let request = request("POST", "/api/watches", &json, body.as_bytes());
    exchange(&mut connect(receiver.admin), &request)
}

fn watch(receiver: &Receiver, message: &str, deadline: &str) -> Value {
    let body = format!(r#"{{"message_id":"{message}","deadline":"{deadline}"}}"#);
    let reply = ask(receiver, &body);
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()
}

/// The message, its next deadline, and why, of each that is listed.
fn listed(receiver: &Receiver) -> Vec<(String, u64, String)> {
    let page = receiver.get("/api/watches").json();
    let rows = page["watches"].as_array().unwrap().iter();
    rows.map(|row| {
        let due = &row["dues"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&row["message_id"]),
            due["deadline"].as_u64().unwrap(),
            text(&due["cause"]),
        )
    })
    .collect()
}

fn submission(message: &str) -> String {
    format!(
        r#"{{"event_time":"2023-11-14T22:13:20Z","correlation_id":"order-{message}","message_submit_notification":{{"message_id":"{message}","channel_identity":{{"channel":"SMS","identity":"12025550147"}}}}}}"#
    )
}

#[test]
fn a_watch_is_kept_across_a_restart_and_ends_with_its_message() {
    let receiver = Receiver::start_with(&["--overdue-after", "PT30M"]);
    let watching = watch(&receiver, "m-1", "PT10M");
    assert_eq!(watching["deadline"], NOW + 600);
    assert_eq!(watching["watch"], "watching");
    let again = ask(
        &receiver,
        r#"{"message_id":"m-1","deadline":"2023-11-14T22:23:20Z"}"#,
    );
    assert_eq!(
        (again.status, &again.json()["watch"]),
        (200, &"same".into())
    );
    watch(&receiver, "m-2", "PT5M");
    receiver.deliver(&submission("m-3"));
    let receiver = Receiver::start_in(receiver.kill(), &["--overdue-after", "never"]);
    let watched = |message: &str, after, cause: &str| (message.into(), NOW + after, cause.into());
    assert_eq!(
        listed(&receiver),
        [
            watched("m-2", 300, "watched"),
            watched("m-1", 600, "watched"),
            watched("m-3", 1_800, "submitted"),
        ]
    );
    assert_eq!(receiver.metric("sinch_callback_watched"), 3.0);
    let page = receiver.get("/api/watches?limit=2").json();
    let rest = format!(
        "/api/watches?after={}",
        page["next_after"].as_str().unwrap()
    );
    let rest = receiver.get(&rest).json();
    assert_eq!(rest["watches"][0]["message_id"], "m-3");
    assert_eq!(rest["next_after"], Value::Null);

    // Nothing is known of the message yet, and it is shown all the same.
    let message = receiver.message("m-1");
    assert_eq!(
        (&message["state"], &message["version"]),
        (&Value::Null, &0.into())
    );
    let data = receiver.database();
    let mut status = binary();
    status.args(["status", "m-1", "--data"]);
    let shown = said(&status.arg(data.parent().unwrap()).output().unwrap());
    assert_eq!(shown.0, 0, "{shown:?}");
    assert!(shown.1.starts_with("m-1  watched\n"), "{shown:?}");
    assert!(shown.1.contains("until 2023-11-14"), "{shown:?}");

    receiver.deliver(&report("m-1", "DELIVERED"));
    receiver.deliver(&report("m-3", "QUEUED_ON_CHANNEL"));
    // No wait is set now, and the one that was stays.
    receiver.deliver(&submission("m-4"));
    let messages: Vec<_> = listed(&receiver).into_iter().map(|row| row.0).collect();
    assert_eq!(messages, ["m-2", "m-3"]);
    let ended = ask(&receiver, r#"{"message_id":"m-1","deadline":"PT1M"}"#);
    assert_eq!(
        (ended.status, &ended.json()["watch"]),
        (200, &"ended".into())
    );
}

#[test]
fn what_is_wrong_with_a_watch_is_told_by_its_field() {
    let receiver = Receiver::start();
    for (body, field) in [
        (r#"{"deadline":"PT1M"}"#, "message_id: "),
        (r#"{"message_id":"","deadline":"PT1M"}"#, "message_id: "),
        (r#"{"message_id":"m"}"#, "deadline: "),
        (r#"{"message_id":"m","deadline":"tomorrow"}"#, "deadline: "),
        (
            r#"{"message_id":"m","deadline":"2023-11-14T22:13:20Z"}"#,
            "deadline: ",
        ),
        (r#"{"message_id":"m","deadline":"P31D"}"#, "deadline: "),
        (r#"{"message_id":"m","dead_line":"PT1M"}"#, "expected "),
        ("", "expected "),
    ] {
        let reply = ask(&receiver, body);
        assert_eq!(reply.told(), (400, "malformed_watch".into()), "{body}");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(field), "{body}: {detail}");
    }
    // As a page of another origin could send it without asking.
    let simple = [("content-type", "text/plain".into())];
    let simple = request("POST", "/api/watches", &simple, br#"{"message_id":"m"}"#);
    let refused = exchange(&mut connect(receiver.admin), &simple);
    assert_eq!(refused.status, 415);
    let rebound = request(
        "POST",
        "/api/watches",
        &[("host", "other.example".into())],
        b"{}",
    );
    let refused = exchange(&mut connect(receiver.admin), &rebound);
    assert_eq!(refused.status, 403);
    for number in 0..8 {
        watch(&receiver, "m", &format!("PT{}M", number + 1));
    }
    let full = ask(&receiver, r#"{"message_id":"m","deadline":"PT9M"}"#);
    assert_eq!(full.told(), (409, "too_many_deadlines".into()));
    let page = receiver.get("/api/watches?after=yesterday");
    assert_eq!(page.told(), (400, "malformed_query".into()));
    assert_eq!(listed(&receiver).len(), 1);
}

fn fast(target: &Target, speed: &str, more: &[&str]) -> Receiver {
    let arguments = target.arguments(&["--clock-speed", speed]);
    let arguments = arguments
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied());
    Receiver::start_with(&arguments.collect::<Vec<_>>())
}

fn taken(listener: &TcpListener) -> Value {
    event(&take(listener, 200).1)
}

#[test]
fn a_silent_message_is_told_within_a_minute_of_its_deadline_and_once() {
    /// The issue's, in seconds.
    const MOST: u64 = 60;
    let target = Target {
        events: "final",
        ..Target::new()
    };
    let receiver = fast(&target, "20", &["--overdue-after", "PT40S"]);
    deliver(&receiver, &submission("submitted"));
    for number in 0..8 {
        watch(
            &receiver,
            &format!("m-{number}"),
            &format!("PT{}S", 20 + number),
        );
    }
    deliver(&receiver, &report("m-7", "DELIVERED"));
    assert_eq!(taken(&target.listener)["type"], "delivery.delivered");
    let mut told = BTreeMap::new();
    let mut latest = 0;
    for _ in 0..8 {
        let event = taken(&target.listener);
        assert_eq!(event["type"], "delivery.overdue", "{event}");
        assert_eq!(
            (&event["state"], &event["final"]),
            (&Value::Null, &false.into())
        );
        let deadline = event["deadline"].as_u64().unwrap();
        latest = latest.max(
            now(&receiver)
                .checked_sub(deadline)
                .expect("not before its time"),
        );
        let message = event["message_id"].as_str().unwrap().to_owned();
        told.insert(message, event["cause"].as_str().unwrap().to_owned());
    }
    assert_eq!(told.len(), 8, "each once: {told:?}");
    assert_eq!(told["m-0"], "watched");
    assert_eq!(told["submitted"], "submitted");
    println!("figure overdue_told_within_s {latest}");
    assert!(latest <= MOST, "{latest} s");
    assert_eq!(receiver.metric("sinch_callback_overdue_total"), 8.0);
    // Late, and told as ever; nothing else is.
    deliver(&receiver, &report("m-0", "DELIVERED"));
    let late = taken(&target.listener);
    assert_eq!(
        (&late["type"], &late["message_id"]),
        (&"delivery.delivered".into(), &"m-0".into())
    );
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));
    assert_eq!(receiver.metric("sinch_callback_events_sent_total"), 10.0);
}

#[test]
fn callbacks_that_stop_are_told_with_the_first_one_back() {
    let target = Target::new();
    let receiver = fast(&target, "20", &["--callbacks-stopped-after", "PT20S"]);
    for number in 0..5 {
        watch(&receiver, &format!("m-{number}"), "PT10M");
    }
    let stopped = taken(&target.listener);
    assert_eq!(stopped["type"], "callbacks.stopped");
    assert_eq!(stopped["last_callback_at"], Value::Null);
    assert_eq!(receiver.metric("sinch_callback_callbacks_stopped"), 1.0);
    assert_eq!(
        receiver.get("/api/summary").json()["listening"]["callbacks"],
        "stopped"
    );
    deliver(&receiver, r#"{"contact_create_notification":{}}"#);
    let resumed = taken(&target.listener);
    assert_eq!(resumed["type"], "callbacks.resumed");
    assert_eq!(receiver.metric("sinch_callback_callbacks_stopped"), 0.0);
    let (_, log) = receiver.stop();
    assert_eq!(
        log.matches("no callback comes any more").count(),
        1,
        "{log}"
    );
}
