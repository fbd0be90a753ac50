//! Every vector gets its verdict from the core.

use std::collections::{BTreeMap, BTreeSet};

use sinch_callback::scheme::SchemeName;
use sinch_callback_tests::{Expected, SchemeExpected, SchemeVector, Vector};

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

#[test]
fn every_vector_of_a_scheme_gets_its_verdict() {
    let vectors = SchemeVector::all();
    let wrong: Vec<_> = vectors
        .iter()
        .filter_map(|vector| {
            let got = vector.verdict();
            (got != vector.expect)
                .then(|| format!("{}: {got:?}, not {:?}", vector.id, vector.expect))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let ids: BTreeSet<_> = vectors.iter().map(|vector| &vector.id).collect();
    assert_eq!(ids.len(), vectors.len());
}

#[test]
fn every_scheme_has_accepted_vectors_and_vectors_of_each_of_its_refusals() {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for vector in SchemeVector::all() {
        let code = match vector.expect {
            SchemeExpected::Accepted { .. } => "accepted".to_owned(),
            SchemeExpected::Rejected { ref code, .. } => code.clone(),
        };
        found
            .entry(vector.scheme_name().as_str())
            .or_default()
            .insert(code);
    }
    for name in SchemeName::ALL {
        let codes = &found[name.as_str()];
        let mut asked = vec!["accepted", "signature_mismatch"];
        if name.signs_time() && *name != SchemeName::Conversation {
            asked.extend(["stale", "from_future"]);
        }
        if name.names_key() {
            asked.extend(["unknown_key", "empty_body"]);
        }
        for code in asked {
            assert!(codes.contains(code), "{name}: no vector is {code}");
        }
    }
}

/// What Sinch publishes: 14 callbacks that are accepted, and two that no verifier may accept.
#[test]
fn of_the_published_callbacks_fourteen_are_accepted_and_two_are_not() {
    let published = |vector: &SchemeVector| vector.id.starts_with("published-");
    let refused: Vec<_> = SchemeVector::all()
        .into_iter()
        .filter(published)
        .filter(|vector| !matches!(vector.verdict(), SchemeExpected::Accepted { .. }))
        .map(|vector| vector.id)
        .collect();
    assert_eq!(
        SchemeVector::all()
            .iter()
            .filter(|vector| published(vector))
            .count(),
        16
    );
    assert_eq!(
        refused,
        [
            "published-application-node-doubled",
            "published-voice-v2-empty-body-python"
        ]
    );
}
