//! Whether the time that a decision takes tells where a signature is wrong, or which secret is the
//! right one. Prints `figure` lines.
#![cfg(not(target_arch = "wasm32"))]

mod dudect;

use std::{println, string::String};

use base64ct::{Base64, Encoding};
use fastrand::Rng;
use subtle::Choice;

use self::dudect::{LIMIT, greatest_t};
use super::Secret;
use crate::{
    header_name::HeaderName,
    headers::SignedHeaders,
    secret_ring::SecretRing,
    signature::{TAG_LEN, Written},
    time::UnixSeconds,
    verifier::Verifier,
};

/// The last of a tag's digits, before the pad.
const LAST_DIGIT: usize = 42;
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// As long as a delivery report is in the middle.
const BODY: [u8; 568] = [b'x'; 568];
const TIMESTAMP: &str = "1773480419";
const NOW: UnixSeconds = UnixSeconds::new(1_773_480_419);

/// So many comparisons to a sample that reading the clock does not outweigh them.
const COMPARISONS: u32 = 32;
const VERIFICATIONS: u32 = 2;

#[test]
#[ignore = "measures for ten seconds, and means something in a release build only"]
fn neither_the_wrong_digit_nor_the_right_secret_shows_in_the_time_and_planted_leaks_do() {
    let [first, second] = ["made-up", "made-up too"].map(|text| Secret::new(text).unwrap());
    let one_secret = Verifier::bare(first.clone());
    let other_secret = Verifier::bare(second.clone());
    let both = Verifier::bare(SecretRing::new([first.clone(), second.clone()]).unwrap());

    let wrong_tag = |class: usize, rng: &mut Rng| Compared::wrong_at([0, LAST_DIGIT][class], rng);
    let wrong = |class: usize, rng: &mut Rng| {
        let mut callback = Callback::signed(&first, rng);
        change_digit(&mut callback.signature, [0, LAST_DIGIT][class], rng);
        callback
    };
    let right = |class: usize, rng: &mut Rng| Callback::signed([&first, &second][class], rng);

    let comparison = greatest_t(COMPARISONS, wrong_tag, Compared::is_equal);
    println!("comparison, wrong in the first or the last digit: |t| {comparison:.2}");
    let digit = greatest_t(VERIFICATIONS, wrong, |it| it.is_authentic(&one_secret));
    println!("verification, wrong in the first or the last digit: |t| {digit:.2}");
    let slot = greatest_t(VERIFICATIONS, right, |it| it.is_authentic(&both));
    println!("verification, by the first or the second secret: |t| {slot:.2}");

    let planted = [
        (
            "comparison that stops at the first wrong digit",
            greatest_t(COMPARISONS, wrong_tag, Compared::is_equal_so_far),
        ),
        (
            "verification with such a comparison",
            greatest_t(VERIFICATIONS, wrong, |it| {
                it.is_authentic(&one_secret) || is_equal_so_far(&it.expected, &it.signature)
            }),
        ),
        (
            "verification that stops at the right secret",
            greatest_t(VERIFICATIONS, right, |it| {
                it.is_authentic(&one_secret) || it.is_authentic(&other_secret)
            }),
        ),
    ];
    for (leak, t) in planted {
        println!("planted: {leak}: |t| {t:.2}");
    }
    let least_planted = planted.map(|(_, t)| t).into_iter().fold(f64::MAX, f64::min);

    println!("figure timing_comparison_t {comparison:.2}");
    println!("figure timing_verification_t {:.2}", digit.max(slot));
    println!("figure timing_planted_leak_t {least_planted:.2}");
    assert!(least_planted > LIMIT, "a planted leak is not seen");
    assert!(comparison < LIMIT, "the comparison leaks");
    assert!(digit.max(slot) < LIMIT, "the verification leaks");
}

/// A tag, and a signature that is not quite its text.
struct Compared {
    tag: [u8; TAG_LEN],
    expected: String,
    signature: String,
    written: Written,
}

impl Compared {
    fn wrong_at(position: usize, rng: &mut Rng) -> Self {
        let mut tag = [0; TAG_LEN];
        rng.fill(&mut tag);
        let expected = Base64::encode_string(&tag);
        let mut signature = expected.clone();
        change_digit(&mut signature, position, rng);
        let written = Written::parse(signature.as_bytes()).unwrap();
        Self {
            tag,
            expected,
            signature,
            written,
        }
    }

    fn is_equal(&self) -> Choice {
        self.written.is(&self.tag)
    }

    fn is_equal_so_far(&self) -> bool {
        is_equal_so_far(&self.expected, &self.signature)
    }
}

/// The leak: it returns at the first difference.
fn is_equal_so_far(expected: &str, signature: &str) -> bool {
    let mut pairs = expected.bytes().zip(signature.bytes());
    pairs.all(|(ours, theirs)| ours == theirs)
}

/// Puts another digit there, so that the form stays right.
fn change_digit(signature: &mut String, position: usize, rng: &mut Rng) {
    let old = signature.as_bytes()[position];
    let new = loop {
        let digit = DIGITS[rng.usize(..DIGITS.len())];
        if digit != old {
            break char::from(digit);
        }
    };
    signature.replace_range(position..=position, new.encode_utf8(&mut [0; 4]));
}

struct Callback {
    nonce: String,
    /// The right signature.
    expected: String,
    signature: String,
}

impl Callback {
    fn signed(secret: &Secret, rng: &mut Rng) -> Self {
        let nonce: String = (0..26).map(|_| rng.alphanumeric()).collect();
        let tag = secret.tag(&BODY, nonce.as_bytes(), TIMESTAMP.as_bytes());
        let expected = Base64::encode_string(&tag);
        Self {
            nonce,
            signature: expected.clone(),
            expected,
        }
    }

    fn is_authentic(&self, verifier: &Verifier) -> bool {
        let values = [&*self.signature, TIMESTAMP, &*self.nonce].map(|text| Some(text.as_bytes()));
        let [signature, timestamp, nonce] = values;
        SignedHeaders::lookup(|name| match name {
            HeaderName::Signature => signature,
            HeaderName::Timestamp => timestamp,
            HeaderName::Nonce => nonce,
            _ => None,
        })
        .and_then(|headers| verifier.authenticate(&headers, &BODY, NOW))
        .is_ok()
    }
}
