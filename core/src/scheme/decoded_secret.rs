use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{
    base64,
    secret::{Secret, text::InvalidSecret},
};

/// The bytes that a key's base64 stands for.
///
/// Sinch shows these keys in padded standard base64. Its SDKs' tests have others, too, url-safe, without
/// padding and with bits left over, and decode all of them.
pub(crate) fn decode(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, InvalidSecret> {
    if let Some(reason) = InvalidSecret::of(text) {
        return Err(reason);
    }
    let standard = text.iter().map(|character| match character {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    });
    // Of its final size at once, so that no shorter copy is left behind.
    let mut copy = Zeroizing::new(Vec::with_capacity(text.len()));
    copy.extend(standard);
    let bytes = base64::decode(&copy).map(Zeroizing::new);
    bytes
        .filter(|bytes| !bytes.is_empty())
        .ok_or(InvalidSecret::NotBase64)
}

/// How many bytes that are; none where it is not base64.
pub(super) fn bytes_of(text: &[u8]) -> usize {
    decode(text).map_or(0, |bytes| bytes.len())
}

/// The key that a text of base64 stands for.
pub(super) fn decoded(text: &[u8]) -> Result<Secret, InvalidSecret> {
    Secret::verbatim(decode(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By Python's `base64.urlsafe_b64decode`, with padding added.
    #[test]
    fn a_key_is_decoded_however_it_was_written() {
        for (text, bytes) in [
            ("bXkta2V5LXNlY3JldA==", b"my-key-secret".as_slice()),
            ("bXkta2V5LXNlY3JldA", b"my-key-secret"),
            ("bXkta2V5LXNlY3JldA=", b"my-key-secret"),
            ("app-secret", b"\x6a\x9a\x7e\xb1\xe7\x2b\x7a"),
            ("9876543210", b"\xf7\xce\xfa\xe7\x8d\xf6\xd7"),
            ("__-_", b"\xff\xff\xbf"),
            ("//+/", b"\xff\xff\xbf"),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap().as_slice(), bytes, "{text}");
        }
        for (text, reason) in [
            ("not base64!", InvalidSecret::NotBase64),
            ("A", InvalidSecret::NotBase64),
            ("====", InvalidSecret::NotBase64),
            ("", InvalidSecret::Empty),
            ("bXkta2V5\n", InvalidSecret::TrailingWhitespace),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap_err(), reason, "{text}");
        }
    }
}
