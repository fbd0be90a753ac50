//! The one file of this host that asks for randomness. It spreads waits; no secret rests on it.

use std::hash::{BuildHasher, RandomState};

/// Any number.
pub(crate) fn number() -> u64 {
    // The state's keys are random, and new for each.
    RandomState::new().hash_one(0)
}
