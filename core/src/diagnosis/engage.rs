use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};

use super::{
    body_variants::bodies,
    cause::Diagnosis,
    evidence::Evidence,
    header_values::values,
    header_variants::unquoted,
    key_variants::texts,
    request_variants::{methods, paths},
    search::{Search, untimely},
    variant::Variant,
};
use crate::{
    base64,
    header_name::HeaderName,
    header_pair::HeaderPair,
    imf_fixdate,
    rsa_key::{RsaDigest, RsaKey},
    scheme::request::Request,
};

/// How the parts are put together.
#[derive(Clone, Copy)]
enum Joined {
    /// One behind the other.
    Plainly,
    /// With line breaks between.
    ByLineBreaks,
    /// The body alone.
    BodyAlone,
}

#[derive(Clone)]
struct Line {
    method: String,
    target: Vec<u8>,
    joined: Joined,
}

/// What is wrong with a callback of Engage. A verification takes longer than an HMAC, so that one cause
/// only is looked for.
pub(super) fn engage<'a, P: HeaderPair<'a>, S: AsRef<[u8]>>(
    request: Request<'_>,
    headers: impl IntoIterator<Item = P>,
    evidence: &Evidence<'_, S>,
) -> Option<Vec<Diagnosis>> {
    let names = [
        HeaderName::EngageSignature,
        HeaderName::EngageKey,
        HeaderName::Date,
    ];
    let [signature, id, date] = values(headers, names);
    let (id, date) = (id?, date?);
    let keys = keys(id, evidence);
    let signature = read_signature(signature?)?;
    let search = Search {
        keys: &keys,
        bodies: &bodies(evidence.body, 1),
        rests: &lines(request, evidence.public_paths),
        // It is verified and not made, so that there is nothing to compare it with.
        signatures: &[Variant {
            value: (),
            causes: signature.causes,
        }],
        most: 1,
    };
    let found = search.run(
        |key: &RsaKey, body, line: &Line| verifies(key, line, date, body, &signature.value),
        |(), verified| *verified,
    );
    match found {
        Some(causes) if causes.is_empty() => {
            let signed_at = imf_fixdate::parse(date)?;
            Some(untimely(evidence.window, signed_at, evidence.now))
        }
        Some(causes) => Some(causes),
        // Without the key that is named nothing can be said of the signature.
        None => {
            let is_ours = |key: &Variant<RsaKey>| key.value.id().as_bytes() == id;
            (!keys.iter().any(is_ours)).then(|| vec![Diagnosis::OtherKeyId])
        }
    }
}

fn verifies(key: &RsaKey, line: &Line, date: &[u8], body: &[u8], signature: &[u8]) -> bool {
    let start: [&[u8]; 4] = [line.method.as_bytes(), b" ", &line.target, b" HTTP/1.1"];
    let [method, space, target, version] = start;
    match line.joined {
        Joined::Plainly => key.verifies(&[method, space, target, version, date, body], signature),
        Joined::ByLineBreaks => {
            let parts = [method, space, target, version, b"\n", date, b"\n", body];
            key.verifies(&parts, signature)
        }
        Joined::BodyAlone => key.verifies(&[body], signature),
    }
}

/// The keys by their records: as they are, those of other ids, and each with the other digests.
fn keys<S: AsRef<[u8]>>(id: &[u8], evidence: &Evidence<'_, S>) -> Vec<Variant<RsaKey>> {
    let records = texts(evidence)
        .into_iter()
        .filter_map(|variant| variant.try_map(|record| RsaKey::new(record).ok()));
    let mut variants = Vec::new();
    for record in records {
        let mut causes = record.causes;
        if record.value.id().as_bytes() != id {
            causes = match causes {
                [None, _] => [Some(Diagnosis::OtherKeyId), None],
                // Two causes are not looked for.
                _ => continue,
            };
        }
        if causes == [None, None] {
            let others = RsaDigest::ALL.iter().copied();
            for digest in others.filter(|digest| *digest != record.value.digest()) {
                let other = record.value.clone().with_digest(digest);
                variants.push(Variant::new(other, Diagnosis::OtherDigest));
            }
        }
        variants.push(Variant {
            value: record.value,
            causes,
        });
    }
    variants
}

fn read_signature(value: &[u8]) -> Option<Variant<Vec<u8>>> {
    let bare = unquoted(value);
    let bytes = base64::decode(bare)?;
    let cause = if base64::encode(&bytes) == value {
        None
    } else if bare.len() < value.len() {
        Some(Diagnosis::HeaderNotTrimmed(HeaderName::EngageSignature))
    } else {
        Some(Diagnosis::SignatureEncoding)
    };
    Some(Variant::of(bytes, cause))
}

fn lines(request: Request<'_>, public_paths: &[&str]) -> Vec<Variant<Line>> {
    let given = Line {
        method: request.method().to_owned(),
        target: request.target().into(),
        joined: Joined::Plainly,
    };
    let mut variants = vec![Variant::as_is(given.clone())];
    for (joined, cause) in [
        (Joined::ByLineBreaks, Diagnosis::JoinedByLineBreaks),
        (Joined::BodyAlone, Diagnosis::BodySignedAlone),
    ] {
        let value = Line {
            joined,
            ..given.clone()
        };
        variants.push(Variant::new(value, cause));
    }
    for method in methods(request.method()) {
        let value = Line {
            method,
            ..given.clone()
        };
        variants.push(Variant::new(value, Diagnosis::MethodChanged));
    }
    let query = request
        .target()
        .get(request.path().len()..)
        .unwrap_or_default();
    for path in paths(request.path(), public_paths) {
        let target = [path.value.as_slice(), query.as_bytes()].concat();
        let value = Line {
            target,
            ..given.clone()
        };
        variants.push(Variant {
            value,
            causes: path.causes,
        });
    }
    let without_query = request.path().as_bytes().to_vec();
    let with_query = public_paths.iter().filter(|path| path.contains('?'));
    let with_query = with_query.map(|path| path.as_bytes().to_vec());
    for (target, cause) in [(without_query, Diagnosis::QueryAdded)]
        .into_iter()
        .chain(with_query.map(|target| (target, Diagnosis::QueryLost)))
    {
        if target != given.target {
            let value = Line {
                target,
                ..given.clone()
            };
            variants.push(Variant::new(value, cause));
        }
    }
    variants
}
