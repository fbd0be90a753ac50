//! The two readers of bodies call a callback the same.

use std::collections::BTreeSet;

use serde_json::Value;
use sinch_callback::{Callback, CallbackKind, Unrecognized};
use sinch_callback_events as events;

const CASES: &str = include_str!("../../events/tests/kinds.json");

#[test]
fn the_kinds_of_both_have_the_same_names() {
    let described: BTreeSet<_> = events::Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(described, CallbackKind::NAMES.iter().copied().collect());
}

#[test]
fn what_both_recognize_is_of_one_kind() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let mut seen = BTreeSet::new();
    for case in cases {
        let body = case["body"].to_string();
        let described = events::Callback::parse(body.as_bytes()).unwrap();
        assert_eq!(described.kind().as_str(), case["kind"], "{case}");
        match Callback::parse(body.as_bytes()) {
            Ok(callback) => {
                assert_eq!(callback.kind.as_str(), case["kind"], "{case}");
                seen.insert(callback.kind.as_str());
            }
            // Without its report, a callback that should have one is an error to the core.
            Err(why) => {
                let lacks_its_report = why == Unrecognized::IncompleteReport;
                assert!(lacks_its_report || case["kind"] == "unrecognized", "{case}");
            }
        }
    }
    assert!(seen.len() >= 15, "{seen:?}");
}
