use core::fmt;

use super::{
    name::SchemeName,
    request::Request,
    scheme_trait::{Scheme, sealed::Sealed},
};
use crate::{
    algorithm_header::AlgorithmHeader,
    header_name::HeaderName,
    header_pair::HeaderPair,
    headers::SignedHeaders,
    judged::Judged,
    key::ReplayKey,
    promise::Timely,
    rejection::Rejection,
    secret::{Secret, text::InvalidSecret},
    time::UnixSeconds,
};

/// The Conversation and the SMS API: HMAC-SHA256 over `body.nonce.timestamp`, under the secret's UTF-8
/// bytes, in four headers.
///
/// Source: Sinch's documentation of callbacks, and the tests of its SDKs (`tests/vectors`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conversation;

/// The headers and the body that they were signed with.
pub struct ConversationSigned<'a> {
    pub(crate) headers: SignedHeaders<'a>,
    pub(crate) body: &'a [u8],
}

impl fmt::Debug for ConversationSigned<'_> {
    /// Leaves out the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationSigned")
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl Sealed for Conversation {}

impl Scheme for Conversation {
    type Promise = Timely;
    type Key = Secret;
    type Head<'a> = SignedHeaders<'a>;
    type Signed<'a> = ConversationSigned<'a>;

    fn name(&self) -> SchemeName {
        SchemeName::Conversation
    }

    fn key(&self, text: &[u8]) -> Result<Secret, InvalidSecret> {
        Secret::new(text)
    }

    fn head<'a, P: HeaderPair<'a>>(
        &self,
        _request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<SignedHeaders<'a>, Rejection> {
        SignedHeaders::collect(headers)
    }

    #[inline]
    fn signed<'a>(
        &self,
        headers: SignedHeaders<'a>,
        body: &'a [u8],
    ) -> Result<ConversationSigned<'a>, Rejection> {
        Ok(ConversationSigned { headers, body })
    }

    #[inline]
    fn signed_at(signed: &ConversationSigned<'_>) -> Option<UnixSeconds> {
        Some(signed.headers.signed_at())
    }

    #[inline]
    fn check(algorithm: AlgorithmHeader, headers: &SignedHeaders<'_>) -> Result<(), Rejection> {
        if algorithm == AlgorithmHeader::Required && !headers.has_algorithm() {
            return Err(Rejection::MissingHeader(HeaderName::Algorithm));
        }
        Ok(())
    }

    #[inline]
    fn judge(secret: &Secret, signed: &ConversationSigned<'_>) -> Judged {
        let headers = &signed.headers;
        let tag = secret.tag(signed.body, headers.nonce(), headers.timestamp());
        Judged(
            headers.signature().is(&tag),
            ReplayKey::of_tag(&tag).to_word(),
        )
    }

    #[inline]
    fn promise(signed: &ConversationSigned<'_>, key: ReplayKey) -> Timely {
        Timely::new(key, signed.headers.signed_at())
    }
}
