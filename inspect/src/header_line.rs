use alloc::vec::Vec;

/// A header: its name and its value.
pub type HeaderLine = (Vec<u8>, Vec<u8>);

/// The header of a line, `name: value`. White space around a value does not count, as it does not in
/// HTTP.
#[must_use]
pub fn header_of(line: &[u8]) -> Option<HeaderLine> {
    let mut halves = line.splitn(2, |byte| *byte == b':');
    let (name, value) = (halves.next()?.trim_ascii(), halves.next()?.trim_ascii());
    (!name.is_empty()).then(|| (name.to_vec(), value.to_vec()))
}

/// Headers as core takes them.
pub fn pairs(headers: &[HeaderLine]) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers
        .iter()
        .map(|(name, value)| (name.as_slice(), value.as_slice()))
}
