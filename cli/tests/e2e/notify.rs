//! The outgoing webhook: signed with a secret of its own, many at once and in order within a message,
//! retried, surviving a restart, and what it has not taken in a person's hands.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Barrier, mpsc},
    thread,
};

use rusqlite::Connection;
use serde_json::Value;
use sinch_callback::{Secret, SignedHeaders, UnixSeconds, Verifier};
use tempfile::TempDir;

use crate::harness::{NOW, Receiver, SECRET, binary, deliver, eventually, report, said};

/// What events are signed with here.
const NOTIFY_SECRET: &str = "made-up-secret-for-events";

pub type Head = Vec<(String, String)>;

/// Reads one request of a connection; `None` where it ends.
pub fn read(reader: &mut BufReader<TcpStream>) -> Option<(Head, Vec<u8>)> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.trim().split_once(": ") {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .unwrap();
    let mut body = vec![0; length.1.parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    Some((headers, body))
}

pub fn answer(stream: &mut TcpStream, status: u16) {
    let reply = format!("HTTP/1.1 {status} Told\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(reply.as_bytes());
}

/// Takes one request, answers it with `status`, and gives its head's lines and its body.
pub fn take(listener: &TcpListener, status: u16) -> (Head, Vec<u8>) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let request = read(&mut reader).unwrap();
    answer(&mut reader.into_inner(), status);
    request
}

pub fn event(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// Whether an event is signed with `secret` at `at`.
pub fn is_signed(headers: &Head, body: &[u8], secret: &str, at: u64) -> bool {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let signed = SignedHeaders::collect(pairs).unwrap();
    let verifier = Verifier::bare(Secret::new(secret).unwrap());
    verifier
        .authenticate(&signed, body, UnixSeconds::new(at))
        .is_ok()
}

/// Where events go, and the secret that they are signed with.
pub struct Target {
    pub listener: TcpListener,
    pub folder: TempDir,
    /// Which ones are asked for.
    pub events: &'static str,
}

impl Target {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("events.txt"), NOTIFY_SECRET).unwrap();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            folder,
            events: "all",
        }
    }

    fn secret_file(&self) -> String {
        self.folder.path().join("events.txt").display().to_string()
    }

    /// The receiver's clock decides when a retry is due, and the test owns it: `clock` says how.
    pub fn arguments(&self, clock: &[&str]) -> Vec<String> {
        let url = format!("http://{}/events", self.listener.local_addr().unwrap());
        let mut arguments = vec![
            "--notify-url".into(),
            url,
            "--notify-secret-file".into(),
            self.secret_file(),
            "--events".into(),
            self.events.into(),
        ];
        arguments.extend(clock.iter().map(|text| (*text).to_owned()));
        arguments
    }

    fn receiver(&self, at: u64) -> Receiver {
        let arguments = self.arguments(&["--clock-at", &at.to_string()]);
        Receiver::start_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn restarted(&self, folder: TempDir, at: u64) -> Receiver {
        let arguments = self.arguments(&["--clock-at", &at.to_string()]);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        Receiver::start_in(folder, &arguments)
    }
}

#[test]
fn each_change_is_posted_signed_and_again_after_a_refusal_and_a_restart() {
    let target = Target::new();
    let receiver = target.receiver(NOW);
    receiver.deliver(&report("m-1", "DELIVERED"));
    let (_, refused) = take(&target.listener, 503);
    eventually(|| (receiver.metric("sinch_callback_events_failed_total") == 1.0).then_some(()));
    assert_eq!(receiver.settled()["events_waiting"], 1);

    // Five seconds later the first retry is due, in another process.
    let receiver = target.restarted(receiver.kill(), NOW + 5);
    let (headers, body) = take(&target.listener, 200);
    assert_eq!(body, refused);
    assert!(is_signed(&headers, &body, NOTIFY_SECRET, NOW + 5));
    assert!(!is_signed(&headers, &body, SECRET, NOW + 5));

    let event = event(&body);
    assert_eq!(event["type"], "delivery.delivered");
    assert_eq!(event["message_id"], "m-1");
    assert_eq!(event["correlation_id"], "order-m-1");
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));

    // A repeat of the same event tells nobody anything new.
    let body = report("m-1", "DELIVERED");
    let afresh = crate::harness::signed_as(SECRET, body.as_bytes(), "nonce-2", NOW + 5);
    receiver.post(&afresh, body.as_bytes());
    let summary = receiver.settled();
    assert_eq!(
        (&summary["repeats"], &summary["events_waiting"]),
        (&1.into(), &0.into())
    );
}

