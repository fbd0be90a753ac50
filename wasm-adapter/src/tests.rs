//! The vectors through the exports, in the engine that runs the tests.

use sinch_callback::{AlgorithmHeader, HeaderName};
use sinch_callback_tests::{Expected, Vector};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    answer::{answer_header, answer_status, answer_text},
    guard::{claim, confirm, guard_length, new_guard, release},
    reception::{begin, claimed, handoff_ended, new_rules, receive, refreshed},
    room::reserve,
    state::with,
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

/// A callback in the buffer: the lengths of its headers' values, and of its body.
fn lay_out(vector: &Vector) -> ([i32; 4], u32) {
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
    (lengths, u32::try_from(body.len()).unwrap())
}

/// What the exports say of a vector.
fn verdict(vector: &Vector) -> Expected {
    let (secrets, verbatim) = vector.secrets();
    for secret in secrets {
        assert_eq!(add_secret(write(&secret), verbatim, false), 0);
    }
    let native = vector.verifier();
    let verifier = u32::try_from(new_verifier(
        native.window().max_age.as_secs(),
        native.window().max_ahead.as_secs(),
        u32::try_from(native.max_body_bytes()).unwrap(),
        vector.algorithm_header() == AlgorithmHeader::Required,
    ))
    .unwrap();

    let ([signature, timestamp, nonce, algorithm], body_length) = lay_out(vector);
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
        let code = read_text(answer_text(number, 0));
        let header = read_text(answer_text(number, 3));
        return Expected::Rejected {
            status: u16::try_from(answer_status(number)).unwrap(),
            // The vectors name a header where its presence or form is wrong.
            header: (!header.is_empty() && code != "unsupported_algorithm").then_some(header),
            code,
        };
    }
    let record = read(25);
    let age = f64::from_le_bytes(record[16..24].try_into().unwrap());
    write(&vector.body());
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
fn a_claim_is_first_then_in_flight_and_done_once_confirmed() {
    let guard = new_guard(2, 600, 30, false);
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_000), -1.0);
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_001), 1_000.0);
    // Of another moment: not the claim that stands.
    assert!(release(guard, 1, 2, 3, 4, 0, 1_001));
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_001), 1_000.0);
    assert!(release(guard, 1, 2, 3, 4, 0, 1_000));
    assert_eq!(claim(guard, 1, 2, 3, 4, 0, 1_002), -1.0);
    assert!(confirm(guard, 1, 2, 3, 4, 0, 1_002));
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
    let reason = add_secret(write(b" made-up-secret"), false, false);
    assert!(read_text(reason).starts_with("the secret begins with white space"));
    let left = with(|state| state.buffer.all().to_vec());
    assert!(!left.windows(7).any(|bytes| bytes == b"made-up"));
    assert!(new_verifier(300, 300, 1, false) < 0);
}

/// The reception of a vector, with rules of its own, a verifier and a guard.
struct Received {
    rules: u32,
    verifier: u32,
    guard: u32,
}

impl Received {
    fn of(vector: &Vector) -> Self {
        let (secrets, verbatim) = vector.secrets();
        for secret in secrets {
            assert_eq!(add_secret(write(&secret), verbatim, false), 0);
        }
        let native = vector.verifier();
        let window = native.window();
        let (age, ahead) = (window.max_age.as_secs(), window.max_ahead.as_secs());
        let size = u32::try_from(native.max_body_bytes()).unwrap();
        let needs_algorithm = vector.algorithm_header() == AlgorithmHeader::Required;
        let verifier = new_verifier(age, ahead, size, needs_algorithm);
        Self {
            rules: new_rules(age, ahead, size, needs_algorithm, false),
            verifier: u32::try_from(verifier).unwrap(),
            guard: new_guard(8, 600, 30, false),
        }
    }

    fn begin(&self, vector: &Vector) -> u32 {
        let ([signature, timestamp, nonce, algorithm], _) = lay_out(vector);
        begin(self.rules, signature, timestamp, nonce, algorithm)
    }

    fn receive(&self, vector: &Vector, verifier: u32, refreshes: u32) -> u32 {
        let ([signature, timestamp, nonce, algorithm], body) = lay_out(vector);
        let now = vector.now().get();
        receive(
            self.rules,
            verifier,
            self.guard,
            signature,
            timestamp,
            nonce,
            algorithm,
            body,
            false,
            refreshes,
            (now >> 32) as u32,
            now as u32,
        )
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        free(self.rules);
        free(self.verifier);
        free(self.guard);
    }
}

#[wasm_bindgen_test]
fn every_vector_is_received_as_it_is_verified_and_claimed_in_one_crossing() {
    let (mut accepted, mut refused) = (0, 0);
    for vector in Vector::all() {
        let received = Received::of(&vector);
        let next = received.receive(&vector, received.verifier, 0);
        match &vector.expect {
            Expected::Accepted {
                secret_slot,
                replay_key,
                ..
            } => {
                assert_eq!(next, 0, "{}", vector.id);
                let record = read(26);
                assert_eq!((&record[24], record[25]), (secret_slot, 1), "{}", vector.id);
                assert_eq!(&hex(&record[..16]), replay_key, "{}", vector.id);
                assert_eq!(guard_length(received.guard), 1);
                // A copy while the first is in flight.
                assert_eq!(received.receive(&vector, received.verifier, 0), 0);
                assert_eq!(read(26)[25], 2, "{}", vector.id);
                accepted += 1;
            }
            Expected::Rejected { code, .. } if code == "signature_mismatch" => {
                assert_eq!(next, 256, "{}", vector.id);
            }
            Expected::Rejected { code, status, .. } => {
                assert!(next > 0xffff, "{}: {next}", vector.id);
                assert_eq!(answer_status(next), u32::from(*status), "{}", vector.id);
                assert_eq!(&read_text(answer_text(next, 0)), code, "{}", vector.id);
                assert_eq!(guard_length(received.guard), 0);
                // What is wrong with the headers is known without the body.
                let form = ["missing_header", "repeated_header", "malformed_header"];
                let begun = received.begin(&vector);
                assert_eq!(
                    begun != 0,
                    form.contains(&code.as_str()) || code == "unsupported_algorithm"
                );
                refused += 1;
            }
        }
    }
    assert!(accepted > 50 && refused > 100, "{accepted} {refused}");
}

