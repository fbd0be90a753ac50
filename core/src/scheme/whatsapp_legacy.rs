use core::fmt;

use subtle::Choice;

use super::{
    hex_tag::HexTag,
    name::SchemeName,
    request::Request,
    scheme_trait::{Scheme, sealed::Sealed},
    slots::{repeated_first, slots},
};
use crate::{
    grammar::is_nonce,
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    header_slot::Slot,
    judged::Judged,
    key::ReplayKey,
    promise::Untimed,
    rejection::Rejection,
    secret::{Secret, text::InvalidSecret},
    signature::{TAG_LEN, Written},
    time::UnixSeconds,
};

/// The WhatsApp API as it was documented in 2021: HMAC-SHA256 over `body.nonce`, under the key's UTF-8
/// bytes, in three headers.
///
/// How the signature is encoded is not documented: base64 and hexadecimal digits are both taken. No time
/// is signed: a recorded callback is authentic for ever. A log knows it again by its body, whatever its
/// nonce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WhatsappLegacy;

/// The one algorithm.
pub(super) const ALGORITHM: &str = "HMAC_SHA_256";

#[derive(Clone, Copy)]
enum Tag {
    Base64(Written),
    Hex(HexTag<TAG_LEN>),
}

impl Tag {
    fn parse(text: &[u8]) -> Option<Self> {
        Written::parse(text)
            .map(Self::Base64)
            .or_else(|| HexTag::parse(text).map(Self::Hex))
    }

    fn is(&self, tag: &[u8; TAG_LEN]) -> Choice {
        match self {
            Self::Base64(written) => written.is(tag),
            Self::Hex(hex) => hex.is(tag),
        }
    }
}

/// What the headers say.
#[derive(Clone, Copy)]
pub struct WhatsappHead<'a> {
    tag: Tag,
    nonce: &'a [u8],
}

impl<'a> WhatsappHead<'a> {
    fn judge([signature, nonce, algorithm]: &[Slot<'a>; 3]) -> Result<Self, Rejection> {
        use HeaderName::{WhatsappAlgorithm, WhatsappNonce, WhatsappSignature};
        let tag = signature.required(WhatsappSignature, Tag::parse)?;
        let nonce = nonce.required(WhatsappNonce, |text| is_nonce(text).then_some(text))?;
        let named = algorithm.once(WhatsappAlgorithm)?;
        if named.is_some_and(|name| !is_text(name, ALGORITHM)) {
            return Err(Rejection::MalformedHeader(WhatsappAlgorithm));
        }
        Ok(Self { tag, nonce })
    }
}

/// The same with the body.
#[derive(Clone, Copy)]
pub struct WhatsappSigned<'a> {
    head: WhatsappHead<'a>,
    body: &'a [u8],
}

/// The tag over what is signed.
pub(super) fn tag(secret: &Secret, body: &[u8], nonce: &[u8]) -> [u8; TAG_LEN] {
    secret.mac([body, b".", nonce])
}

impl Sealed for WhatsappLegacy {}

impl Scheme for WhatsappLegacy {
    type Promise = Untimed;
    type Key = Secret;
    type Head<'a> = WhatsappHead<'a>;
    type Signed<'a> = WhatsappSigned<'a>;

    fn name(&self) -> SchemeName {
        SchemeName::WhatsappLegacy
    }

    fn key(&self, text: &[u8]) -> Result<Secret, InvalidSecret> {
        Secret::new(text)
    }

    fn head<'a, P: HeaderPair<'a>>(
        &self,
        _request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<WhatsappHead<'a>, Rejection> {
        use HeaderName::{WhatsappAlgorithm, WhatsappNonce, WhatsappSignature};
        let found = slots(
            headers,
            [WhatsappSignature, WhatsappNonce, WhatsappAlgorithm],
        );
        let [signature, nonce, algorithm] = &found;
        WhatsappHead::judge(&found).map_err(|rejection| {
            let found = [
                (signature, WhatsappSignature),
                (nonce, WhatsappNonce),
                (algorithm, WhatsappAlgorithm),
            ];
            repeated_first(rejection, found)
        })
    }

    fn signed<'a>(
        &self,
        head: WhatsappHead<'a>,
        body: &'a [u8],
    ) -> Result<WhatsappSigned<'a>, Rejection> {
        Ok(WhatsappSigned { head, body })
    }

    fn signed_at(_signed: &WhatsappSigned<'_>) -> Option<UnixSeconds> {
        None
    }

    fn judge(secret: &Secret, signed: &WhatsappSigned<'_>) -> Judged {
        let tag = tag(secret, signed.body, signed.head.nonce);
        Judged(signed.head.tag.is(&tag), ReplayKey::of_tag(&tag).to_word())
    }

    fn promise(_signed: &WhatsappSigned<'_>, key: ReplayKey) -> Untimed {
        Untimed::new(key)
    }
}

impl fmt::Debug for WhatsappHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhatsappHead").finish_non_exhaustive()
    }
}

impl fmt::Debug for WhatsappSigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhatsappSigned").finish_non_exhaustive()
    }
}
