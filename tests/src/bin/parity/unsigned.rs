//! A callback before it is signed.

use base64ct::{Base64, Encoding};
use fastrand::Rng;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sinch_callback::{HeaderName, Secret, Signer, UnixSeconds, Window};

use crate::{
    case::Case,
    random::{random_bytes, ulid_digit, visible},
    setting::Setting,
};

/// A callback before it is signed.
pub(crate) struct Unsigned {
    pub(crate) key: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) nonce: Vec<u8>,
    pub(crate) timestamp: Vec<u8>,
    pub(crate) algorithm: Option<Vec<u8>>,
    pub(crate) now: u64,
}

impl Unsigned {
    /// One that the setting accepts when it is signed, but for ages just beyond the window's edges
    /// and what the options demand.
    pub(crate) fn random(rng: &mut Rng, setting: &Setting) -> Self {
        let now = random_now(rng);
        let has_algorithm = rng.u8(..10) < 7;
        let nonce_length = rng.usize(1..=128);
        Self {
            key: setting.secrets[rng.usize(..setting.secrets.len())].clone(),
            body: random_body(rng, setting),
            nonce: if rng.u8(..4) == 0 {
                visible(rng, nonce_length)
            } else {
                (0..26).map(|_| ulid_digit(rng)).collect()
            },
            timestamp: random_signed_at(rng, setting.verifier.window(), now)
                .to_string()
                .into_bytes(),
            algorithm: has_algorithm.then(|| b"HmacSHA256".to_vec()),
            now,
        }
    }

    pub(crate) fn sign<'s>(self, rng: &mut Rng, setting: &'s Setting) -> Case<'s> {
        let signature = self.signature();
        let mut headers = vec![
            (HeaderName::Signature.to_string(), signature.into_bytes()),
            (HeaderName::Timestamp.to_string(), self.timestamp),
            (HeaderName::Nonce.to_string(), self.nonce),
        ];
        if let Some(algorithm) = self.algorithm {
            headers.push((HeaderName::Algorithm.to_string(), algorithm));
        }
        if rng.bool() {
            headers.push(("host".to_owned(), b"callbacks.example".to_vec()));
            headers.push(("content-type".to_owned(), b"application/json".to_vec()));
            // As long as one of ours, and not ours.
            headers.push(("x-sinch-webhook-signaturf".to_owned(), b"1".to_vec()));
        }
        rng.shuffle(&mut headers);
        Case {
            setting,
            headers,
            body: self.body,
            now: self.now,
        }
    }

    /// The core's own signature, or one over the raw string where its signer refuses the form.
    fn signature(&self) -> String {
        self.signed_by_core().unwrap_or_else(|| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("every length is good");
            for part in [&self.body, &b"."[..], &self.nonce, b".", &self.timestamp] {
                mac.update(part);
            }
            Base64::encode_string(&mac.finalize().into_bytes())
        })
    }

    fn signed_by_core(&self) -> Option<String> {
        let text = str::from_utf8(&self.timestamp).ok()?;
        let at: u64 = text.parse().ok()?;
        if at.to_string() != text {
            return None;
        }
        let nonce = str::from_utf8(&self.nonce).ok()?;
        let signer = Signer::new(Secret::verbatim(&self.key).ok()?);
        let signed = signer.sign(&self.body, nonce, UnixSeconds::new(at)).ok()?;
        let [(_, signature), ..] = signed.headers();
        Some(signature.to_owned())
    }
}

fn random_now(rng: &mut Rng) -> u64 {
    match rng.u8(..20) {
        0 => rng.u64(..1_000),
        1 => (1 << 32) - 500 + rng.u64(..1_000),
        2 => LAST_TIMESTAMP - rng.u64(..1_000),
        _ => 1_600_000_000 + rng.u64(..200_000_000),
    }
}

/// The last moment that twelve digits can write.
const LAST_TIMESTAMP: u64 = 999_999_999_999;

/// A signed time at an edge of the window, or somewhere within.
fn random_signed_at(rng: &mut Rng, window: Window, now: u64) -> u64 {
    let (oldest, newest) = (
        now.saturating_sub(window.max_age.as_secs()),
        now.saturating_add(window.max_ahead.as_secs())
            .min(LAST_TIMESTAMP),
    );
    let at = match rng.u8(..16) {
        0 => oldest.saturating_add(1),
        1 => oldest,
        2 => oldest.saturating_sub(1),
        3 => newest.saturating_sub(1),
        4 => newest,
        5 => newest.saturating_add(1),
        6 => now,
        7 => rng.u64(oldest..=newest),
        _ => now.saturating_sub(rng.u64(..10)),
    };
    at.min(LAST_TIMESTAMP)
}

fn random_body(rng: &mut Rng, setting: &Setting) -> Vec<u8> {
    let limit = setting.verifier.max_body_bytes();
    let length = match rng.u32(..4_000) {
        // The default limit, at which a body is large: rarely.
        0 => limit - rng.usize(..=limit.min(2)),
        1 => limit + 1,
        // Around the ends of the hash's blocks.
        2..1_000 => rng.usize(54..=66),
        1_000..1_600 => rng.usize(119..=130),
        1_600..2_000 => rng.usize(..=1),
        2_000..3_000 => rng.usize(..1_024).min(rng.usize(..1_024)),
        _ => rng.usize(..2_048),
    };
    match rng.u8(..10) {
        0..=1 => random_bytes(rng, length),
        2 => cut("þæö – 鍵 \u{fffd} 🔑 ".repeat(length / 24 + 1), length),
        _ => report(rng, length),
    }
}

/// Text with dots in it, somewhat like a delivery report.
pub(crate) fn report(rng: &mut Rng, length: usize) -> Vec<u8> {
    let digits = |rng: &mut Rng| (0..26).map(|_| char::from(ulid_digit(rng))).collect();
    let mut text = String::new();
    while text.len() < length {
        let id: String = digits(rng);
        let fraction = rng.u32(..1_000);
        text += &format!(r#"{{"id":"{id}","time":"2021-10-18T17:49:10.{fraction}Z"}}"#);
    }
    cut(text, length)
}

/// The text's longest beginning of at most so many bytes.
fn cut(mut text: String, length: usize) -> Vec<u8> {
    while text.len() > length {
        text.pop();
    }
    text.into_bytes()
}
