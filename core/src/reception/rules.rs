#[cfg(feature = "schemes")]
use crate::scheme::{mailgun::Mailgun, name::SchemeName};
use crate::{
    algorithm_header::AlgorithmHeader,
    authentic::Authentic,
    headers::SignedHeaders,
    rejection::Rejection,
    scheme::{conversation::Conversation, scheme_trait::Scheme},
    secret_ring::{Ring, SecretRing},
    time::UnixSeconds,
    window::Window,
};

/// What a callback is answered whose signature matches no secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnMismatch {
    /// 401: Sinch does not retry. Right as long as the secrets are. Where the signature may be of a
    /// secret that nobody here has read yet, the answer is 503 all the same.
    #[default]
    Refuse,
    /// 503: Sinch retries, so that genuine callbacks outlast a mistaken or late secret. Strangers get
    /// the same answer, and may retry too.
    Defer,
}

impl OnMismatch {
    /// The rule that answers with this HTTP status, as a setting writes it.
    #[must_use]
    pub const fn of_status(text: &str) -> Option<Self> {
        match text.as_bytes() {
            b"401" => Some(Self::Refuse),
            b"503" => Some(Self::Defer),
            _ => None,
        }
    }
}

/// What a host accepts, apart from the secrets: a value that lasts while secrets change.
///
/// # Examples
/// ```
/// use sinch_callback::{OnMismatch, Rules};
///
/// let rules = Rules::LOGGED
///     .with_max_body_bytes(65_536)
///     .with_on_mismatch(OnMismatch::Defer);
/// assert_eq!(rules.max_body_bytes, 65_536);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Rules {
    /// How far the signed time may lie from now.
    pub window: Window,
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
    /// Whether a callback has to name its algorithm.
    pub algorithm_header: AlgorithmHeader,
    /// What a callback is answered whose signature matches no secret.
    pub on_mismatch: OnMismatch,
}

impl Rules {
    /// The largest body that is accepted unless set otherwise: 2 MiB, [twice a full
    /// report](crate::limits). Our own choice.
    pub const DEFAULT_MAX_BODY_BYTES: usize = 2_097_152;

    /// For a host with a durable log behind it: [`Window::LOGGED`], bodies of up to
    /// [`Rules::DEFAULT_MAX_BODY_BYTES`], the algorithm header optional, a mismatch refused.
    pub const LOGGED: Self = Self {
        window: Window::LOGGED,
        max_body_bytes: Self::DEFAULT_MAX_BODY_BYTES,
        algorithm_header: AlgorithmHeader::Optional,
        on_mismatch: OnMismatch::Refuse,
    };

    /// The same for a host with nothing behind it that remembers: [`Window::BARE`].
    pub const BARE: Self = Self {
        window: Window::BARE,
        ..Self::LOGGED
    };

