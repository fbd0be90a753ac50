use core::time::Duration;
use std::{
    string::{String, ToString},
    vec,
    vec::Vec,
};

use super::{cause::Diagnosis, evidence::Evidence, search::diagnose};
use crate::{
    base64, header_name::HeaderName, secret::Secret, signature, time::UnixSeconds, window::Window,
};

const SECRET: &str = "bWFkZS11cA";
const BODY: &str = "{\"a\":1.50,\"b\":[\"x/y\",\"\u{e9}\"]}";
const NONCE: &str = "01FJA8B4A7EXAMPLE";
const TIME: &str = "1700000000";
const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

/// A callback as it was signed, to be spoilt on its way.
struct Case {
    signature: String,
    timestamp: String,
    nonce: String,
    body: Vec<u8>,
    secret: Vec<u8>,
    retired: Vec<Vec<u8>>,
    now: UnixSeconds,
}

fn signature(secret: &[u8], body: &[u8], nonce: &str, time: &str) -> String {
    let secret = Secret::verbatim(secret).unwrap();
    let tag = secret.tag(body, nonce.as_bytes(), time.as_bytes());
    String::from_utf8(signature::encode(&tag).to_vec()).unwrap()
}

impl Case {
    fn signed(secret: &str, body: &str, nonce: &str, time: &str) -> Self {
        Self {
            signature: signature(secret.as_bytes(), body.as_bytes(), nonce, time),
            timestamp: time.into(),
            nonce: nonce.into(),
            body: body.into(),
            secret: secret.into(),
            retired: Vec::new(),
            now: NOW,
        }
    }

    fn new() -> Self {
        Self::signed(SECRET, BODY, NONCE, TIME)
    }

    fn spoilt(change: impl FnOnce(&mut Self)) -> Vec<Diagnosis> {
        let mut case = Self::new();
        change(&mut case);
        case.diagnose()
    }

    fn diagnose(&self) -> Vec<Diagnosis> {
        let pairs = [
            (HeaderName::Signature.as_str(), self.signature.as_str()),
            (HeaderName::Timestamp.as_str(), self.timestamp.as_str()),
            (HeaderName::Nonce.as_str(), self.nonce.as_str()),
        ];
        let evidence = Evidence {
            public_paths: &[],
            body: &self.body,
            secrets: core::slice::from_ref(&self.secret),
            retired_secrets: &self.retired,
            now: self.now,
            window: Window::BARE,
        };
        diagnose(pairs, &evidence)
    }
}

#[test]
fn nothing_is_named_where_nothing_is_wrong_or_nothing_usual_is() {
    assert_eq!(Case::new().diagnose(), []);
    let other = Case::spoilt(|case| case.secret = b"made-up-other".into());
    assert_eq!(other, []);
    let altered = Case::spoilt(|case| case.body[4] ^= 1);
    assert_eq!(altered, []);
}

#[test]
fn a_spoilt_secret_is_named() {
    let with = |secret: &[u8]| Case::spoilt(|case| case.secret = secret.into());
    assert_eq!(with(b" bWFkZS11cA\n"), [Diagnosis::SecretHasWhitespace]);
    // What "made-up" is without its base64, and the other way about.
    let mut decoded = Case::signed("bWFkZS11cHM=", BODY, NONCE, TIME);
    decoded.secret = b"made-ups".into();
    assert_eq!(decoded.diagnose(), [Diagnosis::SecretWasDecoded]);
    let mut signer = Case::signed("made-up", BODY, NONCE, TIME);
    signer.secret = SECRET.into();
    assert_eq!(signer.diagnose(), [Diagnosis::SignerDecodesSecret]);
    let mut newline = Case::signed("made-up!\n", BODY, NONCE, TIME);
    newline.secret = b"made-up!".into();
    assert_eq!(newline.diagnose(), [Diagnosis::SecretLostWhitespace]);
    let previous = Case::spoilt(|case| {
        case.retired = vec![core::mem::replace(&mut case.secret, b"made-up-new".into())];
    });
    assert_eq!(previous, [Diagnosis::PreviousSecret]);
}

