use alloc::{borrow::Cow, string::String, vec, vec::Vec};

use md5::{Digest, Md5};

use super::{header_values::values, header_variants::unquoted, request_variants::Authorization};
use crate::{
    base64, grammar,
    header_name::HeaderName,
    header_pair::HeaderPair,
    instant::Instant,
    json::Document,
    scheme::{
        any::{AnyKey, AnyScheme},
        request::Request,
    },
    time::UnixSeconds,
};

named! {
    /// What a part of a signed string is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum SignedPartName {
        /// What the scheme puts between the others.
        Separator = "separator",
        /// The body.
        Body = "body",
        /// The MD5 of the body, in base64.
        BodyMd5 = "body_md5",
        /// The nonce.
        Nonce = "nonce",
        /// The time, as the callback writes it.
        Timestamp = "timestamp",
        /// The method.
        Method = "method",
        /// The media type.
        ContentType = "content_type",
        /// The path, without the query.
        Path = "path",
        /// Path and query.
        Target = "target",
        /// The token.
        Token = "token",
    }
}

/// A part of a signed string.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedPart<'a> {
    /// What it is.
    pub name: SignedPartName,
    /// Its bytes; `None` where the request does not show them.
    pub bytes: Option<Cow<'a, [u8]>>,
}

/// What a callback's signature is made over, part by part, and the signature: as far as the request shows
/// them, whatever their form. For people who look at a callback; it proves nothing.
///
/// # Examples
/// ```
/// use sinch_callback::{SignedString, scheme::{AnyScheme, Request}};
///
/// let headers = [
///     ("x-sinch-webhook-signature", "YcVj9/wbnFFs5KMUbQD0KfLk5i7ugBBbgpPvGGYPuLE="),
///     ("x-sinch-webhook-signature-timestamp", "1634579353"),
///     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
/// ];
/// let string = SignedString::of(&AnyScheme::default(), Request::post("/"), headers, b"{}");
/// let names: Vec<_> = string.parts.iter().map(|part| part.name.as_str()).collect();
/// assert_eq!(names, ["body", "separator", "nonce", "separator", "timestamp"]);
/// assert_eq!(string.signed_at.map(|at| at.get()), Some(1_634_579_353));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedString<'a> {
    /// The parts, in the order in which they are signed.
    pub parts: Vec<SignedPart<'a>>,
    /// The signature as it was written, without what surrounds it.
    pub signature: Option<Cow<'a, [u8]>>,
    /// The id of the key that the callback names, where it names one.
    pub key_id: Option<&'a [u8]>,
    /// When it was signed, where the time is of the form that the scheme writes.
    pub signed_at: Option<UnixSeconds>,
}

impl<'a> SignedString<'a> {
    /// That of a callback which is signed by this scheme.
    #[must_use]
    pub fn of<P: HeaderPair<'a>>(
        scheme: &AnyScheme,
        request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
        body: &'a [u8],
    ) -> Self {
        match scheme {
            AnyScheme::Conversation(_) => conversation(headers, body),
            AnyScheme::Numbers(_) => {
                let [signature] = values(headers, [HeaderName::NumbersSignature]);
                Self {
                    parts: vec![part(SignedPartName::Body, Some(body))],
                    signature: signature.map(bare),
                    key_id: None,
                    signed_at: None,
                }
            }
            AnyScheme::Application(_) | AnyScheme::Service(_) => by_request(request, headers, body),
            AnyScheme::Mailgun(_) => mailgun(body),
            AnyScheme::WhatsappLegacy(_) => {
                let names = [HeaderName::WhatsappSignature, HeaderName::WhatsappNonce];
                let [signature, nonce] = values(headers, names);
                let parts = vec![
                    part(SignedPartName::Body, Some(body)),
                    separator(b"."),
                    part(SignedPartName::Nonce, nonce),
                ];
                Self {
                    parts,
                    signature: signature.map(bare),
                    key_id: None,
                    signed_at: None,
                }
            }
            #[cfg(feature = "rsa")]
            AnyScheme::Engage(_) => engage(request, headers, body),
        }
    }

    /// The whole string; `None` where a part is not shown.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let parts: Option<Vec<&[u8]>> = self
            .parts
            .iter()
            .map(|part| part.bytes.as_deref())
            .collect();
        Some(parts?.concat())
    }

    /// The signature that this key makes over it, in lower-case hexadecimal digits or in base64, as the
    /// scheme writes it; of two ways the one in which the callback's own is written. `None` where a part
    /// is not shown, and for a key that only verifies.
    #[must_use]
    pub fn signature_by(&self, scheme: &AnyScheme, key: &AnyKey) -> Option<String> {
        let bytes = self.bytes()?;
        let tag = match key {
            AnyKey::Sha256(secret) => secret.mac([bytes.as_slice()]).to_vec(),
            AnyKey::Sha1(secret) => secret.mac([bytes.as_slice()]).to_vec(),
            #[cfg(feature = "rsa")]
            AnyKey::Rsa(_) => return None,
        };
        let is_hex = match scheme {
            AnyScheme::Numbers(_) | AnyScheme::Mailgun(_) => true,
            AnyScheme::WhatsappLegacy(_) => self
                .signature
                .as_ref()
                .is_some_and(|text| text.len() == tag.len().saturating_mul(2)),
            _ => false,
        };
        if is_hex {
            return Some(
                tag.iter()
                    .map(|byte| alloc::format!("{byte:02x}"))
                    .collect(),
            );
        }
        String::from_utf8(base64::encode(&tag)).ok()
    }
}

