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
fn large_bodies_on_their_way_have_bounded_room_and_callbacks_pass_them() {
    let receiver = Receiver::start();
    let body = "x".repeat(400_000);
    let bytes = request("POST", "/callbacks", &signed(b""), body.as_bytes());
    // 64 MiB have room for 167 of them; none ever comes to its end.
    let mut streams: Vec<_> = (0..200).map(|_| receiver.connect()).collect();
    for stream in &mut streams {
        stream.write_all(&bytes[..1_000]).unwrap();
    }
    let overloaded = "sinch_callback_unavailable_total{code=\"overloaded\"}";
    crate::harness::eventually(|| (receiver.metric(overloaded) >= 33.0).then_some(()));
    assert_eq!(receiver.metric(overloaded), 33.0);
    let reply = receiver.deliver(&report("m-1", "DELIVERED"));
    assert_eq!(reply.told().1, "accepted");
    // Room that is given back is room again.
    drop(streams);
    crate::harness::eventually(|| (receiver.deliver(&body).status == 200).then_some(()));
}
