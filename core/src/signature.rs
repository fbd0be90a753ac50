//! The signature's text: its form, and the comparison with ours.

use subtle::{Choice, ConstantTimeEq};

use crate::base64;

/// Bytes of an HMAC-SHA256 tag.
pub(crate) const TAG_LEN: usize = 32;
/// Characters of a tag in padded base64.
pub(crate) const ENCODED_LEN: usize = 44;

/// A signature as it was written: the digits of base64 that its characters stand for. It is never
/// decoded: bytes can be written in more than one way, digits in one only.
///
/// 43 digits of 6 bits; what follows is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written([u8; 48]);

impl Written {
    /// Reads a text of 43 characters of the standard alphabet and one pad.
    #[inline]
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let text: &[u8; ENCODED_LEN] = text.try_into().ok()?;
        // Filled up with the digit zero, in place of the pad too.
        let mut digits = [b'A'; 48];
        let [characters @ .., pad] = text;
        if let Some(start) = digits.first_chunk_mut() {
            *start = *characters;
        }
        let mut seen = 0;
        for digit in &mut digits {
            *digit = base64::digit(*digit);
            seen |= *digit;
        }
        (seen < 64 && *pad == b'=').then_some(Self(digits))
    }

    /// Whether it is exactly our tag, in time that does not depend on where they differ.
    ///
    /// The unused bits of the last digit are compared too, so no other text of the same bytes
    /// passes.
    pub(crate) fn is(&self, tag: &[u8; TAG_LEN]) -> Choice {
        let (written, _) = self.0.as_chunks::<8>();
        let difference = written
            .iter()
            .zip(digits_of_tag(tag))
            .fold(0, |difference, (written, ours)| {
                difference | (u64::from_be_bytes(*written) ^ ours)
            });
        difference.ct_eq(&0)
    }
}

/// A tag as the sender would write it.
#[cfg(any(feature = "diagnosis", feature = "signing"))]
pub(crate) fn encode(tag: &[u8; TAG_LEN]) -> [u8; ENCODED_LEN] {
    let mut text = [b'='; ENCODED_LEN];
    let digits = digits_of_tag(tag).map(u64::to_be_bytes);
    let [characters @ .., _pad] = &mut text;
    for (character, digit) in characters.iter_mut().zip(digits.as_flattened()) {
        *character = base64::character(*digit);
    }
    text
}

/// The digits that the tag is made of, eight to a word, the first in its highest byte.
fn digits_of_tag(tag: &[u8; TAG_LEN]) -> [u64; 6] {
    let (words, _) = tag.as_chunks::<8>();
    // The sizes fit each other. Were they not to, no text would have such digits.
    let &[a, b, c, d] = words else {
        return [u64::MAX; 6];
    };
    let [a, b, c, d] = [a, b, c, d].map(u64::from_be_bytes);
    [
        a >> 16,
        a << 32 | b >> 32,
        b << 16 | c >> 48,
        c,
        d >> 16,
        d << 32,
    ]
    .map(spread)
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
        assert!(bool::from(Written::parse(TEXT).unwrap().is(&TAG)));
        for position in 0..ENCODED_LEN {
            let mut changed = *TEXT;
            changed[position] = if changed[position] == b'A' {
                b'B'
            } else {
                b'A'
            };
            let matches = Written::parse(&changed).is_some_and(|text| bool::from(text.is(&TAG)));
            assert!(!matches, "at {position}");
        }
    }

    #[test]
    fn another_text_of_the_same_tag_does_not_match() {
        // 'd' instead of 'c' before the pad: decodes to the same 32 bytes where decoders are lax.
        let mut lax = *TEXT;
        lax[42] = b'd';
        assert!(!bool::from(Written::parse(&lax).unwrap().is(&TAG)));
    }

    #[test]
    fn differences_that_are_the_same_at_two_places_do_not_cancel_out() {
        // Digits 0 and 8 lie at the same place of two words.
        let mut twice = *TEXT;
        for position in [0, 8] {
            twice[position] = base64::character(base64::digit(twice[position]) ^ 1);
        }
        assert!(!bool::from(Written::parse(&twice).unwrap().is(&TAG)));
    }

    #[test]
    fn the_form_is_43_characters_of_the_standard_alphabet_and_one_pad() {
        assert!(Written::parse(TEXT).is_some());
        for (position, character) in [
            (12, b'-'),
            (12, b'_'),
            (12, b'='),
            (0, b' '),
            (43, b'A'),
            (42, 0xff),
        ] {
            let mut bad = *TEXT;
            bad[position] = character;
            assert_eq!(Written::parse(&bad), None, "{position} {character}");
            // A second one does not make up for the first.
            bad[5] = b'-';
            assert_eq!(Written::parse(&bad), None, "{position} {character} -");
        }
        assert_eq!(Written::parse(&TEXT[..43]), None);
        assert_eq!(Written::parse(b""), None);
    }
}
