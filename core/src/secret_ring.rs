use core::fmt;

use subtle::ConditionallySelectable;

use crate::{
    judged::Judged,
    key::ReplayKey,
    secret::{Key, Secret},
    secret_slot::SecretSlot,
};

/// The secrets that are good at present, the current one first: one to four.
///
/// More than one is normal: during a rotation, and because Sinch signs deliveries to an overridden
/// `callback_url` with another secret than the webhook's own.
///
/// # Examples
/// ```
/// use sinch_callback::{Secret, SecretRing, Verifier};
///
/// // While Sinch goes over from one secret to another: the new one first.
/// let ring = SecretRing::new([Secret::new("made-up-new")?, Secret::new("made-up-old")?])?;
/// assert_eq!(ring.len(), 2);
/// let verifier = Verifier::logged(ring);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ring<K> {
    current: K,
    others: [Option<K>; OTHERS],
}

/// The secrets of the Conversation and the SMS API.
pub type SecretRing = Ring<Secret>;

/// Places beside that of the current secret.
const OTHERS: usize = Ring::<Secret>::MAX - 1;

impl<K> Ring<K> {
    /// The most secrets a ring holds. Each costs every callback one more HMAC; our own choice.
    pub const MAX: usize = 4;

    /// A ring of these secrets, the current one first.
    ///
    /// # Errors
    /// [`InvalidSecretRing`] for none, or for more than [`SecretRing::MAX`].
    pub fn new(secrets: impl IntoIterator<Item = K>) -> Result<Self, InvalidSecretRing> {
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

    /// The ring of what each secret is turned into.
    #[cfg(feature = "schemes")]
    pub(crate) fn map<Other>(self, into: impl Fn(K) -> Other) -> Ring<Other> {
        Ring {
            current: into(self.current),
            others: self.others.map(|other| other.map(&into)),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &K> {
        core::iter::once(&self.current).chain(self.others.iter().flatten())
    }
}

impl<K: Key> Ring<K> {
    /// Which secrets these are and in which order: rings of the same are of one version.
    #[must_use]
    pub fn version(&self) -> RingVersion {
        let mut version = 0_u128;
        for (slot, secret) in (0_u8..).zip(self.iter()) {
            version ^= secret.version(slot);
        }
        RingVersion(version)
    }

    /// The first secret that made a signature, and the key of the tag, by what each secret says of it.
    ///
    /// Every secret is tried, whichever matches, so that the time taken tells nobody which one it
    /// was, and callbacks of the old secret cost what those of the new one cost.
    pub(crate) fn find(&self, judge: impl Fn(&K) -> Judged) -> Option<(SecretSlot, ReplayKey)> {
        let mut found_slot = 0_u8;
        let Judged(mut found, mut found_key) = judge(&self.current);
        for (slot, secret) in (1_u8..).zip(self.others.iter().flatten()) {
            let Judged(matches, key) = judge(secret);
            let first = matches & !found;
            found_slot.conditional_assign(&slot, first);
            found_key.conditional_assign(&key, first);
            found |= first;
        }
        bool::from(found).then_some((SecretSlot::new(found_slot), ReplayKey::from_word(found_key)))
    }
}

impl<K> From<K> for Ring<K> {
    fn from(current: K) -> Self {
        Self {
            current,
            others: [None, None, None],
        }
    }
}

impl<K> AsRef<Self> for Ring<K> {
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

#[cfg(test)]
mod tests {
    use std::{format, vec::Vec};

    use super::*;

    #[test]
    fn a_ring_holds_one_to_four_secrets() {
        let secret = Secret::new("made-up").unwrap();
        let ring = |count| SecretRing::new(std::iter::repeat_n(secret.clone(), count));
        assert_eq!(ring(0).unwrap_err(), InvalidSecretRing::Empty);
        assert_eq!(ring(5).unwrap_err(), InvalidSecretRing::TooMany);
        let most = format!("more than {} secrets", SecretRing::MAX);
        assert!(format!("{}", InvalidSecretRing::TooMany).starts_with(&most));
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
    fn a_ring_shows_none_of_its_secrets() {
        let ring = SecretRing::from(Secret::new("made-up").unwrap());
        assert!(!format!("{ring:?}").contains("made-up"));
    }
}
