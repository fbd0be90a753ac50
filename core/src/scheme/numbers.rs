use core::fmt;

use sha1::Sha1;

use super::{
    hex_tag::HexTag,
    name::SchemeName,
    request::Request,
    scheme_trait::{Scheme, sealed::Sealed},
    slots::{repeated_first, slots},
};
use crate::{
    header_name::HeaderName,
    header_pair::HeaderPair,
    judged::Judged,
    key::ReplayKey,
    promise::Untimed,
    rejection::Rejection,
    secret::{Key, hmac_key::HmacKey, text::InvalidSecret},
    time::UnixSeconds,
};

/// Numbers, Imported Numbers, Hosting and 10DLC: HMAC-SHA1 of the body in hexadecimal digits, under the
/// secret's UTF-8 bytes, in one header.
///
/// Neither time nor nonce is signed: a recorded callback is authentic for ever. Only a log knows it again,
/// by its body or by the `eventId` in it, and only as long as it keeps it.
///
/// Source: Sinch's documentation of Numbers' callbacks, and the tests of its SDKs
/// (`tests/vectors/schemes.json`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers;

/// Bytes of an HMAC-SHA1 tag.
pub(super) const TAG_LEN: usize = 20;

/// A secret of [`Numbers`], ready to check signatures.
#[derive(Clone)]
pub struct Sha1Secret(HmacKey<Sha1>);

impl Sha1Secret {
    pub(super) fn new(text: &[u8]) -> Result<Self, InvalidSecret> {
        if let Some(reason) = InvalidSecret::of(text) {
            return Err(reason);
        }
        Self::verbatim(text)
    }

    /// The secret byte for byte.
    ///
    /// # Errors
    /// [`InvalidSecret::Empty`]: anyone can sign with the empty secret.
    pub fn verbatim(bytes: impl AsRef<[u8]>) -> Result<Self, InvalidSecret> {
        let bytes = bytes.as_ref();
        if bytes.is_empty() {
            return Err(InvalidSecret::Empty);
        }
        Ok(Self(HmacKey::new(bytes)))
    }

    /// The tag over these parts, one after the other.
    pub(crate) fn mac<const PARTS: usize>(&self, parts: [&[u8]; PARTS]) -> [u8; TAG_LEN] {
        self.0.mac(parts).into()
    }
}

impl Key for Sha1Secret {
    fn version(&self, slot: u8) -> u128 {
        // Whoever chose a body of this form would have to sign it first.
        let tag = self.mac([b"version of a ring".as_slice(), &[slot]]);
        replay_key(&tag).to_word()
    }
}

impl fmt::Debug for Sha1Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha1Secret(redacted)")
    }
}

fn replay_key(tag: &[u8; TAG_LEN]) -> ReplayKey {
    ReplayKey::from_bytes(tag.first_chunk().copied().unwrap_or_default())
}

/// The signature as it was written.
#[derive(Clone, Copy)]
pub struct NumbersHead {
    tag: HexTag<TAG_LEN>,
}

/// The signature, and the body that it covers.
#[derive(Clone, Copy)]
pub struct NumbersSigned<'a> {
    tag: HexTag<TAG_LEN>,
    body: &'a [u8],
}

impl Sealed for Numbers {}

impl Scheme for Numbers {
    type Promise = Untimed;
    type Key = Sha1Secret;
    type Head<'a> = NumbersHead;
    type Signed<'a> = NumbersSigned<'a>;

    fn name(&self) -> SchemeName {
        SchemeName::Numbers
    }

    fn key(&self, text: &[u8]) -> Result<Sha1Secret, InvalidSecret> {
        Sha1Secret::new(text)
    }

    fn head<'a, P: HeaderPair<'a>>(
        &self,
        _request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<NumbersHead, Rejection> {
        let name = HeaderName::NumbersSignature;
        let [slot] = slots(headers, [name]);
        let tag = slot
            .required(name, HexTag::parse)
            .map_err(|rejection| repeated_first(rejection, [(&slot, name)]))?;
        Ok(NumbersHead { tag })
    }

    fn signed<'a>(
        &self,
        head: NumbersHead,
        body: &'a [u8],
    ) -> Result<NumbersSigned<'a>, Rejection> {
        Ok(NumbersSigned {
            tag: head.tag,
            body,
        })
    }

    fn signed_at(_signed: &NumbersSigned<'_>) -> Option<UnixSeconds> {
        None
    }

    fn judge(secret: &Sha1Secret, signed: &NumbersSigned<'_>) -> Judged {
        let tag = secret.mac([signed.body]);
        Judged(signed.tag.is(&tag), replay_key(&tag).to_word())
    }

    fn promise(_signed: &NumbersSigned<'_>, key: ReplayKey) -> Untimed {
        Untimed::new(key)
    }
}

impl fmt::Debug for NumbersHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NumbersHead").finish_non_exhaustive()
    }
}

impl fmt::Debug for NumbersSigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NumbersSigned").finish_non_exhaustive()
    }
}