/// Each post is answered when all are there: whoever posts one after the other never gets through.
#[test]
fn events_of_many_messages_are_on_their_way_at_once() {
    const MESSAGES: usize = 40;
    let target = Target::new();
    let receiver = target.receiver(NOW);
    let all_there = Arc::new(Barrier::new(MESSAGES));
    let listener = target.listener.try_clone().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().take(MESSAGES) {
            let all_there = Arc::clone(&all_there);
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.unwrap());
                read(&mut reader).unwrap();
                all_there.wait();
                answer(&mut reader.into_inner(), 200);
            });
        }
    });
    for number in 0..MESSAGES {
        receiver.deliver(&report(&format!("m-{number}"), "DELIVERED"));
    }
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));
    assert_eq!(receiver.metric("sinch_callback_events_sent_total"), 40.0);
}

#[test]
fn an_event_that_is_put_off_holds_the_later_ones_of_its_message_and_no_others() {
    let target = Target::new();
    let receiver = target.receiver(NOW);
    receiver.deliver(&report("m-1", "QUEUED_ON_CHANNEL"));
    let (_, first) = take(&target.listener, 503);
    assert_eq!(event(&first)["message_id"], "m-1");
    eventually(|| (receiver.metric("sinch_callback_events_failed_total") == 1.0).then_some(()));
    receiver.deliver(&report("m-1", "DELIVERED"));
    receiver.settled();
    receiver.deliver(&report("m-2", "DELIVERED"));
    let (_, other) = take(&target.listener, 200);
    assert_eq!(event(&other)["message_id"], "m-2");
    eventually(|| (receiver.settled()["events_waiting"] == 2).then_some(()));

    let receiver = target.restarted(receiver.kill(), NOW + 5);
    let kinds: Vec<_> = (0..2)
        .map(|_| {
            let (_, body) = take(&target.listener, 200);
            event(&body)["type"].clone()
        })
        .collect();
    assert_eq!(kinds, ["delivery.queued", "delivery.delivered"]);
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));
}

#[test]
fn events_want_a_secret_of_their_own() {
    let target = Target::new();
    let webhook = target.folder.path().join("secret.txt");
    let previous = target.folder.path().join("previous.txt");
    fs::write(&webhook, format!("{SECRET}\n")).unwrap();
    fs::write(&previous, "made-up-secret-of-before").unwrap();
    let serve = |more: &[&str]| {
        let url = target.arguments(&[])[1].clone();
        let mut command = binary();
        command.args(["serve", "--listen", "127.0.0.1:0", "--notify-url", &url]);
        command.arg("--data").arg(target.folder.path().join("data"));
        command.arg("--secret-file").arg(&webhook);
        command.arg("--secret-file").arg(&previous);
        said(&command.args(more).output().unwrap())
    };
    let (code, _, error) = serve(&[]);
    assert_eq!(code, 2);
    assert!(
        error.contains("--notify-secret-file") && error.contains("of its own"),
        "{error}"
    );
    // Both of the webhook's, the one with a newline at its end where the other has none.
    for same in [SECRET, "made-up-secret-of-before\n"] {
        fs::write(target.secret_file(), same).unwrap();
        let (code, _, error) = serve(&["--notify-secret-file", &target.secret_file()]);
        assert_eq!(code, 2);
        assert!(error.contains("holds a secret of the webhook"), "{error}");
        assert!(!error.contains(same.trim()), "{error}");
    }
}

