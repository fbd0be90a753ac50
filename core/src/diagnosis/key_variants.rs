use alloc::vec::Vec;

use super::{
    cause::Diagnosis,
    evidence::Evidence,
    variant::{BYTE_ORDER_MARK, Variant},
};
use crate::{base64, secret::Secret};

/// The keys that may have made the signature, of a scheme that takes a secret's text as it is.
pub(super) fn keys<S: AsRef<[u8]>>(evidence: &Evidence<'_, S>) -> Vec<Variant<Secret>> {
    let secret = |variant: Variant<Vec<u8>>| variant.try_map(|bytes| Secret::verbatim(bytes).ok());
    bytes(evidence).into_iter().filter_map(secret).collect()
}

/// The bytes of these keys.
pub(super) fn bytes<S: AsRef<[u8]>>(evidence: &Evidence<'_, S>) -> Vec<Variant<Vec<u8>>> {
    let mut variants = texts(evidence);
    for secret in evidence.secrets {
        let text = secret.as_ref();
        let encoded = base64::encode(text);
        variants.push(Variant::new(encoded, Diagnosis::SecretWasDecoded));
        let decoded = base64::decode(text.trim_ascii());
        variants.extend(decoded.map(|bytes| Variant::new(bytes, Diagnosis::SignerDecodesSecret)));
    }
    variants
}

/// The texts of secrets that may have been meant.
pub(super) fn texts<S: AsRef<[u8]>>(evidence: &Evidence<'_, S>) -> Vec<Variant<Vec<u8>>> {
    let mut variants = Vec::new();
    let mut add = |bytes: &[u8], causes| {
        let value = bytes.to_vec();
        variants.push(Variant { value, causes });
    };
    for secret in evidence.secrets {
        add(secret.as_ref(), [None, None]);
    }
    for secret in evidence.retired_secrets {
        add(secret.as_ref(), [Some(Diagnosis::PreviousSecret), None]);
    }
    for secret in evidence.secrets {
        let text = secret.as_ref();
        for (bare, cause) in freed(text) {
            add(bare, [Some(cause), None]);
            for (barer, second) in freed(bare).into_iter().filter(|(_, other)| *other != cause) {
                add(barer, [Some(cause), Some(second)]);
            }
        }
        if text.contains(&b'\n') || text.contains(&b'\r') {
            let unwrapped: Vec<u8> = text
                .iter()
                .copied()
                .filter(|byte| !matches!(byte, b'\n' | b'\r'))
                .collect();
            add(&unwrapped, [Some(Diagnosis::SecretHasLineBreak), None]);
        }
        for (before, behind) in [("", "\n"), ("", "\r\n"), ("", " "), (" ", "")] {
            let spaced = [before.as_bytes(), text, behind.as_bytes()].concat();
            add(&spaced, [Some(Diagnosis::SecretLostWhitespace), None]);
        }
    }
    variants
}

/// Most lines of a secret's text that are tried by themselves: as many as a ring has secrets, and as
/// many comments.
const MOST_LINES: usize = 8;

/// The secret's text freed of one thing that does not belong to it, for each such thing.
fn freed(text: &[u8]) -> Vec<(&[u8], Diagnosis)> {
    let mut found = Vec::new();
    if let Some(bare) = text.strip_prefix(BYTE_ORDER_MARK) {
        found.push((bare, Diagnosis::SecretHasByteOrderMark));
    }
    let trimmed = text.trim_ascii();
    if trimmed.len() < text.len() {
        found.push((trimmed, Diagnosis::SecretHasWhitespace));
    }
    let lines = trimmed.split(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = lines.map(<[u8]>::trim_ascii);
    for line in lines.filter(|line| !line.is_empty()).take(MOST_LINES) {
        if line.len() < trimmed.len() {
            found.push((line, Diagnosis::SecretHasLineBreak));
        }
    }
    if let Some(bare) = without_quotes(trimmed) {
        found.push((bare, Diagnosis::SecretQuoted));
    }
    if let Some(bare) = trimmed.strip_prefix(b"whsec_") {
        found.push((bare, Diagnosis::SecretPrefixed));
    }
    let sign = trimmed.iter().position(|byte| matches!(byte, b'=' | b':'));
    let halves = sign.and_then(|sign| trimmed.split_at_checked(sign));
    if let Some((name, [_, value @ ..])) = halves {
        let value = value.trim_ascii();
        if !name.is_empty() && !value.is_empty() {
            found.push((value, Diagnosis::SecretNamed));
        }
    }
    found
}

/// What stands between quotes of any kind, perhaps with the comma of the line they were copied from.
fn without_quotes(text: &[u8]) -> Option<&[u8]> {
    let text = match text.split_last() {
        Some((b',' | b';', rest)) => rest,
        _ => text,
    };
    if let [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] | [b'`', inner @ .., b'`'] = text {
        return Some(inner);
    }
    let text = str::from_utf8(text).ok()?;
    let is_quote = |character: char| {
        "\u{2018}\u{2019}\u{201a}\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}".contains(character)
    };
    let inner = text.strip_prefix(is_quote)?.strip_suffix(is_quote)?;
    Some(inner.as_bytes())
}
