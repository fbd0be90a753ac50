use core::{fmt, time::Duration};

/// A moment in whole seconds since 1970-01-01T00:00:00Z, the unit in which Sinch signs time.
///
/// The crate never asks for the time: a host reads its clock and passes the moment in.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use sinch_callback::UnixSeconds;
///
/// // A clock that counts milliseconds, as JavaScript's does.
/// let moment = UnixSeconds::from_millis(1_634_579_353_999);
/// assert_eq!(moment, UnixSeconds::new(1_634_579_353));
/// // What `SystemTime::now().duration_since(UNIX_EPOCH)` gives.
/// assert_eq!(moment, Duration::from_secs(1_634_579_353).into());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnixSeconds(u64);

impl UnixSeconds {
    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The second in which the moment `milliseconds` after the epoch lies.
    #[must_use]
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds / 1_000)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// From `earlier` to `self`, in whole seconds; zero where `earlier` is in fact later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }

    /// The moment so many whole seconds later, or the last one there is.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }
}

impl From<u64> for UnixSeconds {
    /// [`UnixSeconds::new`].
    fn from(seconds: u64) -> Self {
        Self(seconds)
    }
}

impl From<UnixSeconds> for u64 {
    /// [`UnixSeconds::get`].
    fn from(moment: UnixSeconds) -> Self {
        moment.0
    }
}

impl From<Duration> for UnixSeconds {
    /// The second in which the moment lies that is so long after the epoch.
    fn from(since_epoch: Duration) -> Self {
        Self(since_epoch.as_secs())
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for UnixSeconds {
    /// The second in which the moment lies.
    ///
    /// A moment before 1970 is the epoch itself. To a clock that is so wrong each callback is ahead of
    /// its time and answered 503, so that Sinch retries it until the clock is right.
    ///
    /// # Examples
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use sinch_callback::UnixSeconds;
    ///
    /// let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
    /// assert_eq!(UnixSeconds::from(moment), UnixSeconds::new(1));
    /// ```
    fn from(moment: std::time::SystemTime) -> Self {
        let since_epoch = moment.duration_since(std::time::SystemTime::UNIX_EPOCH);
        since_epoch.unwrap_or_default().into()
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_its_seconds() {
        assert_eq!(std::format!("{}", UnixSeconds::new(1_000)), "1000");
    }

    #[test]
    fn what_lies_before_is_no_time_ago_and_the_last_moment_has_none_behind_it() {
        let (early, late) = (UnixSeconds::new(10), UnixSeconds::new(310));
        assert_eq!(late.since(early), Duration::from_secs(300));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.saturating_add(Duration::from_millis(300_999)), late);
        let last = UnixSeconds::new(u64::MAX);
        assert_eq!(late.saturating_add(Duration::MAX), last);
    }

    #[cfg(feature = "std")]
    #[test]
    fn to_a_clock_before_1970_every_callback_is_from_the_future() {
        let early = std::time::SystemTime::UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(UnixSeconds::from(early), UnixSeconds::new(0));
    }
}
