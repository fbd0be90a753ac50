//! Right proofs, made by `hmac`, `sha1` and `md5` alone; of Engage those that OpenSSL has made for the
//! vectors, since nobody here has a private key.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use sinch_callback::{HeaderName, scheme::SchemeName};
use sinch_callback_tests::{SchemeExpected, SchemeVector};
use std::sync::LazyLock;

use super::{KEY, case::Case};

const STRANGER: &[u8] = b"bWFkZS11cC1zZWNyZXQtb2YtYS1zdHJhbmdlcg";
const TOKEN: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182";

/// What the proof of a callback covers, in one text for each part.
pub(super) type Covered = Vec<Vec<u8>>;

/// The parts of this callback that its scheme's proof covers, as they are.
pub(super) fn what_is_covered(case: &Case) -> Covered {
    let path = case.target.split('?').next().unwrap_or_default();
    let header = |name| case.values(name).join(&b'\n');
    match case.name {
        SchemeName::Numbers => vec![case.body.clone()],
        SchemeName::Application | SchemeName::Service => vec![
            case.method.clone().into(),
            path.into(),
            header(HeaderName::ContentType),
            header(HeaderName::XTimestamp),
            case.body.clone(),
        ],
        SchemeName::WhatsappLegacy => vec![header(HeaderName::WhatsappNonce), case.body.clone()],
        SchemeName::Engage => vec![
            case.method.clone().into(),
            case.target.clone().into(),
            header(HeaderName::Date),
            header(HeaderName::EngageSignature),
            case.body.clone(),
        ],
        // Of Mailgun the replay key alone tells it: a body is read leniently.
        _ => Vec::new(),
    }
}

/// Gives the callback a right proof by the chosen secret.
pub(super) fn sign(case: &mut Case, choice: usize) {
    let choice = choice % (case.secrets.len() + 1);
    let secret = case
        .secrets
        .get(choice)
        .map_or(STRANGER, Vec::as_slice)
        .to_vec();
    match case.name {
        SchemeName::Numbers => {
            let tag = sha1(&secret, &case.body);
            case.set(HeaderName::NumbersSignature, hex(&tag));
            case.signed_keys.push(first(&tag));
        }
        SchemeName::Application => sign_request(case, "application", &secret),
        SchemeName::Service => sign_request(case, "service", &secret),
        SchemeName::WhatsappLegacy => {
            let nonce = case
                .first(HeaderName::WhatsappNonce)
                .unwrap_or_else(|| b"nonce".to_vec());
            let tag = sha256(&secret, &[&case.body[..], b".", &nonce].concat());
            case.set(HeaderName::WhatsappNonce, nonce);
            let is_hex = case.body.len().is_multiple_of(2);
            let text = if is_hex {
                hex(&tag)
            } else {
                Base64::encode_string(&tag)
            };
            case.set(HeaderName::WhatsappSignature, text);
            case.signed_keys.push(first(&tag));
        }
        SchemeName::Mailgun => {
            let timestamp = case.now.to_string();
            let tag = sha256(&secret, format!("{timestamp}{TOKEN}").as_bytes());
            let mut body: Value = serde_json::from_slice(&case.body).unwrap_or(Value::Null);
            if !body.is_object() {
                body = json!({ "event-data": body });
            }
            body["signature"] =
                json!({ "timestamp": timestamp, "token": TOKEN, "signature": hex(&tag) });
            case.body = body.to_string().into_bytes();
            case.signed_keys.push(first(&tag));
        }
        SchemeName::Engage => {
            let one = &ENGAGE.signed[choice_of(case) % ENGAGE.signed.len()];
            case.method.clone_from(&one.method);
            case.target.clone_from(&one.target);
            case.body.clone_from(&one.body);
            case.set(HeaderName::Date, one.date.clone());
            case.set(HeaderName::EngageKey, one.key_id.clone());
            case.set(HeaderName::EngageSignature, one.signature.clone());
            case.signed_keys.push(one.replay_key());
        }
        _ => {}
    }
}

fn choice_of(case: &Case) -> usize {
    case.body.first().map_or(0, |byte| usize::from(*byte))
}

fn sign_request(case: &mut Case, word: &str, secret: &[u8]) {
    let content_type = case.first(HeaderName::ContentType);
    let content_type = content_type.unwrap_or_else(|| b"application/json".to_vec());
    let timestamp = case.first(HeaderName::XTimestamp);
    let timestamp = timestamp.unwrap_or_else(|| b"2026-10-01T12:00:00Z".to_vec());
    let tag = request_tag(case, &content_type, &timestamp, secret);
    case.set(HeaderName::ContentType, content_type);
    case.set(HeaderName::XTimestamp, timestamp);
    let signature = Base64::encode_string(&tag);
    case.set(
        HeaderName::Authorization,
        format!("{word} {KEY}:{signature}"),
    );
    case.signed_keys.push(first(&tag));
}

