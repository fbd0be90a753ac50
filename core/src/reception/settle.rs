use super::{
    answer::Answer,
    origin::{Forwarded, OriginAnswer},
};
use crate::{
    claim::Ticket, key::ReplayKey, rejection::Rejection, replay_guard::ReplayGuard,
    time::UnixSeconds,
};

/// A hand-off of which the outcome is open, apart from the callback's bytes: what has to be kept until
/// it is known what becomes of the claim.
///
/// Its methods use it up, so that an outcome is told once.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct OpenHandOff {
    key: ReplayKey,
    ticket: Option<Ticket>,
}

/// What a host tells its guard when a hand-off has ended.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Settle {
    /// The callback has been handed off, whoever claimed it: remember it.
    Confirm(ReplayKey),
    /// It has not, and this was the copy that claimed it: its retry is the first again.
    Release(Ticket),
    /// It has not, and somebody else's claim is none of this copy's business.
    Nothing,
}

/// How a hand-off of one's own has ended.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Settled {
    /// What the guard is told.
    pub guard: Settle,
    /// What the sender is answered.
    pub answer: Answer,
}

/// How a hand-off to an origin has ended.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Relayed {
    /// What the guard is told.
    pub guard: Settle,
    /// What the sender is answered in place of what the origin said; `None` where that goes on.
    pub instead: Option<Answer>,
}

impl OpenHandOff {
    /// One of the callback of this key, with the ticket of the claim where this copy holds one. For a
    /// host that hears of the outcome elsewhere than where it handed off.
    pub const fn new(key: ReplayKey, ticket: Option<Ticket>) -> Self {
        Self { key, ticket }
    }

    /// The callback's key.
    #[must_use]
    pub const fn key(&self) -> ReplayKey {
        self.key
    }

    /// The ticket of the claim, where this copy holds one.
    #[must_use]
    pub const fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    /// The callback is safe: no crash may lose it.
    pub const fn done(self) -> Settled {
        Settled {
            guard: Settle::Confirm(self.key),
            answer: Answer::ACCEPTED,
        }
    }

    /// It is not certain that the callback is safe.
    pub fn failed(self) -> Settled {
        Settled {
            guard: self.take_back(),
            answer: Answer::HANDOFF_UNAVAILABLE,
        }
    }

    /// The callback cannot be handed off, and no retry can help: it is larger than what stands behind
    /// ever takes.
    pub fn refused(self, rejection: Rejection) -> Settled {
        Settled {
            guard: self.take_back(),
            answer: Answer::of_rejection(rejection),
        }
    }

    /// The origin has answered.
    pub fn answered(self, origin: OriginAnswer) -> Relayed {
        let has_it = origin.is_success(Forwarded::Authentic);
        Relayed {
            instead: origin.instead(Forwarded::Authentic),
            guard: if has_it {
                Settle::Confirm(self.key)
            } else {
                self.take_back()
            },
        }
    }

    fn take_back(self) -> Settle {
        self.ticket.map_or(Settle::Nothing, Settle::Release)
    }
}

impl Settle {
    /// Tells a guard.
    pub fn tell(self, guard: &mut impl ReplayGuard, now: UnixSeconds) {
        match self {
            Self::Confirm(key) => guard.confirm(key, now),
            Self::Release(ticket) => guard.release(ticket),
            Self::Nothing => {}
        }
    }
}

#[cfg(test)]
#[cfg(feature = "alloc")]
mod tests {
    use super::*;
    use crate::{claim::Claim, memory_guard::MemoryReplayGuard, window::Window};

    const NOW: UnixSeconds = UnixSeconds::new(1_000);
    const KEY: ReplayKey = ReplayKey::from_bytes([7; 16]);

    fn claimed(guard: &mut MemoryReplayGuard) -> OpenHandOff {
        let ticket = match guard.claim(KEY, NOW) {
            Claim::First(ticket) => Some(ticket),
            _ => None,
        };
        OpenHandOff::new(KEY, ticket)
    }

    #[test]
    fn a_hand_off_that_is_done_is_remembered() {
        let mut guard = MemoryReplayGuard::covering(Window::BARE, 8);
        let settled = claimed(&mut guard).done();
        assert_eq!(settled.answer, Answer::ACCEPTED);
        settled.guard.tell(&mut guard, NOW);
        assert_eq!(guard.claim(KEY, NOW), Claim::Done);
    }

    #[test]
    fn a_hand_off_that_is_done_elsewhere_is_remembered_here_too() {
        let mut guard = MemoryReplayGuard::covering(Window::BARE, 8);
        let settled = OpenHandOff::new(KEY, None).done();
        settled.guard.tell(&mut guard, NOW);
        assert_eq!(guard.claim(KEY, NOW), Claim::Done);
    }

    #[test]
    fn the_copy_that_claimed_releases_and_a_copy_in_flight_releases_nothing() {
        let mut guard = MemoryReplayGuard::covering(Window::BARE, 8);
        let first = claimed(&mut guard);
        let copy = claimed(&mut guard);
        assert_eq!(copy.ticket(), None);
        let failed = copy.failed();
        assert_eq!(failed.answer, Answer::HANDOFF_UNAVAILABLE);
        failed.guard.tell(&mut guard, NOW);
        assert_eq!(guard.claim(KEY, NOW), Claim::InFlight { since: NOW });
        first.failed().guard.tell(&mut guard, NOW);
        assert!(matches!(guard.claim(KEY, NOW), Claim::First(_)));
    }

    #[test]
    fn what_no_retry_can_help_is_released_and_answered_with_its_own_status() {
        let mut guard = MemoryReplayGuard::covering(Window::BARE, 8);
        let too_large = Rejection::BodyTooLarge { limit_bytes: 1 };
        let settled = claimed(&mut guard).refused(too_large);
        assert_eq!(settled.answer.status(), 413);
        settled.guard.tell(&mut guard, NOW);
        assert!(guard.is_empty());
    }

    #[test]
    fn an_origin_s_marked_success_confirms_and_all_else_releases() {
        let marked = |status| OriginAnswer {
            status,
            is_marked: true,
        };
        for (origin, confirms, instead) in [
            (marked(200), true, None),
            (marked(429), false, None),
            (marked(401), false, Some(Answer::ORIGIN_REFUSED)),
            (marked(302), false, Some(Answer::ORIGIN_REFUSED)),
            (
                OriginAnswer {
                    status: 200,
                    is_marked: false,
                },
                false,
                Some(Answer::ORIGIN_REFUSED),
            ),
        ] {
            let mut guard = MemoryReplayGuard::covering(Window::BARE, 8);
            let relayed = claimed(&mut guard).answered(origin);
            assert_eq!(relayed.instead, instead, "{origin:?}");
            relayed.guard.tell(&mut guard, NOW);
            assert_eq!(guard.is_empty(), !confirms, "{origin:?}");
        }
    }
}
