use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    any::{AnyKey, AnyScheme},
    application::Application,
    hex_tag,
    key_id::KeyId,
    mailgun,
    request::Request,
    request_signed,
    scheme_trait::Scheme,
    service::Service,
    whatsapp_legacy,
};
use crate::{
    decimal::Decimal,
    grammar,
    header_name::HeaderName,
    instant,
    secret::{Secret, text::InvalidSecret},
    signature,
    signing::{Signer, Unsignable},
    time::UnixSeconds,
};

/// What is to be signed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ToSign<'a> {
    /// The request line, with the public path.
    pub request: Request<'a>,
    /// The value of the header `content-type`.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// What makes the signature unique, where the scheme has such a thing: a text of
    /// [`SchemeSigner::nonce_chars`] letters and digits.
    pub nonce: &'a str,
    /// When it is signed.
    pub at: UnixSeconds,
}

impl<'a> ToSign<'a> {
    /// A body of JSON that is posted to this path.
    #[must_use]
    pub const fn new(
        request: Request<'a>,
        body: &'a [u8],
        nonce: &'a str,
        at: UnixSeconds,
    ) -> Self {
        Self {
            request,
            content_type: "application/json",
            body,
            nonce,
            at,
        }
    }

    /// Sets the value of the header `content-type`.
    #[must_use]
    pub const fn with_content_type(self, content_type: &'a str) -> Self {
        Self {
            content_type,
            ..self
        }
    }
}

/// A request with its proof.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignedRequest {
    /// The headers to send, names in lower case. Among them the content type, where it is signed.
    pub headers: Vec<(&'static str, String)>,
    /// The body to send: what was given, and Mailgun's with the proof in it.
    pub body: Vec<u8>,
}

/// Signs as Sinch does, by any scheme of a secret: for tests and tools.
///
/// # Examples
/// ```
/// use sinch_callback::{
///     UnixSeconds,
///     scheme::{AnyScheme, Request, SchemeName, SchemeSigner, ToSign},
/// };
///
/// let signer = SchemeSigner::new(AnyScheme::new(SchemeName::Numbers, None)?, b"made-up")?;
/// let now = UnixSeconds::new(1_700_000_000);
/// let signed = signer.sign(&ToSign::new(Request::post("/numbers"), b"{}", "", now))?;
/// // What `printf {} | openssl dgst -sha1 -hmac made-up` prints.
/// let expected = "8b86e2c6e27bc6f9c058fc75ecd45ae3fc1e67dc".to_owned();
/// assert!(signed.headers.contains(&("x-sinch-signature", expected)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SchemeSigner {
    scheme: AnyScheme,
    key: AnyKey,
}

impl SchemeSigner {
    /// A signer with the secret of this text.
    ///
    /// # Errors
    /// [`InvalidSecret`], as [`Scheme::key`] says it.
    pub fn new(scheme: AnyScheme, secret: &[u8]) -> Result<Self, InvalidSecret> {
        let key = scheme.key(secret)?;
        Ok(Self { scheme, key })
    }

    /// A signer with this key, which [`Scheme::key`] has read.
    #[must_use]
    pub const fn of(scheme: AnyScheme, key: AnyKey) -> Self {
        Self { scheme, key }
    }

    /// How many letters and digits the nonce needs; none where the scheme has no nonce.
    #[must_use]
    pub const fn nonce_chars(&self) -> usize {
        match self.scheme {
            AnyScheme::Conversation(_) | AnyScheme::WhatsappLegacy(_) => 26,
            AnyScheme::Mailgun(_) => mailgun::Mailgun::TOKEN_CHARS,
            _ => 0,
        }
    }

    /// Signs a request.
    ///
    /// # Errors
    /// [`Unsignable`] for what no verifier would accept.
    pub fn sign(&self, what: &ToSign<'_>) -> Result<SignedRequest, Unsignable> {
        match (&self.scheme, &self.key) {
            (AnyScheme::Conversation(_), AnyKey::Sha256(secret)) => conversation(secret, what),
            (AnyScheme::Numbers(_), AnyKey::Sha1(secret)) => {
                let tag = hex_tag::encode(&secret.mac([what.body]));
                Ok(with_headers(what, [(HeaderName::NumbersSignature, tag)]))
            }
            (AnyScheme::Application(scheme), AnyKey::Sha256(secret)) => {
                of_request(Application::WORD, scheme.key_id(), secret, what)
            }
            (AnyScheme::Service(scheme), AnyKey::Sha256(secret)) => {
                of_request(Service::WORD, scheme.key_id(), secret, what)
            }
            (AnyScheme::Mailgun(_), AnyKey::Sha256(secret)) => in_body(secret, what),
            (AnyScheme::WhatsappLegacy(_), AnyKey::Sha256(secret)) => whatsapp(secret, what),
            #[cfg(feature = "rsa")]
            (AnyScheme::Engage(_), AnyKey::Rsa(_)) => Err(Unsignable::PrivateKey),
            // The key was read by this scheme.
            _ => Err(Unsignable::Key),
        }
    }
}

