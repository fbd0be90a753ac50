//! The standard alphabet of base64 (RFC 4648, section 4). Not in constant time: what is read here is
//! a stranger's, and what is written goes out.

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
#[cfg(any(test, feature = "diagnosis", feature = "signing"))]
pub(crate) const fn character(digit: u8) -> u8 {
    match digit & 63 {
        letter @ 0..=25 => letter.wrapping_add(b'A'),
        letter @ 26..=51 => letter.wrapping_sub(26).wrapping_add(b'a'),
        figure @ 52..=61 => figure.wrapping_sub(52).wrapping_add(b'0'),
        62 => b'+',
        _ => b'/',
    }
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
}
