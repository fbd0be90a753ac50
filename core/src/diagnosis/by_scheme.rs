use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};

use md5::{Digest, Md5};

use super::{
    body_variants::{bodies, sign_of},
    cause::Diagnosis,
    evidence::Evidence,
    header_values::values,
    header_variants::respaced_variants,
    key_variants::{bytes, keys, texts},
    request_variants::{Authorization, Lines, lines},
    search::{Search, diagnose, most_for, untimely},
    tag_variants::{Form, tags},
    variant::Variant,
};
use crate::{
    base64, grammar,
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    json::Document,
    scheme::{any::AnyScheme, decoded_secret::decode, numbers::Sha1Secret, request::Request},
    secret::Secret,
    time::UnixSeconds,
};

/// Names what makes the signature of a scheme match once it is undone, as [`diagnose`] does for the
/// Conversation API's: also what was done to path, query, method and content type, and what was
/// confused with another scheme.
///
/// # Examples
/// ```
/// use sinch_callback::{Evidence, UnixSeconds, diagnose_by, scheme::{AnyScheme, Request, SchemeName}};
///
/// // The example of Sinch's documentation, behind a gateway that takes the front off the path.
/// let key = "669E367E-6BBA-48AB-AF15-266871C28135";
/// let scheme = AnyScheme::new(SchemeName::Application, Some(key))?;
/// let headers = [
///     (
///         "authorization",
///         "application 669E367E-6BBA-48AB-AF15-266871C28135:Tg6fMyo8mj9pYfWQ9ssbx3Tc1BNC87IEygAfLbJqZb4=",
///     ),
///     ("content-type", "application/json"),
///     ("x-timestamp", "2014-09-24T10:59:41Z"),
/// ];
/// # let body = br#"{"event":"ace","callid":"822aa4b7-05b4-4d83-87c7-1f835ee0b6f6_257","timestamp":"2014-09-24T10:59:41Z","version":1}"#;
/// let secrets = ["BeIukql3pTKJ8RGL5zo0DA=="];
/// let evidence = Evidence::new(body, &secrets, UnixSeconds::new(1_411_556_400))
///     .with_public_paths(&["/sinch/callback/ace"]);
/// let causes = diagnose_by(&scheme, Request::post("/ace"), headers, &evidence);
/// assert_eq!(causes[0].code(), "path_rewritten");
/// # Ok::<(), sinch_callback::scheme::InvalidScheme>(())
/// ```
#[must_use]
pub fn diagnose_by<'a, P: HeaderPair<'a>, S: AsRef<[u8]>>(
    scheme: &AnyScheme,
    request: Request<'_>,
    headers: impl IntoIterator<Item = P>,
    evidence: &Evidence<'_, S>,
) -> Vec<Diagnosis> {
    let found = match scheme {
        AnyScheme::Conversation(_) => return diagnose(headers, evidence),
        AnyScheme::Numbers(_) => numbers(headers, evidence),
        AnyScheme::Application(_) => by_request("application", scheme, request, headers, evidence),
        AnyScheme::Service(_) => by_request("service", scheme, request, headers, evidence),
        AnyScheme::Mailgun(_) => mailgun(evidence),
        AnyScheme::WhatsappLegacy(_) => whatsapp(headers, evidence),
        #[cfg(feature = "rsa")]
        AnyScheme::Engage(_) => super::engage::engage(request, headers, evidence),
    };
    found.unwrap_or_else(|| sign_of(evidence.body).into_iter().collect())
}

fn numbers<'a, P: HeaderPair<'a>, S: AsRef<[u8]>>(
    headers: impl IntoIterator<Item = P>,
    evidence: &Evidence<'_, S>,
) -> Option<Vec<Diagnosis>> {
    let name = HeaderName::NumbersSignature;
    let [signature] = values(headers, [name]);
    let secret = |variant: Variant<Vec<u8>>| variant.try_map(|key| Sha1Secret::verbatim(key).ok());
    let keys: Vec<_> = bytes(evidence).into_iter().filter_map(secret).collect();
    let most = most_for(evidence.body);
    let search = Search {
        keys: &keys,
        bodies: &bodies(evidence.body, most),
        rests: &[Variant::as_is(())],
        signatures: &tags(signature?, Some(name), 20, Form::Hex),
        most,
    };
    search.run(
        |secret, body, ()| secret.mac([body]).to_vec(),
        |written: &Vec<u8>, tag| written == tag,
    )
}

fn whatsapp<'a, P: HeaderPair<'a>, S: AsRef<[u8]>>(
    headers: impl IntoIterator<Item = P>,
    evidence: &Evidence<'_, S>,
) -> Option<Vec<Diagnosis>> {
    let names = [HeaderName::WhatsappSignature, HeaderName::WhatsappNonce];
    let [signature, nonce] = values(headers, names);
    let nonce = nonce?;
    // What matches as it stands and is refused all the same is refused for its form.
    let shift = nonce.contains(&b'.').then_some(Diagnosis::BoundaryShift);
    let mut nonces = vec![Variant::of(nonce.to_vec(), shift)];
    nonces.extend(respaced_variants(HeaderName::WhatsappNonce, nonce));
    let most = most_for(evidence.body);
    let search = Search {
        keys: &keys(evidence),
        bodies: &bodies(evidence.body, most),
        rests: &nonces,
        signatures: &tags(
            signature?,
            Some(HeaderName::WhatsappSignature),
            32,
            Form::Either,
        ),
        most,
    };
    search.run(
        |secret: &Secret, body, nonce| secret.mac([body.as_slice(), b".", nonce]).to_vec(),
        |written: &Vec<u8>, tag| written == tag,
    )
}

