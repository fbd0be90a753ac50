use core::fmt;

use crate::{
    decimal::Decimal,
    grammar,
    header_name::HeaderName,
    secret::Secret,
    signature::{self, ENCODED_LEN},
    time::UnixSeconds,
};

/// Signs callbacks as Sinch does: for tests, for tools, and for what we send to others.
///
/// # Examples
/// A test of your own service signs what Sinch would send, and hands it to your handler:
///
/// ```
/// use sinch_callback::{Answer, Secret, Signer, UnixSeconds, Verifier};
///
/// // Your service.
/// fn handle(verifier: &Verifier, headers: &[(&str, &str)], body: &[u8], now: UnixSeconds) -> Answer {
///     match verifier.verify(headers, body, now) {
///         Ok(_) => Answer::ACCEPTED,
///         Err(rejection) => rejection.into(),
///     }
/// }
///
/// // Your test.
/// let verifier = Verifier::logged(Secret::new("made-up")?);
/// let signer = Signer::new(Secret::new("made-up")?);
/// let body = br#"{"message_delivery_report":{"message_id":"m","status":"DELIVERED"}}"#;
/// let now = UnixSeconds::new(1_700_000_000);
/// // Each callback has a nonce of its own.
/// let signed = signer.sign(body, "nonce-1", now)?;
/// assert_eq!(handle(&verifier, &signed.headers(), body, now), Answer::ACCEPTED);
/// assert_eq!(handle(&verifier, &signed.headers(), b"{}", now), Answer::SIGNATURE_MISMATCH);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signer(Secret);

impl Signer {
    /// A signer with this secret.
    #[must_use]
    pub const fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// Signs `body` with a nonce that the caller makes unique, at the moment `at`.
    ///
    /// # Errors
    /// [`Unsignable`] for a nonce or a time that no verifier would accept.
    pub fn sign<'n>(
        &self,
        body: &[u8],
        nonce: &'n str,
        at: UnixSeconds,
    ) -> Result<SignedAs<'n>, Unsignable> {
        if !grammar::is_nonce(nonce.as_bytes()) {
            return Err(Unsignable::Nonce);
        }
        let timestamp = Decimal::new(at.get());
        if grammar::seconds(timestamp.as_str().as_bytes()).is_none() {
            return Err(Unsignable::Time);
        }
        let tag = self
            .0
            .tag(body, nonce.as_bytes(), timestamp.as_str().as_bytes());
        Ok(SignedAs {
            signature: signature::encode(&tag),
            nonce,
            timestamp,
        })
    }
}

/// Why something cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsignable {
    /// The nonce is not of the accepted form.
    Nonce,
    /// The time has more than twelve digits, or lies past the year 9999.
    Time,
    /// The body is empty.
    #[cfg(feature = "schemes")]
    EmptyBody,
    /// The body is no object of JSON, which has to carry the proof.
    #[cfg(feature = "schemes")]
    Body,
    /// The media type is not 1 to 256 printable ASCII characters.
    #[cfg(feature = "schemes")]
    ContentType,
    /// Method or path are empty, or have white space in them.
    #[cfg(feature = "schemes")]
    Request,
    /// The key is of another scheme.
    #[cfg(feature = "schemes")]
    Key,
    /// The scheme signs with a private key.
    #[cfg(feature = "rsa")]
    PrivateKey,
}

impl Unsignable {
    /// What is wrong, in words.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Nonce => {
                "the nonce is not 1 to 128 visible ASCII characters without a dot or a comma"
            }
            #[cfg(feature = "schemes")]
            Self::EmptyBody => "the body is empty, and this scheme signs no empty body",
            #[cfg(feature = "schemes")]
            Self::Body => "the body is no JSON object, which has to carry the proof",
            #[cfg(feature = "schemes")]
            Self::ContentType => "the content type is not 1 to 256 printable ASCII characters",
            #[cfg(feature = "schemes")]
            Self::Request => "method or path are empty, or have white space in them",
            #[cfg(feature = "schemes")]
            Self::Key => "the key is of another scheme",
            #[cfg(feature = "rsa")]
            Self::PrivateKey => {
                "this scheme signs with a private key, which nothing here reads: it is verified only"
            }
            Self::Time => "the time has more than 12 digits: is it in milliseconds?",
        }
    }
}

impl fmt::Display for Unsignable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for Unsignable {}

/// The headers that a signed body goes with.
#[derive(Clone)]
pub struct SignedAs<'n> {
    signature: [u8; ENCODED_LEN],
    nonce: &'n str,
    timestamp: Decimal,
}

impl SignedAs<'_> {
    /// The four grammar, names in lower case.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 4] {
        // Base64 is ASCII, so the text is always there.
        let signature = str::from_utf8(&self.signature).unwrap_or_default();
        [
            (HeaderName::Signature.as_str(), signature),
            (HeaderName::Timestamp.as_str(), self.timestamp.as_str()),
            (HeaderName::Nonce.as_str(), self.nonce),
            (HeaderName::Algorithm.as_str(), grammar::ALGORITHM),
        ]
    }
}

impl fmt::Debug for SignedAs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedAs").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_that_no_verifier_accepts_is_not_signed() {
        let signer = Signer::new(Secret::new("made-up").unwrap());
        let now = UnixSeconds::new(1);
        for nonce in ["", "a.b", "a,b", "a b"] {
            assert_eq!(
                signer.sign(b"", nonce, now).unwrap_err(),
                Unsignable::Nonce,
                "{nonce}"
            );
        }
        assert_eq!(
            signer
                .sign(b"", "n", UnixSeconds::new(1_000_000_000_000))
                .unwrap_err(),
            Unsignable::Time
        );
    }
}
