//! Lower-case hexadecimal of the 16-byte keys.

use core::fmt;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(crate) fn write(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in bytes {
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

/// The 16 bytes that 32 hexadecimal digits of either case stand for.
pub(crate) fn parse(text: &str) -> Option<[u8; 16]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.len() != 16 {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)?.wrapping_shl(4) | digit(*low)?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    let lower = character.to_ascii_lowercase();
    let value = DIGITS.iter().position(|digit| *digit == lower)?;
    u8::try_from(value).ok()
}
