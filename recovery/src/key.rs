use core::{fmt, str::FromStr};

/// A business's own name for an intent: the same key twice is the same intent.
///
/// # Examples
/// ```
/// use sinch_callback_recovery::{IntentKey, InvalidIntentKey};
///
/// let key: IntentKey = "login-7f3a:2".parse()?;
/// assert_eq!(key.as_str(), "login-7f3a:2");
/// assert_eq!("two words".parse::<IntentKey>(), Err(InvalidIntentKey));
/// # Ok::<(), InvalidIntentKey>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentKey(String);

impl IntentKey {
    /// The most characters. Our own choice: a key of a database, and a segment of a path.
    pub const MAX_LEN: usize = 100;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IntentKey {
    type Err = InvalidIntentKey;

    fn from_str(text: &str) -> Result<Self, InvalidIntentKey> {
        let fits = (1..=Self::MAX_LEN).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIntentKey)
        }
    }
}

impl fmt::Display for IntentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

sinch_callback::serde_as_text! { IntentKey, |key| key }

/// A text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("expected 1 to {} visible ASCII characters", IntentKey::MAX_LEN)]
pub struct InvalidIntentKey;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_100_visible_ascii_characters() {
        for good in ["a", "!~", &"k".repeat(100)] {
            assert!(good.parse::<IntentKey>().is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "a b",
            "a\n",
            "\u{7f}",
            "schlüssel",
            &"k".repeat(101),
        ] {
            assert_eq!(bad.parse::<IntentKey>(), Err(InvalidIntentKey), "{bad}");
        }
    }
}
