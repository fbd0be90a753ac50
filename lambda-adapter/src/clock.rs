//! The one file of this host that asks for the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sinch_callback::UnixSeconds;

/// Where now comes from: the system, or a fixed moment for tests on old vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The system's clock.
    System,
    /// Always this moment.
    FixedAt(UnixSeconds),
}

impl Clock {
    /// Now. A system clock before 1970 counts as 1970.
    #[must_use]
    pub fn now(self) -> UnixSeconds {
        match self {
            Self::System => UnixSeconds::new(since_epoch().as_secs()),
            Self::FixedAt(moment) => moment,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the host's clock.rs")]
fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The system's clock, by which calls are signed.
#[cfg(feature = "functions")]
#[expect(clippy::disallowed_methods, reason = "this is the host's clock.rs")]
pub(crate) fn system() -> SystemTime {
    SystemTime::now()
}

/// Milliseconds since 1970 by the system's clock.
#[cfg(feature = "functions")]
pub(crate) fn unix_millis() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}

/// How long there is until a moment, given in milliseconds since 1970.
#[cfg(feature = "functions")]
pub(crate) fn until(deadline_ms: u64) -> Duration {
    Duration::from_millis(deadline_ms.saturating_sub(unix_millis()))
}

/// A point from which to measure how long something takes.
#[cfg(feature = "functions")]
#[expect(clippy::disallowed_methods, reason = "this is the host's clock.rs")]
pub(crate) fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}