fn part(name: SignedPartName, bytes: Option<&[u8]>) -> SignedPart<'_> {
    let bytes = bytes.map(Cow::Borrowed);
    SignedPart { name, bytes }
}

fn separator(text: &'static [u8]) -> SignedPart<'static> {
    part(SignedPartName::Separator, Some(text))
}

/// What is around a signature is shown by the verdict.
fn bare(value: &[u8]) -> Cow<'_, [u8]> {
    Cow::Borrowed(unquoted(value))
}

fn conversation<'a, P: HeaderPair<'a>>(
    headers: impl IntoIterator<Item = P>,
    body: &'a [u8],
) -> SignedString<'a> {
    let names = [
        HeaderName::Signature,
        HeaderName::Nonce,
        HeaderName::Timestamp,
    ];
    let [signature, nonce, timestamp] = values(headers, names);
    let parts = vec![
        part(SignedPartName::Body, Some(body)),
        separator(b"."),
        part(SignedPartName::Nonce, nonce),
        separator(b"."),
        part(SignedPartName::Timestamp, timestamp),
    ];
    SignedString {
        parts,
        signature: signature.map(bare),
        key_id: None,
        signed_at: timestamp.and_then(grammar::seconds),
    }
}

fn by_request<'a, P: HeaderPair<'a>>(
    request: Request<'a>,
    headers: impl IntoIterator<Item = P>,
    body: &'a [u8],
) -> SignedString<'a> {
    let names = [
        HeaderName::Authorization,
        HeaderName::XTimestamp,
        HeaderName::ContentType,
    ];
    let [authorization, timestamp, content_type] = values(headers, names);
    let authorization = authorization.and_then(Authorization::read);
    let md5 = SignedPart {
        name: SignedPartName::BodyMd5,
        // Sinch's SDKs disagree on what is signed of an empty one.
        bytes: (!body.is_empty()).then(|| Cow::Owned(base64::encode(&Md5::digest(body)))),
    };
    let parts = vec![
        part(SignedPartName::Method, Some(request.method().as_bytes())),
        separator(b"\n"),
        md5,
        separator(b"\n"),
        part(SignedPartName::ContentType, content_type),
        separator(b"\nx-timestamp:"),
        part(SignedPartName::Timestamp, timestamp),
        separator(b"\n"),
        part(SignedPartName::Path, Some(request.path().as_bytes())),
    ];
    let moment = |text: &[u8]| Instant::parse(str::from_utf8(text).ok()?)?.unix_seconds();
    SignedString {
        parts,
        signature: authorization.as_ref().map(|found| bare(found.signature)),
        key_id: authorization.map(|found| found.key),
        signed_at: timestamp.and_then(moment),
    }
}

