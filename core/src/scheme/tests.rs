//! Every scheme: its signer against its verifier, its grammar's boundaries, and what it promises.
//! Sinch's own vectors are in `tests/vectors/schemes.json`.

use std::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use super::*;
use crate::{
    authentic::Authentic, promise::Promise, reception::rules::Rules, rejection::Rejection,
    secret_ring::Ring, time::UnixSeconds,
};

const NOW: UnixSeconds = UnixSeconds::new(1_795_600_811);
const SECRET: &[u8] = b"bWFkZS11cC1zZWNyZXQtb2Ytb3Vycw==";
const BODY: &[u8] = br#"{"event":"dice","callid":"made-up"}"#;
const KEY: &str = "669E367E-made-up";
const TOKEN: &str = "0123456789abcdefABCDEF0123456789abcdefABCDEF012345";

/// Every scheme of a shared secret, with a key where it names one.
fn schemes() -> Vec<AnyScheme> {
    let names = SchemeName::ALL.iter().copied();
    let shared = names.filter(|name| name.shares_secret());
    shared.map(scheme).collect()
}

fn scheme(name: SchemeName) -> AnyScheme {
    AnyScheme::new(name, name.names_key().then_some(KEY)).unwrap()
}

/// A request as it was sent.
#[derive(Clone)]
struct Sent {
    target: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn signed_by(scheme: AnyScheme, at: UnixSeconds) -> Sent {
    let signer = SchemeSigner::new(scheme, SECRET).unwrap();
    let target = "/sinch/callbacks?tenant=7";
    let nonce = &TOKEN[..signer.nonce_chars()];
    let what = ToSign::new(Request::post(target), BODY, nonce, at)
        .with_content_type("application/json; charset=utf-8");
    let signed = signer.sign(&what).unwrap();
    Sent {
        target,
        headers: signed.headers,
        body: signed.body,
    }
}

fn judge_by<'a>(
    scheme: AnyScheme,
    sent: &'a Sent,
    now: UnixSeconds,
) -> Result<Authentic<'a, Promise>, Rejection> {
    let headers = sent
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let verifier = SchemeVerifier::new(scheme, [SECRET]).unwrap();
    verifier.authenticate(Request::post(sent.target), headers, &sent.body, now)
}

fn code(scheme: AnyScheme, sent: &Sent) -> &'static str {
    judge_by(scheme, sent, NOW).map_or_else(|rejection| rejection.code(), |_| "authentic")
}

#[test]
fn what_a_scheme_signs_it_verifies_and_no_other_scheme_does() {
    for signing in schemes() {
        let sent = signed_by(signing, NOW);
        for judging in schemes() {
            let expected = signing.name() == judging.name();
            let judged = judge_by(judging, &sent, NOW);
            assert_eq!(judged.is_ok(), expected, "{signing:?} by {judging:?}");
        }
    }
}

