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