fn with_headers(
    what: &ToSign<'_>,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
) -> SignedRequest {
    SignedRequest {
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect(),
        body: what.body.to_vec(),
    }
}

fn conversation(secret: &Secret, what: &ToSign<'_>) -> Result<SignedRequest, Unsignable> {
    let signed = Signer::new(secret.clone()).sign(what.body, what.nonce, what.at)?;
    Ok(SignedRequest {
        headers: signed
            .headers()
            .map(|(name, value)| (name, value.to_string()))
            .to_vec(),
        body: what.body.to_vec(),
    })
}

fn of_request(
    word: &str,
    key: &KeyId,
    secret: &Secret,
    what: &ToSign<'_>,
) -> Result<SignedRequest, Unsignable> {
    if what.body.is_empty() {
        return Err(Unsignable::EmptyBody);
    }
    let request = what.request;
    if ![request.method(), request.path()]
        .iter()
        .all(|part| request_signed::is_line(part))
    {
        return Err(Unsignable::Request);
    }
    if !request_signed::is_content_type(what.content_type.as_bytes()) {
        return Err(Unsignable::ContentType);
    }
    let timestamp = instant::text_of(what.at).ok_or(Unsignable::Time)?;
    let tag = request_signed::tag(
        secret,
        request,
        &request_signed::md5_line(what.body),
        what.content_type.as_bytes(),
        timestamp.as_bytes(),
    );
    let tag = base64_of(&tag);
    Ok(with_headers(
        what,
        [
            (HeaderName::Authorization, format!("{word} {key}:{tag}")),
            (HeaderName::XTimestamp, timestamp),
            (HeaderName::ContentType, what.content_type.into()),
        ],
    ))
}

fn base64_of(tag: &[u8; signature::TAG_LEN]) -> String {
    signature::encode(tag).map(char::from).iter().collect()
}

fn whatsapp(secret: &Secret, what: &ToSign<'_>) -> Result<SignedRequest, Unsignable> {
    if !grammar::is_nonce(what.nonce.as_bytes()) {
        return Err(Unsignable::Nonce);
    }
    let tag = whatsapp_legacy::tag(secret, what.body, what.nonce.as_bytes());
    Ok(with_headers(
        what,
        [
            (HeaderName::WhatsappSignature, base64_of(&tag)),
            (HeaderName::WhatsappNonce, what.nonce.into()),
            (
                HeaderName::WhatsappAlgorithm,
                whatsapp_legacy::ALGORITHM.into(),
            ),
        ],
    ))
}

/// The body, an object of JSON, with the proof as its last member: readers take the last of a name.
fn in_body(secret: &Secret, what: &ToSign<'_>) -> Result<SignedRequest, Unsignable> {
    if !mailgun::is_token(what.nonce) {
        return Err(Unsignable::Nonce);
    }
    let timestamp = Decimal::new(what.at.get());
    if grammar::seconds(timestamp.as_str().as_bytes()).is_none() {
        return Err(Unsignable::Time);
    }
    let tag = mailgun::tag(secret, timestamp.as_str(), what.nonce);
    let open = what.body.trim_ascii().strip_suffix(b"}");
    let open = open
        .filter(|open| open.starts_with(b"{"))
        .ok_or(Unsignable::Body)?
        .trim_ascii_end();
    let mut body = open.to_vec();
    if open != b"{" {
        body.push(b',');
    }
    let proof = format!(
        r#""signature":{{"timestamp":"{}","token":"{}","signature":"{}"}}}}"#,
        timestamp.as_str(),
        what.nonce,
        hex_tag::encode(&tag),
    );
    body.extend_from_slice(proof.as_bytes());
    Ok(SignedRequest {
        headers: Vec::new(),
        body,
    })
}