fn mailgun<S: AsRef<[u8]>>(evidence: &Evidence<'_, S>) -> Option<Vec<Diagnosis>> {
    // What happens to a body on its way does not reach what is signed, unless no proof is found in it.
    let found = bodies(evidence.body, 1)
        .into_iter()
        .map(|body| (proofs(&body.value), body));
    let (proofs, body) = found.into_iter().find(|(proofs, _)| !proofs.is_empty())?;
    let keys = keys(evidence);
    proofs.into_iter().find_map(|proof| {
        let search = Search {
            keys: &keys,
            bodies: &[Variant {
                value: (),
                causes: body.causes,
            }],
            rests: &[Variant {
                value: (),
                causes: proof.causes,
            }],
            signatures: &proof.value.tags,
            most: 2,
        };
        let signed = [
            proof.value.timestamp.as_bytes(),
            proof.value.token.as_bytes(),
        ];
        let causes = search.run(
            |secret: &Secret, (), ()| secret.mac(signed).to_vec(),
            |written: &Vec<u8>, tag| written == tag,
        )?;
        if !causes.is_empty() {
            return Some(causes);
        }
        let signed_at = grammar::seconds(proof.value.timestamp.as_bytes())?;
        Some(untimely(evidence.window, signed_at, evidence.now))
    })
}

struct Proof {
    timestamp: String,
    token: String,
    tags: Vec<Variant<Vec<u8>>>,
}

/// The proofs in a body: the one that counts, and the one of the parent account.
fn proofs(body: &[u8]) -> Vec<Variant<Proof>> {
    let Document::Object(object) = Document::read(body) else {
        return Vec::new();
    };
    let members = object.fields(["signature", "parent-signature"]);
    let causes = [None, Some(Diagnosis::ParentSignature)];
    let proofs = members
        .into_iter()
        .zip(causes)
        .filter_map(|(member, cause)| {
            let fields = member.object()?.fields(["timestamp", "token", "signature"]);
            let [timestamp, token, signature] = fields.map(|field| field.text());
            // No header has it: what is around it in the text belongs to it.
            let tags = tags(signature.as_bytes(), None, 32, Form::Hex);
            let proof = Proof {
                timestamp,
                token,
                tags,
            };
            Some(Variant::of(proof, cause))
        });
    proofs.collect()
}

/// Application-signed and service-signed.
fn by_request<'a, P: HeaderPair<'a>, S: AsRef<[u8]>>(
    word: &str,
    scheme: &AnyScheme,
    request: Request<'_>,
    headers: impl IntoIterator<Item = P>,
    evidence: &Evidence<'_, S>,
) -> Option<Vec<Diagnosis>> {
    let names = [
        HeaderName::Authorization,
        HeaderName::XTimestamp,
        HeaderName::ContentType,
    ];
    let [authorization, timestamp, content_type] = values(headers, names);
    let authorization = Authorization::read(authorization?)?;
    let timestamp = timestamp?;
    let key = scheme.key_id().map_or("", |key| key.as_str());
    // What is not signed, and refused all the same.
    let mut refused = Vec::new();
    if !is_text(authorization.word, word) {
        refused.push(Diagnosis::OtherWord);
    }
    let is_other_key = authorization.key != key.as_bytes();
    if is_other_key {
        refused.push(Diagnosis::OtherKeyId);
    }
    if evidence.body.is_empty() {
        return None;
    }
    let most = most_for(evidence.body);
    let digests: Vec<_> = bodies(evidence.body, most)
        .into_iter()
        .filter_map(|body| body.try_map(|body| Some(base64::encode(&Md5::digest(body)))))
        .collect();
    let search = Search {
        keys: &decoded_keys(evidence),
        bodies: &digests,
        rests: &lines(request, content_type, timestamp, evidence.public_paths),
        signatures: &tags(
            authorization.signature,
            Some(HeaderName::Authorization),
            32,
            Form::Base64,
        ),
        most,
    };
    let found = search.run(
        |secret: &Secret, md5, lines: &Lines| {
            secret
                .mac([
                    lines.method.as_bytes(),
                    b"\n",
                    md5,
                    b"\n",
                    &lines.content_type,
                    b"\nx-timestamp:",
                    &lines.timestamp,
                    b"\n",
                    &lines.path,
                ])
                .to_vec()
        },
        |written: &Vec<u8>, tag| written == tag,
    );
    match found {
        Some(causes) => {
            refused.extend(causes);
            if refused.is_empty() {
                refused = moment(timestamp).map_or_else(Vec::new, |signed_at| {
                    untimely(evidence.window, signed_at, evidence.now)
                });
            }
            Some(refused)
        }
        // Another key most often has another secret.
        None if is_other_key => Some(vec![Diagnosis::OtherKeyId]),
        None => None,
    }
}

fn moment(timestamp: &[u8]) -> Option<UnixSeconds> {
    crate::instant::Instant::parse(str::from_utf8(timestamp).ok()?)?.unix_seconds()
}

/// The keys of a scheme that decodes a secret's text.
fn decoded_keys<S: AsRef<[u8]>>(evidence: &Evidence<'_, S>) -> Vec<Variant<Secret>> {
    let mut variants: Vec<_> = texts(evidence)
        .into_iter()
        .filter_map(|variant| {
            variant.try_map(|text| {
                let decoded = decode(&text).ok()?;
                Secret::verbatim(decoded).ok()
            })
        })
        .collect();
    for secret in evidence.secrets {
        let text = secret.as_ref();
        // Bytes that are no base64 may be the key itself.
        let cause = match decode(text) {
            Ok(_) => Diagnosis::SecretNotDecoded,
            Err(_) => Diagnosis::SecretWasDecoded,
        };
        let as_it_is = Variant::new(text.to_owned(), cause);
        variants.extend(as_it_is.try_map(|key| Secret::verbatim(key).ok()));
    }
    variants
}