#[test]
fn a_scheme_is_guessed_by_its_proof() {
    for scheme in schemes() {
        let sent = signed_by(scheme, NOW);
        let headers = sent
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let guessed = SchemeName::guess(headers, &sent.body);
        assert_eq!(guessed, Some(scheme.name()));
    }
    let other = [("authorization", "Bearer made-up"), ("x-timestamp", "0")];
    assert_eq!(SchemeName::guess(other, br#"{"signature":{}}"#), None);
}

#[test]
fn each_promise_is_the_scheme_s() {
    for scheme in schemes() {
        let name = scheme.name();
        let sent = signed_by(scheme, NOW);
        let promise = *judge_by(scheme, &sent, NOW).unwrap().promise();
        assert_eq!(promise.signed_at().is_some(), name.signs_time(), "{name}");
        assert_eq!(promise.covers_body(), name != SchemeName::Mailgun, "{name}");
        let stale = judge_by(scheme, &sent, UnixSeconds::new(NOW.get() + 301));
        assert_eq!(stale.is_err(), name.signs_time(), "{name}");
        let early = judge_by(scheme, &sent, UnixSeconds::new(NOW.get() - 301));
        assert_eq!(early.is_err(), name.signs_time(), "{name}");
    }
}

#[test]
fn a_changed_body_is_refused_where_the_body_is_covered() {
    for scheme in schemes() {
        let mut sent = signed_by(scheme, NOW);
        let genuine = judge_by(scheme, &sent, NOW).unwrap().log_key();
        sent.body[3] ^= 1;
        let judged = judge_by(scheme, &sent, NOW);
        if scheme.name() == SchemeName::Mailgun {
            // Another content with a token that was seen: authentic, and the same event to a log.
            assert_eq!(judged.unwrap().log_key(), genuine);
        } else {
            assert_eq!(
                judged.unwrap_err(),
                Rejection::SignatureMismatch,
                "{scheme:?}"
            );
        }
    }
}

#[test]
fn another_secret_and_a_ring_of_two_are_judged_as_they_should() {
    for scheme in schemes() {
        let sent = signed_by(scheme, NOW);
        let headers = || {
            sent.headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
        };
        let other = b"YW5vdGhlci1tYWRlLXVwLXNlY3JldA==".as_slice();
        let request = Request::post(sent.target);
        let wrong = SchemeVerifier::new(scheme, [other]).unwrap();
        let refused = wrong.authenticate(request, headers(), &sent.body, NOW);
        assert_eq!(
            refused.unwrap_err(),
            Rejection::SignatureMismatch,
            "{scheme:?}"
        );
        let both = SchemeVerifier::new(scheme, [other, SECRET]).unwrap();
        let found = both
            .authenticate(request, headers(), &sent.body, NOW)
            .unwrap();
        assert_eq!(found.secret_slot().index(), 1, "{scheme:?}");
        assert_ne!(both.ring().version(), wrong.ring().version());
    }
}

#[test]
fn a_key_read_by_another_scheme_matches_nothing() {
    let numbers = scheme(SchemeName::Numbers);
    let sent = signed_by(numbers, NOW);
    let key = scheme(SchemeName::Conversation).key(SECRET).unwrap();
    let verifier = SchemeVerifier::of(numbers, Ring::from(key), Rules::BARE);
    let headers = sent
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let judged = verifier.authenticate(Request::post("/"), headers, &sent.body, NOW);
    assert_eq!(judged.unwrap_err(), Rejection::SignatureMismatch);
}

#[test]
fn the_path_is_covered_and_the_query_is_not() {
    for name in [SchemeName::Application, SchemeName::Service] {
        let mut sent = signed_by(scheme(name), NOW);
        sent.target = "/sinch/callbacks";
        assert_eq!(code(scheme(name), &sent), "authentic");
        for other in [
            "/callbacks",
            "/sinch/callbacks/",
            "/Sinch/callbacks",
            "/sinch%2Fcallbacks",
        ] {
            sent.target = other;
            assert_eq!(code(scheme(name), &sent), "signature_mismatch", "{other}");
        }
        // Lines that were cut elsewhere.
        for other in ["", "/sinch/callbacks\n", "/sinch/ callbacks"] {
            sent.target = other;
            assert_eq!(code(scheme(name), &sent), "signature_mismatch", "{other}");
        }
    }
}

#[test]
fn lines_of_a_signed_request_cannot_be_cut_elsewhere() {
    let application = scheme(SchemeName::Application);
    let genuine = signed_by(application, NOW);
    let with = |name: &str, change: &dyn Fn(&str) -> String| {
        let mut sent = genuine.clone();
        for (found, value) in &mut sent.headers {
            if *found == name {
                *value = change(value);
            }
        }
        code(application, &sent)
    };
    for (name, from, to, expected) in [
        ("authorization", "application ", "Application ", "authentic"),
        (
            "authorization",
            "application ",
            "service ",
            "malformed_header",
        ),
        (
            "authorization",
            "application ",
            "application",
            "malformed_header",
        ),
        ("authorization", KEY, "another-key", "unknown_key"),
        ("authorization", KEY, "", "unknown_key"),
        ("authorization", "=", "", "malformed_header"),
        ("authorization", ":", ",", "repeated_header"),
        ("x-timestamp", "Z", "z", "signature_mismatch"),
        ("x-timestamp", "Z", "+00:00", "signature_mismatch"),
        ("x-timestamp", "Z", "Z\n/sinch", "malformed_header"),
        (
            "x-timestamp",
            "2026",
            "x-timestamp:2026",
            "malformed_header",
        ),
        ("x-timestamp", ".", ",", "repeated_header"),
        ("content-type", "utf-8", "UTF-8", "signature_mismatch"),
        ("content-type", "; ", ";", "signature_mismatch"),
        (
            "content-type",
            "utf-8",
            "utf-8\nx-timestamp:0",
            "malformed_header",
        ),
    ] {
        let found = with(name, &|value| value.replace(from, to));
        assert_eq!(found, expected, "{name}: {from} to {to}");
    }
    for name in ["authorization", "x-timestamp", "content-type"] {
        let mut missing = genuine.clone();
        missing.headers.retain(|(found, _)| *found != name);
        assert_eq!(code(application, &missing), "missing_header", "{name}");
        let mut twice = genuine.clone();
        let header = genuine.headers.iter().find(|(found, _)| *found == name);
        twice.headers.push(header.unwrap().clone());
        assert_eq!(code(application, &twice), "repeated_header", "{name}");
    }
    let mut empty = genuine.clone();
    empty.body.clear();
    assert_eq!(code(application, &empty), "empty_body");
}

#[test]
fn time_and_token_of_mailgun_cannot_be_cut_elsewhere() {
    let mailgun = scheme(SchemeName::Mailgun);
    let genuine = signed_by(mailgun, NOW);
    let with = |from: &str, to: &str| {
        let body = String::from_utf8(genuine.body.clone()).unwrap();
        let mut sent = genuine.clone();
        sent.body = body.replace(from, to).into_bytes();
        code(mailgun, &sent)
    };
    let time = NOW.to_string();
    // The token's first digit becomes the time's last, and the other way round.
    let split = format!(r#""timestamp":"{time}","token":"{TOKEN}""#);
    let longer = format!(r#""timestamp":"{time}0","token":"{}""#, &TOKEN[1..]);
    let shorter = format!(r#""timestamp":"{}","token":"1{TOKEN}""#, &time[..9]);
    assert_eq!(with(&split, &longer), "malformed_proof");
    assert_eq!(with(&split, &shorter), "malformed_proof");
    assert_eq!(with("\"signature\"", "\"Signature\""), "malformed_proof");
    assert_eq!(
        with(BODY.escape_ascii().to_string().as_str(), "[]"),
        "authentic"
    );
    let mut none = genuine.clone();
    for body in [
        b"".as_slice(),
        b"{}",
        b"[]",
        br#"{"signature":[]}"#,
        b"\xff",
    ] {
        none.body = body.to_vec();
        assert_eq!(code(mailgun, &none), "malformed_proof");
    }
}

#[test]
fn forms_of_hexadecimal_signatures_and_names_of_algorithms() {
    let numbers = scheme(SchemeName::Numbers);
    let mut sent = signed_by(numbers, NOW);
    sent.headers[0].1.make_ascii_uppercase();
    assert_eq!(code(numbers, &sent), "malformed_header");
    sent.headers = vec![];
    assert_eq!(code(numbers, &sent), "missing_header");

    let whatsapp = scheme(SchemeName::WhatsappLegacy);
    let genuine = signed_by(whatsapp, NOW);
    for (place, from, to, expected) in [
        (1, "", "", "authentic"),
        (1, "0123", "01.3", "malformed_header"),
        (2, "HMAC_SHA_256", "hmac_sha_256", "authentic"),
        (2, "HMAC_SHA_256", "HMAC_SHA_1", "malformed_header"),
        (2, "HMAC_SHA_256", "", "malformed_header"),
    ] {
        let mut sent = genuine.clone();
        sent.headers[place].1 = sent.headers[place].1.replace(from, to);
        assert_eq!(code(whatsapp, &sent), expected, "{from} to {to}");
    }
    let mut without = genuine.clone();
    without.headers.pop();
    assert_eq!(code(whatsapp, &without), "authentic");
}

#[test]
fn secrets_are_read_as_the_scheme_reads_them_and_hosts_take_no_short_one() {
    use crate::secret::text::InvalidSecret;
    for scheme in schemes() {
        let name = scheme.name();
        assert!(scheme.strong_key(SECRET).is_ok(), "{name}");
        let short = scheme.strong_key(b"app-secret").unwrap_err();
        assert_eq!(short, InvalidSecret::Short, "{name}");
        assert!(scheme.key(b"app-secret").is_ok(), "{name}");
        let words = scheme.key(b"not base64, made up");
        assert_eq!(words.is_err(), name.names_key(), "{name}");
    }
    // 20 characters that stand for 15 bytes.
    let application = scheme(SchemeName::Application);
    let short = application.strong_key(b"AAAAAAAAAAAAAAAAAAAA").unwrap_err();
    assert_eq!(short, InvalidSecret::Short);
}

#[test]
fn a_key_that_looks_like_a_mistake_is_taken_where_it_is_asked_for() {
    use crate::secret::text::InvalidSecret;
    for scheme in schemes() {
        let name = scheme.name();
        assert!(scheme.key(b"\"made up\"").is_err(), "{name}");
        let verbatim = scheme.verbatim_key(b"\"made up\"");
        assert_eq!(verbatim.is_err(), name.names_key(), "{name}");
        let empty = scheme.verbatim_key(b"").unwrap_err();
        assert_eq!(empty, InvalidSecret::Empty, "{name}");
    }
}

#[test]
fn what_cannot_be_verified_is_not_signed() {
    use crate::signing::Unsignable;
    let sign = |name, body, nonce, target| {
        let signer = SchemeSigner::new(scheme(name), SECRET).unwrap();
        let what = ToSign::new(Request::post(target), body, nonce, NOW);
        signer.sign(&what).map(|_| ()).unwrap_err()
    };
    let empty = sign(SchemeName::Application, b"", "", "/");
    assert_eq!(empty, Unsignable::EmptyBody);
    assert_eq!(
        sign(SchemeName::Service, BODY, "", "/ /"),
        Unsignable::Request
    );
    assert_eq!(
        sign(SchemeName::Mailgun, b"[]", TOKEN, "/"),
        Unsignable::Body
    );
    assert_eq!(
        sign(SchemeName::Mailgun, BODY, "short", "/"),
        Unsignable::Nonce
    );
    assert_eq!(
        sign(SchemeName::WhatsappLegacy, BODY, "a.b", "/"),
        Unsignable::Nonce
    );
}

#[test]
fn a_callback_that_expects_an_answer_is_refused_once_it_is_authentic() {
    use crate::reception::{Answer, Next, Reception};
    let application = scheme(SchemeName::Application);
    let answered = |body: &[u8], secret: &[u8]| {
        let signer = SchemeSigner::new(application, SECRET).unwrap();
        let request = Request::post("/voice");
        let signed = signer.sign(&ToSign::new(request, body, "", NOW)).unwrap();
        let headers = signed
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let head = application.head(request, headers);
        let ring = Ring::from(application.key(secret).unwrap());
        let reception = Reception::begin_by(&Rules::LOGGED, &application, head, NOW).unwrap();
        match reception.whole(body) {
            Next::Secrets(wanted) => match wanted.judge(&ring) {
                Next::Answer(answer) => Some(answer),
                Next::Refresh(mismatch) => Some(mismatch.unchanged()),
                Next::Claim(_) => None,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let ice = br#"{"event":"ice"}"#;
    assert_eq!(answered(ice, SECRET), Some(Answer::ANSWER_EXPECTED));
    let stranger = b"YW5vdGhlci1tYWRlLXVwLXNlY3JldA==";
    assert_eq!(answered(ice, stranger), Some(Answer::SIGNATURE_MISMATCH));
    assert_eq!(answered(BODY, SECRET), None);
    assert_eq!(Answer::ANSWER_EXPECTED.status(), 422);
}

#[test]
fn nothing_of_a_request_is_shown() {
    for scheme in schemes() {
        let sent = signed_by(scheme, NOW);
        let headers = sent
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let head = scheme.head(Request::post(sent.target), headers).unwrap();
        let shown = format!("{head:?} {:?}", scheme.signed(head, &sent.body).unwrap());
        let values = sent
            .headers
            .iter()
            .filter(|(_, value)| *value != NOW.to_string());
        for (_, value) in values {
            assert!(!shown.contains(value.as_str()), "{shown}");
        }
        assert!(
            !shown.contains("tenant") && !shown.contains("123, 34"),
            "{shown}"
        );
    }
}
