use core::fmt;

use hmac::{
    KeyInit,
    block_api::HmacCore,
    digest::{
        Output,
        block_api::{Block, Buffer, FixedOutputCore, UpdateCore},
    },
};
use sha2::Sha256;

use crate::{
    secret::{text::InvalidSecret, wipe::wipe_stack},
    sha256::sha256,
    signature::TAG_LEN,
};

/// One webhook secret, ready to compute signatures: keyed once, at construction.
///
/// Holds the keyed state of the HMAC instead of the text, shows neither, and is overwritten when it
/// is dropped. The text given to the constructors stays the caller's to erase.
///
/// With an allocator the state lies in one place, wherever the secret is moved. Without, each move
/// may leave a copy behind, as moves do.
pub struct Secret(Held);

/// HMAC by blocks: a callback's state is copied without a buffer, and the body is hashed where it
/// lies.
type Keyed = HmacCore<Sha256>;

#[cfg(feature = "alloc")]
type Held = alloc::boxed::Box<Keyed>;
#[cfg(not(feature = "alloc"))]
type Held = Keyed;

#[cfg(feature = "alloc")]
fn hold(keyed: Keyed) -> Held {
    Held::new(keyed)
}
#[cfg(not(feature = "alloc"))]
const fn hold(keyed: Keyed) -> Held {
    keyed
}

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
        let keyed = key(bytes);
        wipe_stack();
        Ok(Self(keyed))
    }

    /// The tag over `body.nonce.timestamp`, the string that Sinch signs.
    pub(crate) fn tag(&self, body: &[u8], nonce: &[u8], timestamp: &[u8]) -> [u8; TAG_LEN] {
        self.mac([body, b".", nonce, b".", timestamp])
    }

    /// HMAC-SHA256 over the parts, one after the other.
    #[inline(always)]
    pub(crate) fn mac<const PARTS: usize>(&self, parts: [&[u8]; PARTS]) -> [u8; TAG_LEN] {
        let mut mac = Keyed::clone(&self.0);
        let mut buffer = Buffer::<Keyed>::default();
        for part in parts {
            buffer.digest_blocks(part, |blocks| mac.update_blocks(blocks));
        }
        let mut tag = Output::<Keyed>::default();
        mac.finalize_fixed_core(&mut buffer, &mut tag);
        tag.into()
    }
}

impl TryFrom<&str> for Secret {
    type Error = InvalidSecret;

    /// [`Secret::new`].
    fn try_from(text: &str) -> Result<Self, InvalidSecret> {
        Self::new(text)
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        let copy = copy(&self.0);
        wipe_stack();
        Self(copy)
    }
}

#[cfg(feature = "alloc")]
impl Drop for Secret {
    /// The state erases itself where it lies. What verifying and signing may have left of it on the
    /// stack lies below here, or is deeper than this goes.
    fn drop(&mut self) {
        crate::secret::wipe::wipe_stack_below_work();
    }
}

/// Keys the HMAC. Leaves the key's padded blocks, of which the key is easily had, on the stack.
#[inline(never)]
fn key(bytes: &[u8]) -> Held {
    let mut block = Block::<Keyed>::default();
    // A longer key counts as its hash (RFC 2104, section 2). `hmac` would hash it with a copy of its own.
    match block.get_mut(..bytes.len()) {
        Some(start) => start.copy_from_slice(bytes),
        None => block
            .iter_mut()
            .zip(sha256(bytes))
            .for_each(|(place, byte)| *place = byte),
    }
    hold(Keyed::new(&block))
}

/// Copies the state. May leave it on the stack too.
#[inline(never)]
fn copy(keyed: &Keyed) -> Held {
    hold(keyed.clone())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

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
