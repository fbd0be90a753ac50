use std::sync::{Mutex, PoisonError};

use sinch_callback::UnixSeconds;

/// Lets a source of secrets be read again after a mismatch, at most once in an interval: whoever
/// floods us with forgeries must not drive reads.
#[derive(Debug)]
pub struct RereadLimit {
    interval_secs: u64,
    last: Mutex<Option<UnixSeconds>>,
}

impl RereadLimit {
    /// Seconds between two reads unless set otherwise; our own choice, between the minutes that
    /// Sinch's retries give us and the 40 reads a second that SSM gives an account.
    pub const DEFAULT_INTERVAL_SECS: u64 = 30;

    /// A limit of one read in `interval_secs`. The first is free.
    #[must_use]
    pub const fn new(interval_secs: u64) -> Self {
        Self {
            interval_secs,
            last: Mutex::new(None),
        }
    }

    /// Whether to read now. A caller that is told so has taken this interval's turn.
    #[must_use]
    pub fn take(&self, now: UnixSeconds) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that has run back must not bar reading until it has caught up.
        let due = last.is_none_or(|last| now < last || now.since(last) >= self.interval_secs);
        if due {
            *last = Some(now);
        }
        due
    }
}

impl Default for RereadLimit {
    fn default() -> Self {
        Self::new(Self::DEFAULT_INTERVAL_SECS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_one_turn() {
        let limit = RereadLimit::new(30);
        let turns = [100, 100, 129, 130, 131, 50].map(|now| limit.take(UnixSeconds::new(now)));
        assert_eq!(turns, [true, false, false, true, false, true]);
    }
}
