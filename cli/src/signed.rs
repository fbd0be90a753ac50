use bytes::Bytes;
use sinch_callback::{Signer, UnixSeconds, Unsignable};
use sinch_callback_server::{
    client::{Answer, Client, ClientError},
    ids,
};

/// A callback as it goes over the wire: its headers, and its body.
#[derive(Clone)]
pub(crate) struct SignedCallback {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl SignedCallback {
    /// Signs a body at a moment, under a new nonce.
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
        let kind = [("content-type", "application/json")];
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        client.post(headers.chain(kind), self.body.clone()).await
    }
}
