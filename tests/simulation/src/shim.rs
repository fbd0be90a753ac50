//! What stands in front of a host without a safeguard that lies in the verifier itself: it turns a
//! request that the safeguard would refuse into one that passes, and leaves the real code as it is.

use std::sync::Arc;

use sinch_callback::{HeaderName, UnixSeconds};

use crate::{Safeguard, sinch::Request};

/// The request as a host without the safeguard takes it.
pub(crate) fn pass(
    request: &Arc<Request>,
    without: Option<Safeguard>,
    secrets: &[String],
    known: usize,
) -> Arc<Request> {
    let passed = match without {
        Some(Safeguard::Signature) => trusting(request, &secrets[known]),
        Some(Safeguard::NonceGrammar) => with_any_nonce(request, secrets),
        Some(Safeguard::RawBody) => parsed(request),
        _ => None,
    };
    passed.map_or_else(|| Arc::clone(request), Arc::new)
}

fn text(request: &Request, name: HeaderName) -> Option<&str> {
    str::from_utf8(request.header(name)?).ok()
}

fn time(request: &Request) -> Option<UnixSeconds> {
    let time = text(request, HeaderName::Timestamp)?.parse().ok()?;
    Some(UnixSeconds::new(time)).filter(|time| time.get() < 1_000_000_000_000)
}

/// Whatever comes is signed.
fn trusting(request: &Request, secret: &str) -> Option<Request> {
    let nonce = text(request, HeaderName::Nonce)?;
    let is_nonce = (1..=128).contains(&nonce.len())
        && nonce
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'.' && byte != b',');
    let at = time(request)?;
    is_nonce.then(|| Request::signed(Arc::clone(&request.body), secret, nonce, at))
}

/// A nonce with dots is as good as another, where the signature over the joined string is right.
fn with_any_nonce(request: &Request, secrets: &[String]) -> Option<Request> {
    let (before, nonce) = text(request, HeaderName::Nonce)?.rsplit_once('.')?;
    let at = time(request)?;
    let whole: Arc<[u8]> = [&request.body[..], b".", before.as_bytes()].concat().into();
    let signature = request.header(HeaderName::Signature)?;
    secrets.iter().find_map(|secret| {
        let signed = Request::signed(Arc::clone(&whole), secret, nonce, at);
        let is_right = signed.header(HeaderName::Signature) == Some(signature);
        is_right.then(|| Request::signed(Arc::clone(&request.body), secret, nonce, at))
    })
}

/// The body as a parser and a serializer leave it.
fn parsed(request: &Request) -> Option<Request> {
    let value: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
    Some(Request {
        body: value.to_string().into_bytes().into(),
        ..request.clone()
    })
}
