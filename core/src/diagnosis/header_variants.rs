use alloc::{vec, vec::Vec};

use super::{cause::Diagnosis, variant::Variant};
use crate::{
    header_name::HeaderName,
    header_pair::HeaderPair,
    headers::SignedHeaders,
    hex,
    signature::{self, ENCODED_LEN, Written},
    time::UnixSeconds,
};

/// The values of the headers as they came, whatever their form.
pub(super) struct Raw<'a> {
    pub(super) signature: &'a [u8],
    pub(super) timestamp: &'a [u8],
    pub(super) nonce: &'a [u8],
}

/// What is signed besides the body: a nonce and a timestamp.
pub(super) type Texts = (Vec<u8>, Vec<u8>);

impl<'a> Raw<'a> {
    pub(super) fn collect<P: HeaderPair<'a>>(headers: impl IntoIterator<Item = P>) -> Option<Self> {
        let (mut signature, mut timestamp, mut nonce) = (None, None, None);
        for pair in headers {
            let slot = match HeaderName::parse(pair.name()) {
                Some(HeaderName::Signature) => &mut signature,
                Some(HeaderName::Timestamp) => &mut timestamp,
                Some(HeaderName::Nonce) => &mut nonce,
                _ => continue,
            };
            slot.get_or_insert(pair.value());
        }
        Some(Self {
            signature: signature?,
            timestamp: timestamp?,
            nonce: nonce?,
        })
    }

    /// When it was signed, where all headers are of their form.
    pub(super) fn signed_at(&self) -> Option<UnixSeconds> {
        let pairs = [
            (HeaderName::Signature, self.signature),
            (HeaderName::Timestamp, self.timestamp),
            (HeaderName::Nonce, self.nonce),
        ];
        let pairs = pairs.map(|(name, value)| (name.as_str(), value));
        let headers = SignedHeaders::collect(pairs).ok()?;
        Some(headers.signed_at())
    }

    /// The signature in our own form, from each form it may have come in.
    pub(super) fn signatures(&self) -> Vec<Variant<Written>> {
        let mut variants = Vec::new();
        variants.extend(Written::parse(self.signature).map(Variant::as_is));
        let bare = unquoted(self.signature);
        let trimmed = Written::parse(bare).filter(|_| bare != self.signature);
        variants
            .extend(trimmed.map(|text| {
                Variant::new(text, Diagnosis::HeaderNotTrimmed(HeaderName::Signature))
            }));
        if variants.is_empty() {
            let rewritten = from_hex(bare).or_else(|| standard(bare));
            variants.extend(rewritten.map(|text| Variant::new(text, Diagnosis::SignatureEncoding)));
        }
        variants
    }

    /// What may have been signed besides the body.
    pub(super) fn texts(&self) -> Vec<Variant<Texts>> {
        // What matches as it stands and is refused all the same is refused for its form.
        let cause = if self.nonce.contains(&b'.') {
            Some(Diagnosis::BoundaryShift)
        } else if self.timestamp.len() > 12 && self.timestamp.iter().all(u8::is_ascii_digit) {
            Some(Diagnosis::Milliseconds)
        } else {
            None
        };
        let variant = |nonce: &[u8], timestamp: &[u8], cause| {
            Variant::of((nonce.to_vec(), timestamp.to_vec()), cause)
        };
        let mut variants = vec![variant(self.nonce, self.timestamp, cause)];
        for other in respaced(self.nonce) {
            let cause = spaces(HeaderName::Nonce, self.nonce, &other);
            variants.push(variant(&other, self.timestamp, Some(cause)));
        }
        for other in respaced(self.timestamp) {
            let cause = spaces(HeaderName::Timestamp, self.timestamp, &other);
            variants.push(variant(self.nonce, &other, Some(cause)));
        }
        let millis = [self.timestamp, b"000"].concat();
        let seconds = self.timestamp.strip_suffix(b"000");
        let truncated = self.timestamp.get(..10);
        for other in [Some(millis.as_slice()), seconds, truncated]
            .into_iter()
            .flatten()
        {
            variants.push(variant(self.nonce, other, Some(Diagnosis::Milliseconds)));
        }
        variants
    }
}

/// The value without what surrounds it, and with what may have surrounded it.
#[cfg(feature = "schemes")]
pub(super) fn respaced_variants(name: HeaderName, value: &[u8]) -> Vec<Variant<Vec<u8>>> {
    let variant = |other: Vec<u8>| {
        let cause = spaces(name, value, &other);
        Variant::new(other, cause)
    };
    respaced(value).into_iter().map(variant).collect()
}

/// The same without the causes.
fn respaced(value: &[u8]) -> Vec<Vec<u8>> {
    let mut variants = vec![[value, b" "].concat(), [b" ", value].concat()];
    let bare = unquoted(value);
    if bare.len() < value.len() {
        variants.push(bare.to_vec());
    }
    variants
}

fn spaces(name: HeaderName, value: &[u8], other: &[u8]) -> Diagnosis {
    if other.len() < value.len() {
        Diagnosis::HeaderNotTrimmed(name)
    } else {
        Diagnosis::HeaderTrimmed(name)
    }
}

/// The text without white space and quotes around it.
pub(super) fn unquoted(text: &[u8]) -> &[u8] {
    let mut text = text.trim_ascii();
    while let [b'"' | b'\'', inner @ .., b'"' | b'\''] = text {
        text = inner.trim_ascii();
    }
    text
}

/// The signature from the hexadecimal digits of its tag.
fn from_hex(text: &[u8]) -> Option<Written> {
    let text = str::from_utf8(text).ok()?;
    let (first, second) = text.split_at_checked(32)?;
    let (first, second) = (hex::parse(first)?, hex::parse(second)?);
    let mut tag = [0; 32];
    for (byte, value) in tag.iter_mut().zip(first.into_iter().chain(second)) {
        *byte = value;
    }
    Written::parse(&signature::encode(&tag))
}

/// The signature from base64 without a pad, or of the alphabet for addresses.
fn standard(text: &[u8]) -> Option<Written> {
    let mut digits = text.iter().copied().filter(|byte| *byte != b'=');
    let mut out = [b'='; ENCODED_LEN];
    for slot in out.iter_mut().take(43) {
        *slot = match digits.next()? {
            b'-' => b'+',
            b'_' => b'/',
            digit => digit,
        };
    }
    if digits.next().is_some() {
        return None;
    }
    Written::parse(&out)
}
