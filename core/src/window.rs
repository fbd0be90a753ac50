use core::time::Duration;

use crate::{rejection::Rejection, time::UnixSeconds};

/// How far a callback's signed time may lie from now and still be acceptable.
///
/// Both limits are inclusive, and count in whole seconds, as the signed time does. A verifier may
/// accept as far back as something behind it remembers: a window that is wider than the memory of the
/// replay layers lets an old callback count again; a window that is narrower than the sender's retries
/// loses callbacks after an outage.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use sinch_callback::Window;
///
/// let two_hours = Window::LOGGED.with_max_age(Duration::from_secs(2 * 3_600));
/// assert_eq!(two_hours.max_ahead, Duration::from_secs(300));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Window {
    /// The greatest age; [`Window::UNLIMITED`] for no limit.
    pub max_age: Duration,
    /// How far the signed time may be ahead of our clock.
    pub max_ahead: Duration,
}

impl Window {
    /// An age that no callback reaches: everything signed in the past is acceptable.
    pub const UNLIMITED: Duration = Duration::MAX;

    /// 300 seconds either way, what webhook verifiers of this field use by default. For a verifier
    /// with nothing behind it that remembers.
    pub const BARE: Self = Self::new(Duration::from_secs(300), Duration::from_secs(300));

    /// 24 hours back, 300 seconds ahead, for a verifier with a durable log behind it.
    ///
    /// Sinch documents retries up to 22 h 45 min after the first failure and does not say whether
    /// a retry is signed afresh: a shorter window could lose a receipt for good after an outage.
    pub const LOGGED: Self = Self::BARE.with_max_age(Duration::from_secs(86_400));

    /// A window that reaches so far back and so far ahead.
    #[must_use]
    pub const fn new(max_age: Duration, max_ahead: Duration) -> Self {
        Self { max_age, max_ahead }
    }

    /// Sets the greatest age.
    #[must_use]
    pub const fn with_max_age(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// Sets how far the signed time may be ahead of our clock.
    #[must_use]
    pub const fn with_max_ahead(self, max_ahead: Duration) -> Self {
        Self { max_ahead, ..self }
    }

    /// Decides whether a callback signed at `signed_at` is acceptable at `now`.
    ///
    /// # Errors
    /// [`Rejection::Stale`] past the greatest age, [`Rejection::FromFuture`] past the allowed lead.
    pub const fn check(self, signed_at: UnixSeconds, now: UnixSeconds) -> Result<(), Rejection> {
        let age = now.since(signed_at);
        if age.as_secs() > self.max_age.as_secs() {
            return Err(Rejection::Stale {
                age,
                max_age: self.max_age,
            });
        }
        let ahead = signed_at.since(now);
        if ahead.as_secs() > self.max_ahead.as_secs() {
            return Err(Rejection::FromFuture {
                ahead,
                max_ahead: self.max_ahead,
            });
        }
        Ok(())
    }

    /// How long a replay guard has to remember a callback so that the window refuses it before the
    /// guard forgets it: a callback claimed early, at the allowed lead, stays acceptable that much
    /// longer. Saturates, that is, remembers for ever.
    #[must_use]
    pub const fn memory(self) -> Duration {
        self.max_age.saturating_add(self.max_ahead)
    }
}

impl Default for Window {
    /// [`Window::BARE`].
    fn default() -> Self {
        Self::BARE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: UnixSeconds = UnixSeconds::new(1_000);

    #[test]
    fn an_age_of_exactly_the_limit_is_acceptable_and_one_more_is_stale() {
        let window = Window::BARE;
        assert_eq!(window.check(SIGNED, UnixSeconds::new(1_300)), Ok(()));
        assert_eq!(
            window.check(SIGNED, UnixSeconds::new(1_301)),
            Err(Rejection::Stale {
                age: Duration::from_secs(301),
                max_age: Duration::from_secs(300)
            })
        );
    }

    #[test]
    fn a_lead_of_exactly_the_limit_is_acceptable_and_one_more_is_from_the_future() {
        let window = Window::BARE;
        assert_eq!(window.check(SIGNED, UnixSeconds::new(700)), Ok(()));
        assert_eq!(
            window.check(SIGNED, UnixSeconds::new(699)),
            Err(Rejection::FromFuture {
                ahead: Duration::from_secs(301),
                max_ahead: Duration::from_secs(300)
            })
        );
    }

    #[test]
    fn a_part_of_a_second_makes_no_limit_wider() {
        let window = Window::BARE.with_max_age(Duration::from_millis(300_999));
        assert_eq!(window.check(SIGNED, UnixSeconds::new(1_300)), Ok(()));
        assert!(window.check(SIGNED, UnixSeconds::new(1_301)).is_err());
    }

    #[test]
    fn a_guard_has_to_remember_the_age_and_the_lead() {
        assert_eq!(Window::BARE.memory(), Duration::from_secs(600));
        assert_eq!(Window::LOGGED.memory(), Duration::from_secs(86_700));
    }

    #[test]
    fn an_unlimited_window_accepts_at_the_end_of_time() {
        let window = Window::BARE.with_max_age(Window::UNLIMITED);
        assert_eq!(
            window.check(UnixSeconds::new(0), UnixSeconds::new(u64::MAX)),
            Ok(())
        );
        assert_eq!(window.memory(), Duration::MAX);
    }
}
