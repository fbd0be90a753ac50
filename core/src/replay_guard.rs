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