#[test]
fn a_changed_secret_of_events_is_used_at_once_and_the_webhook_s_never() {
    let target = Target::new();
    let receiver = target.receiver(NOW);
    receiver.deliver(&report("m-1", "DELIVERED"));
    let (headers, body) = take(&target.listener, 200);
    assert!(is_signed(&headers, &body, NOTIFY_SECRET, NOW));

    fs::write(target.secret_file(), "made-up-secret-of-tomorrow").unwrap();
    receiver.deliver(&report("m-2", "DELIVERED"));
    let (headers, body) = take(&target.listener, 200);
    assert!(is_signed(
        &headers,
        &body,
        "made-up-secret-of-tomorrow",
        NOW
    ));
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));

    // A mistake: events wait. The listener would take a post, and none comes before the mistake is
    // mended.
    fs::write(target.secret_file(), SECRET).unwrap();
    receiver.deliver(&report("m-3", "DELIVERED"));
    assert_eq!(receiver.settled()["events_waiting"], 1);
    // In one step: of a file that is half written the secret at hand stays in use.
    let mended = format!("{}.new", target.secret_file());
    fs::write(&mended, "made-up-secret-after-all").unwrap();
    fs::rename(mended, target.secret_file()).unwrap();
    let (headers, body) = take(&target.listener, 200);
    assert!(is_signed(&headers, &body, "made-up-secret-after-all", NOW));
    assert_eq!(event(&body)["message_id"], "m-3");
    let (_, log) = receiver.stop();
    assert_eq!(
        log.matches("INFO the secret that events are signed with")
            .count(),
        2,
        "{log}"
    );
}

#[test]
fn an_event_that_was_given_up_is_listed_and_can_be_sent_again() {
    let target = Target::new();
    let receiver = target.receiver(NOW);
    receiver.deliver(&report("m-1", "DELIVERED"));
    take(&target.listener, 500);
    eventually(|| (receiver.metric("sinch_callback_events_failed_total") == 1.0).then_some(()));
    // Its last retry is due, and fails like all the others. First the sender has to have put it off, which
    // it counts before it writes it down.
    let database = Connection::open(receiver.database()).unwrap();
    let attempts = || database.query_row("SELECT attempts FROM outbox", (), |row| row.get(0));
    eventually(|| (attempts() == Ok(1)).then_some(()));
    let due = "UPDATE outbox SET attempts = 14, due_at = 0";
    assert_eq!(database.execute(due, ()).unwrap(), 1);
    take(&target.listener, 500);
    eventually(|| (receiver.settled()["events_given_up"] == 1).then_some(()));

    let data = receiver.database().parent().unwrap().display().to_string();
    let events = |arguments: &[&str]| {
        let mut command = binary();
        command
            .arg("events")
            .args(arguments)
            .args(["--data", &data]);
        said(&command.output().unwrap())
    };
    let (code, listed, _) = events(&["list", "--given-up", "--json"]);
    let listed = event(listed.as_bytes());
    assert_eq!(
        (
            code,
            &listed["state"],
            &listed["message_id"],
            &listed["cause"]
        ),
        (0, &"given_up".into(), &"m-1".into(), &"answered 500".into())
    );
    let (code, lines, _) = events(&["list"]);
    assert_eq!((code, lines.lines().count()), (0, 1));
    assert!(
        lines.contains("given up after 15 attempts  answered 500"),
        "{lines}"
    );

    assert_eq!(events(&["resend", "no-such-event"]).0, 1);
    let id = listed["id"].as_str().unwrap();
    assert_eq!(
        events(&["resend", id]),
        (0, "1 to be posted\n".into(), String::new())
    );
    let (_, body) = take(&target.listener, 200);
    assert_eq!(event(&body)["id"], listed["id"]);
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));
    assert_eq!(events(&["list"]), (0, String::new(), String::new()));
    assert_eq!(events(&["resend", "--all"]).1, "0 to be posted\n");
}

