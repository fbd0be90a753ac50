//! The one file of this host that asks for randomness.

use std::hash::{BuildHasher, RandomState};

/// Any number, to spread waits by: no secret rests on it.
pub(crate) fn number() -> u64 {
    // The state's keys are random, and new for each.
    RandomState::new().hash_one(0)
}

/// The random part of an id, which is no secret.
#[cfg(feature = "functions")]
pub(crate) fn id() -> [u8; 10] {
    let [high, low] = [number(), number()].map(u64::to_be_bytes);
    let mut id = [0; 10];
    for (place, byte) in id.iter_mut().zip(high.into_iter().chain(low)) {
        *place = byte;
    }
    id
}

/// A key that nobody can guess.
#[cfg(feature = "functions")]
pub(crate) fn key() -> Result<[u8; 64], getrandom::Error> {
    let mut key = [0; 64];
    getrandom::fill(&mut key)?;
    Ok(key)
}
