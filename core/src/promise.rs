use core::fmt;

use crate::{key::ReplayKey, time::UnixSeconds};

/// The signature covers the body and a time, and the time lay within the window: what it covers is of
/// the sender, and not older than the window allows.
///
/// Where it covers no nonce, two callbacks of the same second and content have one replay key: they are
/// one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timely {
    replay_key: ReplayKey,
    signed_at: UnixSeconds,
}

impl Timely {
    pub(crate) const fn new(replay_key: ReplayKey, signed_at: UnixSeconds) -> Self {
        Self {
            replay_key,
            signed_at,
        }
    }

    /// The key of this delivery, for a replay guard.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }

    /// When it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> UnixSeconds {
        self.signed_at
    }
}

/// The signature covers the body and no time: it may have been recorded at any time, and be sent again
/// for ever. Only a log that has kept the event's key knows it again, as long as it keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Untimed {
    replay_key: ReplayKey,
}

impl Untimed {
    #[cfg_attr(
        not(feature = "schemes"),
        expect(dead_code, reason = "no scheme makes one")
    )]
    pub(crate) const fn new(replay_key: ReplayKey) -> Self {
        Self { replay_key }
    }

    /// The key of the signature, for a guard that saves work. Forgetting it opens no window that a time
    /// would close.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }
}

/// The signature covers a time and a token and nothing of the content: whoever has seen one callback can
/// send another content with it, within the window and until the token is remembered.
///
/// A callback of this promise has no [`body`](crate::Authentic::body), only what was
/// [`received`](crate::Authentic::received). Where money hangs on it, fetch the event by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenOnly {
    replay_key: ReplayKey,
    signed_at: UnixSeconds,
}

impl TokenOnly {
    #[cfg_attr(
        not(feature = "schemes"),
        expect(dead_code, reason = "no scheme makes one")
    )]
    pub(crate) const fn new(replay_key: ReplayKey, signed_at: UnixSeconds) -> Self {
        Self {
            replay_key,
            signed_at,
        }
    }

    /// The key of the token, for a replay guard and a log.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }

    /// When it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> UnixSeconds {
        self.signed_at
    }
}

/// What a signature promises, where it is known only when the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Promise {
    /// Body and time are covered.
    Timely(Timely),
    /// The body is covered, and no time.
    Untimed(Untimed),
    /// A time is covered, and not the body.
    TokenOnly(TokenOnly),
}

impl Promise {
    /// Its stable name: `timely`, `untimed`, `token_only`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Timely(_) => "timely",
            Self::Untimed(_) => "untimed",
            Self::TokenOnly(_) => "token_only",
        }
    }

    /// The key for a replay guard.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        match self {
            Self::Timely(timely) => timely.replay_key(),
            Self::Untimed(untimed) => untimed.replay_key(),
            Self::TokenOnly(token) => token.replay_key(),
        }
    }

    /// When it was signed, where the signature says it.
    #[must_use]
    pub const fn signed_at(&self) -> Option<UnixSeconds> {
        match self {
            Self::Timely(timely) => Some(timely.signed_at()),
            Self::Untimed(_) => None,
            Self::TokenOnly(token) => Some(token.signed_at()),
        }
    }

    /// Whether the signature covers the body.
    #[must_use]
    pub const fn covers_body(&self) -> bool {
        !matches!(self, Self::TokenOnly(_))
    }
}

impl From<Timely> for Promise {
    fn from(timely: Timely) -> Self {
        Self::Timely(timely)
    }
}

impl From<Untimed> for Promise {
    fn from(untimed: Untimed) -> Self {
        Self::Untimed(untimed)
    }
}

impl From<TokenOnly> for Promise {
    fn from(token: TokenOnly) -> Self {
        Self::TokenOnly(token)
    }
}

/// What has a key for a replay guard: every promise.
pub trait Guarded: sealed::Sealed {
    /// The key.
    #[must_use]
    fn replay_key(&self) -> ReplayKey;
}

impl Guarded for Timely {
    #[inline]
    fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }
}

impl Guarded for Untimed {
    fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }
}

impl Guarded for TokenOnly {
    fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }
}

impl Guarded for Promise {
    fn replay_key(&self) -> ReplayKey {
        self.replay_key()
    }
}

/// A promise that covers the body: [`Timely`] and [`Untimed`].
pub trait CoversBody: Copy + fmt::Debug + sealed::Sealed {}

impl CoversBody for Timely {}
impl CoversBody for Untimed {}

impl sealed::Sealed for Timely {}
impl sealed::Sealed for Untimed {}
impl sealed::Sealed for TokenOnly {}
impl sealed::Sealed for Promise {}

mod sealed {
    pub trait Sealed {}
}
