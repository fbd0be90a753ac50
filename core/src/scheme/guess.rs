use super::name::SchemeName;
use crate::{
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    json::Document,
};

impl SchemeName {
    /// The scheme that a callback looks like: by the header that carries the proof, and Mailgun's by its
    /// body. For people who do not name one. It proves nothing; `None` for a callback without a proof.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::scheme::SchemeName;
    ///
    /// let headers = [("X-Sinch-Signature", "b93021e0182c2772dbcdf4e8983ae8f409e78c3b")];
    /// assert_eq!(SchemeName::guess(headers, b"{}"), Some(SchemeName::Numbers));
    /// ```
    #[must_use]
    pub fn guess<'a, P: HeaderPair<'a>>(
        headers: impl IntoIterator<Item = P>,
        body: &[u8],
    ) -> Option<Self> {
        headers
            .into_iter()
            .find_map(|header| Self::of_header(header.name(), header.value()))
            .or_else(|| carries_token(body).then_some(Self::Mailgun))
    }

    fn of_header(name: &[u8], value: &[u8]) -> Option<Self> {
        let is = |header: HeaderName| is_text(name, header.as_str());
        if is(HeaderName::Signature) {
            return Some(Self::Conversation);
        }
        if is(HeaderName::NumbersSignature) {
            return Some(Self::Numbers);
        }
        if is(HeaderName::WhatsappSignature) {
            return Some(Self::WhatsappLegacy);
        }
        #[cfg(feature = "rsa")]
        if is(HeaderName::EngageSignature) {
            return Some(Self::Engage);
        }
        if !is(HeaderName::Authorization) {
            return None;
        }
        let word = value.split(|byte| *byte == b' ').next()?;
        [Self::Application, Self::Service]
            .into_iter()
            .find(|scheme| is_text(word, scheme.as_str()))
    }
}

fn carries_token(body: &[u8]) -> bool {
    let Document::Object(object) = Document::read(body) else {
        return false;
    };
    let [signature] = object.fields(["signature"]);
    signature.object().is_some_and(|signature| {
        let [token] = signature.fields(["token"]);
        !token.is_null()
    })
}
