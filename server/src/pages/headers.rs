//! What a browser may do with what it is given.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Where the pages' scripts, styles and data come from: from here alone, as files. Nothing that stands in
/// a callback becomes code, and nobody frames a page.
pub(super) const DELIVERIES: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// Data is nothing to run or to frame.
pub(crate) const DATA: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The policy that the inspector's one file states itself, and that nobody frames it, which a file cannot
/// state. `None` where it states none: then it is not served.
pub(super) fn inspector(file: &[u8]) -> Option<HeaderValue> {
    let text = core::str::from_utf8(file).ok()?;
    let (_, rest) = text.split_once("http-equiv=\"Content-Security-Policy\"")?;
    let (_, rest) = rest.split_once("content=\"")?;
    let (policy, _) = rest.split_once('"')?;
    HeaderValue::try_from(format!("{policy}; frame-ancestors 'none'")).ok()
}

/// What holds for all that the admin answers, data included.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // No other origin learns a path. Without any, a browser would name no origin where a form is posted.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Lets no other origin read, frame or open what is answered.
pub(crate) fn secure(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
