//! The verdict as the documentation has it, written down a second time: by `hmac`, `sha2` and
//! comparison of texts.

use core::time::Duration;

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sinch_callback::{HeaderName, Rejection, Window};

/// A header's name and value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// The headers of a callback that are of the right form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) signature: Vec<u8>,
    pub(crate) timestamp: Vec<u8>,
    pub(crate) nonce: Vec<u8>,
    pub(crate) signed_at: u64,
    pub(crate) has_algorithm: bool,
}

/// Who judges.
pub(crate) struct Rules<'a> {
    pub(crate) secrets: &'a [Vec<u8>],
    pub(crate) window: Window,
    pub(crate) max_body_bytes: usize,
    pub(crate) requires_algorithm: bool,
}

/// What is known of a callback that is accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) slot: usize,
    pub(crate) replay_key: [u8; 16],
    pub(crate) content_key: [u8; 16],
    pub(crate) age_secs: u64,
}

/// The values of the header of this name, in the order of the pairs.
pub(crate) fn values(pairs: &[Pair], name: HeaderName) -> Vec<&[u8]> {
    pairs
        .iter()
        .filter(|(found, _)| found.to_ascii_lowercase() == name.as_str().as_bytes())
        .map(|(_, value)| value.as_slice())
        .collect()
}

/// The headers among these pairs, or what is wrong with the first of them: repetition before all
/// else, then in the order of the names.
pub(crate) fn headers(pairs: &[Pair]) -> Result<Signed, Rejection> {
    for name in HeaderName::CONVERSATION.iter().copied() {
        let values = values(pairs, name);
        if values.len() > 1 || values.iter().any(|value| value.contains(&b',')) {
            return Err(Rejection::RepeatedHeader(name));
        }
    }
    let value = |name| values(pairs, name).first().map(|value| value.to_vec());
    let required = |name, has_form: fn(&[u8]) -> bool| {
        let value = value(name).ok_or(Rejection::MissingHeader(name))?;
        has_form(&value)
            .then_some(value)
            .ok_or(Rejection::MalformedHeader(name))
    };
    let signature = required(HeaderName::Signature, is_signature)?;
    let timestamp = required(HeaderName::Timestamp, is_timestamp)?;
    let nonce = required(HeaderName::Nonce, is_nonce)?;
    let algorithm = value(HeaderName::Algorithm);
    if algorithm
        .as_ref()
        .is_some_and(|value| !value.eq_ignore_ascii_case(b"hmacsha256"))
    {
        return Err(Rejection::UnsupportedAlgorithm);
    }
    let digits = str::from_utf8(&timestamp).expect("digits are text");
    Ok(Signed {
        signed_at: digits.parse().expect("twelve digits are a number"),
        signature,
        timestamp,
        nonce,
        has_algorithm: algorithm.is_some(),
    })
}

fn is_signature(value: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    value.len() == 44 && value.ends_with(b"=") && value[..43].iter().all(|c| ALPHABET.contains(c))
}

fn is_timestamp(value: &[u8]) -> bool {
    (1..=12).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

pub(crate) fn is_nonce(value: &[u8]) -> bool {
    (1..=128).contains(&value.len())
        && value
            .iter()
            .all(|c| (0x21..0x7f).contains(c) && ![b'.', b','].contains(c))
}

/// The signature that Sinch would make.
pub(crate) fn signature(secret: &[u8], body: &[u8], nonce: &[u8], timestamp: &[u8]) -> String {
    Base64::encode_string(&tag(secret, body, nonce, timestamp))
}

fn tag(secret: &[u8], body: &[u8], nonce: &[u8], timestamp: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("every length is a key's");
    mac.update(&[body, nonce, timestamp].join(&b'.'));
    mac.finalize().into_bytes().into()
}

/// The verdict on a callback.
pub(crate) fn verdict(
    rules: &Rules<'_>,
    pairs: &[Pair],
    body: &[u8],
    now: u64,
) -> Result<Accepted, Rejection> {
    let headers = headers(pairs)?;
    if rules.requires_algorithm && !headers.has_algorithm {
        return Err(Rejection::MissingHeader(HeaderName::Algorithm));
    }
    if body.len() > rules.max_body_bytes {
        return Err(Rejection::BodyTooLarge {
            limit_bytes: rules.max_body_bytes,
        });
    }
    let signed = |secret: &Vec<u8>| {
        signature(secret, body, &headers.nonce, &headers.timestamp).as_bytes() == headers.signature
    };
    let slot = rules
        .secrets
        .iter()
        .position(signed)
        .ok_or(Rejection::SignatureMismatch)?;
    let age_secs = now.saturating_sub(headers.signed_at);
    let ahead_secs = headers.signed_at.saturating_sub(now);
    let Window {
        max_age, max_ahead, ..
    } = rules.window;
    if age_secs > max_age.as_secs() {
        return Err(Rejection::Stale {
            age: Duration::from_secs(age_secs),
            max_age,
        });
    }
    if ahead_secs > max_ahead.as_secs() {
        return Err(Rejection::FromFuture {
            ahead: Duration::from_secs(ahead_secs),
            max_ahead,
        });
    }
    let tag = tag(
        &rules.secrets[slot],
        body,
        &headers.nonce,
        &headers.timestamp,
    );
    Ok(Accepted {
        slot,
        replay_key: first_half(&tag),
        content_key: content_key(body),
        age_secs,
    })
}

pub(crate) fn content_key(body: &[u8]) -> [u8; 16] {
    first_half(&Sha256::digest(body))
}

fn first_half(hash: &[u8]) -> [u8; 16] {
    hash[..16].try_into().expect("a half has 16 bytes")
}
