//! The outgoing webhook: signed, retried, surviving a restart.

use std::{io::Write, net::TcpListener};

use sinch_callback::{Secret, SecretRing, SignedHeaders, UnixSeconds, Verifier};

use crate::harness::{Receiver, SECRET, report};

/// Takes one request, answers it with `status`, and gives its head's lines and its body.
fn take(listener: &TcpListener, status: u16) -> (Vec<(String, String)>, Vec<u8>) {
    use std::io::{BufRead, BufReader, Read};
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
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
    reader.read_exact(&mut body).unwrap();
    let reply = format!("HTTP/1.1 {status} Told\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    reader.into_inner().write_all(reply.as_bytes()).unwrap();
    (headers, body)
}

#[test]
fn each_change_is_posted_signed_and_again_after_a_refusal_and_a_restart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    // The receiver's clock decides when a retry is due, and the test owns it.
    let now = 1_700_000_000_u64;
    let at = now.to_string();
    let receiver = Receiver::start_with(&["--notify-url", &url, "--clock-at", &at]);
    receiver.deliver(&report("m-1", "DELIVERED"));
    let (_, refused) = take(&listener, 503);
    crate::harness::eventually(|| {
        (receiver.metric("sinch_callback_events_failed_total") == 1.0).then_some(())
    });
    assert_eq!(receiver.settled()["events_waiting"], 1);

    // Five seconds later the first retry is due, in another process.
    let later = (now + 5).to_string();
    let receiver = Receiver::start_in(
        receiver.kill(),
        &["--notify-url", &url, "--clock-at", &later],
    );
    let (headers, body) = take(&listener, 200);
    assert_eq!(body, refused);
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let signed = SignedHeaders::collect(pairs).unwrap();
    let verifier = Verifier::new(SecretRing::from(Secret::new(SECRET).unwrap()));
    let authentic = verifier.authenticate(&signed, &body, UnixSeconds::new(now + 5));
    assert_eq!(authentic.unwrap().age_secs(UnixSeconds::new(now + 5)), 0);

    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(event["type"], "delivery.delivered");
    assert_eq!(event["message_id"], "m-1");
    assert_eq!(event["correlation_id"], "order-m-1");
    crate::harness::eventually(|| (receiver.settled()["events_waiting"] == 0).then_some(()));

    // A repeat of the same event tells nobody anything new.
    let body = report("m-1", "DELIVERED");
    let afresh = crate::harness::signed_as(SECRET, body.as_bytes(), "nonce-2", now);
    receiver.post(&afresh, body.as_bytes());
    let summary = receiver.settled();
    assert_eq!(
        (&summary["repeats"], &summary["events_waiting"]),
        (&1.into(), &0.into())
    );
}
