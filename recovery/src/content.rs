use core::fmt;

use serde::{Deserialize, Serialize};

/// What is to be said. It is erased when its intent ends, and stands in no event, log or view.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Content {
    /// The text, on every channel.
    pub text: String,
    /// The subject of an e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Content {
    /// The most characters of a text. Our own choice, within what the channels take.
    pub const MAX_TEXT: usize = 4_096;
    /// The most characters of a subject. Our own choice.
    pub const MAX_SUBJECT: usize = 250;

    /// A text, without a subject.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            subject: None,
        }
    }
}

impl fmt::Debug for Content {
    /// Nothing of the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content")
    }
}
