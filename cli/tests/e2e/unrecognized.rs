//! What moves no message is kept, listed and told, and processed again once it is understood.

use std::fs;

use rusqlite::Connection;
use serde_json::{Value, json};
use sinch_callback::{
    UnixSeconds,
    scheme::{AnyScheme, Request, SchemeName, SchemeSigner, ToSign},
};

use crate::harness::{Receiver, binary, exchange, report, request, said, signed};

const SUMMARY: &str = r#"{"type":"delivery_report_sms","batch_id":"b-1","client_reference":"camp-1","total_message_count":3,"statuses":[{"code":402,"status":"Aborted","count":1},{"code":0,"status":"Delivered","count":2}]}"#;

fn listed(receiver: &Receiver) -> Vec<Value> {
    let page = receiver.get("/api/unrecognized").json();
    page["callbacks"].as_array().unwrap().clone()
}

/// A secret that nobody has.
const NUMBERS_SECRET: &str = "made-up-secret-of-numbers";

/// Posts a body as Numbers signs it.
fn deliver_numbers(receiver: &Receiver, body: &str) -> u16 {
    let scheme = AnyScheme::new(SchemeName::Numbers, None).unwrap();
    let signer = SchemeSigner::new(scheme, NUMBERS_SECRET.as_bytes()).unwrap();
    let at = UnixSeconds::new(crate::harness::NOW);
    let what = ToSign::new(Request::post("/numbers"), body.as_bytes(), "", at);
    let signed = signer.sign(&what).unwrap();
    let request = request("POST", "/numbers", &signed.headers, &signed.body);
    exchange(&mut receiver.connect(), &request).status
}

/// A receiver whose events wait, since nobody listens to them.
fn telling() -> Receiver {
    telling_with(&[])
}

fn telling_with(more: &[&str]) -> Receiver {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), crate::harness::SECRET).unwrap();
    let events = folder.path().join("events.txt");
    fs::write(&events, "made-up-secret-for-events").unwrap();
    let events = events.display().to_string();
    let told = [
        "--notify-url",
        "http://127.0.0.1:9/",
        "--notify-secret-file",
    ];
    Receiver::start_in(folder, &[&told[..], &[&events], more].concat())
}

/// The events that wait, with their ids.
fn events(receiver: &Receiver) -> Vec<(String, Value)> {
    Connection::open(receiver.database())
        .unwrap()
        .prepare("SELECT event_id, event FROM outbox ORDER BY seq")
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
        .unwrap()
        .map(|row| {
            row.map(|(id, event)| (id, serde_json::from_str(&event).unwrap()))
                .unwrap()
        })
        .collect()
}

#[test]
fn consent_and_other_products_events_are_told_once_and_not_listed_as_unread() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("numbers.txt");
    fs::write(&file, NUMBERS_SECRET).unwrap();
    let numbers = format!("/numbers=numbers:{}", file.display());
    let receiver = telling_with(&["--endpoint", &numbers]);
    let stop = r#"{"type":"mo_text","id":"1","from":"12025550147","to":"2440","body":"STOP"}"#;
    let hosting = r#"{"eventId":"e","eventType":"HOSTING_PROCESS","status":"COMPLETED"}"#;
    receiver.deliver(stop);
    receiver.settled();
    for nonce in ["01MADEUPNONCE0000000000001", "01MADEUPNONCE0000000000002"] {
        let (secret, now) = (crate::harness::SECRET, crate::harness::NOW);
        let afresh = crate::harness::signed_as(secret, stop.as_bytes(), nonce, now);
        assert_eq!(receiver.post(&afresh, stop.as_bytes()).status, 200);
    }
    for _ in 0..3 {
        assert_eq!(deliver_numbers(&receiver, hosting), 200);
    }
    receiver.deliver(r#"{"type":"mo_text","id":"2","from":"12025550147","body":"thanks"}"#);
    let summary = receiver.settled();
    assert_eq!(summary["unrecognized"], 0);
    assert_eq!(listed(&receiver), [Value::Null; 0]);
    let told = events(&receiver);
    let types: Vec<_> = told.iter().map(|(_, event)| &event["type"]).collect();
    assert_eq!(types, ["contact.opted_out", "numbers.event"]);
    assert_eq!(told[0].1["identity"], "12025550147");
    assert_eq!(told[1].1["about"]["event_id"], "e");

    let page = receiver.get("/api/callbacks?limit=2").json();
    let kept = page["callbacks"].as_array().unwrap();
    let kinds: Vec<_> = kept
        .iter()
        .map(|row| (&row["kind"], &row["repeats"]))
        .collect();
    let [text, numbers] = ["sms_inbound_text", "numbers"].map(Value::from);
    // The guard knows the tag, in which there is no nonce.
    assert_eq!(kinds, [(&text, &0.into()), (&numbers, &0.into())]);
    let older = receiver
        .get(&format!("/api/callbacks?before={}", page["next_before"]))
        .json();
    let key = older["callbacks"][0]["content_key"].as_str().unwrap();
    assert_eq!(older["callbacks"].as_array().unwrap().len(), 1);
    assert_eq!(older["callbacks"][0]["repeats"], 2);
    let body = receiver.get(&format!("/api/callbacks/{key}"));
    assert_eq!((body.status, &*body.body), (200, stop.as_bytes()));
    assert_eq!(receiver.get("/api/callbacks/x").status, 404);
}

