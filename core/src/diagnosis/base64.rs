//! Bytes in base64 and back, on a heap.

use alloc::vec::Vec;

use crate::base64::{NO_DIGIT, character, digit};

/// The text of these bytes, padded.
pub(super) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|place| group.get(place).copied());
        text.push(character(a.unwrap_or_default() >> 2));
        text.push(character(
            a.unwrap_or_default() << 4 | b.unwrap_or_default() >> 4,
        ));
        let third = b.map(|b| character(b << 2 | c.unwrap_or_default() >> 6));
        text.push(third.unwrap_or(b'='));
        text.push(c.map_or(b'=', character));
    }
    text
}

/// The bytes of this text, with its pad or without; `None` where it is not base64.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let unpadded = match text {
        [start @ .., b'=', b'='] | [start @ .., b'='] => start,
        all => all,
    };
    let mut bytes = Vec::new();
    for group in unpadded.chunks(4) {
        let mut bits: u32 = 0;
        for character in group {
            let digit = digit(*character);
            if digit == NO_DIGIT {
                return None;
            }
            bits = bits << 6 | u32::from(digit);
        }
        // How many whole bytes the digits hold, and how many bits are missing behind them.
        let (whole, missing) = match group.len() {
            4 => (3, 0),
            3 => (2, 6),
            2 => (1, 12),
            _ => return None,
        };
        bits = bits.wrapping_shl(missing);
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend([first, second, third].into_iter().take(whole));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4648, section 10.
    const VECTORS: [(&[u8], &[u8]); 7] = [
        (b"", b""),
        (b"f", b"Zg=="),
        (b"fo", b"Zm8="),
        (b"foo", b"Zm9v"),
        (b"foob", b"Zm9vYg=="),
        (b"fooba", b"Zm9vYmE="),
        (b"foobar", b"Zm9vYmFy"),
    ];

    #[test]
    fn texts_and_bytes_are_those_of_the_standard() {
        for (bytes, text) in VECTORS {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
            let unpadded = text.strip_suffix(b"==").unwrap_or(text);
            assert_eq!(decode(unpadded).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_is_no_base64_has_no_bytes() {
        assert_eq!(decode(b"\xfb\xff"), None);
        assert_eq!(decode(b"Zm9*"), None);
        assert_eq!(decode(b"Zm9vY"), None);
        assert_eq!(decode(b"Zm=v"), None);
    }
}
