use core::{fmt, time::Duration};

use crate::{
    key::{ContentKey, ReplayKey},
    promise::{CoversBody, Promise, Timely},
    secret_slot::SecretSlot,
    time::UnixSeconds,
};

/// A callback that was signed with a secret of ours.
///
/// Only [`Rules`](crate::Rules) make one: what takes an `Authentic` cannot be handed anything unverified.
/// `P` is what the signature promises besides, and holds it; a host that needs timely callbacks takes
/// `Authentic<Timely>`, which is what `Authentic` means by itself. Which promise comes with which scheme:
/// [`scheme`](crate::scheme).
///
/// # Examples
/// ```
/// use sinch_callback::{Authentic, Secret, UnixSeconds, Verifier};
///
/// /// Can be called with nothing that was not verified.
/// fn store_as(callback: Authentic<'_>) -> String {
///     // However often Sinch sends one event, it has one content key.
///     format!("{}.json", callback.content_key())
/// }
///
/// # let headers = [
/// #     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
/// #     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
/// #     ("x-sinch-webhook-signature-timestamp", "1634579353"),
/// # ];
/// # let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
/// # let now = UnixSeconds::new(1_634_579_360);
/// let verifier = Verifier::logged(Secret::new("foo_secret1234")?);
/// let callback = verifier.verify(&headers, body, now)?;
/// assert_eq!(callback.body(), body);
/// assert_eq!(callback.signed_at(), UnixSeconds::new(1_634_579_353));
/// assert_eq!(store_as(callback), "1afb5d9b76a2f5ae2c39745a4c0eef47.json");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
#[derive(Clone, Copy)]
pub struct Authentic<'a, P = Timely> {
    body: &'a [u8],
    secret_slot: SecretSlot,
    promise: P,
}

impl<'a> Authentic<'a> {
    /// The key of this delivery, for a replay guard.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        self.promise.replay_key()
    }

    /// When it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> UnixSeconds {
        self.promise.signed_at()
    }

    /// From the signature to `now`; zero where the sender's clock is ahead.
    #[must_use]
    pub const fn age(&self, now: UnixSeconds) -> Duration {
        now.since(self.promise.signed_at())
    }
}

impl<'a, P: Copy> Authentic<'a, P> {
    pub(crate) const fn new(body: &'a [u8], secret_slot: SecretSlot, promise: P) -> Self {
        Self {
            body,
            secret_slot,
            promise,
        }
    }

    /// The raw body as it was received, whether the signature covers it or not.
    #[must_use]
    pub const fn received(&self) -> &'a [u8] {
        self.body
    }

    /// Which secret signed it.
    #[must_use]
    pub const fn secret_slot(&self) -> SecretSlot {
        self.secret_slot
    }

    /// What the signature promises besides.
    #[must_use]
    pub const fn promise(&self) -> &P {
        &self.promise
    }

    /// The key by which a log knows this event again: the content's where the signature covers the body,
    /// and where it does not the signature's, so that one token counts once whatever stands beside it.
    /// Hashes the body at each call.
    #[must_use]
    pub fn log_key(&self) -> ContentKey
    where
        P: Into<Promise>,
    {
        let promise: Promise = self.promise.into();
        if promise.covers_body() {
            ContentKey::of_body(self.body)
        } else {
            ContentKey::from_bytes(*promise.replay_key().as_bytes())
        }
    }
}

impl<'a, P: CoversBody> Authentic<'a, P> {
    /// The raw body.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The key of this event, for deduplication and the delivery log. Hashes the body at each call.
    #[must_use]
    pub fn content_key(&self) -> ContentKey {
        ContentKey::of_body(self.body)
    }

    /// The proof apart from the body, to be sent ahead or along with it: it borrows nothing. Hashes the
    /// body.
    #[must_use]
    pub fn proof(&self) -> Proof<P> {
        Proof {
            content_key: self.content_key(),
            secret_slot: self.secret_slot,
            promise: self.promise,
        }
    }
}

impl<P> fmt::Debug for Authentic<'_, P>
where
    P: fmt::Debug,
{
    /// Leaves out the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentic")
            .field("secret_slot", &self.secret_slot)
            .field("promise", &self.promise)
            .finish_non_exhaustive()
    }
}

/// That a callback is authentic, without its body: what a middleware puts into a request's extensions or
/// a task into a channel, where an [`Authentic`] cannot go because it borrows.
///
/// Only [`Authentic::proof`] makes one, and it is good for that one body.
///
/// # Examples
/// ```
/// use sinch_callback::{Authentic, Proof};
///
/// fn middleware(authentic: Authentic<'_>) -> Proof {
///     authentic.proof()
/// }
///
/// fn handler(proof: Proof, body: &[u8]) -> bool {
///     match proof.of(body) {
///         Some(authentic) => authentic.body() == body,
///         None => false,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proof<P = Timely> {
    content_key: ContentKey,
    secret_slot: SecretSlot,
    promise: P,
}

impl<P: CoversBody> Proof<P> {
    /// The callback again, from its body; `None` for any other body.
    #[must_use]
    pub fn of<'a>(&self, body: &'a [u8]) -> Option<Authentic<'a, P>> {
        (ContentKey::of_body(body) == self.content_key).then_some(Authentic {
            body,
            secret_slot: self.secret_slot,
            promise: self.promise,
        })
    }

    /// The key of the event.
    #[must_use]
    pub const fn content_key(&self) -> ContentKey {
        self.content_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{headers::SignedHeaders, secret::Secret, verifier::Verifier};

    #[test]
    fn a_proof_is_good_for_its_own_body_and_for_no_other() {
        // Signed by Python's hmac.
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
        let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
        let headers = SignedHeaders::collect(headers).unwrap();
        let verifier = Verifier::bare(Secret::new("foo_secret1234").unwrap());
        let now = UnixSeconds::new(1_634_579_353);
        let authentic = verifier.authenticate(&headers, body, now).unwrap();
        let proof: Proof = authentic.proof();
        let again = proof.of(body).unwrap();
        assert_eq!(again.replay_key(), authentic.replay_key());
        assert_eq!(again.signed_at(), now);
        assert!(proof.of(b"another body").is_none());

        let shown = std::format!("{authentic:?}");
        assert!(shown.contains("1634579353"), "{shown}");
        assert!(!shown.contains("a_new_thing"), "{shown}");
    }
}
