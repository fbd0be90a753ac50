//! The bytes of a signature, from each form that it may have come in.

use alloc::{vec, vec::Vec};

use super::{cause::Diagnosis, header_variants::unquoted, variant::Variant};
use crate::{base64, header_name::HeaderName};

/// How a scheme writes its signatures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In padded standard base64.
    Base64,
    /// In lower-case hexadecimal digits.
    Hex,
    /// In one of the two.
    Either,
}

/// The tag of so many bytes that the value of this header stands for, or a text in the body.
pub(super) fn tags(
    value: &[u8],
    name: Option<HeaderName>,
    length: usize,
    form: Form,
) -> Vec<Variant<Vec<u8>>> {
    let right = |text: &[u8]| written_so(text, form).filter(|tag| tag.len() == length);
    if let Some(tag) = right(value) {
        return vec![Variant::as_is(tag)];
    }
    let bare = unquoted(value);
    if let Some(tag) = right(bare) {
        let cause = name.map_or(Diagnosis::SignatureEncoding, Diagnosis::HeaderNotTrimmed);
        return vec![Variant::new(tag, cause)];
    }
    let otherwise = from_hex(bare).filter(|tag| tag.len() == length);
    let otherwise = otherwise.or_else(|| from_base64(bare).filter(|tag| tag.len() == length));
    let variant = otherwise.map(|tag| Variant::new(tag, Diagnosis::SignatureEncoding));
    variant.into_iter().collect()
}

/// The bytes of a text that is written in exactly this form.
fn written_so(text: &[u8], form: Form) -> Option<Vec<u8>> {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if form != Form::Base64 && text.iter().all(is_hex) {
        return from_hex(text);
    }
    from_base64(text).filter(|tag| form != Form::Hex && base64::encode(tag) == text)
}

/// The bytes of hexadecimal digits in either case, also behind the hash's name.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.rsplit(|byte| *byte == b'=').next()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() || pairs.is_empty() {
        return None;
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)?.wrapping_shl(4) | digit(*low)?);
    pairs.iter().map(byte).collect()
}

/// The bytes of base64 of either alphabet, with its pad or without.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let standard: Vec<_> = text
        .iter()
        .map(|character| match character {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    base64::decode(&standard)
}
