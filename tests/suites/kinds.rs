//! The two readers of bodies call a callback the same.

use serde_json::Value;
use sinch_callback::{Callback, CallbackKind};
use sinch_callback_events as events;

const CASES: &str = include_str!("../../events/tests/kinds.json");

#[test]
fn every_kind_of_the_core_is_one_of_the_described() {
    let described: Vec<_> = events::Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    for name in CallbackKind::NAMES {
        assert!(described.contains(name), "{name}");
    }
}

#[test]
fn what_both_recognize_is_of_one_kind() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let mut seen = 0;
    for case in cases {
        let body = case["body"].to_string();
        let described = events::Callback::parse(body.as_bytes())
            .unwrap()
            .kind()
            .as_str();
        assert_eq!(described, case["kind"], "{case}");
        let is_the_cores = described.parse::<CallbackKind>().is_ok() && described != "unrecognized";
        // Without its report, a callback that should have one is an error to the core.
        if let (true, Ok(callback)) = (is_the_cores, Callback::parse(body.as_bytes())) {
            assert_eq!(callback.kind.as_str(), described, "{case}");
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}
