use core::fmt;

use serde::{Deserialize, Serialize};

/// Whom a channel knows the person as: a number, an address, an id.
///
/// It is shown masked, except where it is asked for by [`Identity::as_str`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(String);

impl Identity {
    /// An identity as it is written to the provider.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, unmasked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is shown of it: the last two characters, and of an address its domain.
    ///
    /// ```
    /// use sinch_callback_recovery::Identity;
    ///
    /// assert_eq!(Identity::new("+15550100").masked(), "…00");
    /// assert_eq!(Identity::new("ada@example.com").masked(), "…@example.com");
    /// ```
    #[must_use]
    pub fn masked(&self) -> String {
        if let Some((_, domain)) = self.0.rsplit_once('@') {
            return format!("…@{domain}");
        }
        let shown: Vec<char> = self.0.chars().rev().take(2).collect();
        let shown: String = shown.into_iter().rev().collect();
        // Of two characters, two are all.
        if self.0.chars().count() > 4 {
            format!("…{shown}")
        } else {
            "…".into()
        }
    }
}

impl fmt::Debug for Identity {
    /// Masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl<T: Into<String>> From<T> for Identity {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}
