use core::{error::Error, future::Future};

use sinch_callback::{
    InvalidSecret, InvalidSecretRing, UnixSeconds,
    scheme::{AnyKey, AnyScheme, Scheme},
};
use zeroize::Zeroizing;

use crate::secrets_unavailable::SecretsUnavailable;

/// Reads the texts of secrets from where they are kept. [`CachedSecrets`](crate::CachedSecrets)
/// decides when, and makes the ring of them.
pub trait SecretTexts: Send + Sync + 'static {
    /// Why they were not read.
    type Error: Error + From<InvalidSecretRing> + Send + Sync + 'static;
    /// What tells that the texts have not changed. [`Infallible`](core::convert::Infallible) where nothing
    /// but a read tells.
    type Stamp: PartialEq + Send + 'static;

    /// The stamp of what a read would find. It costs little: it is taken in front of each read, and
    /// there is none to do where it is the stamp of the last one.
    fn stamp(&self) -> Option<Self::Stamp> {
        None
    }

    /// The texts, the current ones first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read(
        &self,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Vec<SecretText>, Self::Error>> + Send;

    /// The key that a text is: [`SecretText::key`] of the scheme that it is for.
    ///
    /// # Errors
    /// When it is none.
    fn key(&self, text: &SecretText) -> Result<AnyKey, Self::Error>;

    /// Whether what was read is no secret, so that reading it again mends nothing.
    fn is_broken(error: &Self::Error) -> bool;

    /// Told of what reads bring, for logs and metrics.
    fn report(&self, report: SecretReport<'_, Self::Error>);
}

/// What is told of a read.
#[derive(Clone, Copy, Debug)]
pub enum SecretReport<'a, E> {
    /// It brought secrets.
    Read,
    /// It failed.
    Failed {
        /// Why.
        error: &'a SecretsUnavailable<E>,
        /// Whether what was read is no secret.
        is_broken: bool,
        /// How many reads in a row have failed.
        failures: u32,
        /// Whether there are secrets at hand, which stay in use.
        at_hand: bool,
    },
    /// There are more secrets than a ring holds; the oldest are left out.
    TooMany {
        /// How many there are.
        found: usize,
    },
}

/// The text of one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretText {
    /// The text.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Where it was read, in words that an error begins with.
    pub origin: String,
}

impl SecretText {
    /// A text as it was found. One newline at its end does not count, because editors and shells end
    /// a file with one.
    #[must_use]
    pub fn found(bytes: Vec<u8>, origin: String) -> Self {
        let mut bytes = Zeroizing::new(bytes);
        if bytes.pop_if(|last| *last == b'\n').is_some() {
            bytes.pop_if(|last| *last == b'\r');
        }
        Self { bytes, origin }
    }

    /// The key of this scheme that the text is, for a host that strangers reach; `verbatim` takes one
    /// that looks like a mistake.
    ///
    /// # Errors
    /// [`InvalidSecret`]: it is none, or is so short that it can be guessed.
    pub fn key(&self, scheme: &AnyScheme, verbatim: bool) -> Result<AnyKey, InvalidSecret> {
        if !verbatim {
            return scheme.strong_key(&self.bytes);
        }
        let key = scheme.verbatim_key(&self.bytes)?;
        InvalidSecret::of_length(scheme.key_bytes(&self.bytes)).map_or(Ok(key), Err)
    }

    /// What a value holds: one secret, or a JSON array of them. `None` for a value that begins like
    /// an array and is none of texts.
    #[must_use]
    pub fn several(value: &str, origin: &str) -> Option<Vec<Self>> {
        if !value.trim_start().starts_with('[') {
            return Some(vec![Self::found(value.into(), origin.into())]);
        }
        let texts: Vec<String> = serde_json::from_str(value).ok()?;
        let text = |text: String| Self {
            bytes: Zeroizing::new(text.into_bytes()),
            origin: origin.into(),
        };
        Some(texts.into_iter().map(text).collect())
    }
}

impl From<String> for SecretText {
    /// A text that a program has from elsewhere, as from its environment, byte for byte.
    fn from(text: String) -> Self {
        Self {
            bytes: Zeroizing::new(text.into_bytes()),
            origin: "the secret".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Case {
        value: String,
        texts: Option<Vec<String>>,
    }

    #[test]
    fn a_value_holds_the_texts_that_the_vectors_state() {
        let cases = include_str!("../../tests/vectors/secret-texts.json");
        let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
        for Case { value, texts } in cases {
            let found = SecretText::several(&value, "here").map(|found| {
                let text = |text: SecretText| String::from_utf8(text.bytes.to_vec()).unwrap();
                found.into_iter().map(text).collect::<Vec<_>>()
            });
            assert_eq!(found, texts, "{value:?}");
        }
    }
}