/// A receiver of events that never answers one message holds no other up.
#[test]
fn a_post_that_hangs_holds_up_no_other_message() {
    let target = Target::new();
    let receiver = target.receiver(NOW);
    let (taken, takes) = mpsc::channel();
    let listener = target.listener.try_clone().unwrap();
    thread::spawn(move || {
        let mut hanging = Vec::new();
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (_, body) = read(&mut reader).unwrap();
            let id = event(&body)["message_id"].as_str().unwrap().to_owned();
            if id == "m-0" {
                hanging.push(reader);
            } else {
                answer(&mut reader.into_inner(), 200);
            }
            if taken.send(id).is_err() {
                return;
            }
        }
    });
    for number in 0..5 {
        receiver.deliver(&report(&format!("m-{number}"), "DELIVERED"));
    }
    let mut posted: Vec<_> = takes.iter().take(5).collect();
    posted.sort();
    assert_eq!(posted, ["m-0", "m-1", "m-2", "m-3", "m-4"]);
    eventually(|| (receiver.settled()["events_waiting"] == 1).then_some(()));
}

fn on_rcs(status: &str, code: &str) -> String {
    let reason = format!(r#""reason":{{"code":"{code}"}},"metadata""#);
    report("m-1", status)
        .replace("\"SMS\"", "\"RCS\"")
        .replace(r#""metadata""#, &reason)
}

#[test]
fn by_default_an_end_is_told_and_what_corrects_it_and_no_step_on_the_way() {
    let target = Target {
        events: "final",
        ..Target::new()
    };
    let receiver = target.receiver(NOW);
    for body in [
        report("m-1", "QUEUED_ON_CHANNEL"),
        report("m-1", "FAILED"),
        on_rcs("QUEUED_ON_CHANNEL", ""),
        on_rcs("READ", ""),
    ] {
        receiver.deliver(&body);
        receiver.settled();
    }
    let told: Vec<_> = (0..3)
        .map(|_| {
            let event = event(&take(&target.listener, 200).1);
            let fields = ["type", "version", "final", "corrects", "contradicted"];
            fields.map(|field| event[field].to_string()).join(" ")
        })
        .collect();
    assert_eq!(
        told,
        [
            r#""delivery.failed" 2 true null false"#,
            r#""delivery.queued" 3 false "failed" false"#,
            r#""delivery.read" 4 true null false"#,
        ]
    );
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));
}

#[test]
fn a_message_that_nothing_settles_is_told_to_be_overdue_after_an_hour_and_once() {
    let target = Target {
        events: "final",
        ..Target::new()
    };
    // An hour in less than four seconds.
    let arguments = target.arguments(&["--clock-speed", "1000"]);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let receiver = Receiver::start_with(&arguments);
    let begun = deliver(
        &receiver,
        &on_rcs("SWITCHING_CHANNEL", "DELIVERY_TIMED_OUT"),
    );
    // One that goes on.
    deliver(&receiver, &report("m-2", "QUEUED_ON_CHANNEL"));
    let overdue = event(&take(&target.listener, 200).1);
    assert_eq!(overdue["type"], "delivery.overdue");
    assert_eq!(overdue["message_id"], "m-1");
    assert_eq!(overdue["cause"], "stuck");
    assert_eq!(overdue["state"], "switching");
    assert_eq!(overdue["reason"]["code"], "DELIVERY_TIMED_OUT");
    let received_at = overdue["received_at"].as_u64().unwrap();
    assert!(received_at >= begun);
    assert_eq!(overdue["deadline"].as_u64(), Some(received_at + 3_600));
    eventually(|| (receiver.metric("sinch_callback_overdue_total") == 1.0).then_some(()));
    // Killed sooner, it would post it once more.
    eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));
    let receiver = Receiver::start_in(receiver.kill(), &arguments);
    assert_eq!(receiver.settled()["events_waiting"], 0);
    assert_eq!(receiver.metric("sinch_callback_events_sent_total"), 0.0);
}
