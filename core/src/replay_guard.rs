use crate::{
    claim::{Claim, Ticket},
    key::ReplayKey,
    time::UnixSeconds,
};

/// Remembers which callbacks have been handed off, in two steps.
///
/// A callback is *claimed* before its hand-off and *confirmed* after it succeeded, or *released*
/// after it failed. A guard that recorded in one step, before the hand-off, would refuse the retry
/// that follows our own failure, and so lose the callback.
///
/// A guard is a first layer: it absorbs floods of replays where they arrive. What must hold exactly
/// is held behind it, by the delivery log.
///
/// # Examples
/// ```
/// use std::collections::HashMap;
/// use sinch_callback::{Claim, ReplayGuard, ReplayKey, Ticket, UnixSeconds};
///
/// /// For tests: it never forgets. [`MemoryReplayGuard`](sinch_callback::MemoryReplayGuard) is bounded.
/// #[derive(Default)]
/// struct Unbounded(HashMap<ReplayKey, (UnixSeconds, bool)>);
///
/// impl ReplayGuard for Unbounded {
///     fn claim(&mut self, key: ReplayKey, now: UnixSeconds) -> Claim {
///         match self.0.get(&key) {
///             Some((_, true)) => Claim::Done,
///             Some((since, false)) => Claim::InFlight { since: *since },
///             None => {
///                 self.0.insert(key, (now, false));
///                 Claim::First(Ticket::new(key, now))
///             }
///         }
///     }
///
///     fn confirm(&mut self, key: ReplayKey, now: UnixSeconds) {
///         self.0.insert(key, (now, true));
///     }
///
///     fn release(&mut self, ticket: Ticket) {
///         let claim = (ticket.claimed_at(), false);
///         if self.0.get(&ticket.key()) == Some(&claim) {
///             self.0.remove(&ticket.key());
///         }
///     }
/// }
///
/// let (key, now) = (ReplayKey::from_bytes([7; 16]), UnixSeconds::new(1_795_600_811));
/// let mut guard = Unbounded::default();
/// assert!(matches!(guard.claim(key, now), Claim::First(_)));
/// guard.confirm(key, now);
/// assert_eq!(guard.claim(key, now), Claim::Done);
/// ```
pub trait ReplayGuard {
    /// Claims the callback at `now`, and tells what was known of it before.
    fn claim(&mut self, key: ReplayKey, now: UnixSeconds) -> Claim;

    /// Records that the callback has been handed off: by whichever copy, and wherever it was claimed.
    fn confirm(&mut self, key: ReplayKey, now: UnixSeconds);

    /// Takes back the claim of a callback that could not be handed off, so that its retry is the
    /// first again. Takes back that claim alone: neither what has been confirmed, nor a claim that
    /// was made again after this one had aged out.
    fn release(&mut self, ticket: Ticket);
}
