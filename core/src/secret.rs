use core::fmt;

use hmac::{
    KeyInit,
    block_api::HmacCore,
    digest::{
        Output,
        block_api::{Buffer, FixedOutputCore, UpdateCore},
    },
};
use sha2::Sha256;
use subtle::ConditionallySelectable;
use zeroize::Zeroize;

pub use self::text::InvalidSecret;
use crate::{headers::SignedHeaders, replay::ReplayKey, signature::TAG_LEN};

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
        // HMAC takes keys of every length; an error has no way to arise, and would be a refusal.
        keyed.map(Self).ok_or(InvalidSecret::Empty)
    }

    /// The tag over `body.nonce.timestamp`, the string that Sinch signs.
    pub(crate) fn tag(&self, body: &[u8], nonce: &[u8], timestamp: &[u8]) -> [u8; TAG_LEN] {
        self.mac([body, b".", nonce, b".", timestamp])
    }

    /// HMAC-SHA256 over the parts, one after the other.
    #[inline(always)]
    fn mac<const PARTS: usize>(&self, parts: [&[u8]; PARTS]) -> [u8; TAG_LEN] {
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
        wipe_stack_below_work();
    }
}

/// Keys the HMAC. Leaves the key's padded blocks, of which the key is easily had, on the stack.
#[inline(never)]
fn key(bytes: &[u8]) -> Option<Held> {
    Keyed::new_from_slice(bytes).ok().map(hold)
}

/// Copies the state. May leave it on the stack too.
#[inline(never)]
fn copy(keyed: &Keyed) -> Held {
    hold(keyed.clone())
}

/// Overwrites what a function has left on the stack that the same caller called before: neither is
/// inlined, so their frames begin at the same place.
#[inline(never)]
fn wipe_stack() {
    // 2 KiB: deeper than keying goes, whatever the build. The tests of memory would see it.
    let mut frames = [0_u64; 256];
    frames.zeroize();
}

/// The same, as deep as a verification goes.
#[cfg(feature = "alloc")]
#[inline(never)]
fn wipe_stack_below_work() {
    // 8 KiB, where there is an allocator and so a stack of more than that.
    let mut frames = [0_u64; 1_024];
    frames.zeroize();
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Which secret of a ring made a signature: 0 is the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretSlot(u8);

impl SecretSlot {
    /// The secret at this position, from 0.
    #[must_use]
    pub const fn new(index: u8) -> Self {
        Self(index)
    }

    /// The position in the ring, from 0.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }
}

impl fmt::Display for SecretSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The secrets that are good at present, the current one first: one to four.
///
/// More than one is normal: during a rotation, and because Sinch signs deliveries to an overridden
/// `callback_url` with another secret than the webhook's own.
#[derive(Clone, Debug)]
pub struct SecretRing {
    current: Secret,
    others: [Option<Secret>; SecretRing::MAX - 1],
}

impl SecretRing {
    /// The most secrets a ring holds. Each costs every callback one more HMAC; our own choice.
    pub const MAX: usize = 4;

    /// A ring of these secrets, the current one first.
    ///
    /// # Errors
    /// [`InvalidSecretRing`] for none, or for more than [`SecretRing::MAX`].
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Result<Self, InvalidSecretRing> {
        let mut secrets = secrets.into_iter();
        let current = secrets.next().ok_or(InvalidSecretRing::Empty)?;
        let others = [secrets.next(), secrets.next(), secrets.next()];
        if secrets.next().is_some() {
            return Err(InvalidSecretRing::TooMany);
        }
        Ok(Self { current, others })
    }

    /// How many secrets the ring holds.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a ring is never empty, so there is nothing to ask"
    )]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Which secrets these are and in which order: rings of the same are of one version.
    #[must_use]
    pub fn version(&self) -> RingVersion {
        let mut version = 0_u128;
        for (slot, secret) in (0_u8..).zip(self.iter()) {
            // Not of the form of a signed string, which ends in a time.
            let tag = secret.mac([b"version of a ring".as_slice(), &[slot]]);
            version ^= ReplayKey::of_tag(&tag).to_word();
        }
        RingVersion(version)
    }

    fn iter(&self) -> impl Iterator<Item = &Secret> {
        core::iter::once(&self.current).chain(self.others.iter().flatten())
    }

    /// The first secret that made this signature, and the key of the tag.
    ///
    /// Every secret is tried, whichever matches, so that the time taken tells nobody which one it
    /// was, and callbacks of the old secret cost what those of the new one cost.
    pub(crate) fn find(
        &self,
        headers: &SignedHeaders<'_>,
        body: &[u8],
    ) -> Option<(SecretSlot, ReplayKey)> {
        let judge = |secret: &Secret| {
            let tag = secret.tag(body, headers.nonce(), headers.timestamp());
            let matches = headers.signature().is(&tag);
            (matches, ReplayKey::of_tag(&tag).to_word())
        };
        let mut found_slot = 0_u8;
        let (mut found, mut found_key) = judge(&self.current);
        for (slot, secret) in (1_u8..).zip(self.others.iter().flatten()) {
            let (matches, key) = judge(secret);
            let first = matches & !found;
            found_slot.conditional_assign(&slot, first);
            found_key.conditional_assign(&key, first);
            found |= first;
        }
        bool::from(found).then_some((SecretSlot(found_slot), ReplayKey::from_word(found_key)))
    }
}

