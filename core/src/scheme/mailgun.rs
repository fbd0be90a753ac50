use alloc::string::String;
use core::{fmt, time::Duration};

use super::{
    hex_tag::HexTag,
    name::SchemeName,
    request::Request,
    scheme_trait::{Scheme, sealed::Sealed},
};
use crate::{
    grammar::seconds,
    header_pair::HeaderPair,
    json::Document,
    judged::Judged,
    key::ReplayKey,
    promise::TokenOnly,
    rejection::Rejection,
    secret::{Secret, text::InvalidSecret},
    signature::TAG_LEN,
    time::UnixSeconds,
};

/// Mailgun: HMAC-SHA256 over a time and a token, in hexadecimal digits, under the webhook signing key's
/// UTF-8 bytes. All three stand in the body, in `signature`.
///
/// **The event data is not covered.** Whoever has seen one callback can send another content with its
/// token: within the window, and until the token is remembered. Keep the window short and the tokens
/// longer, and take the content as a hint.
///
/// Time and token are signed without anything between them. A token has exactly
/// [`Mailgun::TOKEN_CHARS`] letters and digits here, so that no digit can move from one to the other.
///
/// Source: Mailgun's documentation of webhooks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mailgun;

impl Mailgun {
    /// Characters of a token.
    pub const TOKEN_CHARS: usize = 50;

    /// The greatest age that a host accepts: 8 hours. Mailgun retries for up to 7 h 30 min, and does not
    /// say whether a retry is signed afresh. For as long, whoever has seen a callback that did not arrive
    /// can send another content with its token.
    pub const MAX_AGE: Duration = Duration::from_secs(28_800);
}

/// Time, token and signature out of the body.
#[derive(Clone)]
pub struct MailgunSigned {
    tag: HexTag<TAG_LEN>,
    timestamp: String,
    token: String,
    signed_at: UnixSeconds,
}

/// The tag over what is signed.
pub(super) fn tag(secret: &Secret, timestamp: &str, token: &str) -> [u8; TAG_LEN] {
    secret.mac([timestamp.as_bytes(), token.as_bytes()])
}

/// Whether it is a token.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == Mailgun::TOKEN_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl MailgunSigned {
    fn read(body: &[u8]) -> Option<Self> {
        let Document::Object(object) = Document::read(body) else {
            return None;
        };
        let [signature] = object.fields(["signature"]);
        let [timestamp, token, signature] = signature
            .object()?
            .fields(["timestamp", "token", "signature"])
            .map(|field| field.text());
        Some(Self {
            tag: HexTag::parse(signature.as_bytes())?,
            signed_at: seconds(timestamp.as_bytes())?,
            token: is_token(&token).then_some(token)?,
            timestamp,
        })
    }
}

impl Sealed for Mailgun {}

impl Scheme for Mailgun {
    type Promise = TokenOnly;
    type Key = Secret;
    type Head<'a> = ();
    type Signed<'a> = MailgunSigned;

    fn name(&self) -> SchemeName {
        SchemeName::Mailgun
    }

    fn key(&self, text: &[u8]) -> Result<Secret, InvalidSecret> {
        Secret::new(text)
    }

    fn head<'a, P: HeaderPair<'a>>(
        &self,
        _request: Request<'a>,
        _headers: impl IntoIterator<Item = P>,
    ) -> Result<(), Rejection> {
        Ok(())
    }

    fn signed(&self, (): (), body: &[u8]) -> Result<MailgunSigned, Rejection> {
        MailgunSigned::read(body).ok_or(Rejection::MalformedProof)
    }

    fn signed_at(signed: &MailgunSigned) -> Option<UnixSeconds> {
        Some(signed.signed_at)
    }

    fn judge(secret: &Secret, signed: &MailgunSigned) -> Judged {
        let tag = tag(secret, &signed.timestamp, &signed.token);
        Judged(signed.tag.is(&tag), ReplayKey::of_tag(&tag).to_word())
    }

    fn promise(signed: &MailgunSigned, key: ReplayKey) -> TokenOnly {
        TokenOnly::new(key, signed.signed_at)
    }
}

impl fmt::Debug for MailgunSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailgunSigned")
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}
