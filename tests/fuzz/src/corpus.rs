use std::{collections::BTreeSet, fs, path::Path};

use crate::{Seed, Target};

/// Largest input that mutation starts from: a longer one is slow, and reaches nothing else.
const MOST_BYTES: usize = 16_384;

/// What the target's mutations start from: its seeds, and what `findings` keeps of former failures.
///
/// # Panics
/// Where the findings cannot be read.
#[must_use]
pub fn corpus(target: &Target) -> Vec<Seed> {
    let mut corpus = (target.seeds)();
    corpus.extend(findings(target.name));
    // Many vectors share a body.
    let mut known = BTreeSet::new();
    corpus.retain(|seed| seed.bytes.len() <= MOST_BYTES && known.insert(seed.bytes.clone()));
    corpus
}

fn findings(target: &str) -> Vec<Seed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("findings")
        .join(target);
    // A target of which nothing was found has no folder.
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<Seed> = entries
        .map(|entry| {
            let path = entry.expect("the folder can be listed").path();
            let name = path.file_name().expect("a file has a name");
            let bytes = fs::read(&path).expect("a finding can be read");
            Seed::new(name.to_string_lossy(), bytes)
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}
