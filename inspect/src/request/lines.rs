//! `name: value` lines, with a request line or without.

use alloc::vec::Vec;

use super::{Form, Request, Unreadable};
use crate::header_line::{HeaderLine, header_of};

pub(crate) fn read(bytes: &[u8]) -> Result<Request, Unreadable> {
    let mut headers = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match header_of(line).filter(is_likely) {
            Some(header) => headers.push(header),
            // What has no header in its first line is not of this form at all.
            None if headers.is_empty() => return Err(Unreadable::Unknown),
            None => return Err(Unreadable::NotAHeader(number)),
        }
    }
    Ok(Request {
        form: Form::HeaderLines,
        headers,
        line: None,
        body: None,
    })
}

/// A name as HTTP has them: a token.
fn is_likely((name, _): &HeaderLine) -> bool {
    name.iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}
