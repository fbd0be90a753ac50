use core::fmt;

use sha2::Sha256;

use crate::{
    key::ReplayKey,
    secret::{hmac_key::HmacKey, text::InvalidSecret},
    signature::TAG_LEN,
};

/// One webhook secret, ready to compute signatures: keyed once, at construction.
///
/// Holds the keyed state of the HMAC instead of the text, shows neither, and is overwritten when it
/// is dropped. The text given to the constructors stays the caller's to erase.
///
/// With an allocator the state lies in one place, wherever the secret is moved. Without, each move
/// may leave a copy behind, as moves do.
///
/// # Examples
/// ```
/// use sinch_callback::{InvalidSecret, Secret};
///
/// let secret = Secret::new("made-up")?;
/// assert_eq!(format!("{secret:?}"), "Secret(redacted)");
/// // What came along when it was copied is noticed.
/// assert_eq!(Secret::new("\"made-up\"").unwrap_err(), InvalidSecret::Quoted);
/// assert_eq!(Secret::new("made-up\n").unwrap_err(), InvalidSecret::TrailingWhitespace);
/// # Ok::<(), InvalidSecret>(())
/// ```
#[derive(Clone)]
pub struct Secret(HmacKey<Sha256>);

impl Secret {
    /// The secret as it was entered at Sinch: its UTF-8 bytes are the key.
    ///
    /// # Errors
    /// [`InvalidSecret`] for a text that is almost certainly not what was entered: empty, with white
    /// space or quotes around it, with a name in front, and the like.
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self, InvalidSecret> {
        let text = text.as_ref();
        if let Some(reason) = InvalidSecret::of(text) {
            return Err(reason);
        }
        Self::verbatim(text)
    }

    /// The secret byte for byte, for the odd account whose secret does look like a mistake.
    ///
    /// # Errors
    /// [`InvalidSecret::Empty`]: anyone can sign with the empty secret.
    pub fn verbatim(bytes: impl AsRef<[u8]>) -> Result<Self, InvalidSecret> {
        let bytes = bytes.as_ref();
        if bytes.is_empty() {
            return Err(InvalidSecret::Empty);
        }
        Ok(Self(HmacKey::new(bytes)))
    }

    /// The tag over `body.nonce.timestamp`, the string that Sinch signs.
    #[inline(always)]
    pub(crate) fn tag(&self, body: &[u8], nonce: &[u8], timestamp: &[u8]) -> [u8; TAG_LEN] {
        self.mac([body, b".", nonce, b".", timestamp])
    }

    /// HMAC-SHA256 over the parts, one after the other.
    #[inline(always)]
    pub(crate) fn mac<const PARTS: usize>(&self, parts: [&[u8]; PARTS]) -> [u8; TAG_LEN] {
        self.0.mac(parts).into()
    }
}

/// What a scheme's signatures are checked with, ready for use.
pub trait Key {
    /// What tells this key at this place of a ring from others.
    #[doc(hidden)]
    fn version(&self, slot: u8) -> u128;
}

impl Key for Secret {
    fn version(&self, slot: u8) -> u128 {
        // Not of the form of a signed string, which ends in a time.
        let tag = self.mac([b"version of a ring".as_slice(), &[slot]]);
        ReplayKey::of_tag(&tag).to_word()
    }
}

impl TryFrom<&str> for Secret {
    type Error = InvalidSecret;

    /// [`Secret::new`].
    fn try_from(text: &str) -> Result<Self, InvalidSecret> {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

pub(crate) mod hmac_key;
pub(crate) mod text;
#[cfg(test)]
mod timing_tests;
#[cfg(test)]
mod vector_tests;
mod wipe;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_looks_like_a_mistake_is_refused_and_its_verbatim_twin_is_not() {
        for (text, reason) in [
            ("", InvalidSecret::Empty),
            ("made-up\n", InvalidSecret::TrailingWhitespace),
            ("\"made-up\"", InvalidSecret::Quoted),
        ] {
            assert_eq!(Secret::new(text).unwrap_err(), reason);
        }
        assert!(Secret::new("made up").is_ok());
        assert!(Secret::verbatim("made-up\n").is_ok());
        assert_eq!(Secret::verbatim("").unwrap_err(), InvalidSecret::Empty);
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let secret = Secret::try_from("made-up").unwrap();
        assert_eq!(std::format!("{secret:?}"), "Secret(redacted)");
    }
}
