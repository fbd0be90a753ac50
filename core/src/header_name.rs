use core::{fmt, str::FromStr};

use crate::named::UnknownName;

named! {
    only as_str
    /// The headers that carry a proof, or are signed.
    ///
    /// Names compare without regard to case. The one place that knows how they are spelt. In the order in
    /// which they are judged.
    ///
    /// The first four are those of the Conversation and the SMS API, [`HeaderName::CONVERSATION`]; the
    /// others come with the feature `schemes`.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::HeaderName;
    ///
    /// let names: Vec<_> = HeaderName::CONVERSATION.iter().map(|name| name.as_str()).collect();
    /// assert_eq!(names[0], "x-sinch-webhook-signature");
    /// assert_eq!(names[2], "x-sinch-webhook-signature-nonce");
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum HeaderName {
        /// The signature, in base64.
        Signature = "x-sinch-webhook-signature",
        /// When the signature was made, in Unix seconds.
        Timestamp = "x-sinch-webhook-signature-timestamp",
        /// What makes each signature unique.
        Nonce = "x-sinch-webhook-signature-nonce",
        /// The signature's algorithm; may be absent.
        Algorithm = "x-sinch-webhook-signature-algorithm",
        /// Voice and Verification: the key and the signature.
        Authorization = "authorization" if "schemes",
        /// Voice and Verification: when it was signed, in ISO 8601.
        XTimestamp = "x-timestamp" if "schemes",
        /// Voice and Verification: the body's type, which is signed.
        ContentType = "content-type" if "schemes",
        /// Numbers, Hosting and 10DLC: the signature, in hexadecimal digits.
        NumbersSignature = "x-sinch-signature" if "schemes",
        /// WhatsApp API: the signature.
        WhatsappSignature = "sinch-whatsapp-callback-signature" if "schemes",
        /// WhatsApp API: what makes each signature unique.
        WhatsappNonce = "sinch-whatsapp-callback-signature-nonce" if "schemes",
        /// WhatsApp API: the signature's algorithm.
        WhatsappAlgorithm = "sinch-whatsapp-callback-signature-algorithm" if "schemes",
        /// Engage: when it was signed, as HTTP writes dates.
        Date = "date" if "rsa",
        /// Engage: the signature, in base64.
        EngageSignature = "x-messagemedia-signature" if "rsa",
        /// Engage: the digest that was signed; only its form is looked at.
        EngageDigest = "x-messagemedia-digest-type" if "rsa",
        /// Engage: the cipher.
        EngageCipher = "x-messagemedia-cipher-type" if "rsa",
        /// Engage: the id of the key.
        EngageKey = "x-messagemedia-key-id" if "rsa",
    }
}

impl HeaderName {
    /// The four headers of the Conversation and the SMS API, in the order in which they are judged.
    pub const CONVERSATION: &'static [Self; 4] = &[
        Self::Signature,
        Self::Timestamp,
        Self::Nonce,
        Self::Algorithm,
    ];

    /// The header of this name, whatever the case of its letters.
    #[must_use]
    pub fn parse(name: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find_map(|it| it.if_named(name))
    }

    /// The one of [`HeaderName::CONVERSATION`] of this name.
    #[inline]
    pub(crate) fn parse_conversation(name: &[u8]) -> Option<Self> {
        // Three lengths for four names: a look at the length spares most comparisons.
        match name.len() {
            25 => Self::Signature.if_named(name),
            31 => Self::Nonce.if_named(name),
            35 if matches!(name.last(), Some(b'p' | b'P')) => Self::Timestamp.if_named(name),
            35 => Self::Algorithm.if_named(name),
            _ => None,
        }
    }

    #[inline(always)]
    fn if_named(self, name: &[u8]) -> Option<Self> {
        is_text(name, self.as_str()).then_some(self)
    }

    /// What a well-formed value is, to end the sentence "the header is not …".
    pub(crate) const fn expected_form(self) -> &'static str {
        match self {
            Self::Signature => "44 characters of padded base64",
            Self::Timestamp => "1 to 12 decimal digits of Unix seconds",
            Self::Nonce => "1 to 128 visible ASCII characters without a dot or a comma",
            Self::Algorithm => "HmacSHA256, the one algorithm that is supported",
            #[cfg(feature = "schemes")]
            Self::Authorization => {
                "the scheme's word, the key, a colon and 44 characters of base64"
            }
            #[cfg(feature = "schemes")]
            Self::XTimestamp => "a time of ISO 8601 in UTC",
            #[cfg(feature = "schemes")]
            Self::ContentType => "1 to 256 printable ASCII characters",
            #[cfg(feature = "schemes")]
            Self::NumbersSignature => "40 lower-case hexadecimal digits",
            #[cfg(feature = "schemes")]
            Self::WhatsappSignature => "44 characters of base64 or 64 hexadecimal digits",
            #[cfg(feature = "schemes")]
            Self::WhatsappNonce => "1 to 128 visible ASCII characters without a dot or a comma",
            #[cfg(feature = "schemes")]
            Self::WhatsappAlgorithm => "HMAC_SHA_256, the one algorithm that is supported",
            #[cfg(feature = "rsa")]
            Self::Date => "a date of HTTP: 29 characters, as Sun, 06 Nov 1994 08:49:37 GMT",
            #[cfg(feature = "rsa")]
            Self::EngageSignature => "padded base64 of at most 1024 bytes",
            #[cfg(feature = "rsa")]
            Self::EngageDigest => "SHA224, SHA256 or SHA512",
            #[cfg(feature = "rsa")]
            Self::EngageCipher => "RSA, the one cipher that is supported",
            #[cfg(feature = "rsa")]
            Self::EngageKey => "1 to 128 visible ASCII characters without a comma",
        }
    }
}

impl fmt::Display for HeaderName {
    /// The name in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for HeaderName {
    type Err = UnknownName;

    /// [`HeaderName::parse`].
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::parse(name.as_bytes()).ok_or(UnknownName::among(Self::NAMES))
    }
}

/// Whether the two are the same but for the case of their letters. Most hosts hand on the spelling
/// that we look for, and equality is quicker to see.
#[inline(always)]
pub(crate) fn is_text(found: &[u8], known: &str) -> bool {
    let known = known.as_bytes();
    found == known || found.eq_ignore_ascii_case(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_nothing_else_is() {
        for name in HeaderName::ALL.iter().copied() {
            let upper = name.as_str().to_ascii_uppercase();
            assert_eq!(HeaderName::parse(upper.as_bytes()), Some(name));
            let (first, rest) = name.as_str().as_bytes().split_first().unwrap();
            let other = [&[first ^ 1], rest].concat();
            assert_eq!(HeaderName::parse(&other), None, "{name}");
        }
        assert_eq!(HeaderName::parse(b""), None);
    }
}
