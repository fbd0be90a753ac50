use crate::{rejection::Rejection, time::UnixSeconds};

/// How far a callback's signed time may lie from now and still be acceptable, in seconds.
///
/// Both limits are inclusive. A verifier may accept as far back as something behind it remembers:
/// a window that is wider than the memory of the replay layers lets an old callback count again; a
/// window that is narrower than the sender's retries loses callbacks after an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The greatest age, in seconds; [`Window::UNLIMITED`] for no limit.
    pub max_age_secs: u64,
    /// How far the signed time may be ahead of our clock, in seconds.
    pub max_ahead_secs: u64,
}

impl Window {
    /// An age that no callback reaches: everything signed in the past is acceptable.
    pub const UNLIMITED: u64 = u64::MAX;

    /// 300 seconds either way, what webhook verifiers of this field use by default. For a verifier
    /// with nothing behind it that remembers.
    pub const BARE: Self = Self {
        max_age_secs: 300,
        max_ahead_secs: 300,
    };

    /// 24 hours back, 300 seconds ahead, for a verifier with a durable log behind it.
    ///
    /// Sinch documents retries up to 22 h 45 min after the first failure and does not say whether
    /// a retry is signed afresh: a shorter window could lose a receipt for good after an outage.
    pub const LOGGED: Self = Self {
        max_age_secs: 86_400,
        max_ahead_secs: 300,
    };

    /// Decides whether a callback signed at `signed_at` is acceptable at `now`.
    ///
    /// # Errors
    /// [`Rejection::Stale`] past the greatest age, [`Rejection::FromFuture`] past the allowed lead.
    pub const fn check(self, signed_at: UnixSeconds, now: UnixSeconds) -> Result<(), Rejection> {
        let age_secs = now.since(signed_at);
        if age_secs > self.max_age_secs {
            return Err(Rejection::Stale {
                age_secs,
                max_age_secs: self.max_age_secs,
            });
        }
        let ahead_secs = signed_at.since(now);
        if ahead_secs > self.max_ahead_secs {
            return Err(Rejection::FromFuture {
                ahead_secs,
                max_ahead_secs: self.max_ahead_secs,
            });
        }
        Ok(())
    }

    /// How long a replay guard has to remember a callback so that the window refuses it before the
    /// guard forgets it: a callback claimed early, at the allowed lead, stays acceptable that much
    /// longer. Saturates, that is, remembers for ever.
    #[must_use]
    pub const fn memory_secs(self) -> u64 {
        self.max_age_secs.saturating_add(self.max_ahead_secs)
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
                age_secs: 301,
                max_age_secs: 300
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
                ahead_secs: 301,
                max_ahead_secs: 300
            })
        );
    }

    #[test]
    fn a_guard_has_to_remember_the_age_and_the_lead() {
        assert_eq!(Window::BARE.memory_secs(), 600);
    }

    #[test]
    fn an_unlimited_window_accepts_at_the_end_of_time() {
        let window = Window {
            max_age_secs: Window::UNLIMITED,
            ..Window::BARE
        };
        assert_eq!(
            window.check(UnixSeconds::new(0), UnixSeconds::new(u64::MAX)),
            Ok(())
        );
        assert_eq!(window.memory_secs(), u64::MAX);
    }
}
