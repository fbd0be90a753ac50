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

/// The headers of a file of `name: value` lines. White space around a value does not count, as it
/// does not in HTTP; empty lines and a request line are passed over.
pub(crate) fn read_headers(path: &Path) -> Result<Vec<HeaderLine>, CommandError> {
    let bytes = read(path)?;
    let mut headers = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || (index == 0 && line.starts_with(b"POST ")) {
            continue;
        }
        let mut halves = line.splitn(2, |byte| *byte == b':');
        match (halves.next(), halves.next()) {
            (Some(name), Some(value)) if !name.trim_ascii().is_empty() => {
                headers.push((name.trim_ascii().to_vec(), value.trim_ascii().to_vec()));
            }
            _ => {
                return Err(CommandError::Misuse(format!(
                    "{}, line {}: expected \"name: value\"",
                    path.display(),
                    index.saturating_add(1)
                )));
            }
        }
    }
    Ok(headers)
}
