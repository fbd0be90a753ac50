use subtle::{Choice, ConstantTimeEq};

/// A tag of so many bytes that was written in lower-case hexadecimal digits. There is one text of each
/// tag, so that comparing bytes compares texts.
#[derive(Clone, Copy)]
pub(super) struct HexTag<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> HexTag<BYTES> {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (pairs, rest) = text.as_chunks::<2>();
        if !rest.is_empty() || pairs.len() != BYTES {
            return None;
        }
        let mut bytes = [0; BYTES];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)?.wrapping_shl(4) | digit(*low)?;
        }
        Some(Self(bytes))
    }

    /// Whether it is exactly our tag, in time that does not depend on where they differ.
    pub(super) fn is(&self, tag: &[u8; BYTES]) -> Choice {
        self.0.ct_eq(tag)
    }
}

/// The text of a tag.
#[cfg(feature = "signing")]
pub(super) fn encode(tag: &[u8]) -> alloc::string::String {
    tag.iter()
        .map(|byte| alloc::format!("{byte:02x}"))
        .collect()
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        figure @ b'0'..=b'9' => Some(figure.wrapping_sub(b'0')),
        letter @ b'a'..=b'f' => Some(letter.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_its_own_text_and_no_other() {
        let is = |text: &str| {
            HexTag::<2>::parse(text.as_bytes()).map(|tag| bool::from(tag.is(&[0x0a, 0xf9])))
        };
        assert_eq!(is("0af9"), Some(true));
        assert_eq!(is("0af8"), Some(false));
        for other in [
            "0AF9", "0aF9", "0af", "0af9a", "0af9aa", "0ag9", "", " 0af9",
        ] {
            assert_eq!(is(other), None, "{other}");
        }
    }
}
