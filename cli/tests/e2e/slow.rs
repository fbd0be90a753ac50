//! Slow and half-sent requests end by themselves and are nobody else's concern.

use std::{io::Write, thread};

use crate::harness::{Receiver, Reply, report, request, signed};

#[test]
fn slow_clients_are_timed_out_and_the_others_are_served_meanwhile() {
    let receiver = Receiver::start_with(&["--body-timeout", "2"]);
    let body = report("slow", "DELIVERED");
    let bytes = request(
        "POST",
        "/callbacks",
        &signed(body.as_bytes()),
        body.as_bytes(),
    );
    // Half a body, from many connections at once.
    let mut half_bodies: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = receiver.connect();
            stream.write_all(&bytes[..bytes.len() - 5]).unwrap();
            stream
        })
        .collect();
    // Half a head, and nothing at all.
    let mut half_head = receiver.connect();
    half_head
        .write_all(b"POST /callbacks HTTP/1.1\r\nhost: te")
        .unwrap();
    let silent = receiver.connect();

    for number in 0..20 {
        let reply = receiver.deliver(&report(&format!("m-{number}"), "DELIVERED"));
        assert_eq!(reply.told().1, "accepted");
    }

    let waiting: Vec<_> = half_bodies
        .drain(..)
        .map(|mut stream| {
            thread::spawn(move || (Reply::read(&mut stream), Reply::read(&mut stream).is_none()))
        })
        .collect();
    for stream in waiting {
        let (reply, closed) = stream.join().unwrap();
        assert_eq!(reply.unwrap().told(), (503, "request_timeout".into()));
        assert!(closed, "the connection is closed behind the refusal");
    }
    assert_eq!(
        receiver.metric("sinch_callback_unavailable_total{code=\"request_timeout\"}"),
        50.0
    );
    let summary = receiver.settled();
    assert_eq!(summary["messages"], 20);
    drop((half_head, silent));
}

#[test]
fn a_half_sent_head_is_closed() {
    use std::io::Read;
    let receiver = Receiver::start_with(&["--header-timeout", "1"]);
    let mut stream = receiver.connect();
    stream
        .write_all(b"POST /callbacks HTTP/1.1\r\nhost: te")
        .unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    let rest = String::from_utf8(rest).unwrap();
    assert!(
        rest.is_empty() || rest.starts_with("HTTP/1.1 408"),
        "{rest}"
    );
}

#[test]
fn a_client_that_goes_away_leaves_nothing_behind() {
    let receiver = Receiver::start();
    let body = report("gone", "DELIVERED");
    let bytes = request(
        "POST",
        "/callbacks",
        &signed(body.as_bytes()),
        body.as_bytes(),
    );
    for cut in [1, 30, 200, bytes.len() - 1] {
        let mut stream = receiver.connect();
        stream.write_all(&bytes[..cut]).unwrap();
    }
    // Its retry is the first that was taken.
    assert_eq!(receiver.deliver(&body).told().1, "accepted");
    assert_eq!(receiver.settled()["callbacks"], 1);
    crate::harness::eventually(|| {
        (receiver.metric("sinch_callback_connections") <= 1.0).then_some(())
    });
}

#[test]
fn stalled_requests_take_no_room_for_what_they_announce() {
    let receiver = Receiver::start();
    let head = request("POST", "/callbacks", &signed(b""), b"");
    let head = String::from_utf8(head).unwrap();
    // 600 mebibytes are announced, or none, and a byte of each comes.
    let announced = head.replace("content-length: 0", "content-length: 2000000");
    let chunked = head.replace("content-length: 0", "transfer-encoding: chunked");
    let _stalled: Vec<_> = (0..300)
        .map(|number| {
            let mut stream = receiver.connect();
            let head = if number % 2 == 0 {
                &announced
            } else {
                &chunked
            };
            stream.write_all(format!("{head}1").as_bytes()).unwrap();
            stream
        })
        .collect();
    // What was refused for good while the room lasted for 32 of them.
    for bytes in [100, 9_000, 500_000, 2_000_000] {
        let body = "x".repeat(bytes);
        assert_eq!(receiver.deliver(&body).told().1, "accepted", "{bytes}");
        let afresh = format!("{body}y");
        let bytes = request("POST", "/callbacks", &signed(afresh.as_bytes()), b"");
        let chunked = String::from_utf8(bytes)
            .unwrap()
            .replace("content-length: 0", "transfer-encoding: chunked");
        let chunks = format!("{chunked}{:x}\r\n{afresh}\r\n0\r\n\r\n", afresh.len());
        let reply = crate::harness::exchange(&mut receiver.connect(), chunks.as_bytes());
        assert_eq!(reply.told().1, "accepted");
    }
    assert_eq!(receiver.metric(OVERLOADED), 0.0);
}

