//! [`Intent`] as the text that a store keeps.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::intent::Intent;

/// The form of the text. A build does not read what a newer one wrote in another form: half of an intent
/// would be sent by half of its rules.
const FORM: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Record<'a> {
    form: u32,
    intent: Cow<'a, Intent>,
}

impl Intent {
    /// The text from which [`Intent::decode`] makes the same again. It holds content and identities.
    #[must_use]
    pub fn encode(&self) -> String {
        let record = Record {
            form: FORM,
            intent: Cow::Borrowed(self),
        };
        // Texts and numbers under fixed names have no way to fail.
        serde_json::to_string(&record).unwrap_or_default()
    }

    /// Reads what [`Intent::encode`] wrote; `None` for any other text, and for what a newer version
    /// wrote in another form.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let record: Record<'_> = serde_json::from_str(text).ok()?;
        (record.form == FORM).then(|| record.intent.into_owned())
    }
}
