//! A 200 means that the callback is on the disk; when it cannot be, the answer is 503.

use std::process::Command;

use rusqlite::Connection;

use crate::harness::{Receiver, SECRET, report};

#[test]
fn a_locked_store_answers_503_and_the_same_callback_gets_through_afterwards() {
    let receiver = Receiver::start();
    let lock = Connection::open(receiver.database()).unwrap();
    lock.busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let body = report("m-1", "DELIVERED");
    assert_eq!(
        receiver.deliver(&body).told(),
        (503, "handoff_unavailable".into())
    );
    assert_eq!(receiver.get("/readyz").told().0, 503);
    assert_eq!(receiver.get("/healthz").told().0, 200);
    lock.execute_batch("ROLLBACK").unwrap();
    assert_eq!(receiver.deliver(&body).told(), (200, "accepted".into()));
    assert_eq!(receiver.message("m-1")["state"], "delivered");
    assert_eq!(receiver.settled()["repeats"], 0);
}

#[test]
fn a_full_disk_answers_503_and_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    // A limit on the size of files stands in for a full disk: writes past it fail with EFBIG.
    let mut command = Command::new("bash");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "bash"])
        .arg(env!("CARGO_BIN_EXE_sinch-callback"))
        .args(Receiver::arguments(folder.path(), &[]));
    let receiver = Receiver::spawn(command, folder);
    let padding = "x".repeat(20_000);
    let mut stored = 0;
    let mut refused = 0;
    for number in 0..200 {
        let body = report(&format!("m-{number}"), "DELIVERED").replace("shop", &padding);
        match receiver.deliver(&body).told() {
            (200, _) => stored += 1,
            (503, code) => {
                assert_eq!(code, "handoff_unavailable");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
        if refused == 5 {
            break;
        }
    }
    assert!(
        stored > 0 && refused == 5,
        "{stored} stored, {refused} refused"
    );
    assert_eq!(receiver.get("/healthz").status, 200);
    assert_eq!(receiver.get("/readyz").status, 503);
    // With room again, everything that was acknowledged is processed, and nothing else is there.
    let receiver = Receiver::start_in(receiver.kill(), &[]);
    assert_eq!(receiver.settled()["messages"], stored);
}

#[test]
fn a_request_that_has_begun_is_answered_before_sigterm_ends_the_receiver() {
    use std::io::Write;

    use crate::harness::{Reply, request, signal, signed};
    let receiver = Receiver::start();
    let body = report("m-1", "DELIVERED");
    let bytes = request(
        "POST",
        "/callbacks",
        &signed(body.as_bytes()),
        body.as_bytes(),
    );
    let (first, rest) = bytes.split_at(bytes.len() - 10);
    let mut stream = receiver.connect();
    stream.write_all(first).unwrap();
    // The receiver has read the head, or it would not have answered a request behind it.
    assert_eq!(receiver.get("/healthz").status, 200);
    signal(receiver.id(), "TERM");
    crate::harness::eventually(|| std::net::TcpStream::connect(receiver.address).err());
    stream.write_all(rest).unwrap();
    assert_eq!(Reply::read(&mut stream).unwrap().told().1, "accepted");
    let (folder, _) = receiver.stop_signalled();
    let receiver = Receiver::start_in(folder, &[]);
    assert_eq!(receiver.message("m-1")["state"], "delivered");
}

#[test]
fn a_second_receiver_on_the_same_store_is_refused_with_the_cause() {
    let receiver = Receiver::start();
    let output = crate::harness::binary()
        .args(Receiver::arguments(receiver.folder.path(), &[]))
        .output()
        .unwrap();
    let (code, _, errors) = crate::harness::said(&output);
    assert_eq!(code, 1);
    assert!(
        errors.contains("another receiver has the data folder"),
        "{errors}"
    );
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let receiver = Receiver::start();
    let database = receiver.database();
    let (folder, _) = receiver.stop();
    let connection = Connection::open(&database).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let output = crate::harness::binary()
        .args(Receiver::arguments(folder.path(), &[]))
        .output()
        .unwrap();
    let (code, _, errors) = crate::harness::said(&output);
    assert_eq!(code, 1);
    assert!(errors.contains("version 99"), "{errors}");
}

#[test]
fn an_envelope_that_cannot_be_read_is_set_aside_and_the_others_flow_on() {
    let receiver = Receiver::start();
    let connection = Connection::open(receiver.database()).unwrap();
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    for envelope in [r#"{"version":99}"#, "not an envelope"] {
        connection
            .execute("INSERT INTO queue (envelope) VALUES (?1)", [envelope])
            .unwrap();
    }
    receiver.deliver(&report("m-1", "DELIVERED"));
    let summary = receiver.settled();
    assert_eq!(summary["messages"], 1);
    assert_eq!(summary["set_aside"], 2);
    // What is set aside does not wait.
    crate::harness::eventually(|| {
        let waiting = receiver.metric("sinch_callback_queue_depth ");
        (waiting == 0.0).then_some(())
    });
    let (code, listed, _) = queue(&receiver, &["list", "--json"]);
    let first = listed.lines().next().unwrap();
    let first: serde_json::Value = serde_json::from_str(first).unwrap();
    assert_eq!(
        (code, listed.lines().count(), &first["id"]),
        (0, 2, &1.into())
    );
    let cause = first["cause"].as_str().unwrap();
    assert!(cause.contains("version 99"), "{cause}");
}

/// Runs `queue` on a receiver's store.
fn queue(receiver: &Receiver, arguments: &[&str]) -> (i32, String, String) {
    let mut command = crate::harness::binary();
    command.arg("queue").args(arguments);
    command
        .arg("--data")
        .arg(receiver.database().parent().unwrap());
    crate::harness::said(&command.output().unwrap())
}

#[test]
fn a_callback_that_fails_every_time_is_set_aside_until_it_is_released() {
    let receiver = Receiver::start();
    receiver.deliver(&report("m-1", "DELIVERED"));
    receiver.settled();
    let store = Connection::open(receiver.database()).unwrap();
    store
        .busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    // What is kept of the message cannot be read.
    let spoil = "UPDATE messages SET aggregate = 'x' || aggregate WHERE message_id = 'm-1'";
    assert_eq!(store.execute(spoil, ()).unwrap(), 1);
    receiver.deliver(&report("m-1", "READ"));
    // The others go on, in front of it and behind it.
    receiver.deliver(&report("m-2", "DELIVERED"));
    let summary = receiver.settled();
    assert_eq!(
        (&summary["messages"], &summary["set_aside"]),
        (&2.into(), &1.into())
    );
    let (code, listed, _) = queue(&receiver, &["list"]);
    assert_eq!((code, listed.lines().count()), (0, 1));
    assert_eq!(receiver.metric("sinch_callback_set_aside "), 1.0);
    assert!(listed.starts_with("1  2023-11-14"), "{listed}");

    // With what it failed for mended, it goes through.
    assert_eq!(queue(&receiver, &["release", "2"]).0, 1);
    let mend = "UPDATE messages SET aggregate = substr(aggregate, 2) WHERE message_id = 'm-1'";
    assert_eq!(store.execute(mend, ()).unwrap(), 1);
    let released = (0, "1 put back into the queue\n".into(), String::new());
    assert_eq!(queue(&receiver, &["release", "1"]), released);
    let summary = receiver.settled();
    assert_eq!(summary["set_aside"], 0);
    assert_eq!(receiver.message("m-1")["state"], "read");
    let (_, log) = receiver.stop();
    assert_eq!(log.matches("is put off").count(), 2, "{log}");
    assert_eq!(log.matches("is set aside").count(), 1, "{log}");
}

/// A full report: its recipients, none of them twice.
fn full_report(recipients: u64) -> String {
    let numbers: Vec<_> = (0..recipients)
        .map(|number| format!("\"{}\"", 46_700_000_000 + number))
        .collect();
    format!(
        r#"{{"type":"delivery_report_sms","batch_id":"b","total_message_count":{recipients},"statuses":[{{"code":0,"status":"Delivered","recipients":[{}]}}]}}"#,
        numbers.join(",")
    )
}

#[test]
fn a_report_on_45_000_recipients_survives_kill_9_and_each_is_written_once() {
    const RECIPIENTS: u64 = 45_000;
    let mut receiver = Receiver::start();
    assert_eq!(receiver.deliver(&full_report(RECIPIENTS)).status, 200);
    let mut killed = 0;
    loop {
        let summary = receiver.get("/api/summary").json();
        let messages = summary["messages"].as_u64().unwrap();
        if summary["queued"] == 0 {
            break;
        }
        if messages > killed * 9_000 && killed < 4 {
            killed += 1;
            receiver = Receiver::start_in(receiver.kill(), &[]);
        }
    }
    assert!(killed > 1, "it was done before it could be killed");
    assert_eq!(receiver.settled()["messages"], RECIPIENTS);
    let store = Connection::open(receiver.database()).unwrap();
    let twice =
        "SELECT count(*) FROM messages WHERE aggregate NOT LIKE '%\"revision\":1,%' OR repeats > 0";
    let twice: u64 = store.query_row(twice, (), |row| row.get(0)).unwrap();
    assert_eq!(twice, 0);
    let cursors: u64 = store
        .query_row("SELECT count(*) FROM cursors", (), |row| row.get(0))
        .unwrap();
    assert_eq!(cursors, 0);
}
