use core::fmt;

use super::{name::SchemeName, request::Request};
use crate::{
    algorithm_header::AlgorithmHeader,
    header_pair::HeaderPair,
    judged::Judged,
    key::ReplayKey,
    promise::{Guarded, Promise},
    rejection::Rejection,
    secret::{Key, text::InvalidSecret},
    time::UnixSeconds,
};

/// One way in which Sinch signs callbacks. The crate's own; nobody else writes one.
///
/// A callback is judged in steps, so that what the head of a request says is refused before the body is
/// read: [`Scheme::head`], [`Scheme::signed`] once the body is here, then each key.
pub trait Scheme: fmt::Debug + sealed::Sealed {
    /// What an authentic callback is worth: [`Timely`](crate::Timely), [`Untimed`](crate::Untimed),
    /// [`TokenOnly`](crate::TokenOnly), or [`Promise`] where only the running program knows.
    type Promise: Copy + fmt::Debug + Guarded + Into<Promise>;
    /// What its signatures are checked with.
    type Key: Key;
    /// What the head of a request says of the proof: found, of the right form, not yet believed.
    type Head<'a>: Copy + fmt::Debug;
    /// What was signed, and the signature.
    type Signed<'a>: fmt::Debug;

    /// Its name in settings.
    fn name(&self) -> SchemeName;

    /// Reads a key as this scheme does, from the text that was entered at Sinch or given by it.
    ///
    /// # Errors
    /// [`InvalidSecret`] for a text that is almost certainly not the key.
    fn key(&self, text: &[u8]) -> Result<Self::Key, InvalidSecret>;

    /// The same for a host that strangers reach: refuses a key that can be guessed.
    ///
    /// # Errors
    /// Those of [`Scheme::key`]; [`InvalidSecret::Short`] below
    /// [`MIN_SECRET_BYTES`](crate::limits::MIN_SECRET_BYTES).
    fn strong_key(&self, text: &[u8]) -> Result<Self::Key, InvalidSecret> {
        let key = self.key(text)?;
        InvalidSecret::of_length(self.key_bytes(text)).map_or(Ok(key), Err)
    }

    /// How many bytes the key has that this text stands for.
    #[doc(hidden)]
    fn key_bytes(&self, text: &[u8]) -> usize {
        text.len()
    }

    /// Finds the proof in the head of a request, and checks its form.
    ///
    /// # Errors
    /// A [`Rejection`] of the class [`Malformed`](crate::RejectionClass::Malformed), or
    /// [`Rejection::SignatureMismatch`]'s class where the callback names another key.
    fn head<'a, P: HeaderPair<'a>>(
        &self,
        request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<Self::Head<'a>, Rejection>;

    /// Puts together what was signed, now that the raw body is here.
    ///
    /// # Errors
    /// A [`Rejection`] of the class [`Malformed`](crate::RejectionClass::Malformed).
    fn signed<'a>(
        &self,
        head: Self::Head<'a>,
        body: &'a [u8],
    ) -> Result<Self::Signed<'a>, Rejection>;

    /// When the sender says that it was signed, where it says it. Not to be believed before the signature.
    fn signed_at(signed: &Self::Signed<'_>) -> Option<UnixSeconds>;

    /// What may be asked of the head besides its form.
    ///
    /// # Errors
    /// [`Rejection::MissingHeader`].
    #[doc(hidden)]
    fn check(_algorithm: AlgorithmHeader, _head: &Self::Head<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    /// What this key says of the signature, in time that does not depend on where they differ.
    #[doc(hidden)]
    fn judge(key: &Self::Key, signed: &Self::Signed<'_>) -> Judged;

    /// What a callback is worth of which the signature is right.
    #[doc(hidden)]
    fn promise(signed: &Self::Signed<'_>, key: ReplayKey) -> Self::Promise;

    /// Whether the sender waits for an answer that only the application can give, so that a queue is no
    /// place for the callback.
    #[must_use]
    fn expects_answer(&self, _body: &[u8]) -> bool {
        false
    }
}

pub(super) mod sealed {
    pub trait Sealed {}
}
