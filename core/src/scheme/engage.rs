use alloc::vec::Vec;
use core::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use subtle::Choice;

use super::{
    name::SchemeName,
    request::Request,
    request_signed::is_line,
    scheme_trait::{Scheme, sealed::Sealed},
    slots::slots,
};
use crate::{
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    imf_fixdate,
    judged::Judged,
    key::ReplayKey,
    promise::Timely,
    rejection::Rejection,
    rsa_key::{RsaDigest, RsaKey},
    secret::text::InvalidSecret,
    sha256::sha256,
    time::UnixSeconds,
};

/// Engage (MessageMedia): RSASSA-PKCS1-v1_5 over request line, date and body, by a key that the callback
/// names, in base64. Verification only: whoever wants to sign needs a private key, which no part of this
/// crate reads.
///
/// The three parts are signed without anything between them. Where each ends is fixed by its form: a
/// request line is `METHOD SP target SP HTTP/1.1`, of which neither method nor target has a space, and a
/// date has 29 characters. So no byte can move from one into the next.
///
/// The request line is that of Sinch's own request, path and query as they were sent. Behind HTTP/2 or a
/// gateway it is rebuilt from the public path.
///
/// Which digest was signed stands in [our record of the key](RsaKey), and nowhere else: what the headers
/// name is checked for its form, and chooses nothing.
///
/// Source: the vendor's SDKs for enterprise webhooks in Java, Ruby, PHP, Node.js and Python, which agree.
/// No genuine signature is published with its key: the vectors are our own, by OpenSSL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Engage;

/// What ends a request line, whatever version of HTTP brought the request to us.
const VERSION: &[u8] = b" HTTP/1.1";

/// What the head of a request says of the proof.
#[derive(Clone, Copy)]
pub struct EngageHead<'a> {
    request: Request<'a>,
    date: &'a [u8],
    signed_at: UnixSeconds,
    key_id: &'a [u8],
    signature: &'a [u8],
}

/// The same with the body, and the signature as bytes.
pub struct EngageSigned<'a> {
    head: EngageHead<'a>,
    body: &'a [u8],
    signature: Vec<u8>,
}

impl Sealed for Engage {}

impl Scheme for Engage {
    type Promise = Timely;
    type Key = RsaKey;
    type Head<'a> = EngageHead<'a>;
    type Signed<'a> = EngageSigned<'a>;

    fn name(&self) -> SchemeName {
        SchemeName::Engage
    }

    fn key(&self, text: &[u8]) -> Result<RsaKey, InvalidSecret> {
        RsaKey::new(text)
    }

    fn head<'a, P: HeaderPair<'a>>(
        &self,
        request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<EngageHead<'a>, Rejection> {
        use HeaderName::{Date, EngageCipher, EngageDigest, EngageKey, EngageSignature};
        let names = [EngageSignature, EngageKey, EngageDigest, EngageCipher];
        let [date, signature, key_id, digest, cipher] = slots(
            headers,
            [Date, EngageSignature, EngageKey, EngageDigest, EngageCipher],
        );
        let one_value = [signature, key_id, digest, cipher];
        if let Some((_, name)) = one_value
            .iter()
            .zip(names)
            .find(|(slot, _)| slot.is_repeated())
        {
            return Err(Rejection::RepeatedHeader(name));
        }
        // A date has a comma of its own.
        let is_joined = |value: &[u8]| value.iter().filter(|byte| **byte == b',').count() > 1;
        if date.once(Date)?.is_some_and(is_joined) {
            return Err(Rejection::RepeatedHeader(Date));
        }
        let signature = signature.required(EngageSignature, |text| decode(text).map(|_| text))?;
        let key_id = key_id.required(EngageKey, |text| RsaKey::is_id(text).then_some(text))?;
        let (date, signed_at) =
            date.required(Date, |text| Some((text, imf_fixdate::parse(text)?)))?;
        let named = digest.once(EngageDigest)?;
        if named.is_some_and(|name| RsaDigest::parse(name).is_none()) {
            return Err(Rejection::MalformedHeader(EngageDigest));
        }
        let named = cipher.once(EngageCipher)?;
        if named.is_some_and(|name| !is_text(name, "RSA")) {
            return Err(Rejection::MalformedHeader(EngageCipher));
        }
        // With a space in one of them the parts could be cut elsewhere. No request has one there.
        if ![request.method(), request.target()]
            .iter()
            .all(|part| is_line(part))
        {
            return Err(Rejection::SignatureMismatch);
        }
        Ok(EngageHead {
            request,
            date,
            signed_at,
            key_id,
            signature,
        })
    }

    fn signed<'a>(
        &self,
        head: EngageHead<'a>,
        body: &'a [u8],
    ) -> Result<EngageSigned<'a>, Rejection> {
        let signature = decode(head.signature)
            .ok_or(Rejection::MalformedHeader(HeaderName::EngageSignature))?;
        Ok(EngageSigned {
            head,
            body,
            signature,
        })
    }

    fn signed_at(signed: &EngageSigned<'_>) -> Option<UnixSeconds> {
        Some(signed.head.signed_at)
    }

    /// Not in constant time: everything here is public.
    fn judge(key: &RsaKey, signed: &EngageSigned<'_>) -> Judged {
        let head = &signed.head;
        if key.id().as_bytes() != head.key_id {
            return Judged::of_another_kind();
        }
        let parts = parts(head.request, head.date, signed.body);
        let verified = key.verifies(&parts, &signed.signature);
        Judged(
            Choice::from(u8::from(verified)),
            replay_key(&signed.signature).to_word(),
        )
    }

    fn promise(signed: &EngageSigned<'_>, key: ReplayKey) -> Timely {
        Timely::new(key, signed.head.signed_at)
    }
}

/// What is signed, in parts.
pub(crate) fn parts<'a>(request: Request<'a>, date: &'a [u8], body: &'a [u8]) -> [&'a [u8]; 6] {
    [
        request.method().as_bytes(),
        b" ",
        request.target().as_bytes(),
        VERSION,
        date,
        body,
    ]
}

/// The first half of the signature's SHA-256. A right signature has one form only, as a number below the
/// modulus, as bytes and in base64: nobody can write a captured one anew.
fn replay_key(signature: &[u8]) -> ReplayKey {
    ReplayKey::of_tag(&sha256(signature))
}

/// The bytes of a signature: padded standard base64, of at most as many bytes as the longest modulus has.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    const MOST: usize = RsaKey::MAX_BITS.div_ceil(8);
    if text.len() > MOST.div_ceil(3).saturating_mul(4) {
        return None;
    }
    let bytes = STANDARD.decode(text).ok()?;
    (1..=MOST).contains(&bytes.len()).then_some(bytes)
}

impl fmt::Debug for EngageHead<'_> {
    /// Leaves out all that was sent but the time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngageHead")
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EngageSigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngageSigned")
            .field("signed_at", &self.head.signed_at)
            .finish_non_exhaustive()
    }
}