/// The tag of the five lines.
pub(super) fn request_tag(
    case: &Case,
    content_type: &[u8],
    timestamp: &[u8],
    secret: &[u8],
) -> [u8; 32] {
    let md5 = Base64::encode_string(&Md5::digest(&case.body));
    let named = [b"x-timestamp:", timestamp].concat();
    let path = case.target.split('?').next().unwrap_or_default();
    let lines: [&[u8]; 5] = [
        case.method.as_bytes(),
        md5.as_bytes(),
        content_type,
        &named,
        path.as_bytes(),
    ];
    let text = str::from_utf8(secret).expect("a secret is a text");
    let key = decoded(text);
    sha256(&key, &lines.join(&b'\n'))
}

/// A secret's bytes: of texts that were made of the alphabet for addresses, without bits that only a
/// lenient decoder passes over.
fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = text.replace('+', "-").replace('/', "_");
    let unused = [0, 0, 4, 2][text.len() % 4];
    if let Some(last) = text.pop() {
        let digit = ALPHABET.find(last).expect("a digit of base64");
        let digit = digit >> unused << unused;
        text.push_str(&ALPHABET[digit..=digit]);
    }
    Base64UrlUnpadded::decode_vec(&text).expect("base64")
}

/// Time, token and signature as texts, where a strict reader finds them.
pub(super) fn mailgun_parts(body: &[u8]) -> Option<[String; 3]> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let signature = body.as_object()?.get("signature")?.as_object()?;
    let text = |name| match signature.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    Some(["timestamp", "token", "signature"].map(text))
}

pub(super) fn sha1(secret: &[u8], message: &[u8]) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("every length is a key's");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub(super) fn sha256(secret: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("every length is a key's");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn first(tag: &[u8]) -> [u8; 16] {
    tag[..16].try_into().expect("a tag has 16 bytes")
}

/// A callback that OpenSSL has signed.
pub(super) struct EngageSigned {
    pub(super) record: String,
    pub(super) key_id: String,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) date: Vec<u8>,
    pub(super) body: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl EngageSigned {
    /// What is signed: one behind the other.
    pub(super) fn message(&self) -> Vec<u8> {
        message(&self.method, &self.target, &self.date, &self.body)
    }

    pub(super) fn replay_key(&self) -> [u8; 16] {
        let text = str::from_utf8(&self.signature).expect("base64 is a text");
        first(&Sha256::digest(Base64::decode_vec(text).expect("base64")))
    }
}

pub(super) fn message(method: &str, target: &str, date: &[u8], body: &[u8]) -> Vec<u8> {
    [format!("{method} {target} HTTP/1.1").as_bytes(), date, body].concat()
}

pub(super) struct Engage {
    pub(super) records: Vec<String>,
    pub(super) signed: Vec<EngageSigned>,
}

/// All keys of the vectors, and every callback that is signed with one of them. Nobody can make another.
pub(super) static ENGAGE: LazyLock<Engage> = LazyLock::new(|| {
    let mut engage = Engage {
        records: Vec::new(),
        signed: Vec::new(),
    };
    for vector in SchemeVector::all() {
        let SchemeExpected::Accepted { secret_slot, .. } = vector.expect else {
            continue;
        };
        if vector.scheme_name() != SchemeName::Engage {
            continue;
        }
        let record = String::from_utf8(vector.secrets()[usize::from(secret_slot)].clone());
        let record = record.expect("a record is a text").replace("SHA-", "sha");
        let headers = vector.headers();
        let header = |name: HeaderName| {
            let found = headers.iter().find(|(found, _)| *found == name.as_str());
            found.expect("the header is there").1.clone()
        };
        let one = EngageSigned {
            key_id: record
                .split(' ')
                .next()
                .expect("a record begins with the id")
                .into(),
            record: record.clone(),
            method: vector.request().method().into(),
            target: vector.request().target().into(),
            date: header(HeaderName::Date),
            body: vector.body(),
            signature: header(HeaderName::EngageSignature),
        };
        if !engage.records.contains(&record) {
            engage.records.push(record);
        }
        let is_new = |known: &EngageSigned| known.signature != one.signature;
        if engage.signed.iter().all(is_new) {
            engage.signed.push(one);
        }
    }
    engage
});

/// The record of one of the keys.
pub(super) fn engage_record(place: usize) -> String {
    ENGAGE.records[place % ENGAGE.records.len()].clone()
}
