use alloc::{vec, vec::Vec};

use super::{
    body_variants::{bodies, sign_of},
    cause::Diagnosis,
    evidence::Evidence,
    header_variants::Raw,
    key_variants::keys,
    variant::Variant,
};
use crate::{
    header_pair::HeaderPair, rejection::Rejection, secret::Secret, signature::Written,
    time::UnixSeconds, window::Window,
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
    let most = most_for(evidence.body);
    let search = Search {
        keys: &keys(evidence),
        bodies: &bodies(evidence.body, most),
        rests: &raw.texts(),
        signatures: &signatures,
        most,
    };
    let found = search.run(
        |secret: &Secret, body, (nonce, timestamp)| secret.tag(body, nonce, timestamp),
        |signature: &Written, tag| bool::from(signature.is(tag)),
    );
    match found {
        Some(causes) if causes.is_empty() => raw
            .signed_at()
            .map(|signed_at| untimely(evidence.window, signed_at, evidence.now))
            .unwrap_or_default(),
        Some(causes) => causes,
        None => sign_of(evidence.body).into_iter().collect(),
    }
}

/// Bytes from which a body is large: its signatures take long enough to look for one cause only.
const LARGE_BYTES: usize = 65_536;

/// What may have been signed, with which key, and how the signature may have been written: everything with
/// everything.
pub(super) struct Search<'a, K, B, R, S> {
    pub(super) keys: &'a [Variant<K>],
    pub(super) bodies: &'a [Variant<B>],
    /// What is signed besides the body.
    pub(super) rests: &'a [Variant<R>],
    pub(super) signatures: &'a [Variant<S>],
    /// How many causes may come together.
    pub(super) most: usize,
}

impl<K, B, R, S> Search<'_, K, B, R, S> {
    /// The causes of the signature that matches with the fewest of them.
    pub(super) fn run<T>(
        &self,
        tag: impl Fn(&K, &B, &R) -> T,
        is: impl Fn(&S, &T) -> bool,
    ) -> Option<Vec<Diagnosis>> {
        (0..=self.most).find_map(|count| {
            self.product()
                .filter(|signed| signed.causes().count() <= count)
                .find_map(|signed| {
                    let Signed { key, body, rest } = signed;
                    let tag = tag(&key.value, &body.value, &rest.value);
                    self.signatures
                        .iter()
                        .filter(|signature| is(&signature.value, &tag))
                        .map(|signature| signed.causes().chain(signature.causes()))
                        .map(Iterator::collect::<Vec<_>>)
                        .find(|causes| causes.len() == count)
                })
        })
    }

    fn product(&self) -> impl Iterator<Item = Signed<'_, K, B, R>> {
        self.bodies.iter().flat_map(move |body| {
            self.rests.iter().flat_map(move |rest| {
                let keys = self.keys.iter();
                keys.map(move |key| Signed { key, body, rest })
            })
        })
    }
}

/// One of them.
struct Signed<'a, K, B, R> {
    key: &'a Variant<K>,
    body: &'a Variant<B>,
    rest: &'a Variant<R>,
}

impl<K, B, R> Signed<'_, K, B, R> {
    fn causes(&self) -> impl Iterator<Item = Diagnosis> {
        let keys = self.key.causes();
        keys.chain(self.body.causes()).chain(self.rest.causes())
    }
}

/// How many causes may come together for a body of this length.
pub(super) const fn most_for(body: &[u8]) -> usize {
    if body.len() > LARGE_BYTES { 1 } else { 2 }
}

/// What the window says of a signature that is right as it stands: it can only be the time, or nothing.
pub(super) fn untimely(window: Window, signed_at: UnixSeconds, now: UnixSeconds) -> Vec<Diagnosis> {
    match window.check(signed_at, now) {
        Err(Rejection::Stale { age, .. }) => vec![Diagnosis::TooOld { age }],
        Err(Rejection::FromFuture { ahead, .. }) => vec![Diagnosis::ClockBehind { by: ahead }],
        _ => Vec::new(),
    }
}
