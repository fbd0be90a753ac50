//! Every vector gets its verdict from the core.

use std::collections::{BTreeMap, BTreeSet};

use sinch_callback_tests::{Expected, Vector};

#[test]
fn every_vector_gets_its_verdict() {
    let vectors = Vector::all();
    let wrong: Vec<_> = vectors
        .iter()
        .filter_map(|vector| {
            let got = vector.verdict();
            (got != vector.expect)
                .then(|| format!("{}: {got:?}, not {:?}", vector.id, vector.expect))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        vectors.len() >= 250,
        "vectors are missing: {}",
        vectors.len()
    );
}

#[test]
fn every_rejection_code_and_every_acceptance_has_a_vector() {
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    for vector in Vector::all() {
        let code = match vector.expect {
            Expected::Accepted { .. } => "accepted".to_owned(),
            Expected::Rejected { code, .. } => code,
        };
        *codes.entry(code).or_default() += 1;
    }
    let codes: BTreeSet<&str> = codes.keys().map(String::as_str).collect();
    // `body_truncated` is the host's to say: no verifier sees the part that is missing.
    let all = [
        "accepted",
        "body_too_large",
        "from_future",
        "malformed_header",
        "missing_header",
        "repeated_header",
        "signature_mismatch",
        "stale",
        "unsupported_algorithm",
    ];
    assert_eq!(codes, BTreeSet::from(all));
}

#[test]
fn ids_are_unique() {
    let vectors = Vector::all();
    let ids: BTreeSet<_> = vectors.iter().map(|vector| &vector.id).collect();
    assert_eq!(ids.len(), vectors.len());
}