impl From<Secret> for SecretRing {
    fn from(current: Secret) -> Self {
        Self {
            current,
            others: [None, None, None],
        }
    }
}

impl AsRef<Self> for SecretRing {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Which secrets a ring holds, told without holding them: compares rings that were read at different
/// times. Whoever knows it can try guesses of a weak secret on it, so it is not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RingVersion(u128);

impl RingVersion {
    /// The version of no secrets at all.
    pub const OF_NONE: Self = Self(0);
}

impl fmt::Debug for RingVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RingVersion(redacted)")
    }
}

/// Why secrets do not make a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidSecretRing {
    /// There is no secret.
    Empty,
    /// There are more than [`SecretRing::MAX`].
    TooMany,
}

impl InvalidSecretRing {
    /// What is wrong and what to do about it, in words.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "no secret is given: at least one is needed",
            Self::TooMany => {
                "more than 4 secrets are given: drop those that Sinch no longer signs with"
            }
        }
    }
}

impl fmt::Display for InvalidSecretRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for InvalidSecretRing {}

mod text;
#[cfg(test)]
mod timing_tests;
#[cfg(test)]
mod vector_tests;

#[cfg(test)]
mod tests {
    use std::{format, vec::Vec};

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
    fn a_ring_holds_one_to_four_secrets() {
        let secret = Secret::new("made-up").unwrap();
        let ring = |count| SecretRing::new(std::iter::repeat_n(secret.clone(), count));
        assert_eq!(ring(0).unwrap_err(), InvalidSecretRing::Empty);
        assert_eq!(ring(5).unwrap_err(), InvalidSecretRing::TooMany);
        let most = format!("more than {} secrets", SecretRing::MAX);
        assert!(InvalidSecretRing::TooMany.as_str().starts_with(&most));
        let lengths: Vec<_> = (1..=4).map(|count| ring(count).unwrap().len()).collect();
        assert_eq!(lengths, [1, 2, 3, 4]);
    }

    #[test]
    fn rings_of_the_same_secrets_in_the_same_order_are_of_one_version() {
        let version = |texts: &[&str]| {
            let secrets = texts.iter().map(|text| Secret::new(text).unwrap());
            SecretRing::new(secrets).unwrap().version()
        };
        let rings: [&[&str]; 6] = [
            &["one"],
            &["two"],
            &["one", "two"],
            &["two", "one"],
            &["one", "one"],
            &["one", "two", "three"],
        ];
        for (place, ring) in rings.iter().enumerate() {
            for (other_place, other) in rings.iter().enumerate() {
                assert_eq!(version(ring) == version(other), place == other_place);
            }
        }
        assert_eq!(format!("{:?}", version(&["one"])), "RingVersion(redacted)");
    }

    #[test]
    fn slots_and_rings_say_what_they_are() {
        assert!(format!("{}", InvalidSecretRing::Empty).contains("no secret"));
        assert_eq!(format!("{}", SecretSlot(2)), "2");
        assert_eq!(
            format!("{:?}", Secret::new("made-up").unwrap()),
            "Secret(redacted)"
        );
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let ring = SecretRing::from(Secret::new("made-up").unwrap());
        assert!(!format!("{ring:?}").contains("made-up"));
    }
}
