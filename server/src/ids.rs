//! The one file of this host that asks for randomness.

use ulid::Ulid;

use crate::clock;

/// A new id, unique and sorted by time: for nonces, arrivals and messages. The form of Sinch's own.
#[must_use]
pub fn unique() -> String {
    // Without the system's randomness an id is only as unique as its millisecond; nothing that is
    // verified rests on it.
    Ulid::from_parts(clock::unix_millis(), u128::from_le_bytes(random())).to_string()
}

/// Bytes that nobody can guess, as far as the system has any.
#[must_use]
pub fn random<const LEN: usize>() -> [u8; LEN] {
    let mut random = [0; LEN];
    let _ = getrandom::fill(&mut random);
    random
}

/// 64 hexadecimal digits that nobody can guess; `None` where the system has no randomness.
pub(crate) fn secret() -> Option<String> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).ok()?;
    Some(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