#[test]
fn what_people_have_around_a_secret_is_named() {
    let with = |secret: &str| Case::spoilt(|case| case.secret = secret.into());
    for (secret, causes) in [
        ("\"bWFkZS11cA\"", &[Diagnosis::SecretQuoted][..]),
        ("'bWFkZS11cA'", &[Diagnosis::SecretQuoted]),
        ("\u{201c}bWFkZS11cA\u{201d}", &[Diagnosis::SecretQuoted]),
        ("whsec_bWFkZS11cA", &[Diagnosis::SecretPrefixed]),
        ("NAME=bWFkZS11cA", &[Diagnosis::SecretNamed]),
        ("secret: bWFkZS11cA", &[Diagnosis::SecretNamed]),
        ("\u{feff}bWFkZS11cA", &[Diagnosis::SecretHasByteOrderMark]),
        (
            "made-up-other\nbWFkZS11cA",
            &[Diagnosis::SecretHasLineBreak],
        ),
        ("bWFkZ\nS11cA", &[Diagnosis::SecretHasLineBreak]),
        (
            "\u{feff}bWFkZS11cA\n",
            &[
                Diagnosis::SecretHasByteOrderMark,
                Diagnosis::SecretHasWhitespace,
            ],
        ),
        (
            "NAME='bWFkZS11cA'",
            &[Diagnosis::SecretNamed, Diagnosis::SecretQuoted],
        ),
    ] {
        assert_eq!(with(secret), causes, "{secret}");
    }
}

#[test]
fn a_body_that_was_spoilt_twice_names_both() {
    let with = |body: &str| Case::spoilt(|case| case.body = body.into());
    // As Windows tools format and save it, and as a library that encodes a text of JSON leaves it.
    let saved = "\u{feff}{\n  \"a\": 1.50,\n  \"b\": [\n    \"x/y\",\n    \"\u{e9}\"\n  ]\n}\n";
    assert_eq!(
        with(saved),
        [Diagnosis::ByteOrderMarkAdded, Diagnosis::BodyReserialized]
    );
    let string = "\"{\\\"a\\\":1.50,\\\"b\\\":[\\\"x/y\\\",\\\"\u{e9}\\\"]}\"";
    assert_eq!(with(string), [Diagnosis::BodyIsJsonString]);
    let encoded = String::from_utf8(base64::encode(string.as_bytes())).unwrap();
    assert_eq!(
        with(&encoded),
        [Diagnosis::BodyStillEncoded, Diagnosis::BodyIsJsonString]
    );
    for indent in ["  ", "    "] {
        let signed = std::format!("{{\n{indent}\"a\": 1\n}}");
        let mut case = Case::signed(SECRET, &signed, NONCE, TIME);
        case.body = b"{\"a\":1}".into();
        assert_eq!(case.diagnose(), [Diagnosis::BodyReserialized]);
    }
}

#[test]
fn what_a_body_shows_is_told_where_nothing_can_be_proved() {
    let with = |body: &[u8]| Case::spoilt(|case| case.body = body.into());
    assert_eq!(with(b""), [Diagnosis::BodyEmpty]);
    assert_eq!(with(b"\x1f\x8b\x08\0"), [Diagnosis::BodyCompressed]);
    let sorted = b"{\"a\":1,\"b\":{\"c\":1,\"d\":2}}";
    assert_eq!(with(sorted), [Diagnosis::KeysSorted]);
    // A callback that is as it was signed shows nothing, whatever its keys.
    let mut case = Case::signed(SECRET, "{\"a\":1,\"b\":2,\"c\":3}", NONCE, TIME);
    assert_eq!(case.diagnose(), []);
    case.secret = b"made-up-other".into();
    assert_eq!(case.diagnose(), [Diagnosis::KeysSorted]);
}

#[test]
fn a_spoilt_body_is_named() {
    let with = |body: &str| Case::spoilt(|case| case.body = body.into());
    let spaced = "{\"a\": 1.50, \"b\": [\"x/y\", \"\\u00e9\"]}";
    assert_eq!(with(spaced), [Diagnosis::BodyReserialized]);
    let slashes = "{\"a\":1.50,\"b\":[\"x\\/y\",\"\u{e9}\"]}";
    assert_eq!(with(slashes), [Diagnosis::BodyReserialized]);
    let php = "{\"a\":1.50,\"b\":[\"x\\/y\",\"\\u00e9\"]}";
    assert_eq!(with(php), [Diagnosis::BodyReserialized]);
    // A number that was read and written again cannot be told any more.
    assert_eq!(with("{\"a\":1.5,\"b\":[\"x/y\",\"\u{e9}\"]}"), []);
    assert_eq!(with(&std::format!("{BODY}\n")), [Diagnosis::NewlineAdded]);
    assert_eq!(
        with(&std::format!("\u{feff}{BODY}")),
        [Diagnosis::ByteOrderMarkAdded]
    );
    let encoded = String::from_utf8(base64::encode(BODY.as_bytes())).unwrap();
    assert_eq!(with(&encoded), [Diagnosis::BodyStillEncoded]);
    for (signed, received, cause) in [
        ("plain\n", "plain", Diagnosis::NewlineLost),
        ("a\r\nb", "a\nb", Diagnosis::LineEndingsChanged),
        ("\u{feff}plain", "plain", Diagnosis::ByteOrderMarkLost),
        ("{\"a\": 1}", "{\"a\":1}", Diagnosis::BodyReserialized),
    ] {
        let mut case = Case::signed(SECRET, signed, NONCE, TIME);
        case.body = received.into();
        assert_eq!(case.diagnose(), [cause], "{received}");
    }
}

