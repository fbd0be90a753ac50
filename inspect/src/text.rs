use alloc::string::String;

use serde::Serialize;

/// Bytes as they are shown.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    /// The text; of bytes that are none, what can be read.
    text: String,
    /// How many bytes there are in all.
    bytes: usize,
    /// Whether the text is not all of them.
    clipped: bool,
    /// Whether they are UTF-8.
    is_text: bool,
}

/// Most bytes that are shown.
const MOST: usize = 32_768;

impl Shown {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let shown = bytes.get(..MOST).unwrap_or(bytes);
        Self {
            text: String::from_utf8_lossy(shown).into_owned(),
            bytes: bytes.len(),
            clipped: shown.len() < bytes.len(),
            is_text: str::from_utf8(bytes).is_ok(),
        }
    }
}
