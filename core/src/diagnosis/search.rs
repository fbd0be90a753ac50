use alloc::{vec, vec::Vec};

use super::{
    body_variants::{bodies, sign_of},
    cause::Diagnosis,
    evidence::Evidence,
    header_variants::{Raw, Texts},
    key_variants::keys,
    variant::Variant,
};
use crate::{
    header_name::HeaderName, header_pair::HeaderPair, headers::SignedHeaders, rejection::Rejection,
    secret::Secret, signature::Written,
};

/// Names what makes the signature match once it is undone: one cause, or two that came together.
/// Where nothing usual does, names what the body shows without a proof; else it is empty, which most
/// often means another secret.
///
/// For command lines and consoles: it computes up to a few thousand signatures, fewer for bodies
/// over 64 KiB, and says of secrets what a stranger must not learn.
#[must_use]
pub fn diagnose<'a, P: HeaderPair<'a>, S: AsRef<[u8]>>(
    headers: impl IntoIterator<Item = P>,
    evidence: &Evidence<'_, S>,
) -> Vec<Diagnosis> {
    let Some(raw) = Raw::collect(headers) else {
        return Vec::new();
    };
    let signatures = raw.signatures();
    if signatures.is_empty() {
        return Vec::new();
    }
    let texts = raw.texts();
    let keys = keys(evidence);
    let most = if evidence.body.len() > LARGE_BYTES {
        1
    } else {
        2
    };
    let bodies = bodies(evidence.body, most);
    for count in 0..=most {
        let found = product(&bodies, &texts, &keys)
            .filter(|signed| signed.count() <= count)
            .find_map(|signed| signed.matched(&signatures, count));
        if let Some(causes) = found {
            return if causes.is_empty() {
                untimely(&raw, evidence)
            } else {
                causes
            };
        }
    }
    sign_of(evidence.body).into_iter().collect()
}

/// Bytes from which a body is large: its signatures take long enough to look for one cause only.
const LARGE_BYTES: usize = 65_536;

/// What may have been signed, and with which key.
struct Signed<'a> {
    key: &'a Variant<Secret>,
    body: &'a Variant<Vec<u8>>,
    text: &'a Variant<Texts>,
}

/// Every body with every text and every key.
fn product<'a>(
    bodies: &'a [Variant<Vec<u8>>],
    texts: &'a [Variant<Texts>],
    keys: &'a [Variant<Secret>],
) -> impl Iterator<Item = Signed<'a>> {
    bodies.iter().flat_map(move |body| {
        texts
            .iter()
            .flat_map(move |text| keys.iter().map(move |key| Signed { key, body, text }))
    })
}

impl Signed<'_> {
    fn causes(&self) -> impl Iterator<Item = Diagnosis> {
        let causes = [self.key.causes, self.body.causes, self.text.causes];
        causes.into_iter().flatten().flatten()
    }

    /// How many causes it stands for.
    fn count(&self) -> usize {
        self.causes().count()
    }

    /// All the causes, where they are so many with those of a signature that this was given.
    fn matched(&self, signatures: &[Variant<Written>], count: usize) -> Option<Vec<Diagnosis>> {
        let (nonce, timestamp) = &self.text.value;
        let tag = self.key.value.tag(&self.body.value, nonce, timestamp);
        signatures
            .iter()
            .filter(|signature| bool::from(signature.value.is(&tag)))
            .map(|signature| self.causes().chain(signature.causes.into_iter().flatten()))
            .map(Iterator::collect::<Vec<_>>)
            .find(|causes| causes.len() == count)
    }
}

/// The signature is right as it stands: it can only be the time, or nothing.
fn untimely<S>(raw: &Raw<'_>, evidence: &Evidence<'_, S>) -> Vec<Diagnosis> {
    let pairs = [
        (HeaderName::Signature, raw.signature),
        (HeaderName::Timestamp, raw.timestamp),
        (HeaderName::Nonce, raw.nonce),
    ];
    let pairs = pairs.map(|(name, value)| (name.as_str(), value));
    let checked = SignedHeaders::collect(pairs)
        .and_then(|headers| evidence.window.check(headers.signed_at(), evidence.now));
    match checked {
        Err(Rejection::Stale { age, .. }) => vec![Diagnosis::TooOld { age }],
        Err(Rejection::FromFuture { ahead, .. }) => {
            vec![Diagnosis::ClockBehind { by: ahead }]
        }
        _ => Vec::new(),
    }
}
