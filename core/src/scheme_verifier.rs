use core::fmt;

use crate::{
    authentic::Authentic,
    header_pair::HeaderPair,
    reception::rules::Rules,
    rejection::Rejection,
    scheme::{request::Request, scheme_trait::Scheme},
    secret::text::InvalidSecret,
    secret_ring::{InvalidSecretRing, Ring},
    time::UnixSeconds,
};

/// Decides whether a callback of one scheme is authentic: a scheme, its keys, and the rules to judge with.
///
/// # Examples
/// ```
/// use sinch_callback::{Authentic, Timely, UnixSeconds, scheme::{Application, KeyId, Request, SchemeVerifier}};
///
/// // The example of Sinch's documentation.
/// let application = Application::new(KeyId::new("669E367E-6BBA-48AB-AF15-266871C28135")?);
/// let verifier = SchemeVerifier::new(application, ["BeIukql3pTKJ8RGL5zo0DA=="])?;
/// let headers = [
///     (
///         "authorization",
///         "application 669E367E-6BBA-48AB-AF15-266871C28135:Tg6fMyo8mj9pYfWQ9ssbx3Tc1BNC87IEygAfLbJqZb4=",
///     ),
///     ("content-type", "application/json"),
///     ("x-timestamp", "2014-09-24T10:59:41Z"),
/// ];
/// # let body = br#"{"event":"ace","callid":"822aa4b7-05b4-4d83-87c7-1f835ee0b6f6_257","timestamp":"2014-09-24T10:59:41Z","version":1}"#;
/// let now = UnixSeconds::new(1_411_556_400);
/// let request = Request::post("/sinch/callback/ace");
/// let authentic: Authentic<Timely> = verifier.authenticate(request, headers, body, now)?;
/// assert_eq!(authentic.age(now).as_secs(), 19);
///
/// // A gateway has taken the front of the path off.
/// let rewritten = verifier.authenticate(Request::post("/ace"), headers, body, now);
/// assert_eq!(rewritten.unwrap_err().code(), "signature_mismatch");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SchemeVerifier<S: Scheme> {
    scheme: S,
    ring: Ring<S::Key>,
    rules: Rules,
}

impl<S: Scheme> SchemeVerifier<S> {
    /// A verifier with these secrets, the current one first, for a host with nothing behind it that
    /// remembers callbacks: by [`Rules::BARE`].
    ///
    /// # Errors
    /// [`InvalidVerifier`] for a text that is no secret of the scheme, for none, or for too many.
    pub fn new<T: AsRef<[u8]>>(
        scheme: S,
        secrets: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidVerifier> {
        let mut invalid = None;
        let keys = secrets.into_iter().map_while(|text| {
            let key = scheme.key(text.as_ref());
            key.map_err(|reason| invalid = Some(reason)).ok()
        });
        let ring = Ring::new(keys);
        if let Some(reason) = invalid {
            return Err(InvalidVerifier::Secret(reason));
        }
        let ring = ring.map_err(InvalidVerifier::Ring)?;
        Ok(Self::of(scheme, ring, Rules::BARE))
    }

    /// A verifier with these keys and rules.
    #[must_use]
    pub const fn of(scheme: S, ring: Ring<S::Key>, rules: Rules) -> Self {
        Self {
            scheme,
            ring,
            rules,
        }
    }

    /// Sets the rules to judge with.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// The scheme.
    pub const fn scheme(&self) -> &S {
        &self.scheme
    }

    /// The keys that it tries.
    #[must_use]
    pub const fn ring(&self) -> &Ring<S::Key> {
        &self.ring
    }

    /// The rules that it judges with.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Decides about one callback: `body` is the raw body as it was received, byte for byte.
    ///
    /// # Errors
    /// What [`Scheme::head`], [`Scheme::signed`] and [`Rules::authenticate_by`] refuse.
    pub fn authenticate<'a, 'h, P: HeaderPair<'h>>(
        &self,
        request: Request<'h>,
        headers: impl IntoIterator<Item = P>,
        body: &'a [u8],
        now: UnixSeconds,
    ) -> Result<Authentic<'a, S::Promise>, Rejection>
    where
        'a: 'h,
    {
        let head = self.scheme.head(request, headers)?;
        self.rules
            .authenticate_by(&self.scheme, &self.ring, head, body, now)
    }
}

/// Why there is no verifier of these secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidVerifier {
    /// A text is no secret of the scheme.
    Secret(InvalidSecret),
    /// There are none, or too many.
    Ring(InvalidSecretRing),
}

impl fmt::Display for InvalidVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(reason) => reason.fmt(f),
            Self::Ring(reason) => reason.fmt(f),
        }
    }
}

impl core::error::Error for InvalidVerifier {}
