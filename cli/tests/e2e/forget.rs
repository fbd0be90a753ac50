//! Whoever is to be forgotten is: in the tables, and in the bytes of the files.

use std::fs;

use crate::harness::{Receiver, binary, eventually, report, said};

const IDENTITY: &str = "12025550147";

/// A report about somebody else.
fn other(message: &str) -> String {
    report(message, "DELIVERED").replace(IDENTITY, "13035550199")
}

#[test]
fn a_person_is_forgotten_beside_a_running_receiver_and_nobody_else() {
    let receiver = Receiver::start();
    let about = report("m-1", "DELIVERED");
    receiver.deliver(&about);
    receiver.deliver(&report("m-2", "FAILED"));
    receiver.deliver(&other("m-3"));
    // Not understood, and about the same person all the same.
    receiver.deliver(&format!(r#"{{"inbox":"+{IDENTITY}"}}"#));
    receiver.settled();

    let data = receiver.database().parent().unwrap().to_owned();
    let forget = |arguments: &[&str]| {
        let mut command = binary();
        command
            .arg("forget")
            .args(arguments)
            .arg("--data")
            .arg(&data);
        said(&command.output().unwrap())
    };
    let number = "+1 (202) 555-0147";
    let counted = "2 messages, 3 bodies, 0 events, 0 waiting callbacks, 0 intents\n";
    assert_eq!(
        forget(&["--identity", number, "--dry-run"]),
        (0, format!("would be deleted: {counted}"), String::new())
    );
    assert_eq!(receiver.settled()["messages"], 3);
    assert_eq!(
        forget(&["--identity", number]),
        (0, format!("deleted: {counted}"), String::new())
    );
    let summary = receiver.settled();
    assert_eq!(
        (&summary["messages"], &summary["callbacks"]),
        (&1.into(), &4.into())
    );
    assert_eq!(receiver.get("/api/messages/m-1").status, 404);
    assert_eq!(receiver.get("/api/messages/m-3").status, 200);
    assert_eq!(forget(&["--identity", number]).0, 1);

    // A repeat of what was forgotten is known as one, and brings nothing back.
    let afresh = crate::harness::signed_as(
        crate::harness::SECRET,
        about.as_bytes(),
        "nonce-of-the-repeat",
        crate::harness::NOW,
    );
    receiver.post(&afresh, about.as_bytes());
    assert_eq!(receiver.settled()["messages"], 1);

    // Nor does what is sent for the first time later.
    receiver.deliver(&report("m-1", "READ"));
    assert_eq!(receiver.settled()["messages"], 1);
    assert_eq!(receiver.get("/api/messages/m-1").status, 404);
    // What is sent to the person from then on is new.
    receiver.deliver(&report("m-4", "FAILED"));
    assert_eq!(receiver.settled()["messages"], 2);
    assert_eq!(forget(&["--message", "m-4-4-4"]).0, 1);
    receiver.deliver(&report("m-4-4-4", "FAILED"));
    assert_eq!(
        receiver.settled()["messages"],
        2,
        "nothing had been known of it"
    );
    assert_eq!(forget(&["--identity", number]).0, 0);

    assert_eq!(forget(&["--message", "m-3"]).0, 2);
    let (folder, _) = receiver.stop();
    for file in fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let there = bytes
            .windows(IDENTITY.len())
            .any(|window| window == IDENTITY.as_bytes());
        assert!(!there, "{}", path.display());
    }
    drop(folder);
}

#[test]
fn a_person_is_forgotten_with_the_event_that_they_opted_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), crate::harness::SECRET).unwrap();
    let secret = folder.path().join("events.txt");
    fs::write(&secret, "made-up-secret-for-events").unwrap();
    let secret = secret.display().to_string();
    let told = [
        "--notify-url",
        "http://127.0.0.1:9/",
        "--notify-secret-file",
    ];
    let receiver = Receiver::start_in(folder, &[&told[..], &[&secret]].concat());
    for from in [IDENTITY, "13035550199"] {
        receiver.deliver(&format!(
            r#"{{"type":"mo_text","from":"{from}","to":"2440","body":"STOP"}}"#
        ));
    }
    receiver.settled();
    let data = receiver.database().parent().unwrap().to_owned();
    let mut command = binary();
    command.args(["forget", "--identity", IDENTITY, "--data"]);
    let counted = "deleted: 0 messages, 1 bodies, 1 events, 0 waiting callbacks, 0 intents\n";
    assert_eq!(
        said(&command.arg(&data).output().unwrap()),
        (0, counted.into(), String::new())
    );
}

#[test]
fn a_message_is_forgotten_with_its_event() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("events.txt");
    fs::write(&secret, "made-up-secret-for-events").unwrap();
    let secret = secret.display().to_string();
    // Nobody listens there.
    let url = "http://127.0.0.1:9/";
    let receiver = Receiver::start_with(&["--notify-url", url, "--notify-secret-file", &secret]);
    receiver.deliver(&report("message-1", "DELIVERED"));
    receiver.deliver(&report("message-2", "DELIVERED"));
    eventually(|| (receiver.settled()["events_waiting"] == 2).then_some(()));
    let mut command = binary();
    command.args(["forget", "--message", "message-1", "--json"]);
    command
        .arg("--data")
        .arg(receiver.database().parent().unwrap());
    let (code, printed, _) = said(&command.output().unwrap());
    assert_eq!(
        (code, printed.trim()),
        (
            0,
            r#"{"messages":1,"bodies":1,"events":1,"queued":0,"intents":0}"#
        )
    );
    let summary = receiver.settled();
    assert_eq!(
        (&summary["messages"], &summary["events_waiting"]),
        (&1.into(), &1.into())
    );
}
