use core::fmt;

use serde::{Deserialize, Serialize};
use sinch_callback_pipeline::masked_identity;

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

    /// What is shown of it, by the rule that messages have ([`masked_identity`]).
    ///
    /// # Examples
    /// ```
    /// use sinch_callback_recovery::Identity;
    ///
    /// assert_eq!(Identity::new("+15550100").masked(), "+1…00");
    /// assert_eq!(Identity::new("ada@example.com").masked(), "…@example.com");
    /// ```
    #[must_use]
    pub fn masked(&self) -> String {
        masked_identity(&self.0)
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