const OVERLOADED: &str = "sinch_callback_unavailable_total{code=\"overloaded\"}";

#[test]
fn large_bodies_on_their_way_have_bounded_room_and_callbacks_pass_them() {
    let receiver = Receiver::start_with(&["--body-timeout", "60"]);
    let body = "x".repeat(1_000_000);
    let bytes = request("POST", "/callbacks", &signed(b""), body.as_bytes());
    // 16 MiB have room for 16 of them; none ever comes to its end.
    let strangers: Vec<_> = (0..40)
        .map(|_| {
            let mut stream = receiver.connect();
            // Whoever is closed meanwhile cannot be written to.
            let _ = stream.write_all(&bytes[..bytes.len() - 1]);
            stream
        })
        .collect();
    crate::harness::eventually(|| (receiver.metric(OVERLOADED) >= 24.0).then_some(()));
    for number in 0..20 {
        let reply = receiver.deliver(&report(&format!("m-{number}"), "DELIVERED"));
        assert_eq!(reply.told().1, "accepted");
    }
    drop(strangers);
    assert_eq!(receiver.deliver(&body).told().1, "accepted");
}

#[test]
fn connections_past_the_bound_close_strangers_and_the_known_stay() {
    // Of 400 open files the store and the rest may need 256.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), crate::harness::SECRET).unwrap();
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", "ulimit -n 400; exec \"$@\"", "bash"])
        .arg(env!("CARGO_BIN_EXE_sinch-callback"))
        .args(Receiver::arguments(folder.path(), &[]));
    let receiver = Receiver::spawn(command, folder);
    let mut known = receiver.connect();
    let callback = |id: &str| {
        let body = report(id, "DELIVERED");
        request(
            "POST",
            "/callbacks",
            &signed(body.as_bytes()),
            body.as_bytes(),
        )
    };
    let reply = crate::harness::exchange(&mut known, &callback("m-0"));
    assert_eq!(reply.told().1, "accepted");
    // Silent ones, and halves of heads.
    let mut strangers = Vec::new();
    for number in 0..600 {
        let mut stream = receiver.connect();
        if number % 2 == 0 {
            let _ = stream.write_all(b"POST /callbacks HTTP/1.1\r\nhost: te");
        }
        strangers.push(stream);
        if number % 100 == 0 {
            let reply = crate::harness::exchange(&mut known, &callback(&format!("k-{number}")));
            assert_eq!(reply.told().1, "accepted");
            let reply = receiver.deliver(&report(&format!("m-{number}"), "DELIVERED"));
            assert!(reply.status == 200);
        }
    }
    assert!(receiver.metric("sinch_callback_connections") <= 144.0);
    let reply = crate::harness::exchange(&mut known, &callback("m-last"));
    assert_eq!(reply.told().1, "accepted");
}

#[test]
fn whoever_does_not_read_the_answers_is_closed() {
    use std::io::Read;
    let receiver = Receiver::start_with(&["--body-timeout", "1"]);
    let mut stream = receiver.connect();
    stream
        .set_write_timeout(Some(std::time::Duration::from_secs(10)))
        .unwrap();
    let asks = b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n".repeat(1_000);
    // Answers fill the way back, then questions the way there, then the connection ends.
    while stream.write_all(&asks).is_ok() {}
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    crate::harness::eventually(|| {
        (receiver.metric("sinch_callback_connections") == 0.0).then_some(())
    });
}
