//! The one file of this host that asks for the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sinch_callback::UnixSeconds;

/// Where now comes from: the system, or a fixed moment for tests on old vectors.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock that stands still: whoever has an old callback can play it to it. For tests only.
    FixedAt(UnixSeconds),
    /// A clock that runs ahead of the system's from a moment on: hours of waiting pass in seconds. For
    /// demonstrations and tests only.
    Fast {
        /// Where it and the system's are the same.
        from: UnixSeconds,
        /// How many of its seconds pass in one.
        speed: u32,
    },
}

impl Clock {
    /// A clock that stands still at a moment, in seconds, where there is one; else the system's.
    #[must_use]
    pub fn new(fixed_at: Option<u64>) -> Self {
        fixed_at.map_or(Self::System, |seconds| {
            Self::FixedAt(UnixSeconds::new(seconds))
        })
    }

    /// Now. A system clock before 1970 counts as 1970.
    #[must_use]
    pub fn now(self) -> UnixSeconds {
        match self {
            Self::System => UnixSeconds::new(since_epoch().as_secs()),
            Self::FixedAt(moment) => moment,
            Self::Fast { from, speed } => {
                let passed = since_epoch().saturating_sub(Duration::from_secs(from.get()));
                from.saturating_add(passed.saturating_mul(speed))
            }
        }
    }

    /// How long one really waits until so much has passed on this clock, so that what is looked at each
    /// few seconds is looked at as often.
    #[must_use]
    pub fn waits(self, duration: Duration) -> Duration {
        match self {
            Self::Fast { speed, .. } => duration.checked_div(speed).unwrap_or(duration),
            Self::System | Self::FixedAt(_) => duration,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the host's clock.rs")]
fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Milliseconds since 1970, for ids that sort by time.
#[must_use]
pub fn unix_millis() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}

/// A point from which to measure how long something takes.
#[expect(clippy::disallowed_methods, reason = "this is the host's clock.rs")]
#[must_use]
pub fn stopwatch() -> Instant {
    Instant::now()
}
