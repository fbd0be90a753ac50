use core::fmt;

/// The id of a key: an application's key or a service's id. Named in each callback, and no secret.
///
/// 1 to 128 visible ASCII characters without a colon or a comma. Sinch's are UUIDs of 36; the limit is
/// our own choice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId {
    bytes: [u8; Self::MAX_LEN],
    length: u8,
}

impl KeyId {
    /// The most characters of an id.
    pub const MAX_LEN: usize = 128;

    /// The id of this text.
    ///
    /// # Errors
    /// [`InvalidKeyId`] for a text that cannot stand in a callback's header.
    pub fn new(text: &str) -> Result<Self, InvalidKeyId> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b':' && byte != b',';
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(InvalidKeyId);
        }
        let mut bytes = [0; Self::MAX_LEN];
        bytes
            .get_mut(..text.len())
            .ok_or(InvalidKeyId)?
            .copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).map_err(|_| InvalidKeyId)?;
        Ok(Self { bytes, length })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.bytes.get(..usize::from(self.length));
        // It was made of a text.
        text.and_then(|text| str::from_utf8(text).ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyId").field(&self.as_str()).finish()
    }
}

/// A text is no id of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKeyId;

impl InvalidKeyId {
    /// What is wrong, in words.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        "the key's id is not 1 to 128 visible ASCII characters without a colon or a comma"
    }
}

impl fmt::Display for InvalidKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for InvalidKeyId {}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use super::*;

    #[test]
    fn an_id_reads_back_and_what_a_header_cannot_hold_is_none() {
        let longest = "k".repeat(128);
        for text in ["669E367E-6BBA-48AB-AF15-266871C28135", "7", &longest] {
            assert_eq!(KeyId::new(text).unwrap().to_string(), text);
        }
        let too_long: String = "k".repeat(129);
        for text in ["", "a b", "a:b", "a,b", "k\u{e9}", "a\n", &too_long] {
            assert_eq!(KeyId::new(text), Err(InvalidKeyId), "{text}");
        }
    }
}
