//! Sinch's own example bodies. They are read where `SINCH_PAYLOADS` says they lie and are not part of
//! this repository.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use std::{env, fs, path::PathBuf};

use sinch_callback_events::{Callback, Described, Kind, Members, json};

/// The folder of the examples. Without one there is nothing to test, which must not pass for a test
/// that passed.
fn examples() -> Vec<(String, Vec<u8>)> {
    let folder = env::var_os("SINCH_PAYLOADS")
        .map(PathBuf::from)
        .expect("SINCH_PAYLOADS names the folder of Sinch's example bodies");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let examples: Vec<_> = files
        .map(|file| {
            (
                file.file_name().into_string().unwrap(),
                fs::read(file.path()).unwrap(),
            )
        })
        .filter(|(name, _)| name != "SOURCES.json")
        .collect();
    assert!(
        examples.len() >= 33,
        "examples are missing: {}",
        examples.len()
    );
    examples
}

#[test]
#[ignore = "needs SINCH_PAYLOADS"]
fn every_example_is_given_back_as_it_was() {
    for (name, body) in examples() {
        let callback = Callback::parse(&body).unwrap();
        let written = callback.to_value().to_string();
        assert_eq!(
            json::parse(written.as_bytes()),
            json::parse(&body),
            "{name}"
        );
        let as_serde_reads =
            |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).unwrap();
        assert_eq!(
            as_serde_reads(written.as_bytes()),
            as_serde_reads(&body),
            "{name}"
        );
    }
}

#[test]
#[ignore = "needs SINCH_PAYLOADS"]
fn every_example_is_described_to_its_last_field() {
    for (name, body) in examples() {
        let callback = Callback::parse(&body).unwrap();
        assert_ne!(callback.kind(), Kind::Unrecognized, "{name}");
        // Java's example made these up.
        let made_up = |path: &String| {
            (name.contains("DuplicationEvent") && path.ends_with("channel=channel"))
                || (name.contains("RecipientDeliveryReport") && path == "encoding=encoding")
                || (name.contains("InboundMedia") && path.ends_with("status=a status"))
        };
        let mut unlisted = callback.unlisted();
        unlisted.retain(|path| !made_up(path));
        assert_eq!(unlisted, [""; 0], "{name}");
    }
}
