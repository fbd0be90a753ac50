use core::{fmt, str::FromStr};

use crate::{hex, sha256::sha256, signature::TAG_LEN};

/// Is this the same delivery again? The first 16 bytes of the verified tag.
///
/// Covers body, nonce and time, costs no further hash, cannot be made without the secret, and stays
/// the same when the signed string is cut elsewhere. Safe to log.
///
/// # Examples
/// ```
/// use sinch_callback::{ReplayKey, Secret, UnixSeconds, Verifier};
///
/// # let headers = [
/// #     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
/// #     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
/// #     ("x-sinch-webhook-signature-timestamp", "1634579353"),
/// # ];
/// # let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
/// # let now = UnixSeconds::new(1_634_579_360);
/// let verifier = Verifier::logged(Secret::new("foo_secret1234")?);
/// let key = verifier.verify(&headers, body, now)?.replay_key();
/// // The same request, however late, is the same delivery.
/// assert_eq!(key, verifier.verify(&headers, body, 1_634_579_999)?.replay_key());
/// assert_eq!(key.to_string().parse(), Ok(key));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplayKey([u8; 16]);

/// Is this the same event again? The first 16 bytes of SHA-256 over the raw body.
///
/// Every callback's body carries its own ids and times, so equal bytes are one event, whether Sinch
/// sent the callback again as it was, signed the retry afresh, or delivered it through a second
/// webhook. Safe to log, and in hex a valid deduplication id.
///
/// # Examples
/// ```
/// use sinch_callback::ContentKey;
///
/// let key = ContentKey::of_body(b"{}");
/// // The first half of what `printf {} | sha256sum` prints.
/// assert_eq!(key.to_string(), "44136fa355b3678a1146ad16f7e8649e");
/// assert_eq!("44136fa355b3678a1146ad16f7e8649e".parse(), Ok(key));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentKey([u8; 16]);

impl ReplayKey {
    pub(crate) fn of_tag(tag: &[u8; TAG_LEN]) -> Self {
        Self(first_half(tag))
    }

    /// The key as one word, to be chosen in constant time.
    pub(crate) const fn to_word(self) -> u128 {
        u128::from_ne_bytes(self.0)
    }

    pub(crate) const fn from_word(word: u128) -> Self {
        Self(word.to_ne_bytes())
    }
}

impl ContentKey {
    /// The key of a body.
    #[must_use]
    pub fn of_body(body: &[u8]) -> Self {
        Self(first_half(&sha256(body)))
    }
}

fn first_half(hash: &[u8; 32]) -> [u8; 16] {
    let (halves, _) = hash.as_chunks::<16>();
    halves.first().copied().unwrap_or_default()
}

macro_rules! key_conversions {
    ($key:ident) => {
        impl $key {
            /// The key of these bytes, as [`Self::as_bytes`] gave them.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// The key that `Display` writes as this text; `None` for any other text.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                hex::parse(text).map(Self)
            }
        }

        impl fmt::Display for $key {
            /// 32 lower-case hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex::write(&self.0, f)
            }
        }

        impl fmt::Debug for $key {
            /// The digits, as a log wants them.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($key))
            }
        }

        impl FromStr for $key {
            type Err = InvalidKey;

            /// Reads 32 hexadecimal digits.
            fn from_str(text: &str) -> Result<Self, InvalidKey> {
                Self::from_hex(text).ok_or(InvalidKey)
            }
        }

        impl AsRef<[u8]> for $key {
            /// The 16 bytes.
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<[u8; 16]> for $key {
            fn from(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        $crate::serde_as_text! { $key, |key| key }
    };
}
key_conversions!(ReplayKey);
key_conversions!(ContentKey);

/// A text is not one that a key is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected 32 hexadecimal digits")
    }
}

impl core::error::Error for InvalidKey {}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_key_reads_back_from_its_own_text_and_from_no_other() {
        // SHA-256 of the empty string begins so.
        let text = "e3b0c44298fc1c149afbf4c8996fb924";
        let key = ContentKey::of_body(b"");
        assert_eq!(key.to_string(), text);
        assert_eq!(text.parse(), Ok(key));
        assert_eq!(std::format!("{key:?}"), std::format!("ContentKey({text})"));
        assert_eq!(ContentKey::from_hex(text), Some(key));
        assert_eq!(ContentKey::from_hex(&text[1..]), None);
        assert_eq!(ContentKey::from_hex(&text.replace('e', "g")), None);
    }
}
