//! Addresses, put together so that no id breaks out of its place.

use core::fmt::Write as _;

/// A text as a segment of a path or a value of a query.
pub(super) fn segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            // Writing into a string has no way to fail.
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}

/// Whether a text is an id as Sinch gives them, so that it names one thing wherever it stands.
pub(super) fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.len() <= 128 && text.bytes().all(fits)
}

/// Whether a text is an origin that a token may be sent to: of https, or of this machine.
pub(super) fn is_base(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let is_host = |host: &str| !host.is_empty() && host.bytes().all(fits);
    match text.split_once("://") {
        Some(("https", host)) => is_host(host),
        Some(("http", host)) => {
            let name = match host.rsplit_once(':') {
                Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
                _ => host,
            };
            matches!(name, "127.0.0.1" | "localhost" | "[::1]")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_does_not_break_out_of_its_segment() {
        assert_eq!(segment("01ARZ3-_~"), "01ARZ3-_~");
        assert_eq!(segment("../a?b=c&d#e%"), "%2E%2E%2Fa%3Fb%3Dc%26d%23e%25");
        assert_eq!(segment("+46 å"), "%2B46%20%C3%A5");
    }
}
