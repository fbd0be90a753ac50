//! What bad input gets.

use crate::harness::{NOW, Receiver, Reply, connect, exchange, report, request, signed, signed_as};

fn told(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn every_refusal_has_its_status_its_code_and_its_counter() {
    let receiver = Receiver::start_with(&["--max-body", "1000"]);
    let body = report("m-1", "DELIVERED");
    let body = body.as_bytes();
    let good = signed(body);
    let with = |index: usize, value: &str| {
        let mut headers = good.clone();
        headers[index].1 = value.to_owned();
        headers
    };
    let mut missing = good.clone();
    missing.remove(2);
    let mut repeated = good.clone();
    repeated.push(good[1].clone());
    let long = "x".repeat(1_001);
    for (headers, body, expected) in [
        (missing, body, told(400, "missing_header")),
        (repeated, body, told(400, "repeated_header")),
        (with(2, "a.b"), body, told(400, "malformed_header")),
        (
            with(3, "HmacSHA1"),
            body,
            told(400, "unsupported_algorithm"),
        ),
        (
            signed_as("made-up-other", body, "n", NOW),
            body,
            told(401, "signature_mismatch"),
        ),
        (
            good.clone(),
            b"{}".as_slice(),
            told(401, "signature_mismatch"),
        ),
        (
            signed_as(crate::harness::SECRET, body, "n", NOW - 86_401),
            body,
            told(401, "stale"),
        ),
        (
            signed_as(crate::harness::SECRET, body, "n", NOW + 301),
            body,
            told(503, "from_future"),
        ),
        (
            signed(long.as_bytes()),
            long.as_bytes(),
            told(413, "body_too_large"),
        ),
    ] {
        let before = receiver.metric(&counter(&expected.1));
        let reply = receiver.post(&headers, body);
        assert_eq!(reply.told(), expected);
        assert_marked(&reply);
        assert_eq!(
            receiver.metric(&counter(&expected.1)),
            before + 1.0,
            "{expected:?}"
        );
    }
    // The nearest twins of the two about time are taken.
    for at in [NOW - 86_400, NOW + 300] {
        let body = report(&format!("m-{at}"), "DELIVERED");
        let headers = signed_as(crate::harness::SECRET, body.as_bytes(), "n", at);
        assert_eq!(
            receiver.post(&headers, body.as_bytes()).told(),
            told(200, "accepted")
        );
    }
    let at_limit = "x".repeat(1_000);
    let reply = receiver.post(&signed(at_limit.as_bytes()), at_limit.as_bytes());
    assert_eq!(reply.told(), told(200, "accepted"));
    assert_marked(&reply);
}

/// An edge in front knows by this header that the receiver itself has spoken.
fn assert_marked(reply: &Reply) {
    let mark = format!("\nx-sinch-callback: {}\r\n", reply.told().1);
    assert!(reply.head.contains(&mark), "{}", reply.head);
}

fn counter(code: &str) -> String {
    format!("sinch_callback_refused_total{{code=\"{code}\"}}")
}

#[test]
fn a_wrong_method_or_path_says_where_callbacks_go() {
    let receiver = Receiver::start();
    let (public, admin) = (receiver.address, receiver.admin);
    for (address, method, path, expected) in [
        (public, "GET", "/callbacks", told(405, "method_not_allowed")),
        (public, "PUT", "/callbacks", told(405, "method_not_allowed")),
        (public, "POST", "/healthz", told(405, "method_not_allowed")),
        (public, "POST", "/", told(404, "unknown_path")),
        (admin, "POST", "/callbacks", told(404, "unknown_path")),
        (
            admin,
            "POST",
            "/api/summary",
            told(405, "method_not_allowed"),
        ),
        (admin, "GET", "/api/nothing", told(404, "unknown_path")),
        (
            admin,
            "GET",
            "/api/messages/unheard-of",
            told(404, "unknown_message"),
        ),
        (
            admin,
            "GET",
            "/api/messages?state=teleported",
            told(400, "malformed_query"),
        ),
        (
            admin,
            "GET",
            "/api/messages?stauts=failed",
            told(400, "malformed_query"),
        ),
    ] {
        let mut stream = connect(address);
        let reply = exchange(&mut stream, &request(method, path, &[], b""));
        assert_eq!(reply.told(), expected, "{method} {path}");
        assert_marked(&reply);
        assert_eq!(
            reply.status == 405,
            reply.head.contains("\nallow: "),
            "{method} {path}"
        );
    }
}

#[test]
fn an_announced_oversize_is_refused_before_a_byte_of_it_is_sent() {
    use std::io::Write;
    let receiver = Receiver::start_with(&["--max-body", "1000"]);
    let headers = signed(b"");
    let mut stream = receiver.connect();
    let head = String::from_utf8(request("POST", "/callbacks", &headers, b"")).unwrap();
    let head = head.replace("content-length: 0", "content-length: 2000000000");
    stream.write_all(head.as_bytes()).unwrap();
    let reply = crate::harness::Reply::read(&mut stream).unwrap();
    assert_eq!(reply.told(), told(413, "body_too_large"));
    assert!(reply.head.contains("connection: close"));
}

#[test]
fn an_unannounced_oversize_is_refused_without_reading_all_of_it() {
    use std::io::Write;
    let receiver = Receiver::start_with(&["--max-body", "1000"]);
    let mut stream = receiver.connect();
    let head = String::from_utf8(request("POST", "/callbacks", &signed(b""), b"")).unwrap();
    let head = head.replace("content-length: 0", "transfer-encoding: chunked");
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("258\r\n{}\r\n", "x".repeat(600));
    // Two chunks pass the limit; the third and last never comes.
    stream.write_all(chunk.repeat(2).as_bytes()).unwrap();
    let reply = crate::harness::Reply::read(&mut stream).unwrap();
    assert_eq!(reply.told(), told(413, "body_too_large"));
}

#[test]
fn no_log_line_holds_a_secret_body_nonce_or_signature() {
    let receiver = Receiver::start();
    let body = report("logged-message-marker", "DELIVERED");
    let nonce = "nonce-marker-4711";
    let headers = signed_as(crate::harness::SECRET, body.as_bytes(), nonce, NOW);
    let signature = headers[0].1.clone();
    receiver.post(&headers, body.as_bytes());
    receiver.post(&headers, b"body-marker-4711");
    receiver.post(&headers[1..], body.as_bytes());
    receiver.deliver("body-marker-4711, not JSON");
    receiver.settled();
    let (_, log) = receiver.stop();
    assert!(
        log.contains("accepted") && log.contains("signature_mismatch"),
        "{log}"
    );
    for marker in [
        crate::harness::SECRET,
        nonce,
        &signature,
        "body-marker-4711",
        "logged-message-marker",
    ] {
        assert!(!log.contains(marker), "{marker} in {log}");
    }
}

#[test]
fn a_sender_who_sends_too_much_to_its_end_still_learns_why_it_was_refused() {
    use std::io::Write;
    let receiver = Receiver::start_with(&["--max-body", "1000"]);
    let body = "x".repeat(3_000_000);
    let bytes = request("POST", "/callbacks", &signed(b""), body.as_bytes());
    for _ in 0..5 {
        let mut stream = receiver.connect();
        // All of it goes out before the answer is looked at.
        stream.write_all(&bytes).unwrap();
        let reply = crate::harness::Reply::read(&mut stream).unwrap();
        assert_eq!(reply.told(), told(413, "body_too_large"));
    }
}

#[test]
fn whoever_is_refused_before_sending_the_body_can_still_send_it() {
    use std::io::{Read, Write};
    let receiver = Receiver::start_with(&["--max-body", "500000"]);
    let body = vec![b'x'; 600_000];
    let bytes = request("POST", "/callbacks", &signed(&body), &body);
    let (head, body) = bytes.split_at(bytes.len() - body.len());
    let mut stream = receiver.connect();
    stream.write_all(head).unwrap();
    let reply = crate::harness::Reply::read(&mut stream).unwrap();
    assert_eq!(reply.told(), told(413, "body_too_large"));
    // The receiver has said all it has to say, and is reset by none of what is still on its way.
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    for part in body.chunks(100_000) {
        stream.write_all(part).unwrap();
    }
}

#[test]
fn a_full_report_of_an_sms_batch_is_accepted_unless_told_otherwise() {
    let receiver = Receiver::start();
    // 45,000 recipients, and as much again up to the limit.
    let report = |bytes: usize| {
        let mut body = String::from(
            r#"{"type":"delivery_report_sms","batch_id":"b","statuses":[{"code":0,"count":45000,"status":"Delivered","recipients":["#,
        );
        let recipients: Vec<_> = (0..45_000).map(|n| format!("\"4790000{n:05}\"")).collect();
        body.push_str(&recipients.join(","));
        body.push_str("]}]}");
        body.push_str(&" ".repeat(bytes.saturating_sub(body.len())));
        body
    };
    for (bytes, expected) in [
        (0, told(200, "accepted")),
        (2_097_152, told(200, "accepted")),
        (2_097_153, told(413, "body_too_large")),
    ] {
        let body = report(bytes);
        assert!(bytes > 0 || body.len() > 600_000);
        assert_eq!(receiver.deliver(&body).told(), expected, "{}", body.len());
    }
}

/// Posts a signed body to a path.
fn deliver_to(receiver: &Receiver, path: &str, body: &str) -> (u16, String) {
    let bytes = request("POST", path, &signed(body.as_bytes()), body.as_bytes());
    exchange(&mut receiver.connect(), &bytes).told()
}

#[test]
fn a_path_with_one_slash_at_its_end_is_the_same_and_others_are_set() {
    let receiver = Receiver::start();
    let body = report("m-1", "DELIVERED");
    for (path, expected) in [
        ("/callbacks/", told(200, "accepted")),
        ("/callbacks", told(200, "duplicate")),
        ("/callbacks?from=sinch", told(200, "duplicate")),
        ("/callbacks/?from=sinch", told(200, "duplicate")),
        ("/callbacks//", told(404, "unknown_path")),
        ("/sinch", told(404, "unknown_path")),
    ] {
        assert_eq!(deliver_to(&receiver, path, &body), expected, "{path}");
    }
    let receiver = Receiver::start_with(&["--path", "/sinch/conversation", "--path", "/"]);
    for (path, expected) in [
        ("/sinch/conversation", told(200, "accepted")),
        ("/sinch/conversation/", told(200, "duplicate")),
        ("/", told(200, "duplicate")),
        ("/callbacks", told(404, "unknown_path")),
    ] {
        assert_eq!(deliver_to(&receiver, path, &body), expected, "{path}");
    }
    let reply = exchange(&mut receiver.connect(), &request("GET", "/", &[], b""));
    assert_eq!(reply.told(), told(405, "method_not_allowed"));
    assert!(
        reply.text().contains("/sinch/conversation or /"),
        "{reply:?}"
    );
}

#[test]
fn a_signed_request_to_another_path_is_logged_and_no_stranger_fills_the_log() {
    let receiver = Receiver::start();
    let body = report("m-1", "DELIVERED");
    exchange(
        &mut receiver.connect(),
        &request("GET", "/strangers-path", &[], b""),
    );
    for _ in 0..100 {
        assert_eq!(deliver_to(&receiver, "/calbacks", &body).0, 404);
    }
    let (_, log) = receiver.stop();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("--path")).collect();
    // As many as seconds that this took, and not as many as requests.
    assert!((1..30).contains(&lines.len()), "{log}");
    assert!(
        lines[0].contains("/calbacks") && lines[0].contains("/callbacks"),
        "{log}"
    );
    assert!(!log.contains("strangers-path"), "{log}");
}