#[test]
fn spoilt_headers_are_named() {
    let quoted = Case::spoilt(|case| case.nonce = std::format!("\"{NONCE}\""));
    assert_eq!(quoted, [Diagnosis::HeaderNotTrimmed(HeaderName::Nonce)]);
    let spaced = Case::spoilt(|case| case.signature.push(' '));
    assert_eq!(spaced, [Diagnosis::HeaderNotTrimmed(HeaderName::Signature)]);
    let mut trimmed = Case::signed(SECRET, BODY, "01FJA8B4A7 ", TIME);
    trimmed.nonce = "01FJA8B4A7".into();
    assert_eq!(
        trimmed.diagnose(),
        [Diagnosis::HeaderTrimmed(HeaderName::Nonce)]
    );
    let unpadded = Case::spoilt(|case| {
        case.signature = case.signature.replace(['=', '+'], "-").replace('/', "_");
        case.signature.pop();
    });
    assert_eq!(unpadded, [Diagnosis::SignatureEncoding]);
    let hex = Case::spoilt(|case| {
        let tag = base64::decode(case.signature.as_bytes()).unwrap();
        case.signature = tag.iter().map(|byte| std::format!("{byte:02X}")).collect();
    });
    assert_eq!(hex, [Diagnosis::SignatureEncoding]);
}

#[test]
fn milliseconds_are_named_wherever_they_stand() {
    let signed = Case::signed(SECRET, BODY, NONCE, "1700000000123");
    assert_eq!(signed.diagnose(), [Diagnosis::Milliseconds]);
    let header = Case::spoilt(|case| case.timestamp = "1700000000123".into());
    assert_eq!(header, [Diagnosis::Milliseconds]);
    let mut in_signature = Case::signed(SECRET, BODY, NONCE, "1700000000000");
    in_signature.timestamp = TIME.into();
    assert_eq!(in_signature.diagnose(), [Diagnosis::Milliseconds]);
}

#[test]
fn a_moved_boundary_is_named_as_an_attack() {
    let body = "{\"at\":\"05.123Z\"}";
    let mut case = Case::signed(SECRET, body, NONCE, TIME);
    case.body = b"{\"at\":\"05".into();
    case.nonce = std::format!("123Z\"}}.{NONCE}");
    assert_eq!(case.diagnose(), [Diagnosis::BoundaryShift]);
}

#[test]
fn a_right_signature_out_of_its_time_names_the_clock() {
    let at = |now| Case::spoilt(|case| case.now = UnixSeconds::new(now));
    assert_eq!(at(1_700_000_300), []);
    assert_eq!(
        at(1_700_000_301),
        [Diagnosis::TooOld {
            age: Duration::from_secs(301)
        }]
    );
    let behind = at(1_700_000_000 - 7_201);
    assert_eq!(
        behind,
        [Diagnosis::ClockBehind {
            by: Duration::from_secs(7_201)
        }]
    );
    assert!(behind[0].to_string().contains("local time"));
    assert!(
        !at(1_700_000_000 - 5_000)[0]
            .to_string()
            .contains("local time")
    );
}

#[test]
fn two_causes_that_came_together_are_both_named() {
    let both = Case::spoilt(|case| {
        case.secret = b"bWFkZS11cA\n".into();
        case.body.push(b'\n');
    });
    assert_eq!(
        both,
        [Diagnosis::SecretHasWhitespace, Diagnosis::NewlineAdded]
    );
}

#[test]
fn no_input_makes_it_panic() {
    use proptest::prelude::*;
    proptest!(|(values: [Vec<u8>; 4], now: u64, window: (Duration, Duration))| {
        let [signature, timestamp, nonce, body] = values;
        let pairs = [
            (HeaderName::Signature.as_str(), &signature[..]),
            (HeaderName::Timestamp.as_str(), &timestamp),
            (HeaderName::Nonce.as_str(), &nonce),
        ];
        let secrets = core::slice::from_ref(&nonce);
        let evidence = Evidence::new(&body, secrets, UnixSeconds::new(now))
            .with_retired_secrets(core::slice::from_ref(&body))
            .with_window(Window::new(window.0, window.1));
        prop_assert_eq!(diagnose(pairs, &evidence), []);
    });
}