/// The first vector that is accepted, or refused with this code.
fn example(code: Option<&str>) -> Vector {
    let found = Vector::all()
        .into_iter()
        .find(|vector| match &vector.expect {
            Expected::Accepted { .. } => code.is_none(),
            Expected::Rejected { code: other, .. } => code == Some(other.as_str()),
        });
    found.unwrap()
}

/// The code and the kind of an answer.
fn told(number: u32) -> (u32, String, String) {
    let text = |which| read_text(answer_text(number, which));
    (answer_status(number), text(0), text(1))
}

#[wasm_bindgen_test]
fn a_mismatch_waits_for_newer_secrets_and_means_what_becomes_of_them() {
    let vector = example(Some("signature_mismatch"));
    let received = Received::of(&vector);
    assert_eq!(received.receive(&vector, received.verifier, 1), 256);
    let signed_at = f64::from_le_bytes(read(8).try_into().unwrap()) as u32;
    assert!(signed_at > 0);
    let newer = received.receive(&vector, received.verifier, 2);
    let may_be_newer = (503, "secret_may_be_newer".to_owned(), "deferred".to_owned());
    assert_eq!(told(newer), may_be_newer);
    let mismatch = (401, "signature_mismatch".to_owned(), "refused".to_owned());
    let after = |outcome, read_at| refreshed(received.rules, outcome, 0, signed_at, 0, read_at);
    assert_eq!(told(after(1, 0)), mismatch);
    assert_eq!(told(after(2, signed_at + 60)), may_be_newer);
    assert_eq!(told(after(2, signed_at + 61)), mismatch);
    assert_eq!(told(after(3, 0)), may_be_newer);
    assert_eq!(after(4, 0), 257);
    let defers = new_rules(300, 300, 1_000, false, true);
    assert_eq!(told(refreshed(defers, 1, 0, signed_at, 0, 0)).0, 503);
    free(defers);
    assert_eq!(refreshed(defers, 1, 0, signed_at, 0, 0), u32::MAX);
}

#[wasm_bindgen_test]
fn without_a_secret_what_is_well_formed_is_undecided_and_the_rest_is_refused() {
    let accepted = example(None);
    assert_eq!(Received::of(&accepted).receive(&accepted, 0, 0), 257);
    let malformed = example(Some("malformed_header"));
    let refused = Received::of(&malformed).receive(&malformed, 0, 0);
    assert_eq!(answer_status(refused), 400);
}

#[wasm_bindgen_test]
fn what_was_handed_off_is_a_duplicate_by_whatever_guard() {
    let vector = example(None);
    let received = Received::of(&vector);
    assert_eq!(received.receive(&vector, received.verifier, 0), 0);
    let words: Vec<u32> = read(16)
        .chunks(4)
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect();
    let now = vector.now().get();
    let [high, low] = [(now >> 32) as u32, now as u32];
    assert!(confirm(
        received.guard,
        words[0],
        words[1],
        words[2],
        words[3],
        high,
        low
    ));
    let duplicate = (200, "duplicate".to_owned(), "absorbed".to_owned());
    assert_eq!(
        told(received.receive(&vector, received.verifier, 0)),
        duplicate
    );
    assert_eq!(told(claimed(4)), duplicate);
    assert_eq!([0, 1, 2, 3].map(claimed), [0; 4]);
}

#[wasm_bindgen_test]
fn a_hand_off_to_an_origin_ends_in_an_answer_and_a_word_for_the_guard() {
    const NOTHING: u32 = 0;
    const CONFIRM: u32 = 1;
    const RELEASE: u32 = 2;
    for (status, is_marked, is_authentic, has_ticket, code, guard) in [
        (200, true, true, true, "", CONFIRM),
        (200, true, true, false, "", CONFIRM),
        (200, false, true, true, "origin_refused", RELEASE),
        (401, true, true, true, "origin_refused", RELEASE),
        (401, true, true, false, "origin_refused", NOTHING),
        (429, false, true, true, "", RELEASE),
        (401, true, false, false, "", NOTHING),
        (403, false, false, false, "origin_refused", NOTHING),
        // Nobody answered.
        (0, false, true, true, "handoff_unavailable", RELEASE),
        // No status, though its lowest bits are one.
        (65_536 + 200, true, true, true, "origin_refused", RELEASE),
    ] {
        let ended = handoff_ended(status, is_marked, is_authentic, has_ticket);
        assert_eq!(ended >> 8, guard, "{status} {is_marked}");
        assert_eq!(read_text(answer_text(ended & 0xff, 0)), code, "{status}");
    }
    assert_eq!(read_text(answer_header()), "x-sinch-callback");
}
