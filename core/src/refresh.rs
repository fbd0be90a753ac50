//! How often a callback is judged again with newer secrets, and when a mismatch is final.

use crate::time::UnixSeconds;

/// How often one callback may ask for newer secrets. A third mismatch is no verdict: the secrets
/// change faster than they can be read.
pub const MAX_REFRESHES: u32 = 2;

/// How many seconds before the secrets were read a callback must have been signed for a mismatch to be
/// final: what it was signed with was there to be read, also where clocks differ a little.
pub const MARGIN_SECS: u64 = 60;

/// Whether a mismatch is final with secrets that were read at `read_at`, where they may not be read
/// again yet.
///
/// A 401 is a promise that a retry cannot help. It can be given where the callback was signed more
/// than [`MARGIN_SECS`] before the secrets were read.
#[must_use]
pub const fn is_mismatch_final(signed_at: UnixSeconds, read_at: UnixSeconds) -> bool {
    read_at.since(signed_at) > MARGIN_SECS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds)
    }

    #[test]
    fn a_mismatch_is_final_for_what_was_signed_more_than_a_minute_before_the_read() {
        assert!(is_mismatch_final(at(1_000), at(1_061)));
        assert!(!is_mismatch_final(at(1_000), at(1_060)));
        assert!(!is_mismatch_final(at(1_000), at(1_000)));
        assert!(!is_mismatch_final(at(1_000), at(1)));
    }
}
