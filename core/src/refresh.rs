//! What is settled about reading secrets again when a signature matches none of those at hand: how
//! often, how long a callback waits for it, and when the mismatch is final. Hosts read, wait and
//! keep time; these are the numbers and decisions by which all of them do it.

use crate::time::UnixSeconds;

/// How often one callback may ask for newer secrets. A third mismatch is no verdict: the secrets
/// change faster than they can be read.
pub const MAX_REFRESHES: u32 = 2;

/// Longest that a callback waits for a read of the secrets that is under way, in milliseconds.
pub const MAX_WAIT_MS: u32 = 1_000;

/// Most callbacks that wait for one read. Those beyond are not held.
pub const MAX_WAITERS: u32 = 64;

/// Age in seconds at which a read that is still under way has failed: it may be of an environment
/// that was frozen since, and would be waited for in vain.
pub const READ_LIFE_SECS: u64 = 5;

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

/// When a mismatch may have the secrets read again from a source that it costs something to ask.
/// Whoever floods us with forgeries must not drive reads: each further read that brings nothing new
/// doubles the pause before the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefreshPause {
    last: Option<UnixSeconds>,
    fruitless: u32,
}

impl RefreshPause {
    /// Seconds between two reads at first; our own choice, between the minutes that Sinch's retries
    /// give us and the 40 reads a second that SSM gives an account.
    pub const FIRST_SECS: u64 = 30;
    /// The longest that it grows to: within it, a genuine callback of a newer secret is retried.
    pub const LONGEST_SECS: u64 = 600;

    /// A pause that has not begun: the first read is free.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            last: None,
            fruitless: 0,
        }
    }

    /// Whether to read now. Whoever is told so has taken the turn.
    #[must_use]
    pub const fn take(&mut self, now: UnixSeconds) -> bool {
        if let Some(last) = self.last {
            // A clock that has run back must not bar reading until it has caught up.
            let has_run_back = now.get() < last.get();
            if !has_run_back && now.since(last) < self.secs() {
                return false;
            }
        }
        self.last = Some(now);
        true
    }

    /// The length of the pause, in seconds.
    #[must_use]
    pub const fn secs(&self) -> u64 {
        let mut secs = Self::FIRST_SECS;
        let mut doublings = self.fruitless.saturating_sub(1);
        while doublings > 0 && secs < Self::LONGEST_SECS {
            secs = secs.saturating_mul(2);
            doublings = doublings.saturating_sub(1);
        }
        if secs > Self::LONGEST_SECS {
            Self::LONGEST_SECS
        } else {
            secs
        }
    }

    /// A read that a mismatch asked for has brought what was at hand before.
    pub const fn was_fruitless(&mut self) {
        self.fruitless = self.fruitless.saturating_add(1);
    }

    /// A read has brought other secrets: the next mismatch is worth a read soon.
    pub const fn was_fruitful(&mut self) {
        self.fruitless = 0;
    }
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

    #[test]
    fn a_pause_has_one_turn() {
        let mut pause = RefreshPause::new();
        let turns = [100, 100, 129, 130, 131, 50].map(|now| pause.take(at(now)));
        assert_eq!(turns, [true, false, false, true, false, true]);
    }

    #[test]
    fn each_further_fruitless_read_doubles_the_pause_to_ten_minutes_and_a_fruitful_one_ends_it() {
        let mut pause = RefreshPause::new();
        let mut lengths = [0; 8];
        for length in &mut lengths {
            *length = pause.secs();
            pause.was_fruitless();
        }
        assert_eq!(lengths, [30, 30, 60, 120, 240, 480, 600, 600]);
        assert!(pause.take(at(1_000)));
        assert!(!pause.take(at(1_599)));
        assert!(pause.take(at(1_600)));
        pause.was_fruitful();
        assert!(!pause.take(at(1_629)));
        assert!(pause.take(at(1_630)));
    }
}