#[test]
fn what_names_nobody_is_listed_with_what_it_counts_and_told() {
    let receiver = telling();
    receiver.deliver(SUMMARY);
    receiver.deliver(r#"{"new_kind":{}}"#);
    let summary = receiver.settled();
    assert_eq!(
        (&summary["unrecognized"], &summary["messages"]),
        (&json!(2), &json!(0))
    );

    let listed = listed(&receiver);
    assert_eq!(listed[1]["why"], "names_nobody");
    let batch = json!({"batch_id": "b-1", "client_reference": "camp-1", "total_message_count": 3, "statuses": [
        {"code": "402", "status": "Aborted", "count": 1},
        {"code": "0", "status": "Delivered", "count": 2},
    ]});
    assert_eq!(listed[1]["batch"], batch);
    assert_eq!(listed[0]["batch"], json!(null));

    let mut told = events(&receiver);
    told.sort_by_key(|(_, event)| event["type"].to_string());
    assert_eq!(told[0].1["type"], "delivery.batch");
    assert_eq!(told[0].1["batch"], batch);
    assert_eq!(told[0].1["content_key"], listed[1]["content_key"]);
    assert_eq!(told[1].1["type"], "delivery.unrecognized");
    assert_eq!(told[1].1["why"], "unknown_kind");
    assert_eq!(told[1].0, told[1].1["id"]);
}

#[test]
fn the_body_of_what_is_listed_is_given_byte_for_byte() {
    let receiver = Receiver::start();
    let body = b"\xff\xfe not JSON, and no text";
    assert_eq!(receiver.post(&signed(body), body).status, 200);
    receiver.settled();
    let key = listed(&receiver)[0]["content_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let reply = receiver.get(&format!("/api/unrecognized/{key}"));
    assert_eq!((reply.status, &*reply.body), (200, &body[..]));
    for unknown in ["0".repeat(32), "x".into()] {
        assert_eq!(
            receiver.get(&format!("/api/unrecognized/{unknown}")).status,
            404
        );
    }
}

#[test]
fn one_odd_field_does_not_keep_a_report_from_its_message() {
    let receiver = Receiver::start();
    let odd: [&[u8]; 5] = [
        br#""x":"cut \ud83d""#,
        b"\"x\":\"\xff\"",
        b"\"x\":1e400",
        br#""app_id":"a","app_id":"b""#,
        b"\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    ];
    for (number, odd) in odd.into_iter().enumerate() {
        let report = report(&format!("m-{number}"), "DELIVERED");
        let body = [b"{", odd, b",", &report.as_bytes()[1..]].concat();
        assert_eq!(receiver.post(&signed(&body), &body).status, 200);
        assert_eq!(
            receiver.message(&format!("m-{number}"))["state"],
            "delivered"
        );
    }
    assert_eq!(receiver.settled()["unrecognized"], 0);
}

#[test]
fn what_a_newer_version_understands_is_processed_again_and_the_rest_stays_listed() {
    let receiver = Receiver::start();
    receiver.deliver(&report("m-1", "DELIVERED"));
    receiver.deliver(r#"{"new_kind":{}}"#);
    receiver.settled();
    let (folder, _) = receiver.stop();
    let receiver = Receiver::start_in(folder, &[]);
    // As a version left it that knew of no such report.
    let database = Connection::open(receiver.database()).unwrap();
    database
        .execute_batch(
            "INSERT INTO callbacks (content_key, request_id, kind, received_at, signed_at, secret_slot, body)
                 SELECT content_key, 'r', kind, received_at, signed_at, secret_slot, body FROM bodies;
             DELETE FROM bodies; DELETE FROM messages;
             UPDATE callbacks SET kind = 'unrecognized', unrecognized = 'unknown_kind';",
        )
        .unwrap();
    let data = receiver.database().parent().unwrap().to_owned();
    let reprocess = |arguments: &[&str]| {
        let mut command = binary();
        command
            .arg("reprocess")
            .args(arguments)
            .arg("--data")
            .arg(&data);
        said(&command.output().unwrap())
    };
    let (code, lines, errors) = reprocess(&["--all", "--dry-run"]);
    assert_eq!((code, &*errors), (1, ""));
    assert!(
        lines.contains("unknown_kind: message_delivery, 1 reports\n"),
        "{lines}"
    );
    assert!(lines.contains("unknown_kind: still so\n"), "{lines}");
    assert!(
        lines.ends_with("1 of 2 would be processed again; 1 still not understood\n"),
        "{lines}"
    );
    assert_eq!(receiver.get("/api/messages/m-1").status, 404);

    let all = listed(&receiver);
    let delivered = all.iter().find(|callback| callback["body_bytes"] != 15);
    let key = delivered.unwrap()["content_key"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..2 {
        let (code, lines, _) = reprocess(&[&key, "--json"]);
        assert!(
            code == 0 && lines.contains(r#""reprocessed":1"#) || code == 1,
            "{lines}"
        );
    }
    assert_eq!(receiver.message("m-1")["state"], "delivered");
    assert_eq!(receiver.message("m-1")["log"].as_array().unwrap().len(), 1);
    receiver.settled();
    let listed = listed(&receiver);
    assert_eq!(listed.len(), 1);
    assert_ne!(listed[0]["content_key"], key);
    assert_eq!(reprocess(&[&key]).0, 1);
    assert_eq!(reprocess(&["nonsense"]).0, 2);
}

#[test]
fn a_status_that_nobody_knew_is_listed_and_processed_again_once_it_is_known() {
    let receiver = Receiver::start();
    receiver.deliver(&report("m-1", "TELEPORTED"));
    assert_eq!(receiver.message("m-1")["state"], json!(null));
    assert_eq!(listed(&receiver)[0]["why"], "unknown_status");
    let data = receiver.database().parent().unwrap().to_owned();
    let reprocess = || {
        let mut command = binary();
        command.args(["reprocess", "--all", "--data"]).arg(&data);
        said(&command.output().unwrap())
    };
    let (code, lines, _) = reprocess();
    assert!(
        code == 1 && lines.contains("unknown_status: still so\n"),
        "{lines}"
    );

    // As a version leaves it that does not know what READ means.
    receiver.deliver(&report("m-1", "READ"));
    receiver.settled();
    let database = Connection::open(receiver.database()).unwrap();
    let aggregate: String = database
        .query_row("SELECT aggregate FROM messages", (), |row| row.get(0))
        .unwrap();
    let mut aggregate: Value = serde_json::from_str(&aggregate).unwrap();
    aggregate["delivery"]["legs"] = json!([]);
    aggregate["log"][1]["reports"][0]["step"] = json!("unknown");
    aggregate["log"][1].as_object_mut().unwrap().remove("to");
    database
        .execute(
            "UPDATE messages SET state = NULL, aggregate = ?1",
            [aggregate.to_string()],
        )
        .unwrap();
    database
        .execute_batch(
            "INSERT INTO callbacks (content_key, request_id, kind, unrecognized, received_at, signed_at, secret_slot, body)
                 SELECT content_key, 'r', kind, 'unknown_status', received_at, signed_at, secret_slot, body FROM bodies;
             DELETE FROM bodies;",
        )
        .unwrap();
    assert_eq!(receiver.message("m-1")["state"], json!(null));
    let (code, lines, errors) = reprocess();
    assert!(
        code == 1 && lines.contains("unknown_status: message_delivery, 1 reports\n"),
        "{lines}{errors}"
    );
    crate::harness::eventually(|| (receiver.message("m-1")["state"] == "read").then_some(()));
    assert_eq!(receiver.message("m-1")["log"].as_array().unwrap().len(), 2);
    let whys: Vec<_> = listed(&receiver)
        .iter()
        .map(|row| row["why"].clone())
        .collect();
    assert_eq!(whys, ["unknown_status"], "the one that is still unknown");
}
