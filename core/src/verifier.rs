use core::fmt;

use crate::{
    header_name::HeaderName,
    headers::SignedHeaders,
    rejection::Rejection,
    replay::{ContentKey, ReplayKey},
    secret::{SecretRing, SecretSlot},
    time::UnixSeconds,
    window::Window,
};

/// Whether a callback has to name its algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlgorithmHeader {
    /// It may be absent. The default: the only published delivery report comes without.
    #[default]
    Optional,
    /// It must be there, as two of Sinch's SDKs demand.
    Required,
}

/// Decides whether a callback is authentic and timely. The one place with the order of checks:
///
/// 1. the form of the headers, in [`SignedHeaders::collect`],
/// 2. the size of the body,
/// 3. the signature, under every secret,
/// 4. the window.
///
/// The signature comes before the window, so that *stale* means authentic and stale, on which an
/// operator can act, and strangers learn nothing about clocks.
///
/// `R` is how the ring is held: by value, behind an `Arc`, or by reference.
#[derive(Clone, Debug)]
pub struct Verifier<R = SecretRing> {
    secrets: R,
    window: Window,
    max_body_bytes: usize,
    algorithm_header: AlgorithmHeader,
}

impl Verifier {
    /// The largest body that is accepted unless set otherwise: 2 MiB, [twice a full
    /// report](crate::limits). Our own choice.
    pub const DEFAULT_MAX_BODY_BYTES: usize = 2_097_152;
}

impl<R: AsRef<SecretRing>> Verifier<R> {
    /// A verifier of callbacks signed with these secrets, with the window [`Window::BARE`], bodies
    /// of up to [`Verifier::DEFAULT_MAX_BODY_BYTES`], and the algorithm header optional.
    #[must_use]
    pub const fn new(secrets: R) -> Self {
        Self {
            secrets,
            window: Window::BARE,
            max_body_bytes: Verifier::DEFAULT_MAX_BODY_BYTES,
            algorithm_header: AlgorithmHeader::Optional,
        }
    }

    /// Sets how far the signed time may lie from now.
    #[must_use]
    pub const fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Sets the largest body that is accepted, in bytes.
    #[must_use]
    pub const fn with_max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sets whether a callback has to name its algorithm.
    #[must_use]
    pub const fn with_algorithm_header(mut self, header: AlgorithmHeader) -> Self {
        self.algorithm_header = header;
        self
    }

    /// How far the signed time may lie from now.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// The largest body that is accepted, in bytes.
    #[must_use]
    pub const fn max_body_bytes(&self) -> usize {
        self.max_body_bytes
    }

    /// Decides about one callback: `body` is the raw body as it was received, byte for byte.
    ///
    /// # Errors
    /// In this order: [`Rejection::MissingHeader`] where the algorithm is required,
    /// [`Rejection::BodyTooLarge`], [`Rejection::SignatureMismatch`], [`Rejection::Stale`],
    /// [`Rejection::FromFuture`].
    pub fn authenticate<'a>(
        &self,
        headers: &SignedHeaders<'_>,
        body: &'a [u8],
        now: UnixSeconds,
    ) -> Result<Authentic<'a>, Rejection> {
        if self.algorithm_header == AlgorithmHeader::Required && !headers.has_algorithm() {
            return Err(Rejection::MissingHeader(HeaderName::Algorithm));
        }
        if body.len() > self.max_body_bytes {
            return Err(Rejection::BodyTooLarge {
                limit_bytes: self.max_body_bytes,
            });
        }
        let (secret_slot, replay_key) = self
            .secrets
            .as_ref()
            .find(headers, body)
            .ok_or(Rejection::SignatureMismatch)?;
        let signed_at = headers.signed_at();
        self.window.check(signed_at, now)?;
        Ok(Authentic {
            body,
            replay_key,
            secret_slot,
            signed_at,
        })
    }
}

/// A callback that was signed with a secret of ours, within the window.
///
/// Only [`Verifier::authenticate`] makes one: what takes an `Authentic` cannot be handed anything
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

#[cfg(all(test, feature = "signing"))]
mod tests {
    use std::format;

    use super::*;
    use crate::{secret::Secret, signing::Signer};

    const NOW: UnixSeconds = UnixSeconds::new(1_634_579_353);

    #[test]
    fn a_verifier_tells_the_limits_it_was_given() {
        let ring = SecretRing::from(Secret::new("made-up").unwrap());
        let verifier = Verifier::new(ring);
        assert_eq!(verifier.max_body_bytes(), 2_097_152);
        assert_eq!(verifier.window(), Window::BARE);
        let narrow = verifier.with_max_body_bytes(10).with_window(Window::LOGGED);
        assert_eq!(narrow.max_body_bytes(), 10);
        assert_eq!(narrow.window(), Window::LOGGED);
    }

    #[test]
    fn debug_shows_when_it_was_signed_and_not_the_body() {
        let secret = Secret::new("made-up").unwrap();
        let signed = Signer::new(secret.clone());
        let signed = signed.sign(b"a body", "a-nonce", NOW).unwrap();
        let pairs = signed
            .headers()
            .map(|(name, value)| (name, value.as_bytes()));
        let headers = SignedHeaders::collect(pairs).unwrap();
        let verifier = Verifier::new(SecretRing::from(secret));
        let shown = format!(
            "{:?}",
            verifier.authenticate(&headers, b"a body", NOW).unwrap()
        );
        assert!(shown.contains("1634579353"), "{shown}");
        assert!(!shown.contains("body: ["), "{shown}");
    }
}
