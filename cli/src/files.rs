//! Files that commands are given.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use crate::command_error::CommandError;

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    read.map_err(|error| {
        CommandError::Misuse(format!("{} cannot be read: {error}", path.display()))
    })
}

/// A header of a file: its name and its value.
pub(crate) type HeaderLine = (Vec<u8>, Vec<u8>);

/// The header of a line, `name: value`. White space around a value does not count, as it does not in
/// HTTP.
pub(crate) fn header_of(line: &[u8]) -> Option<HeaderLine> {
    let mut halves = line.splitn(2, |byte| *byte == b':');
    let (name, value) = (halves.next()?.trim_ascii(), halves.next()?.trim_ascii());
    (!name.is_empty()).then(|| (name.to_vec(), value.to_vec()))
}
