//! The standard alphabet of base64 (RFC 4648, section 4). Not in constant time: what is read here is
//! a stranger's, and what is written goes out.

#[cfg(any(feature = "diagnosis", feature = "schemes"))]
use alloc::vec::Vec;

/// What stands for characters that are not digits.
pub(crate) const NO_DIGIT: u8 = 255;

/// The digit that a character stands for.
#[inline(always)]
pub(crate) const fn digit(character: u8) -> u8 {
    match character {
        letter @ b'A'..=b'Z' => letter.wrapping_sub(b'A'),
        letter @ b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
        figure @ b'0'..=b'9' => figure.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => NO_DIGIT,
    }
}

/// The character that stands for the lower six bits.
#[cfg(any(test, feature = "diagnosis", feature = "schemes", feature = "signing"))]
pub(crate) const fn character(digit: u8) -> u8 {
    match digit & 63 {
        letter @ 0..=25 => letter.wrapping_add(b'A'),
        letter @ 26..=51 => letter.wrapping_sub(26).wrapping_add(b'a'),
        figure @ 52..=61 => figure.wrapping_sub(52).wrapping_add(b'0'),
        62 => b'+',
        _ => b'/',
    }
}

/// The text of these bytes, padded.
#[cfg(any(feature = "diagnosis", feature = "schemes"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
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

/// The bytes of this text, with its pad or without, whatever its unused bits; `None` where it is not base64.
#[cfg(any(feature = "diagnosis", feature = "schemes"))]
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let unpadded = match text {
        [start @ .., b'=', b'='] | [start @ .., b'='] => start,
        all => all,
    };
    // Of its final size at once: of a key, no shorter copy is left behind.
    let mut bytes = Vec::with_capacity(text.len());
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

    #[test]
    fn every_digit_reads_back_from_its_character() {
        for value in 0..64 {
            assert_eq!(digit(character(value)), value);
        }
    }

    #[cfg(any(feature = "diagnosis", feature = "schemes"))]
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

    #[cfg(any(feature = "diagnosis", feature = "schemes"))]
    #[test]
    fn texts_and_bytes_are_those_of_the_standard() {
        for (bytes, text) in VECTORS {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
            let unpadded = text.strip_suffix(b"==").unwrap_or(text);
            assert_eq!(decode(unpadded).as_deref(), Some(bytes));
        }
    }

    #[cfg(any(feature = "diagnosis", feature = "schemes"))]
    #[test]
    fn what_is_no_base64_has_no_bytes() {
        assert_eq!(decode(b"\xfb\xff"), None);
        assert_eq!(decode(b"Zm9*"), None);
        assert_eq!(decode(b"Zm9vY"), None);
        assert_eq!(decode(b"Zm=v"), None);
    }
}
