//! The verdict as the documentation of each scheme has it, written down a second time.

use core::time::Duration;

use base64ct::{Base64, Encoding};
use sinch_callback::{HeaderName, Rejection, Window, scheme::SchemeName};

use super::{
    Accepted, KEY,
    case::Case,
    moment::{imf_fixdate, iso_8601},
    signed::{self, ENGAGE, first, hex},
};
use crate::oracle::is_nonce;

type Verdict = Result<Accepted, Rejection>;

/// The verdict; nothing where a body is to be read that a strict reader does not read.
pub(super) fn verdict(case: &Case) -> Option<Verdict> {
    Some(match case.name {
        SchemeName::Numbers => numbers(case),
        SchemeName::Application => request(case, "application"),
        SchemeName::Service => request(case, "service"),
        SchemeName::WhatsappLegacy => whatsapp(case),
        SchemeName::Engage => engage(case),
        SchemeName::Mailgun => return mailgun(case),
        other => panic!("no oracle knows {other}"),
    })
}

/// The one value of a header. None of its values has a comma where `joins` is true.
fn one(case: &Case, name: HeaderName, joins: bool) -> Result<Option<Vec<u8>>, Rejection> {
    let values = case.values(name);
    let is_joined = joins && values.iter().any(|value| value.contains(&b','));
    if values.len() > 1 || is_joined {
        return Err(Rejection::RepeatedHeader(name));
    }
    Ok(values.first().map(|value| value.to_vec()))
}

/// The one value of a header that has to be there, as a text.
fn required(
    value: Option<Vec<u8>>,
    name: HeaderName,
    has_form: impl Fn(&str) -> bool,
) -> Result<String, Rejection> {
    let value = value.ok_or(Rejection::MissingHeader(name))?;
    // What is no text has a replacement character, which no form allows.
    let text = String::from_utf8_lossy(&value).into_owned();
    has_form(&text)
        .then_some(text)
        .ok_or(Rejection::MalformedHeader(name))
}

/// The first secret of which this is true.
fn slot(case: &Case, is: impl Fn(&[u8]) -> bool) -> Result<usize, Rejection> {
    let found = case.secrets.iter().position(|secret| is(secret));
    found.ok_or(Rejection::SignatureMismatch)
}

fn within_window(case: &Case, signed_at: u64) -> Result<Option<u64>, Rejection> {
    let Window {
        max_age, max_ahead, ..
    } = Window::BARE;
    let age = Duration::from_secs(case.now.saturating_sub(signed_at));
    let ahead = Duration::from_secs(signed_at.saturating_sub(case.now));
    if age > max_age {
        return Err(Rejection::Stale { age, max_age });
    }
    if ahead > max_ahead {
        return Err(Rejection::FromFuture { ahead, max_ahead });
    }
    Ok(Some(age.as_secs()))
}

fn numbers(case: &Case) -> Verdict {
    let name = HeaderName::NumbersSignature;
    let signature = required(one(case, name, true)?, name, |text| is_hex(text, 40))?;
    let slot = slot(case, |secret| {
        hex(&signed::sha1(secret, &case.body)) == signature
    })?;
    Ok(Accepted {
        slot,
        covers_body: true,
        replay_key: first(&signed::sha1(&case.secrets[slot], &case.body)),
        age_secs: None,
    })
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.chars().all(|digit| "0123456789abcdef".contains(digit))
}

fn is_base64(text: &str) -> bool {
    let digits = text.bytes().take(43);
    let are_digits = digits.clone().count() == 43
        && digits
            .clone()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    text.len() == 44 && text.ends_with('=') && are_digits
}

fn whatsapp(case: &Case) -> Verdict {
    use HeaderName::{WhatsappAlgorithm, WhatsappNonce, WhatsappSignature};
    let signature = one(case, WhatsappSignature, true)?;
    let nonce = one(case, WhatsappNonce, true)?;
    let algorithm = one(case, WhatsappAlgorithm, true)?;
    let signature = required(signature, WhatsappSignature, |text| {
        is_base64(text) || is_hex(text, 64)
    })?;
    let nonce = required(nonce, WhatsappNonce, |text| is_nonce(text.as_bytes()))?;
    if algorithm.is_some_and(|name| !name.eq_ignore_ascii_case(b"hmac_sha_256")) {
        return Err(Rejection::MalformedHeader(WhatsappAlgorithm));
    }
    let tag =
        |secret: &[u8]| signed::sha256(secret, &[&case.body[..], b".", nonce.as_bytes()].concat());
    let slot = slot(case, |secret| {
        let tag = tag(secret);
        hex(&tag) == signature || Base64::encode_string(&tag) == signature
    })?;
    Ok(Accepted {
        slot,
        covers_body: true,
        replay_key: first(&tag(&case.secrets[slot])),
        age_secs: None,
    })
}

