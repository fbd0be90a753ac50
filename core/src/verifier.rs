use crate::{
    authentic::Authentic,
    headers::SignedHeaders,
    reception::rules::{AlgorithmHeader, Rules},
    rejection::Rejection,
    secret::SecretRing,
    time::UnixSeconds,
    window::Window,
};

/// Decides whether a callback is authentic and timely: a ring and the [`Rules`] to judge with it, in
/// the order of [`Rules::authenticate`].
///
/// `R` is how the ring is held: by value, behind an `Arc`, or by reference.
#[derive(Clone, Debug)]
pub struct Verifier<R = SecretRing> {
    secrets: R,
    rules: Rules,
}

impl Verifier {
    /// The largest body that is accepted unless set otherwise.
    pub const DEFAULT_MAX_BODY_BYTES: usize = Rules::DEFAULT_MAX_BODY_BYTES;
}

impl<R: AsRef<SecretRing>> Verifier<R> {
    /// A verifier of callbacks signed with these secrets, with the window [`Window::BARE`], bodies
    /// of up to [`Verifier::DEFAULT_MAX_BODY_BYTES`], and the algorithm header optional.
    #[must_use]
    pub const fn new(secrets: R) -> Self {
        Self {
            secrets,
            rules: Rules::BARE,
        }
    }

    /// The same, with these rules.
    #[must_use]
    pub const fn of(secrets: R, rules: Rules) -> Self {
        Self { secrets, rules }
    }

    /// The secrets that it tries.
    #[must_use]
    pub fn ring(&self) -> &SecretRing {
        self.secrets.as_ref()
    }

    /// Sets how far the signed time may lie from now.
    #[must_use]
    pub const fn with_window(mut self, window: Window) -> Self {
        self.rules.window = window;
        self
    }

    /// Sets the largest body that is accepted, in bytes.
    #[must_use]
    pub const fn with_max_body_bytes(mut self, bytes: usize) -> Self {
        self.rules.max_body_bytes = bytes;
        self
    }

    /// Sets whether a callback has to name its algorithm.
    #[must_use]
    pub const fn with_algorithm_header(mut self, header: AlgorithmHeader) -> Self {
        self.rules.algorithm_header = header;
        self
    }

    /// How far the signed time may lie from now.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.rules.window
    }

    /// The largest body that is accepted, in bytes.
    #[must_use]
    pub const fn max_body_bytes(&self) -> usize {
        self.rules.max_body_bytes
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
        self.rules
            .authenticate(self.secrets.as_ref(), headers, body, now)
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