    /// Sets how far the signed time may lie from now.
    #[must_use]
    pub const fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Sets the largest body, in bytes.
    #[must_use]
    pub const fn with_max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            ..self
        }
    }

    /// Sets whether a callback has to name its algorithm.
    #[must_use]
    pub const fn with_algorithm_header(self, algorithm_header: AlgorithmHeader) -> Self {
        Self {
            algorithm_header,
            ..self
        }
    }

    /// Sets what a callback is answered whose signature matches no secret.
    #[must_use]
    pub const fn with_on_mismatch(self, on_mismatch: OnMismatch) -> Self {
        Self {
            on_mismatch,
            ..self
        }
    }

    /// The same for callbacks of this scheme: where the content is not signed, none is older than
    /// [`Mailgun::MAX_AGE`].
    #[cfg(feature = "schemes")]
    #[must_use]
    pub fn for_scheme(self, scheme: SchemeName) -> Self {
        if scheme.covers_body() {
            return self;
        }
        let max_age = self.window.max_age.min(Mailgun::MAX_AGE);
        self.with_window(self.window.with_max_age(max_age))
    }

    /// Decides what can be decided by the headers alone, before the body is read.
    ///
    /// # Errors
    /// [`Rejection::MissingHeader`] where the algorithm is required and absent.
    pub fn check_headers(&self, headers: &SignedHeaders<'_>) -> Result<(), Rejection> {
        Conversation::check(self.algorithm_header, headers)
    }

    /// Decides whether a body of so many bytes is accepted.
    ///
    /// # Errors
    /// [`Rejection::BodyTooLarge`] beyond [`Rules::max_body_bytes`].
    pub const fn check_size(&self, bytes: usize) -> Result<(), Rejection> {
        if bytes > self.max_body_bytes {
            return Err(Rejection::BodyTooLarge {
                limit_bytes: self.max_body_bytes,
            });
        }
        Ok(())
    }

    /// Decides whether a callback is authentic and timely: `body` is the raw body as it was received,
    /// byte for byte. The one place with the order of checks:
    ///
    /// 1. the form of the headers, in [`SignedHeaders::collect`],
    /// 2. the algorithm header, where it is required, and the size of the body,
    /// 3. the signature, under every secret,
    /// 4. the window.
    ///
    /// The signature comes before the window, so that *stale* means authentic and stale, on which an
    /// operator can act, and strangers learn nothing about clocks.
    ///
    /// # Errors
    /// In this order: [`Rejection::MissingHeader`] where the algorithm is required,
    /// [`Rejection::BodyTooLarge`], [`Rejection::SignatureMismatch`], [`Rejection::Stale`],
    /// [`Rejection::FromFuture`].
    pub fn authenticate<'a>(
        &self,
        ring: &SecretRing,
        headers: &SignedHeaders<'_>,
        body: &'a [u8],
        now: UnixSeconds,
    ) -> Result<Authentic<'a>, Rejection> {
        self.authenticate_by(&Conversation, ring, *headers, body, now)
    }

    /// The same by a scheme, of which the head has been [read](Scheme::head). An untimed scheme has no
    /// window.
    ///
    /// # Errors
    /// In this order: what the rules ask of the head, [`Rejection::BodyTooLarge`], what
    /// [`Scheme::signed`] refuses, [`Rejection::SignatureMismatch`], [`Rejection::Stale`],
    /// [`Rejection::FromFuture`].
    pub fn authenticate_by<'a: 'h, 'h, S: Scheme>(
        &self,
        scheme: &S,
        ring: &Ring<S::Key>,
        head: S::Head<'h>,
        body: &'a [u8],
        now: UnixSeconds,
    ) -> Result<Authentic<'a, S::Promise>, Rejection> {
        S::check(self.algorithm_header, &head)?;
        self.check_size(body.len())?;
        let signed = scheme.signed(head, body)?;
        self.judge::<S>(ring, &signed, body, now)
    }

    /// The signature, under every secret, and the window. Once in a build: where bytes count, each copy
    /// would be one too many.
    #[inline(never)]
    pub(super) fn judge<'a, S: Scheme>(
        &self,
        ring: &Ring<S::Key>,
        signed: &S::Signed<'_>,
        body: &'a [u8],
        now: UnixSeconds,
    ) -> Result<Authentic<'a, S::Promise>, Rejection> {
        let (secret_slot, replay_key) = ring
            .find(|key| S::judge(key, signed))
            .ok_or(Rejection::SignatureMismatch)?;
        if let Some(signed_at) = S::signed_at(signed) {
            self.window.check(signed_at, now)?;
        }
        let promise = S::promise(signed, replay_key);
        Ok(Authentic::new(body, secret_slot, promise))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_the_status_of_a_mismatch_and_no_other() {
        assert_eq!(OnMismatch::of_status("401"), Some(OnMismatch::Refuse));
        assert_eq!(OnMismatch::of_status("503"), Some(OnMismatch::Defer));
        for other in ["", "400", "4010", "defer"] {
            assert_eq!(OnMismatch::of_status(other), None);
        }
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_accepted_and_one_byte_more_is_too_large() {
        let rules = Rules::BARE.with_max_body_bytes(10);
        assert_eq!(rules.check_size(10), Ok(()));
        assert_eq!(
            rules.check_size(11),
            Err(Rejection::BodyTooLarge { limit_bytes: 10 })
        );
    }
}
