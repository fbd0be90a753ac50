//! What may have been signed of a request line and its headers.

use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};

use super::{cause::Diagnosis, header_variants::respaced_variants, variant::Variant};
use crate::{header_name::HeaderName, scheme::request::Request};

/// What is signed besides the body.
#[derive(Clone)]
pub(super) struct Lines {
    pub(super) method: String,
    pub(super) content_type: Vec<u8>,
    pub(super) timestamp: Vec<u8>,
    pub(super) path: Vec<u8>,
}

/// The three parts of an authorization, whatever they are.
pub(super) struct Authorization<'a> {
    pub(super) word: &'a [u8],
    pub(super) key: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Authorization<'a> {
    pub(super) fn read(value: &'a [u8]) -> Option<Self> {
        let value = value.trim_ascii();
        let colon = value.iter().rposition(|byte| *byte == b':')?;
        let (named, signature) = value.split_at_checked(colon)?;
        let space = named.iter().rposition(|byte| *byte == b' ');
        let (word, key) = match space {
            Some(space) => named.split_at_checked(space)?,
            None => (&[][..], named),
        };
        Some(Self {
            word: word.trim_ascii(),
            key: key.trim_ascii(),
            signature: signature.get(1..)?,
        })
    }
}

/// The lines that may have been signed: as they are, with one thing undone, and with two that gateways do
/// together, to the path and to the content type.
pub(super) fn lines(
    request: Request<'_>,
    content_type: Option<&[u8]>,
    timestamp: &[u8],
    public_paths: &[&str],
) -> Vec<Variant<Lines>> {
    let given = Lines {
        method: request.method().to_owned(),
        content_type: content_type.unwrap_or_default().to_owned(),
        timestamp: timestamp.to_owned(),
        path: request.path().into(),
    };
    let mut paths = paths(request.path(), public_paths);
    if request.target() != request.path() {
        paths.push(Variant::new(
            request.target().into(),
            Diagnosis::QuerySigned,
        ));
    }
    let types = content_types(content_type.unwrap_or_default());
    let mut variants = vec![Variant::of(given.clone(), name_inside(timestamp))];
    for path in &paths {
        let of_path = Lines {
            path: path.value.clone(),
            ..given.clone()
        };
        for other in &types {
            let both = Lines {
                content_type: other.clone(),
                ..of_path.clone()
            };
            variants.push(Variant {
                value: both,
                causes: [path.causes().next(), Some(Diagnosis::ContentTypeChanged)],
            });
        }
        variants.push(Variant {
            value: of_path,
            causes: path.causes,
        });
    }
    for content_type in types {
        let value = Lines {
            content_type,
            ..given.clone()
        };
        variants.push(Variant::new(value, Diagnosis::ContentTypeChanged));
    }
    for method in methods(request.method()) {
        let value = Lines {
            method,
            ..given.clone()
        };
        variants.push(Variant::new(value, Diagnosis::MethodChanged));
    }
    for other in timestamps(timestamp) {
        let value = Lines {
            timestamp: other.value,
            ..given.clone()
        };
        variants.push(Variant {
            value,
            causes: other.causes,
        });
    }
    variants
}

const X_TIMESTAMP: &[u8] = b"x-timestamp:";

/// A time that repeats its header's name is refused as it stands.
fn name_inside(timestamp: &[u8]) -> Option<Diagnosis> {
    let cause = Diagnosis::HeaderNameInValue(HeaderName::XTimestamp);
    timestamp.starts_with(X_TIMESTAMP).then_some(cause)
}

fn timestamps(timestamp: &[u8]) -> Vec<Variant<Vec<u8>>> {
    let mut variants = respaced_variants(HeaderName::XTimestamp, timestamp);
    let cause = Diagnosis::HeaderNameInValue(HeaderName::XTimestamp);
    if let Some(bare) = timestamp.strip_prefix(X_TIMESTAMP) {
        variants.push(Variant::new(bare.to_owned(), cause));
    } else {
        variants.push(Variant::new([X_TIMESTAMP, timestamp].concat(), cause));
    }
    variants
}

/// Methods besides this one.
pub(super) fn methods(method: &str) -> Vec<String> {
    let usual = ["POST", "GET", "PUT", "PATCH"].map(String::from);
    let upper = method.to_ascii_uppercase();
    let all = usual.into_iter().chain([upper]);
    all.filter(|other| other != method).collect()
}

/// Beginnings of paths that gateways take off: the usual names of API Gateway's stages, and of mounts.
const USUAL_PREFIXES: [&str; 9] = [
    "/prod", "/dev", "/stage", "/staging", "/test", "/default", "/api", "/v1", "/v2",
];

/// Paths besides this one that may have been the public one.
pub(super) fn paths(path: &str, public_paths: &[&str]) -> Vec<Variant<Vec<u8>>> {
    let mut others: Vec<String> = Vec::new();
    for public in public_paths {
        let bare = public.split('?').next().unwrap_or_default();
        others.push(bare.into());
        others.push(format!("{}{path}", bare.trim_end_matches('/')));
    }
    // What stands behind each slash: something in front was added.
    let rests = path.match_indices('/').skip(1);
    others.extend(rests.filter_map(|(at, _)| path.get(at..)).map(String::from));
    others.push(String::from("/"));
    for prefix in USUAL_PREFIXES {
        others.push(format!("{prefix}{path}"));
    }
    others.push(match path.strip_suffix('/') {
        Some(bare) => bare.into(),
        None => format!("{path}/"),
    });
    let rewritten = others.into_iter().filter(|other| other != path);
    let mut variants: Vec<_> = rewritten
        .map(|other| Variant::new(other.into_bytes(), Diagnosis::PathRewritten))
        .collect();
    for other in [percent_decoded(path), percent_encoded(path)] {
        if other != path.as_bytes() {
            variants.push(Variant::new(other, Diagnosis::PathEncoding));
        }
    }
    variants
}

fn percent_decoded(path: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.first_chunk::<2>().filter(|_| *first == b'%');
        let value = digits
            .and_then(|digits| str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match value {
            Some(byte) => {
                decoded.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = behind;
            }
        }
    }
    decoded
}

/// The path with everything encoded that a request line cannot hold.
fn percent_encoded(path: &str) -> Vec<u8> {
    let mut encoded = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded.into_bytes()
}

/// Content types besides this one that proxies and frameworks make of each other.
fn content_types(given: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(given).into_owned();
    let media = text.split(';').next().unwrap_or_default().trim();
    let medias = [media, "application/json"];
    let mut others = vec![
        text.to_ascii_lowercase(),
        text.replace("; ", ";"),
        text.replace(';', "; ").replace(";  ", "; "),
        format!("{text} "),
        text.trim().into(),
        String::new(),
    ];
    for media in medias {
        others.push(media.into());
        for parameter in [
            "charset=utf-8",
            "charset=UTF-8",
            "charset=\"utf-8\"",
            "charset=utf8",
        ] {
            for separator in [";", "; "] {
                others.push(format!("{media}{separator}{parameter}"));
            }
        }
    }
    let mut unique: Vec<Vec<u8>> = Vec::new();
    for other in others.into_iter().map(String::into_bytes) {
        if other != given && !unique.contains(&other) {
            unique.push(other);
        }
    }
    unique
}