fn request(case: &Case, word: &str) -> Verdict {
    use HeaderName::{Authorization, ContentType, XTimestamp};
    let authorization = one(case, Authorization, true)?;
    let timestamp = one(case, XTimestamp, true)?;
    let authorization = required(authorization, Authorization, |text| {
        credentials(text, word).is_some()
    })?;
    let (key, signature) = credentials(&authorization, word).expect("of its form");
    let is_time = |text: &str| {
        text.len() <= 40
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && iso_8601(text).is_some()
    };
    let timestamp = required(timestamp, XTimestamp, is_time)?;
    let is_type = |text: &str| {
        (1..=256).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    let content_type = required(one(case, ContentType, false)?, ContentType, is_type)?;
    if key != KEY {
        return Err(Rejection::UnknownKey);
    }
    let path = case.target.split('?').next().unwrap_or_default();
    if !is_word(&case.method) || !is_word(path) {
        return Err(Rejection::SignatureMismatch);
    }
    if case.body.is_empty() {
        return Err(Rejection::EmptyBody);
    }
    let tag = |secret: &[u8]| {
        signed::request_tag(case, content_type.as_bytes(), timestamp.as_bytes(), secret)
    };
    let slot = slot(case, |secret| {
        Base64::encode_string(&tag(secret)) == signature
    })?;
    let signed_at = iso_8601(&timestamp).expect("of its form");
    Ok(Accepted {
        slot,
        covers_body: true,
        age_secs: within_window(case, signed_at)?,
        replay_key: first(&tag(&case.secrets[slot])),
    })
}

/// Key and signature.
fn credentials<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (found, rest) = text.split_once(' ')?;
    let rest = rest.trim_start_matches(|character: char| character.is_ascii_whitespace());
    let (key, signature) = rest.rsplit_once(':')?;
    (found.eq_ignore_ascii_case(word) && is_base64(signature)).then_some((key, signature))
}

/// What has neither a space nor a control character.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| byte <= b' ' || byte == 0x7f)
}

fn mailgun(case: &Case) -> Option<Verdict> {
    let body: serde_json::Value = serde_json::from_slice(&case.body).ok()?;
    // A long number is not kept as it is written.
    let proof = body.get("signature").filter(|_| body.is_object());
    if proof.is_some_and(|proof| {
        ["timestamp", "token", "signature"]
            .iter()
            .any(|name| proof[*name].is_f64())
    }) {
        return None;
    }
    Some(mailgun_verdict(case))
}

fn mailgun_verdict(case: &Case) -> Verdict {
    let parts = signed::mailgun_parts(&case.body).ok_or(Rejection::MalformedProof)?;
    let [timestamp, token, signature] = parts;
    let is_time =
        (1..=12).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let is_token = token.len() == 50 && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_time || !is_token || !is_hex(&signature, 64) {
        return Err(Rejection::MalformedProof);
    }
    let tag = |secret: &[u8]| signed::sha256(secret, format!("{timestamp}{token}").as_bytes());
    let slot = slot(case, |secret| hex(&tag(secret)) == signature)?;
    Ok(Accepted {
        slot,
        covers_body: false,
        age_secs: within_window(case, timestamp.parse().expect("digits"))?,
        replay_key: first(&tag(&case.secrets[slot])),
    })
}

/// No mathematics: a signature is right where it is one of those that OpenSSL has made, over the same
/// bytes and by the same key. Nobody can make another.
fn engage(case: &Case) -> Verdict {
    use HeaderName::{Date, EngageCipher, EngageDigest, EngageKey, EngageSignature};
    let signature = one(case, EngageSignature, true)?;
    let key = one(case, EngageKey, true)?;
    let digest = one(case, EngageDigest, true)?;
    let cipher = one(case, EngageCipher, true)?;
    let date = one(case, Date, false)?;
    let commas = |value: &Vec<u8>| value.iter().filter(|byte| **byte == b',').count();
    if date.as_ref().is_some_and(|value| commas(value) > 1) {
        return Err(Rejection::RepeatedHeader(Date));
    }
    let is_signature = |text: &str| {
        let bytes = Base64::decode_vec(text);
        bytes.is_ok_and(|bytes| (1..=1_024).contains(&bytes.len()))
    };
    let signature = required(signature, EngageSignature, is_signature)?;
    let is_key = |text: &str| {
        (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| (0x21..0x7f).contains(&byte) && byte != b',')
    };
    let key = required(key, EngageKey, is_key)?;
    let date = required(date, Date, |text| {
        text.len() == 29 && imf_fixdate(text).is_some()
    })?;
    let is_digest = |value: &Vec<u8>| {
        let name = String::from_utf8_lossy(value)
            .to_ascii_lowercase()
            .replace('-', "");
        ["sha224", "sha256", "sha512"].contains(&name.as_str())
    };
    if digest.is_some_and(|value| !is_digest(&value)) {
        return Err(Rejection::MalformedHeader(EngageDigest));
    }
    if cipher.is_some_and(|value| !value.eq_ignore_ascii_case(b"rsa")) {
        return Err(Rejection::MalformedHeader(EngageCipher));
    }
    if !is_word(&case.method) || !is_word(&case.target) {
        return Err(Rejection::SignatureMismatch);
    }
    let message = signed::message(&case.method, &case.target, date.as_bytes(), &case.body);
    let made = ENGAGE.signed.iter().find(|made| {
        made.key_id == key && made.signature == signature.as_bytes() && made.message() == message
    });
    let made = made.ok_or(Rejection::SignatureMismatch)?;
    let slot = slot(case, |secret| secret == made.record.as_bytes())?;
    Ok(Accepted {
        slot,
        covers_body: true,
        age_secs: within_window(case, imf_fixdate(&date).expect("of its form"))?,
        replay_key: made.replay_key(),
    })
}
