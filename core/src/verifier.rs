use crate::{
    algorithm_header::AlgorithmHeader, authentic::Authentic, headers::SignedHeaders,
    reception::rules::Rules, rejection::Rejection, secret_ring::SecretRing, time::UnixSeconds,
    window::Window,
};

/// Decides whether a callback is authentic and timely: a ring and the [`Rules`] to judge with it, in
/// the order of [`Rules::authenticate`]. A host whose secrets change keeps both apart.
///
/// ```
/// use core::time::Duration;
/// use sinch_callback::{Rejection, Secret, SignedHeaders, UnixSeconds, Verifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = Verifier::logged(Secret::new("foo_secret1234")?);
/// # let headers = [
/// #     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
/// #     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
/// #     ("x-sinch-webhook-signature-timestamp", "1634579353"),
/// # ];
/// # let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
/// # let now = UnixSeconds::new(1_634_579_360);
/// let headers = SignedHeaders::collect(headers)?;
/// let authentic = verifier.authenticate(&headers, body, now)?;
/// assert_eq!(authentic.age(now), Duration::from_secs(7));
///
/// let altered = verifier.authenticate(&headers, b"{}", now).unwrap_err();
/// assert_eq!(altered, Rejection::SignatureMismatch);
/// assert_eq!(altered.http_status(), 401);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    ring: SecretRing,
    rules: Rules,
}

impl Verifier {
    /// For a host with nothing behind it that remembers callbacks: [`Rules::BARE`], 300 seconds back.
    /// The sixth retry that follows an outage of yours comes later than that and is refused, so prefer
    /// [`Verifier::logged`] wherever callbacks are kept by their content key.
    #[must_use]
    pub fn bare(secrets: impl Into<SecretRing>) -> Self {
        Self::of(secrets, Rules::BARE)
    }

    /// For a host with something behind it that knows a callback again for a day, by its content key:
    /// [`Rules::LOGGED`], as far back as Sinch retries.
    #[must_use]
    pub fn logged(secrets: impl Into<SecretRing>) -> Self {
        Self::of(secrets, Rules::LOGGED)
    }

    /// With rules of one's own.
    #[must_use]
    pub fn of(secrets: impl Into<SecretRing>, rules: Rules) -> Self {
        Self {
            ring: secrets.into(),
            rules,
        }
    }

    /// The secrets that it tries.
    #[must_use]
    pub const fn ring(&self) -> &SecretRing {
        &self.ring
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
        self.rules.authenticate(&self.ring, headers, body, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_verifier_tells_the_limits_it_was_given() {
        let verifier = Verifier::bare(Secret::new("made-up").unwrap());
        assert_eq!(verifier.max_body_bytes(), 2_097_152);
        assert_eq!(verifier.window(), Window::BARE);
        let narrow = verifier.with_max_body_bytes(10).with_window(Window::LOGGED);
        assert_eq!(narrow.max_body_bytes(), 10);
        assert_eq!(narrow.window(), Window::LOGGED);
    }
}
