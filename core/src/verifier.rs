use crate::{
    algorithm_header::AlgorithmHeader,
    authentic::Authentic,
    header_pair::HeaderPair,
    headers::SignedHeaders,
    reception::{answer::Answer, mismatch::OpenMismatch, rules::Rules},
    rejection::Rejection,
    secret_ring::SecretRing,
    time::UnixSeconds,
    window::Window,
};

/// Decides whether a callback is authentic and timely: a ring and the [`Rules`] to judge with it, in
/// the order of [`Rules::authenticate`]. A host whose secrets change keeps both apart.
///
/// | you have | call |
/// |---|---|
/// | headers, and the body whole | [`verify`](Self::verify) |
/// | a request to answer, of which the body may break off | [`receive`](Self::receive) |
/// | headers that you have looked at before the body came | [`authenticate`](Self::authenticate) |
/// | secrets that change, a guard, a queue behind you | [`reception`](crate::reception) |
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use sinch_callback::{Rejection, Secret, UnixSeconds, Verifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = Verifier::logged(Secret::new("foo_secret1234")?);
/// let headers = [
///     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
///     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
///     ("x-sinch-webhook-signature-timestamp", "1634579353"),
/// ];
/// let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
/// let now = UnixSeconds::new(1_634_579_360);
/// let authentic = verifier.verify(&headers, body, now)?;
/// assert_eq!(authentic.age(now), Duration::from_secs(7));
///
/// let altered = verifier.verify(&headers, b"{}", now).unwrap_err();
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

    /// Decides about one callback: `headers` are all of the request's ([`HeaderPair`] says in which forms
    /// they may come), `body` is the raw body as it was received, byte for byte, and `now` is your
    /// clock's: `SystemTime::now()`, or [`UnixSeconds`].
    ///
    /// # Errors
    /// Those of [`SignedHeaders::collect`], then those of [`authenticate`](Self::authenticate).
    pub fn verify<'h, 'b, P: HeaderPair<'h>>(
        &self,
        headers: impl IntoIterator<Item = P>,
        body: &'b [u8],
        now: impl Into<UnixSeconds>,
    ) -> Result<Authentic<'b>, Rejection> {
        let headers = SignedHeaders::collect(headers)?;
        self.authenticate(&headers, body, now.into())
    }

    /// The same for a request that is to be answered: `body` is what came of reading it. Keep what is
    /// authentic before you answer, and answer [`Answer::kept`].
    ///
    /// A body that broke off says nothing of its sender, and Sinch does not retry what is answered 4xx,
    /// as most frameworks answer it by themselves. So take the body as a `Result`, and pass it on.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{Answer, Secret, UnixSeconds, Verifier};
    ///
    /// let verifier = Verifier::logged(Secret::new("foo_secret1234")?);
    /// let now = UnixSeconds::new(1_634_579_360);
    /// let answer = |headers: &[(&str, &str)], body: Result<&[u8], &str>| {
    ///     match verifier.receive(headers, &body, now) {
    ///         Ok(callback) => Answer::kept(std::str::from_utf8(callback.body())),
    ///         Err(answer) => answer,
    ///     }
    /// };
    ///
    /// let headers = [
    ///     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
    ///     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
    ///     ("x-sinch-webhook-signature-timestamp", "1634579353"),
    /// ];
    /// let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
    /// assert_eq!(answer(&headers, Ok(body)), Answer::ACCEPTED);
    /// assert_eq!(answer(&headers, Ok(b"{}")), Answer::SIGNATURE_MISMATCH);
    /// assert_eq!(answer(&headers, Err("the connection broke off")).status(), 503);
    /// assert_eq!(answer(&[], Err("the connection broke off")).code(), "missing_header");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The answer to give: that of the headers, [`Answer::REQUEST_BROKEN`] where the body could not be
    /// read, else that of the verdict.
    pub fn receive<'h, 'b, P: HeaderPair<'h>, B: AsRef<[u8]>, E>(
        &self,
        headers: impl IntoIterator<Item = P>,
        body: &'b Result<B, E>,
        now: impl Into<UnixSeconds>,
    ) -> Result<Authentic<'b>, Answer> {
        let headers = SignedHeaders::collect(headers)?;
        self.rules.check_headers(&headers)?;
        let Ok(body) = body else {
            return Err(Answer::REQUEST_BROKEN);
        };
        let verdict = self.authenticate(&headers, body.as_ref(), now.into());
        verdict.map_err(|rejection| match rejection {
            // These are all the secrets there are.
            Rejection::SignatureMismatch => {
                OpenMismatch::new(headers.signed_at(), self.rules.on_mismatch).unchanged()
            }
            other => other.into(),
        })
    }

    /// The same as [`verify`](Self::verify) for headers that have been collected.
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
    use crate::{reception::rules::OnMismatch, secret::Secret};

    #[test]
    fn a_verifier_tells_the_limits_it_was_given() {
        let verifier = Verifier::bare(Secret::new("made-up").unwrap());
        assert_eq!(verifier.max_body_bytes(), 2_097_152);
        assert_eq!(verifier.window(), Window::BARE);
        let narrow = verifier.with_max_body_bytes(10).with_window(Window::LOGGED);
        assert_eq!(narrow.max_body_bytes(), 10);
        assert_eq!(narrow.window(), Window::LOGGED);
    }

    #[test]
    fn a_mismatch_is_answered_as_the_rules_say() {
        let headers = [
            (
                "x-sinch-webhook-signature",
                "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o=",
            ),
            (
                "x-sinch-webhook-signature-nonce",
                "01FJA8B4A7BM43YGWSG9GBV067",
            ),
            ("x-sinch-webhook-signature-timestamp", "1634579353"),
        ];
        for (on_mismatch, expected) in [
            (OnMismatch::Refuse, Answer::SIGNATURE_MISMATCH),
            (OnMismatch::Defer, Answer::MISMATCH_DEFERRED),
        ] {
            let rules = Rules::LOGGED.with_on_mismatch(on_mismatch);
            let verifier = Verifier::of(Secret::new("made-up").unwrap(), rules);
            let body: Result<&[u8], ()> = Ok(b"{}");
            let answer = verifier.receive(headers, &body, 1_634_579_353);
            assert_eq!(answer.unwrap_err(), expected);
        }
    }
}
