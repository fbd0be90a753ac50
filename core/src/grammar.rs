//! The forms of the headers' values.

use crate::time::UnixSeconds;

/// The one algorithm that Sinch signs with.
pub(crate) const ALGORITHM: &str = "HmacSHA256";
/// Longest nonce. Sinch's are ULIDs of 26 characters; the limit is our own choice.
const MAX_NONCE_LEN: usize = 128;
/// Most digits of a timestamp: good until the year 33658, and far from overflow.
const MAX_TIMESTAMP_LEN: usize = 12;

/// Whether it is a nonce. A comma would read as the seam of two values, and a dot as a cut of the
/// signed string.
pub(crate) fn is_nonce(text: &[u8]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() & (byte != b'.') & (byte != b',');
    (1..=MAX_NONCE_LEN).contains(&text.len()) && all(text, allowed)
}

/// The moment that these digits stand for; `None` where they are none, or too many.
pub(crate) fn seconds(text: &[u8]) -> Option<UnixSeconds> {
    if !(1..=MAX_TIMESTAMP_LEN).contains(&text.len()) {
        return None;
    }
    let mut value: u64 = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // Twelve digits stay below 10^12, so neither step can wrap.
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(UnixSeconds::new(value))
}

/// Whether all bytes of the text are allowed.
///
/// Goes over the text in pieces of 16 bytes, the last of which overlaps its neighbor rather than
/// leaving odd bytes, and without an early exit: each piece is then a few vector instructions.
#[inline(always)]
fn all(text: &[u8], allowed: impl Fn(u8) -> bool) -> bool {
    let Some(end) = text.last_chunk() else {
        return text.iter().all(|byte| allowed(*byte));
    };
    let mut good = [1_u8; 16];
    let mut look_at = |piece: &[u8; 16]| {
        for (good, byte) in good.iter_mut().zip(piece) {
            *good &= u8::from(allowed(*byte));
        }
    };
    let (pieces, _) = text.as_chunks();
    pieces.iter().for_each(&mut look_at);
    look_at(end);
    good == [1; 16]
}

/// Whether one of the bytes is this one. The library's own search, for long texts, is larger than most
/// of what stands here.
pub(crate) fn has(text: &[u8], byte: u8) -> bool {
    !text.iter().all(|other| *other != byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{header_name::HeaderName, signature::ENCODED_LEN};

    #[test]
    fn the_expected_forms_name_the_limits_that_are_checked() {
        let limits = [
            (HeaderName::Signature, std::format!("{ENCODED_LEN} ")),
            (
                HeaderName::Timestamp,
                std::format!("to {MAX_TIMESTAMP_LEN} "),
            ),
            (HeaderName::Nonce, std::format!("to {MAX_NONCE_LEN} ")),
            (HeaderName::Algorithm, std::format!("{ALGORITHM},")),
        ];
        for (name, limit) in limits {
            let form = name.expected_form();
            assert!(form.contains(&limit), "{name}: {form}");
        }
    }
}