fn mailgun(body: &[u8]) -> SignedString<'_> {
    let proof = match Document::read(body) {
        Document::Object(object) => {
            let [signature] = object.fields(["signature"]);
            signature.object()
        }
        _ => None,
    };
    let fields = proof.map(|proof| {
        proof
            .fields(["timestamp", "token", "signature"])
            .map(|field| field.text())
    });
    let (timestamp, token, signature) = match fields {
        Some([timestamp, token, signature]) => (Some(timestamp), Some(token), Some(signature)),
        None => (None, None, None),
    };
    let signed_at = timestamp
        .as_ref()
        .and_then(|text| grammar::seconds(text.as_bytes()));
    let owned = |text: Option<String>| {
        text.filter(|text| !text.is_empty())
            .map(|text| Cow::Owned(text.into_bytes()))
    };
    SignedString {
        parts: vec![
            SignedPart {
                name: SignedPartName::Timestamp,
                bytes: owned(timestamp),
            },
            SignedPart {
                name: SignedPartName::Token,
                bytes: owned(token),
            },
        ],
        signature: owned(signature),
        key_id: None,
        signed_at,
    }
}

#[cfg(feature = "rsa")]
fn engage<'a, P: HeaderPair<'a>>(
    request: Request<'a>,
    headers: impl IntoIterator<Item = P>,
    body: &'a [u8],
) -> SignedString<'a> {
    let names = [
        HeaderName::EngageSignature,
        HeaderName::EngageKey,
        HeaderName::Date,
    ];
    let [signature, key_id, date] = values(headers, names);
    let parts = vec![
        part(SignedPartName::Method, Some(request.method().as_bytes())),
        separator(b" "),
        part(SignedPartName::Target, Some(request.target().as_bytes())),
        separator(b" HTTP/1.1"),
        part(SignedPartName::Timestamp, date),
        part(SignedPartName::Body, Some(body)),
    ];
    SignedString {
        parts,
        signature: signature.map(bare),
        key_id,
        signed_at: date.and_then(crate::imf_fixdate::parse),
    }
}

#[cfg(test)]
#[cfg(all(feature = "rsa", feature = "signing"))]
mod tests {
    use super::*;
    use crate::scheme::{SchemeName, SchemeSigner, ToSign};

    #[test]
    fn the_signature_over_the_parts_is_the_one_that_a_signer_makes() {
        let body = br#"{"event":"dice"}"#;
        let request = Request::post("/a/b?c=d");
        // Base64 of 16 bytes, which is a text, too.
        let secret = b"MDEyMzQ1Njc4OWFiY2RlZg==";
        let at = UnixSeconds::new(1_634_579_353);
        let mut seen = 0;
        for name in SchemeName::ALL {
            if !name.shares_secret() {
                continue;
            }
            let key = name.names_key().then_some("a-key");
            let scheme = AnyScheme::new(*name, key).unwrap();
            let signer = SchemeSigner::new(scheme, secret).unwrap();
            let nonce = "a".repeat(signer.nonce_chars());
            let signed = signer
                .sign(&ToSign::new(request, body, &nonce, at))
                .unwrap();
            let headers: Vec<(&str, &str)> = signed
                .headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let string = SignedString::of(&scheme, request, headers, &signed.body);
            let any = crate::scheme::Scheme::key(&scheme, secret).unwrap();
            let ours = string.signature_by(&scheme, &any).unwrap();
            assert_eq!(Some(ours.as_bytes()), string.signature.as_deref(), "{name}");
            assert_eq!(string.signed_at, name.signs_time().then_some(at), "{name}");
            assert_eq!(string.key_id, key.map(str::as_bytes), "{name}");
            seen += 1;
        }
        assert_eq!(seen, 6);
    }

    #[test]
    fn what_engage_signs_is_what_is_verified() {
        let date = b"Wed, 18 Jul 2018 06:33:52 GMT";
        let request = Request::post("/a?b=c");
        let headers = [("Date".as_bytes(), date.as_slice())];
        let string = SignedString::of(
            &AnyScheme::new(SchemeName::Engage, None).unwrap(),
            request,
            headers,
            b"{}",
        );
        assert_eq!(
            string.bytes().unwrap(),
            b"POST /a?b=c HTTP/1.1Wed, 18 Jul 2018 06:33:52 GMT{}"
        );
        assert_eq!(string.signed_at.map(UnixSeconds::get), Some(1_531_895_632));
    }

    #[test]
    fn what_is_not_there_is_a_part_without_bytes() {
        let headers: [(&str, &str); 0] = [];
        let string = SignedString::of(&AnyScheme::default(), Request::post("/"), headers, b"{}");
        assert_eq!(string.bytes(), None);
        assert_eq!(
            string
                .parts
                .iter()
                .filter(|part| part.bytes.is_none())
                .count(),
            2
        );
    }
}
