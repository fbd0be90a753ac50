//! The newcomer's first command.

use crate::harness::{binary, said};

#[test]
fn the_demo_tells_the_whole_story_and_all_of_it_is_as_it_must_be() {
    let output = binary().args(["demo", "--json"]).output().unwrap();
    let (code, out, errors) = said(&output);
    assert_eq!(code, 0, "{out}\n{errors}");
    let outcome: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(outcome["ok"], true);
    let rows = |section: usize| outcome["sections"][section]["rows"].as_array().unwrap();
    assert!(rows(0).len() >= 12, "published vectors");
    assert_eq!(rows(1).len(), 3, "their deliveries");
    assert!(rows(2).len() >= 30, "a day's traffic");
    assert_eq!(rows(5).len(), 6, "intents");
    let all = (0..6).flat_map(rows);
    assert!(all.into_iter().all(|row| row["expected"] == row["got"]));
}
