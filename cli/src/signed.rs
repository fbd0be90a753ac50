use bytes::Bytes;
use sinch_callback::{
    Signer, UnixSeconds, Unsignable,
    scheme::{Request, SchemeSigner, ToSign},
};
use sinch_callback_server::{
    client::{Answer, Client, ClientError},
    ids,
};

/// The media type that callbacks are sent with.
const CONTENT_TYPE: &str = "application/json";

/// A nonce of as many letters and digits as the scheme wants.
pub(crate) fn nonce_for(signer: &SchemeSigner) -> String {
    let digits = [ids::unique(), ids::unique()].concat();
    digits.chars().take(signer.nonce_chars()).collect()
}

/// A callback as it goes over the wire: its headers, and its body.
#[derive(Clone)]
pub(crate) struct SignedCallback {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl SignedCallback {
    /// Signs a body at a moment by the Conversation API's scheme, under a new nonce.
    pub(crate) fn new(
        signer: &Signer,
        body: impl Into<Bytes>,
        at: UnixSeconds,
    ) -> Result<Self, Unsignable> {
        let body = body.into();
        let nonce = ids::unique();
        let signed = signer.sign(&body, &nonce, at)?;
        Ok(Self {
            headers: signed
                .headers()
                .into_iter()
                .map(|(name, value)| (name, value.to_owned()))
                .collect(),
            body,
        })
    }

    /// Signs a body by any scheme for the path that it is posted to, under a new nonce.
    pub(crate) fn of(
        signer: &SchemeSigner,
        request: Request<'_>,
        body: &[u8],
        at: UnixSeconds,
    ) -> Result<Self, Unsignable> {
        let nonce = nonce_for(signer);
        let what = ToSign::new(request, body, &nonce, at).with_content_type(CONTENT_TYPE);
        let signed = signer.sign(&what)?;
        Ok(Self {
            headers: signed.headers,
            body: signed.body.into(),
        })
    }

    /// The callback with the value of each header of this name changed.
    pub(crate) fn with_header(mut self, name: &str, change: impl Fn(&str) -> String) -> Self {
        for (_, value) in self.headers.iter_mut().filter(|(known, _)| *known == name) {
            *value = change(value);
        }
        self
    }

    /// The callback without the headers of this name.
    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// The callback under a signature of the right form that nobody made.
    pub(crate) fn forged(self) -> Self {
        let name = sinch_callback::HeaderName::Signature.as_str();
        self.with_header(name, |value| {
            let turned = value.bytes().rev().skip(1).map(char::from);
            turned.chain(['=']).collect()
        })
    }

    /// Posts it.
    pub(crate) async fn post(&self, client: &mut Client) -> Result<Answer, ClientError> {
        // Where it is signed, it stands among the others.
        let is_signed = self.headers.iter().any(|(name, _)| *name == "content-type");
        let kind = (!is_signed).then_some(("content-type", CONTENT_TYPE));
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        client.post(headers.chain(kind), self.body.clone()).await
    }
}
