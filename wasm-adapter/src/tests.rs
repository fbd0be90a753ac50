//! The vectors through the exports, in the engine that runs the tests.

use sinch_callback::{AlgorithmHeader, HeaderName};
use sinch_callback_tests::{Expected, Vector};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    guard::{claim, confirm, new_guard, release},
    origin::{origin_refusal, origin_text},
    room::reserve,
    state::with,
    verdict::{rejection_status, rejection_text},
    verifier::{add_secret, content_key, free, new_verifier, verify},
};

/// Puts the bytes into the buffer, as a host does.
fn write(bytes: &[u8]) -> u32 {
    let length = u32::try_from(bytes.len()).unwrap();
    assert!(!reserve(length.max(1024)).is_null());
    with(|state| state.buffer.put(bytes))
}

fn read(length: u32) -> Vec<u8> {
    with(|state| state.buffer.all()[..length as usize].to_vec())
}

fn read_text(length: u32) -> String {
    String::from_utf8(read(length)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the exports say of a vector.
fn verdict(vector: &Vector) -> Expected {
    let (secrets, verbatim) = vector.secrets();
    for secret in secrets {
        assert_eq!(add_secret(write(&secret), verbatim), 0);
    }
    let native = vector.verifier();
    let verifier = u32::try_from(new_verifier(
        native.window().max_age_secs,
        native.window().max_ahead_secs,
        u32::try_from(native.max_body_bytes()).unwrap(),
        vector.algorithm_header() == AlgorithmHeader::Required,
    ))
    .unwrap();

    let mut input = Vec::new();
    let lengths = [
        HeaderName::Signature,
        HeaderName::Timestamp,
        HeaderName::Nonce,
        HeaderName::Algorithm,
    ]
    .map(|name| {
        let headers = vector.headers();
        let values: Vec<_> = headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name.as_str()))
            .map(|(_, value)| value.clone())
            .collect();
        if values.is_empty() {
            return -1;
        }
        let value = values.join(&b","[..]);
        input.extend_from_slice(&value);
        i32::try_from(value.len()).unwrap()
    });
    let body = vector.body();
    input.extend_from_slice(&body);
    write(&input);
    let [signature, timestamp, nonce, algorithm] = lengths;
    let body_length = u32::try_from(body.len()).unwrap();
    let now = vector.now().get();
    let number = verify(
        verifier,
        signature,
        timestamp,
        nonce,
        algorithm,
        body_length,
        (now >> 32) as u32,
        now as u32,
    );
    free(verifier);
    if number != 0 {
        let code = read_text(rejection_text(0));
        let header = read_text(rejection_text(3));
        return Expected::Rejected {
            status: u16::try_from(rejection_status()).unwrap(),
            // The vectors name a header where its presence or form is wrong.
            header: (!header.is_empty() && code != "unsupported_algorithm").then_some(header),
            code,
        };
    }
    let record = read(25);
    let age = f64::from_le_bytes(record[16..24].try_into().unwrap());
    write(&body);
    content_key(body_length);
    Expected::Accepted {
        secret_slot: record[24],
        replay_key: hex(&record[..16]),
        content_key: hex(&read(16)),
        age_secs: (age as u64).to_string(),
    }
}

#[wasm_bindgen_test]
fn every_vector_gets_its_verdict() {
    for mut vector in Vector::all() {
        if let Expected::Accepted { age_secs, .. } = &mut vector.expect {
            // The host's numbers are exact up to 2 to the 53rd.
            let nearest = age_secs.parse::<u64>().unwrap() as f64;
            *age_secs = (nearest as u64).to_string();
        }
        assert_eq!(verdict(&vector), vector.expect, "{}", vector.id);
    }
}

#[wasm_bindgen_test]
fn an_origin_s_answer_goes_on_or_is_503() {
    for (status, is_marked, is_authentic, expected) in [
        (200, true, true, 0),
        (200, false, true, 503),
        (401, true, true, 503),
        (401, true, false, 0),
        (403, false, false, 503),
        (429, false, true, 0),
        // No status, though its lowest bits are one.
        (65_536 + 200, true, true, 503),
    ] {
        let found = origin_refusal(status, is_marked, is_authentic);
        assert_eq!(found, expected, "{status} {is_marked} {is_authentic}");
    }
    assert!(!reserve(1024).is_null());
    assert_eq!(read_text(origin_text(0)), "x-sinch-callback");
    assert_eq!(read_text(origin_text(1)), "origin_refused");
}

#[wasm_bindgen_test]
fn a_claim_is_first_then_in_flight_and_done_once_confirmed() {
    let guard = new_guard(2, 600, 30, false);
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_000), -1.0);
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_001), 1_000.0);
    assert!(release(guard, 1, 2, 3, 4));
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_002), -1.0);
    assert!(confirm(guard, 1, 2, 3, 4));
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_003), -2.0);
    free(guard);
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_004), -4.0);
}

#[wasm_bindgen_test]
fn a_guard_that_memory_cannot_hold_is_refused() {
    assert_eq!(new_guard(u32::MAX, 600, 30, false), 0);
}

#[wasm_bindgen_test]
fn a_refused_secret_leaves_nothing_of_itself_in_the_buffer_and_no_verifier() {
    let reason = add_secret(write(b" made-up-secret"), false);
    assert!(read_text(reason).starts_with("the secret begins with white space"));
    let left = with(|state| state.buffer.all().to_vec());
    assert!(!left.windows(7).any(|bytes| bytes == b"made-up"));
    assert!(new_verifier(300, 300, 1, false) < 0);
}
