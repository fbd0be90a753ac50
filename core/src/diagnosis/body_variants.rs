use alloc::{vec, vec::Vec};

use super::{
    cause::Diagnosis,
    respace::{self, ESCAPES, Escapes, SPACINGS, Spacing},
    variant::{BYTE_ORDER_MARK, Variant},
};
use crate::base64;

/// The bodies that may have been signed, for at most so many causes.
pub(super) fn bodies(body: &[u8], most: usize) -> Vec<Variant<Vec<u8>>> {
    let mut variants = vec![Variant::as_is(body.to_vec())];
    let outer = unwrapped(body);
    let rewritten = rewritings(body);
    // Whoever writes a body again often puts something around it, too.
    let mut both = Vec::new();
    if most > 1 {
        for (inner, cause) in &outer {
            let twice = unwrapped(inner).into_iter();
            let twice = twice.filter(|(_, second)| second != cause);
            both.extend(twice.map(|(other, second)| Variant::of_both(other, *cause, second)));
            let again = rewritings(inner).into_iter();
            both.extend(
                again.map(|other| Variant::of_both(other, *cause, Diagnosis::BodyReserialized)),
            );
        }
        for other in &rewritten {
            let ended = [other, b"\n".as_slice()].concat();
            both.push(Variant::of_both(
                ended,
                Diagnosis::BodyReserialized,
                Diagnosis::NewlineLost,
            ));
        }
    }
    // What stands around a body goes before its spelling, which loses the newline at its end, too.
    variants.extend(
        outer
            .into_iter()
            .map(|(other, cause)| Variant::new(other, cause)),
    );
    for newline in [&b"\n"[..], b"\r\n"] {
        let ended = [body, newline].concat();
        variants.push(Variant::new(ended, Diagnosis::NewlineLost));
    }
    if !body.starts_with(BYTE_ORDER_MARK) {
        let marked = [BYTE_ORDER_MARK, body].concat();
        variants.push(Variant::new(marked, Diagnosis::ByteOrderMarkLost));
    }
    variants.extend(
        rewritten
            .into_iter()
            .map(|other| Variant::new(other, Diagnosis::BodyReserialized)),
    );
    variants.extend(both);
    variants
}

/// The body freed of one thing that was put around it on its way, for each such thing.
fn unwrapped(body: &[u8]) -> Vec<(Vec<u8>, Diagnosis)> {
    let mut found = Vec::new();
    for newline in [&b"\n"[..], b"\r\n"] {
        if let Some(bare) = body.strip_suffix(newline) {
            found.push((bare.to_vec(), Diagnosis::NewlineAdded));
        }
    }
    for end in [&b"\n"[..], b"\r\n"] {
        let other = with_line_ends(body, end);
        if other != body {
            found.push((other, Diagnosis::LineEndingsChanged));
        }
    }
    if let Some(bare) = body.strip_prefix(BYTE_ORDER_MARK) {
        found.push((bare.to_vec(), Diagnosis::ByteOrderMarkAdded));
    }
    if let Some(decoded) = base64::decode(body.trim_ascii()).filter(|decoded| !decoded.is_empty()) {
        found.push((decoded, Diagnosis::BodyStillEncoded));
    }
    if let Some(inner) = respace::string_value(body) {
        found.push((inner, Diagnosis::BodyIsJsonString));
    }
    found
}

/// The same JSON in every other way to write it.
fn rewritings(body: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for spacing in SPACINGS {
        for escapes in ESCAPES {
            let as_it_is = spacing == Spacing::Kept && escapes == Escapes::Kept;
            let rewritten = respace::rewrite(body, spacing, escapes);
            let rewritten = rewritten.filter(|other| !as_it_is && other != body);
            // Where there is nothing to escape, most ways are the same.
            if let Some(other) = rewritten.filter(|other| !found.contains(other)) {
                found.push(other);
            }
        }
    }
    found
}

/// What a body shows that no signature fits.
pub(super) fn sign_of(body: &[u8]) -> Option<Diagnosis> {
    // gzip, Zstandard, and zlib at its usual levels.
    let compressed: [&[u8]; 5] = [
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"\x78\x9c",
        b"\x78\x01",
        b"\x78\xda",
    ];
    if body.is_empty() {
        Some(Diagnosis::BodyEmpty)
    } else if compressed.iter().any(|magic| body.starts_with(magic)) {
        Some(Diagnosis::BodyCompressed)
    } else {
        respace::has_sorted_keys(body).then_some(Diagnosis::KeysSorted)
    }
}

/// The text with this ending on each line that has one.
fn with_line_ends(text: &[u8], end: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n');
    let lines: Vec<_> = lines
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect();
    lines.join(end)
}
