//! What a body is as types: nothing of it is lost. The input is the body.

use serde_json::Value;
use sinch_callback::{Callback as Read, Unrecognized};
use sinch_callback_events::{Callback, Described, Kind, Malformed, Members, json};

use crate::{Seed, classification};

pub(crate) fn run(data: &[u8]) {
    let typed = Callback::parse(data);
    let strict =
        serde_json::from_slice::<Value>(data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data));
    let typed = match (typed, &strict) {
        (Ok(typed), _) => typed,
        (Err(Malformed::NotAnObject), Ok(value)) => {
            return assert!(!value.is_object(), "an object");
        }
        (Err(why), strict) => return assert!(strict.is_err(), "JSON: {why}"),
    };
    let _ = (typed.unlisted(), typed.consent());
    let written = typed.to_value().to_string();
    assert_eq!(
        json::parse(written.as_bytes()),
        json::parse(data),
        "given back"
    );
    assert_eq!(
        Callback::parse(written.as_bytes()),
        Ok(typed.clone()),
        "read again"
    );
    if let Ok(strict) = strict {
        let again: Value = serde_json::from_str(&written).expect("what is written is JSON");
        assert_eq!(again, strict, "given back");
        if !classification::repeats_a_key(data) {
            as_core_reads(&typed, Read::parse(data));
        }
    }
}

/// Core knows a callback where the types do, and no other. A report may stand beside anything.
fn as_core_reads(typed: &Callback, core: Result<Read, Unrecognized>) {
    match core {
        Ok(callback) if callback.reports.is_empty() && callback.unread.is_none() => {
            assert_ne!(typed.kind(), Kind::Unrecognized, "{:?}", callback.kind);
        }
        Err(Unrecognized::UnknownKind) => assert_eq!(typed.kind(), Kind::Unrecognized),
        _ => {}
    }
}

/// Of each kind one, by its marks alone.
const KINDS: &str = include_str!("../../../events/tests/kinds.json");

pub(crate) fn seeds() -> Vec<Seed> {
    let kinds: Vec<Value> = serde_json::from_str(KINDS).expect("kinds.json is a list");
    let kinds = kinds
        .iter()
        .enumerate()
        .map(|(place, case)| Seed::new(format!("kind-{place}"), case["body"].to_string()));
    classification::seeds().into_iter().chain(kinds).collect()
}
