//! The signature's text: its form, and the comparison with ours.

use base64ct::{Base64, Encoding};
use subtle::{Choice, ConstantTimeEq};

/// Bytes of an HMAC-SHA256 tag.
pub(crate) const TAG_LEN: usize = 32;
/// Characters of a tag in padded base64.
pub(crate) const ENCODED_LEN: usize = 44;

/// The text as a signature's text, where it has the form of one: 43 characters of the standard
/// alphabet and one pad. Says nothing of what it decodes to: it is never decoded.
pub(crate) fn parse_encoded(text: &[u8]) -> Option<&[u8; ENCODED_LEN]> {
    let text: &[u8; ENCODED_LEN] = text.try_into().ok()?;
    let [digits @ .., pad] = text;
    // No early exit: the loop becomes a few vector instructions.
    let in_alphabet = digits.iter().fold(true, |ok, byte| {
        ok & (byte.is_ascii_alphanumeric() | (*byte == b'+') | (*byte == b'/'))
    });
    (in_alphabet && *pad == b'=').then_some(text)
}

/// Our tag as the sender would write it.
pub(crate) fn encode(tag: &[u8; TAG_LEN]) -> [u8; ENCODED_LEN] {
    let mut text = [0; ENCODED_LEN];
    // The sizes fit each other. Were they not to, the text would stay zero, which is no base64 and
    // so equal to no signature.
    let _ = Base64::encode(tag, &mut text);
    text
}

/// Whether the text is exactly our tag's, in time that does not depend on where they differ.
///
/// Comparing text rather than decoded bytes refuses non-canonical base64 and keeps decoders away
/// from a stranger's input.
pub(crate) fn is_encoding_of(text: &[u8; ENCODED_LEN], tag: &[u8; TAG_LEN]) -> Choice {
    let ours = encode(tag);
    let (our_words, _) = ours.as_chunks::<4>();
    let (their_words, _) = text.as_chunks::<4>();
    let difference = our_words
        .iter()
        .zip(their_words)
        .fold(0, |difference, (our, their)| {
            difference | (u32::from_ne_bytes(*our) ^ u32::from_ne_bytes(*their))
        });
    difference.ct_eq(&0)
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
