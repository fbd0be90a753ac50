use core::fmt;

use crate::{
    replay::{ContentKey, ReplayKey},
    secret::SecretSlot,
    time::UnixSeconds,
};

/// A callback that was signed with a secret of ours, within the window.
///
/// Only [`Rules::authenticate`] makes one: what takes an `Authentic` cannot be handed anything
/// unverified.
#[must_use]
#[derive(Clone, Copy)]
pub struct Authentic<'a> {
    body: &'a [u8],
    replay_key: ReplayKey,
    secret_slot: SecretSlot,
    signed_at: UnixSeconds,
}

impl<'a> Authentic<'a> {
    pub(crate) const fn new(
        body: &'a [u8],
        replay_key: ReplayKey,
        secret_slot: SecretSlot,
        signed_at: UnixSeconds,
    ) -> Self {
        Self {
            body,
            replay_key,
            secret_slot,
            signed_at,
        }
    }

    /// The raw body.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The key of this delivery, for a replay guard.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }

    /// The key of this event, for deduplication and the delivery log. Hashes the body at each call.
    #[must_use]
    pub fn content_key(&self) -> ContentKey {
        ContentKey::of_body(self.body)
    }

    /// Which secret signed it.
    #[must_use]
    pub const fn secret_slot(&self) -> SecretSlot {
        self.secret_slot
    }

    /// When it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> UnixSeconds {
        self.signed_at
    }

    /// Seconds from the signature to `now`; zero where the sender's clock is ahead.
    #[must_use]
    pub const fn age_secs(&self, now: UnixSeconds) -> u64 {
        now.since(self.signed_at)
    }
}

impl fmt::Debug for Authentic<'_> {
    /// Leaves out the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentic")
            .field("replay_key", &self.replay_key)
            .field("secret_slot", &self.secret_slot)
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}
