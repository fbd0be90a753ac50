//! What `curl -v` prints: `*` says what curl does, `>` what it sends, `<` what it gets. The body is
//! not among it.

use alloc::vec::Vec;

use super::{Form, Request, Unreadable};
use crate::header_line::header_of;

/// Whether a line is of curl's.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines
        .find(|line| !line.trim_ascii().is_empty())
        .is_some_and(|line| line.starts_with(b"* ") || line.starts_with(b"> "))
        || lines.any(|line| line.starts_with(b"> POST "))
}

pub(crate) fn read(bytes: &[u8]) -> Result<Request, Unreadable> {
    let lines = || {
        bytes
            .split(|byte| *byte == b'\n')
            .filter_map(|line| line.strip_prefix(b">"))
            .map(<[u8]>::trim_ascii)
    };
    let sent = lines().filter(|line| !line.is_empty() && !super::http::is_one(line));
    let headers: Vec<_> = sent.filter_map(header_of).collect();
    if headers.is_empty() {
        return Err(Unreadable::broken(
            Form::CurlOutput,
            "no line begins with \"> \", so nothing was sent",
        ));
    }
    Ok(Request {
        form: Form::CurlOutput,
        headers,
        line: lines().find_map(super::http::request_line),
        body: None,
    })
}
