#[cfg(feature = "schemes")]
use sinch_callback::scheme::{AnyKey, AnyScheme, Conversation};
use sinch_callback::{Rejection, Secret, SecretRing};
use spin::Mutex;

use crate::{buffer::Buffer, slab::Slab};

/// Everything that lasts from one call to the next.
pub(crate) struct State {
    pub(crate) buffer: Buffer,
    /// Secrets of the verifier that is being made; one place more than a ring has, so that the ring
    /// sees when they are too many.
    pub(crate) secrets: [Option<Secret>; SecretRing::MAX + 1],
    /// The scheme of what is made next, and its keys as those of the secrets.
    #[cfg(feature = "schemes")]
    pub(crate) scheme: AnyScheme,
    #[cfg(feature = "schemes")]
    pub(crate) keys: [Option<AnyKey>; SecretRing::MAX + 1],
    pub(crate) items: Slab,
    /// Why the last callback was refused.
    pub(crate) rejection: Option<Rejection>,
}

static STATE: Mutex<State> = Mutex::new(State {
    buffer: Buffer::new(),
    secrets: [const { None }; SecretRing::MAX + 1],
    #[cfg(feature = "schemes")]
    scheme: AnyScheme::Conversation(Conversation),
    #[cfg(feature = "schemes")]
    keys: [const { None }; SecretRing::MAX + 1],
    items: Slab::new(),
    rejection: None,
});

/// Lends the state to one call.
///
/// A call that ended in a trap never gave it back. What it left behind is not to be trusted, so
/// every later call traps too: waiting for it would hang the host.
pub(crate) fn with<T>(call: impl FnOnce(&mut State) -> T) -> T {
    match STATE.try_lock() {
        Some(mut state) => call(&mut state),
        None => core::arch::wasm32::unreachable(),
    }
}
