//! What commands print for others to read: standard output, one place.

use std::io::{self, Write};

use serde::Serialize;

/// Prints a line. Whoever has closed our output does not want it.
pub(crate) fn line(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a value as one line of JSON.
pub(crate) fn json(value: &impl Serialize) {
    // Our own values have no maps with keys that are not texts, so this has no way to fail.
    line(&serde_json::to_string(value).unwrap_or_default());
}
