//! A request as it goes over the wire: request line, headers, an empty line, the body.

use alloc::vec::Vec;

use super::{Form, Request, RequestLine, Unreadable};
use crate::header_line::{HeaderLine, header_of};

/// Whether the first line is a request line.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    words(bytes).is_some()
}

/// What the first line asks for, where it is a request line.
pub(crate) fn request_line(bytes: &[u8]) -> Option<RequestLine> {
    let (method, target) = words(bytes)?;
    RequestLine::of(str::from_utf8(method).ok()?, str::from_utf8(target).ok()?)
}

fn words(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, _) = first_line(bytes);
    let mut words = line.trim_ascii().split(|byte| *byte == b' ');
    let method = words.next().unwrap_or_default();
    let is_method = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
    let target = words.next()?;
    let is_http = words.next()?.starts_with(b"HTTP/");
    (is_method && is_http).then_some((method, target))
}

pub(crate) fn read(bytes: &[u8]) -> Result<Request, Unreadable> {
    let (_, mut rest) = first_line(bytes);
    let mut headers = Vec::new();
    let mut number: usize = 1;
    let mut ended = false;
    while !rest.is_empty() && !ended {
        let (line, behind) = first_line(rest);
        (rest, number) = (behind, number.saturating_add(1));
        ended = line.trim_ascii().is_empty();
        // HTTP/2 tells the request line in headers that begin with a colon.
        if !ended && !line.starts_with(b":") {
            headers.push(header_of(line).ok_or(Unreadable::NotAHeader(number))?);
        }
    }
    let is_said_to_be_empty = value(&headers, "content-length") == Some(b"0");
    let body = match (ended && !rest.is_empty(), is_chunked(&headers)) {
        (false, _) => is_said_to_be_empty.then(Vec::new),
        (true, true) => Some(unchunked(rest).ok_or_else(|| {
            Unreadable::broken(
                Form::Http,
                "the body is said to be chunked, and is not whole",
            )
        })?),
        (true, false) => Some(of_length(rest, &headers).to_vec()),
    };
    Ok(Request {
        form: Form::Http,
        line: request_line(bytes),
        headers,
        body,
    })
}

/// The bytes up to the first newline, and those behind it.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    match end.and_then(|end| bytes.split_at_checked(end)) {
        Some((line, [_, rest @ ..])) => (line, rest),
        _ => (bytes, &[]),
    }
}

fn value<'a>(headers: &'a [HeaderLine], name: &str) -> Option<&'a [u8]> {
    headers
        .iter()
        .find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value.as_slice())
}

fn is_chunked(headers: &[HeaderLine]) -> bool {
    value(headers, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case(b"chunked"))
}

/// The body without the newline that an editor put behind it, which the announced length tells.
fn of_length<'a>(body: &'a [u8], headers: &[HeaderLine]) -> &'a [u8] {
    let announced = value(headers, "content-length")
        .and_then(|value| str::from_utf8(value).ok())
        .and_then(|text| text.parse::<usize>().ok())
        .and_then(|length| body.split_at_checked(length));
    match announced {
        Some((announced, b"\n" | b"\r\n")) => announced,
        _ => body,
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let (line, behind) = first_line(rest);
        let size = line.split(|byte| *byte == b';').next()?.trim_ascii();
        let size = usize::from_str_radix(str::from_utf8(size).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let (chunk, behind) = behind.split_at_checked(size)?;
        body.extend_from_slice(chunk);
        rest = behind
            .strip_prefix(b"\r\n")
            .or_else(|| behind.strip_prefix(b"\n"))?;
    }
}
