//! The signature's text: its form, and the comparison with ours.

#[cfg(any(feature = "diagnosis", feature = "signing"))]
use base64ct::{Base64, Encoding};
use subtle::{Choice, ConstantTimeEq};

use crate::bytes;

/// Bytes of an HMAC-SHA256 tag.
pub(crate) const TAG_LEN: usize = 32;
/// Characters of a tag in padded base64.
pub(crate) const ENCODED_LEN: usize = 44;

/// The text as a signature's text, where it has the form of one: 43 characters of the standard
/// alphabet and one pad. Says nothing of what it decodes to: it is never decoded.
pub(crate) fn parse_encoded(text: &[u8]) -> Option<&[u8; ENCODED_LEN]> {
    let text: &[u8; ENCODED_LEN] = text.try_into().ok()?;
    let [digits @ .., pad] = text;
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'+') | (byte == b'/');
    (bytes::all(digits, in_alphabet) && *pad == b'=').then_some(text)
}

/// A tag as the sender would write it.
#[cfg(any(feature = "diagnosis", feature = "signing"))]
pub(crate) fn encode(tag: &[u8; TAG_LEN]) -> [u8; ENCODED_LEN] {
    let mut text = [0; ENCODED_LEN];
    // The sizes fit each other. Were they not to, the text would stay zero, which is no base64 and
    // so equal to no signature.
    let _ = Base64::encode(tag, &mut text);
    text
}

/// Whether the text is exactly our tag's, in time that does not depend on where they differ.
///
/// Compares the digits of base64 that the text spells with those that the tag is made of, unused
/// bits and pad included: each text spells its own digits, so no other text of the same bytes
/// passes. What the text spells does not hang on the tag: a processor works it out while it still
/// waits for the hash, which encoding the tag would have to follow.
pub(crate) fn is_encoding_of(text: &[u8; ENCODED_LEN], tag: &[u8; TAG_LEN]) -> Choice {
    let spelt = digits_of_text(text);
    let (spelt, _) = spelt.as_chunks::<8>();
    let difference = spelt
        .iter()
        .zip(digits_of_tag(tag))
        .fold(0, |difference, (spelt, ours)| {
            difference | (u64::from_be_bytes(*spelt) ^ ours)
        });
    difference.ct_eq(&0)
}

/// What stands for the pad, besides the digits 0 to 63.
const PAD: u8 = 64;
/// What stands for characters that are not base64. No tag has it.
const NO_DIGIT: u8 = 255;

/// The digits that the characters stand for, filled up with zeros to whole words.
fn digits_of_text(text: &[u8; ENCODED_LEN]) -> [u8; 48] {
    let mut digits = [b'A'; 48];
    if let Some(characters) = digits.first_chunk_mut() {
        *characters = *text;
    }
    for digit in &mut digits {
        *digit = match *digit {
            letter @ b'A'..=b'Z' => letter.wrapping_sub(b'A'),
            letter @ b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
            figure @ b'0'..=b'9' => figure.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' => PAD,
            _ => NO_DIGIT,
        };
    }
    digits
}

/// The digits that the tag is made of, eight to a word, the first in its highest byte.
fn digits_of_tag(tag: &[u8; TAG_LEN]) -> [u64; 6] {
    let (words, _) = tag.as_chunks::<8>();
    // The sizes fit each other. Were they not to, no text would spell the pad first.
    let &[a, b, c, d] = words else {
        return [u64::MAX; 6];
    };
    let [a, b, c, d] = [a, b, c, d].map(u64::from_be_bytes);
    let mut digits = [
        a >> 16,
        a << 32 | b >> 32,
        b << 16 | c >> 48,
        c,
        d >> 16,
        d << 32,
    ]
    .map(spread);
    let [.., last] = &mut digits;
    *last |= u64::from(PAD) << 32;
    digits
}

/// The lower 48 bits as eight digits of 6, each in a byte of its own.
const fn spread(bits: u64) -> u64 {
    let halves = (bits & 0xffff_ff00_0000) << 8 | bits & 0xff_ffff;
    let quarters = (halves & 0x00ff_f000_00ff_f000) << 4 | halves & 0x0000_0fff_0000_0fff;
    (quarters & 0x0fc0_0fc0_0fc0_0fc0) << 2 | quarters & 0x003f_003f_003f_003f
}

#[cfg(test)]
mod tests {
    use super::*;

    // The tag and text of RFC 4231, test case 1, as Python's base64 writes it.
    const TAG: [u8; TAG_LEN] = [
        0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1,
        0x2b, 0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83, 0x3d, 0xa7, 0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32,
        0xcf, 0xf7,
    ];
    const TEXT: &[u8; ENCODED_LEN] = b"sDRMYdjbOFNcqK/OrwvxK4gdwgDJgz2nJuk3bC4yz/c=";

    #[test]
    fn a_tag_matches_its_own_text_and_no_text_with_one_character_changed() {
        assert!(bool::from(is_encoding_of(TEXT, &TAG)));
        for position in 0..ENCODED_LEN {
            let mut changed = *TEXT;
            changed[position] ^= 1;
            assert!(!bool::from(is_encoding_of(&changed, &TAG)), "at {position}");
        }
    }

    #[test]
    fn another_text_of_the_same_tag_does_not_match() {
        // 'd' instead of 'c' before the pad: decodes to the same 32 bytes where decoders are lax.
        let mut lax = *TEXT;
        lax[42] = b'd';
        assert_eq!(parse_encoded(&lax), Some(&lax));
        assert!(!bool::from(is_encoding_of(&lax, &TAG)));
    }

    #[test]
    fn the_form_is_43_characters_of_the_standard_alphabet_and_one_pad() {
        assert_eq!(parse_encoded(TEXT), Some(TEXT));
        for (position, character) in [(12, b'-'), (12, b'_'), (0, b' '), (43, b'A'), (42, 0xff)] {
            let mut bad = *TEXT;
            bad[position] = character;
            assert_eq!(parse_encoded(&bad), None, "{position} {character}");
        }
        assert_eq!(parse_encoded(&TEXT[..43]), None);
        assert_eq!(parse_encoded(b""), None);
    }
}
