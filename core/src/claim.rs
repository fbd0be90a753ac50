use crate::{key::ReplayKey, time::UnixSeconds};

/// What a guard knows of a callback that asks to be handed off.
///
/// # Examples
/// ```
/// use sinch_callback::{Answer, Claim};
///
/// /// What a copy is answered that is not handed off itself.
/// fn answer_at_once(claim: &Claim) -> Option<Answer> {
///     match claim {
///         Claim::Done => Some(Answer::DUPLICATE),
///         // Whether another copy gets through is not known: only this one can be sure of itself.
///         Claim::First(_) | Claim::InFlight { .. } | Claim::Full => None,
///     }
/// }
///
/// assert_eq!(answer_at_once(&Claim::Done), Some(Answer::DUPLICATE));
/// assert_eq!(answer_at_once(&Claim::Full), None);
/// ```
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has claimed it: hand it off, then confirm, or release with the ticket.
    ///
    /// Said too often, a callback is handed off again, which the layers behind absorb.
    First(Ticket),
    /// It was claimed, and the outcome is not known yet. Hand it off, or answer 5xx so that the
    /// sender retries; never answer that it has been received.
    InFlight {
        /// When it was claimed.
        since: UnixSeconds,
    },
    /// An earlier copy has been handed off: answer 2xx and do nothing.
    ///
    /// Said wrongly, a callback is lost. That is why only `confirm` brings this about.
    Done,
    /// The guard is full and refuses to forget: hand it off unguarded, or answer 5xx so that
    /// the sender retries.
    Full,
}

/// The right to release a claim: who holds it is the one that claimed.
///
/// There is one of each claim, which a release uses up, so a copy that came while the claim was open
/// cannot take it away. A claim that has aged out and been made again is another one, of another
/// moment, and its ticket another ticket.
///
/// # Examples
/// ```
/// use sinch_callback::{Claim, MemoryReplayGuard, ReplayGuard, ReplayKey, UnixSeconds, Window};
///
/// let (key, now) = (ReplayKey::from_bytes([7; 16]), UnixSeconds::new(1_795_600_811));
/// let mut guard = MemoryReplayGuard::covering(Window::LOGGED, 100);
/// let Claim::First(ticket) = guard.claim(key, now) else {
///     panic!("nobody has claimed it before");
/// };
/// // The copy that comes meanwhile has no ticket, and so cannot release the claim of the first.
/// assert_eq!(guard.claim(key, now), Claim::InFlight { since: now });
/// guard.release(ticket);
/// assert!(matches!(guard.claim(key, now), Claim::First(_)));
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Ticket {
    key: ReplayKey,
    claimed_at: UnixSeconds,
}

impl Ticket {
    /// The ticket of the claim that a guard made of this key at this moment: for guards, and for hosts
    /// that carry it elsewhere between claim and release.
    pub const fn new(key: ReplayKey, claimed_at: UnixSeconds) -> Self {
        Self { key, claimed_at }
    }

    /// The key that was claimed.
    #[must_use]
    pub const fn key(&self) -> ReplayKey {
        self.key
    }

    /// When it was claimed.
    #[must_use]
    pub const fn claimed_at(&self) -> UnixSeconds {
        self.claimed_at
    }
}
