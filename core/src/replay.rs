use core::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::{hex, signature::TAG_LEN, time::UnixSeconds};

/// Is this the same delivery again? The first 16 bytes of the verified tag.
///
/// Covers body, nonce and time, costs no further hash, cannot be made without the secret, and stays
/// the same when the signed string is cut elsewhere. Safe to log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplayKey([u8; 16]);

/// Is this the same event again? The first 16 bytes of SHA-256 over the raw body.
///
/// Every callback's body carries its own ids and times, so equal bytes are one event, whether Sinch
/// sent the callback again as it was, signed the retry afresh, or delivered it through a second
/// webhook. Safe to log, and in hex a valid deduplication id.
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
        Self(first_half(&Sha256::digest(body).into()))
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

/// What a guard knows of a callback that asks to be handed off.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has claimed it: hand it off, then confirm, or release with the ticket.
    ///
    /// Said too often, a callback is handed off again, which the layers behind absorb.
    First(Ticket),
    /// It was claimed, and the outcome is not known yet. Hand it off, or answer 5xx so that the
    /// sender retries; never answer that it has been received.
    InFlight {
        /// When it was claimed.
        since: UnixSeconds,
    },
    /// An earlier copy has been handed off: answer 2xx and do nothing.
    ///
    /// Said wrongly, a callback is lost. That is why only `confirm` brings this about.
    Done,
    /// The guard is full and refuses to forget: hand it off unguarded, or answer 5xx so that
    /// the sender retries.
    Full,
}

/// The right to release a claim: who holds it is the one that claimed.
///
/// There is one of each claim, which a release uses up, so a copy that came while the claim was open
/// cannot take it away. A claim that has aged out and been made again is another one, of another
/// moment, and its ticket another ticket.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Ticket {
    key: ReplayKey,
    claimed_at: UnixSeconds,
}

impl Ticket {
    /// The ticket of the claim that a guard made of this key at this moment: for guards, and for hosts
    /// that carry it elsewhere between claim and release.
    pub const fn new(key: ReplayKey, claimed_at: UnixSeconds) -> Self {
        Self { key, claimed_at }
    }

    /// The key that was claimed.
    #[must_use]
    pub const fn key(&self) -> ReplayKey {
        self.key
    }

    /// When it was claimed.
    #[must_use]
    pub const fn claimed_at(&self) -> UnixSeconds {
        self.claimed_at
    }
}

/// Remembers which callbacks have been handed off, in two steps.
///
/// A callback is *claimed* before its hand-off and *confirmed* after it succeeded, or *released*
/// after it failed. A guard that recorded in one step, before the hand-off, would refuse the retry
/// that follows our own failure, and so lose the callback.
///
/// A guard is a first layer: it absorbs floods of replays where they arrive. What must hold exactly
/// is held behind it, by the delivery log.
pub trait ReplayGuard {
    /// Claims the callback at `now`, and tells what was known of it before.
    fn claim(&mut self, key: ReplayKey, now: UnixSeconds) -> Claim;

    /// Records that the callback has been handed off: by whichever copy, and wherever it was claimed.
    fn confirm(&mut self, key: ReplayKey, now: UnixSeconds);

    /// Takes back the claim of a callback that could not be handed off, so that its retry is the
    /// first again. Takes back that claim alone: neither what has been confirmed, nor a claim that
    /// was made again after this one had aged out.
    fn release(&mut self, ticket: Ticket);
}

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
