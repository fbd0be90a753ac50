//! Who judges: secrets and options.

use core::time::Duration;

use fastrand::Rng;
use serde::Serialize;
use sinch_callback::{AlgorithmHeader, Rules, Secret, SecretRing, Verifier, Window};

use crate::random::{random_bytes, visible};

/// Who judges: secrets and options.
pub(crate) struct Setting {
    pub(crate) secrets: Vec<Vec<u8>>,
    pub(crate) verbatim: bool,
    pub(crate) options: Options,
    pub(crate) verifier: Verifier,
}

/// The options that are not left at their default, numbers as decimal text.
#[derive(Serialize)]
pub(crate) struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_age_secs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_ahead_secs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_body_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) algorithm_header: Option<&'static str>,
}

impl Setting {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        let mut secrets: Vec<_> = (0..rng.usize(1..=4)).map(|_| random_secret(rng)).collect();
        if rng.u8(..12) == 0 {
            // The first of two equal secrets is the one that counts.
            secrets = vec![secrets[0].clone(); secrets.len()];
        }
        let is_plain = |secret: &Vec<u8>| Secret::new(secret).is_ok();
        let verbatim = !secrets.iter().all(is_plain) || rng.u8(..4) == 0;
        let seconds = |rng: &mut Rng| match rng.u8(..10) {
            0..=4 => None,
            5 => Some(Duration::ZERO),
            6 => Some(Duration::from_secs(rng.u64(1..100))),
            7 => Some(Duration::from_secs(86_400)),
            8 => Some(Duration::from_secs(u64::MAX - rng.u64(..1_000))),
            _ => Some(Window::UNLIMITED),
        };
        let (max_age, max_ahead) = (seconds(rng), seconds(rng));
        let max_body_bytes = match rng.u8(..20) {
            0 => Some(0),
            1 => Some(rng.usize(1..130)),
            2 => Some(rng.usize(130..2_100)),
            _ => None,
        };
        let algorithm_header = rng.choice([None, None, Some("optional"), Some("required")]);
        let algorithm_header = algorithm_header.flatten();
        let ring = secrets.iter().map(|secret| {
            let made = if verbatim {
                Secret::verbatim(secret)
            } else {
                Secret::new(secret)
            };
            made.expect("secrets are made to be valid")
        });
        let verifier = Verifier::bare(SecretRing::new(ring).expect("one to four secrets"))
            .with_window(Window::new(
                max_age.unwrap_or(Window::BARE.max_age),
                max_ahead.unwrap_or(Window::BARE.max_ahead),
            ))
            .with_max_body_bytes(max_body_bytes.unwrap_or(Rules::DEFAULT_MAX_BODY_BYTES))
            .with_algorithm_header(match algorithm_header {
                Some("required") => AlgorithmHeader::Required,
                _ => AlgorithmHeader::Optional,
            });
        Self {
            secrets,
            verbatim,
            options: Options {
                max_age_secs: max_age.map(decimal_or_unlimited),
                max_ahead_secs: max_ahead.map(decimal_or_unlimited),
                max_body_bytes,
                algorithm_header,
            },
            verifier,
        }
    }
}

fn decimal_or_unlimited(limit: Duration) -> String {
    if limit == Window::UNLIMITED {
        "unlimited".to_owned()
    } else {
        limit.as_secs().to_string()
    }
}

fn random_secret(rng: &mut Rng) -> Vec<u8> {
    // Keys longer than a block of the hash are hashed first.
    let length = rng.choice([1, 12, 32, 63, 64, 65, 150]).unwrap_or(32);
    match rng.u8(..6) {
        0 => random_bytes(rng, length),
        1 => "pâsswörd 鍵".repeat(length / 12 + 1).into_bytes(),
        2 => [b" ", visible(rng, length).as_slice(), b"\n"].concat(),
        _ => visible(rng, length),
    }
}
