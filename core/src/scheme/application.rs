use super::{
    decoded_secret::decoded,
    key_id::KeyId,
    name::SchemeName,
    request::Request,
    request_signed::{RequestHead, RequestSigned},
    scheme_trait::{Scheme, sealed::Sealed},
};
use crate::{
    expects_answer::expects_answer,
    header_pair::HeaderPair,
    judged::Judged,
    key::ReplayKey,
    promise::Timely,
    rejection::Rejection,
    secret::{Secret, text::InvalidSecret},
    time::UnixSeconds,
};

/// Voice v1 and Verification v1: `authorization: application KEY:SIGNATURE`, HMAC-SHA256 in base64 over five lines (method, MD5 of the body, content type, time, path), under the secret decoded from base64.
///
/// The path is the public one, without the query; the content type is signed byte for byte. The query and
/// the other headers are not covered. The callbacks whose answer the caller waits for (`ice`, `ace`,
/// `pie`, a verification request) [expect an answer](Scheme::expects_answer) that no queue can give.
///
/// Source: Sinch's documentation of signed requests in Voice, and the tests of its SDKs
/// (`tests/vectors/schemes.json`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    key: KeyId,
}

impl Application {
    /// The word in front of the key.
    pub(super) const WORD: &str = "application";

    /// Callbacks that name this key.
    #[must_use]
    pub const fn new(key: KeyId) -> Self {
        Self { key }
    }

    /// The key that callbacks have to name.
    #[must_use]
    pub const fn key_id(&self) -> &KeyId {
        &self.key
    }
}

impl Sealed for Application {}

impl Scheme for Application {
    type Promise = Timely;
    type Key = Secret;
    type Head<'a> = RequestHead<'a>;
    type Signed<'a> = RequestSigned<'a>;

    fn name(&self) -> SchemeName {
        SchemeName::Application
    }

    fn key(&self, text: &[u8]) -> Result<Secret, InvalidSecret> {
        decoded(text)
    }

    fn key_bytes(&self, text: &[u8]) -> usize {
        super::decoded_secret::bytes_of(text)
    }

    fn head<'a, P: HeaderPair<'a>>(
        &self,
        request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<RequestHead<'a>, Rejection> {
        RequestHead::read(Self::WORD, &self.key, request, headers)
    }

    fn signed<'a>(
        &self,
        head: RequestHead<'a>,
        body: &'a [u8],
    ) -> Result<RequestSigned<'a>, Rejection> {
        head.with_body(body)
    }

    fn signed_at(signed: &RequestSigned<'_>) -> Option<UnixSeconds> {
        Some(signed.signed_at())
    }

    fn judge(secret: &Secret, signed: &RequestSigned<'_>) -> Judged {
        signed.judge(secret)
    }

    fn promise(signed: &RequestSigned<'_>, key: ReplayKey) -> Timely {
        signed.promise(key)
    }

    fn expects_answer(&self, body: &[u8]) -> bool {
        expects_answer(body)
    }
}
