//! Log lines that strangers can drive: one a second each, with the number that it stands for.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::clock;

/// The shortest time between two lines of the same kind.
const INTERVAL: Duration = Duration::from_secs(1);

/// Whose turn it is to be logged.
#[derive(Debug)]
pub(crate) struct Turns {
    last: Option<Instant>,
    since: u64,
}

impl Turns {
    pub(crate) const fn new() -> Self {
        Self {
            last: None,
            since: 0,
        }
    }

    /// How many a line stands for that is written now, itself included; `None` where it is not this
    /// one's turn.
    pub(crate) fn take(&mut self, now: Instant) -> Option<u64> {
        self.since = self.since.saturating_add(1);
        let recent = |last: Instant| now.saturating_duration_since(last) < INTERVAL;
        if self.last.is_some_and(recent) {
            return None;
        }
        self.last = Some(now);
        Some(core::mem::take(&mut self.since))
    }
}

/// The turns of one kind of line, for the whole process.
#[derive(Debug)]
pub(crate) struct Seldom(Mutex<Turns>);

impl Seldom {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Turns::new()))
    }

    /// As [`Turns::take`].
    pub(crate) fn turn(&self) -> Option<u64> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.take(clock::stopwatch())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_stands_for_all_of_them() {
        let start = clock::stopwatch();
        let mut turns = Turns::new();
        let mut at = |millis| turns.take(start.checked_add(Duration::from_millis(millis)).unwrap());
        assert_eq!(at(0), Some(1));
        assert_eq!(at(1), None);
        assert_eq!(at(999), None);
        assert_eq!(at(1_000), Some(3));
        assert_eq!(at(1_001), None);
        assert_eq!(at(9_000), Some(2));
    }
}
