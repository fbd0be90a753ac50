use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde::Serialize;
use sinch_callback::{
    Answer, Evidence, Ring, SignedPart, SignedPartName, SignedString,
    scheme::{self, AnyKey, AnyScheme, Scheme, SchemeName, SchemeVerifier},
};

use crate::{
    asked::Asked,
    header_line::pairs,
    request::{Request, Unreadable, names_the_signature},
    text::Shown,
    verdict::{Cause, Report, accepted, causes_of, rejected, without_cause},
};

/// All that can be said of a captured callback.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// What the request was read from, in words.
    pub form: Option<String>,
    /// What is missing, wrong or assumed of what was given.
    pub problems: Vec<Problem>,
    /// How it is signed.
    pub scheme: Option<NamedScheme>,
    /// The verdict; none while something is missing.
    pub report: Option<Report>,
    /// Likely causes, where a key is none and there can be no verdict.
    pub causes: Vec<Cause>,
    /// What to think of a mismatch without a cause.
    pub hint: Option<&'static str>,
    /// What is signed, in its parts.
    pub parts: Vec<Part>,
    /// The signature as the callback has it, and by the keys that were given.
    pub signature: Signature,
    /// Where the signed time lies.
    pub time: Option<Time>,
}

/// Something to be told of what was given.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// What it is about: `request`, `body`, `secret`, `retired`, `scheme`, `key` or `path`.
    pub field: &'static str,
    /// Which of several, counted from 0.
    pub index: usize,
    /// Whether there is no verdict for it.
    pub stops: bool,
    /// The problem and its remedy, in words.
    pub detail: String,
}

/// A scheme, and how it was found.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct NamedScheme {
    /// Its name.
    pub name: SchemeName,
    /// The products that sign so.
    pub products: &'static str,
    /// `named`, `guessed` by what carries the proof, or `assumed` where nothing does.
    pub found: &'static str,
    /// What an authentic callback is worth.
    pub worth: &'static str,
    /// What the signature does not cover.
    pub not_covered: &'static str,
    /// Whether a time is signed.
    pub signs_time: bool,
}

/// A part of the signed string.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Part {
    name: &'static str,
    shown: Option<Shown>,
}

/// The signature, theirs and ours.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Signature {
    /// As the callback has it.
    theirs: Option<Shown>,
    /// By each key that was given.
    ours: Vec<Ours>,
}

#[derive(Debug, Serialize)]
struct Ours {
    /// The secret, counted from 0.
    slot: usize,
    /// The signature; none by a key that only verifies, or where a part is missing.
    text: Option<String>,
    /// The first character that differs from theirs.
    differs_at: Option<usize>,
    /// Id and digest of a key that only verifies.
    key: Option<String>,
}

/// Where the signed time lies.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Time {
    signed_at: u64,
    now: u64,
    max_age_secs: Option<u64>,
    max_ahead_secs: u64,
    is_timely: bool,
}

/// What can be said of a callback.
#[must_use]
pub fn inspect(asked: &Asked) -> Inspection {
    let mut inspection = Inspection::default();
    let Some(captured) = captured(asked, &mut inspection) else {
        return inspection;
    };
    let Some(scheme) = scheme_of(asked, &captured, &mut inspection) else {
        return inspection;
    };
    let name = scheme.name();
    let line = captured.request.line.as_ref();
    let seen = line.map(|line| line.method.as_str());
    let method = asked.method.as_deref().or(seen);
    let public = asked.path.as_deref();
    let seen = line.map(|line| line.target.as_str());
    let target = public.or(seen);
    if target.is_none() && name.signs_path() {
        inspection.stop("path", 0, format!(
            "the scheme {name} signs the path, and the request shows none: give that of the URL that Sinch calls"
        ));
    }
    let request = scheme::Request::new(method.unwrap_or("POST"), target.unwrap_or("/"));
    let headers = &captured.request.headers;
    let body = captured.body.as_deref().unwrap_or_default();
    let string = SignedString::of(&scheme, request, pairs(headers), body);
    let is_shown = |part: SignedPartName| match part {
        SignedPartName::Path | SignedPartName::Target => target.is_some(),
        SignedPartName::Body | SignedPartName::BodyMd5 => captured.body.is_some(),
        _ => true,
    };
    inspection.parts = parts(&string, is_shown);
    let is_whole = string.parts.iter().all(|part| is_shown(part.name));
    let keys = keys(&scheme, asked, &mut inspection);
    inspection.signature = Signature {
        theirs: string.signature.as_deref().map(Shown::of),
        ours: keys
            .iter()
            .map(|(slot, key)| ours(*slot, key, &scheme, &string, is_whole))
            .collect(),
    };
    inspection.time = string.signed_at.map(|signed_at| Time {
        signed_at: signed_at.get(),
        now: asked.now,
        max_age_secs: asked.max_age_secs,
        max_ahead_secs: asked.max_ahead_secs,
        is_timely: asked.window().check(signed_at, asked.now()).is_ok(),
    });
    let ring = Ring::new(keys.into_iter().map(|(_, key)| key));
    // Without a secret there is something to look at all the same.
    if let Err(why) = &ring
        && asked.secrets.len() > Ring::<AnyKey>::MAX
    {
        inspection.stop("secret", Ring::<AnyKey>::MAX, why.to_string());
    }
    if inspection.problems.iter().any(|problem| problem.stops) && captured.body.is_none() {
        return inspection;
    }
    let public_paths: Vec<&str> = seen
        .filter(|seen| Some(*seen) != target)
        .into_iter()
        .collect();
    let evidence = Evidence::new(body, &asked.secrets, asked.now())
        .with_retired_secrets(&asked.retired)
        .with_public_paths(&public_paths)
        .with_window(asked.window());
    let causes = || causes_of(&scheme, request, headers, &evidence);
    match ring {
        Ok(ring) if !inspection.problems.iter().any(|problem| problem.stops) => {
            let verifier = SchemeVerifier::of(scheme, ring, asked.rules());
            let verdict = verifier.authenticate(request, pairs(headers), body, asked.now());
            let report = match &verdict {
                Ok(authentic) => accepted(&scheme, authentic, asked.now()),
                Err(rejection) => rejected(&scheme, rejection, causes()),
            };
            if let Report::Rejected {
                code, diagnosis, ..
            } = &report
                && *code == Answer::SIGNATURE_MISMATCH.code()
                && diagnosis.is_empty()
            {
                inspection.hint = Some(without_cause(name));
            }
            inspection.report = Some(report);
        }
        _ if !asked.secrets.is_empty() => inspection.causes = causes(),
        _ => {}
    }
    inspection
}

impl Inspection {
    fn stop(&mut self, field: &'static str, index: usize, detail: impl Into<String>) {
        self.problem(field, index, true, detail.into());
    }

    fn warn(&mut self, field: &'static str, index: usize, detail: impl Into<String>) {
        self.problem(field, index, false, detail.into());
    }

    fn problem(&mut self, field: &'static str, index: usize, stops: bool, detail: String) {
        self.problems.push(Problem {
            field,
            index,
            stops,
            detail,
        });
    }
}

/// A request with the body that counts.
struct Captured {
    request: Request,
    body: Option<Vec<u8>>,
}

fn captured(asked: &Asked, inspection: &mut Inspection) -> Option<Captured> {
    let given = asked.body.as_ref().map(AsRef::as_ref);
    let bytes = asked.request.as_ref();
    if given.is_some_and(names_the_signature) && !names_the_signature(bytes) {
        inspection.stop(
            "request",
            0,
            "the headers stand in the place of the body: change the two over",
        );
        return None;
    }
    let mut request = match Request::read(bytes) {
        Ok(request) => request,
        Err(why) => {
            let field = match why {
                Unreadable::BodyInFile { .. } => "body",
                _ => "request",
            };
            inspection.stop(field, 0, why.to_string());
            return None;
        }
    };
    let form = request.form.to_string();
    let own = request.body.take();
    let has_own = own.as_ref().is_some_and(|body| !body.is_empty());
    let body = match (given, own) {
        (Some(_), Some(own)) if has_own => {
            inspection.warn(
                "body",
                0,
                format!("{form} with a body of its own: the one that stands here is left aside"),
            );
            Some(own)
        }
        (Some(given), _) => Some(given.to_vec()),
        (None, own) => own,
    };
    if body.is_none() {
        inspection.stop(
            "body",
            0,
            format!("{form} without a body: give the raw body"),
        );
    }
    inspection.form = Some(form);
    Some(Captured { request, body })
}

/// The id that stands in where a callback names none, and is refused for it.
const NO_KEY: &str = "none";

fn scheme_of(asked: &Asked, captured: &Captured, inspection: &mut Inspection) -> Option<AnyScheme> {
    let headers = &captured.request.headers;
    let body = captured.body.as_deref().unwrap_or_default();
    let (name, found) = match asked.scheme.as_deref() {
        Some(name) => match name.parse() {
            Ok(name) => (name, "named"),
            Err(_) => {
                inspection.stop("scheme", 0, format!("{name} is no scheme"));
                return None;
            }
        },
        None => match SchemeName::guess(pairs(headers), body) {
            Some(name) => (name, "guessed"),
            None => (SchemeName::Conversation, "assumed"),
        },
    };
    inspection.scheme = Some(NamedScheme {
        name,
        products: name.products(),
        found,
        worth: name.promise(),
        not_covered: name.not_covered(),
        signs_time: name.signs_time(),
    });
    if !name.names_key() {
        return AnyScheme::new(name, None).ok();
    }
    let given = asked.key.as_deref();
    if let Some(key) = given {
        return match AnyScheme::new(name, Some(key)) {
            Ok(scheme) => Some(scheme),
            Err(why) => {
                inspection.stop("key", 0, why.to_string());
                None
            }
        };
    }
    let any = AnyScheme::new(name, Some(NO_KEY)).ok()?;
    let request = scheme::Request::post("/");
    let string = SignedString::of(&any, request, pairs(headers), body);
    let named = string.key_id.and_then(|key| str::from_utf8(key).ok());
    let scheme = AnyScheme::new(name, named).ok().filter(|_| named.is_some());
    if scheme.is_some() {
        inspection.warn(
            "key",
            0,
            "no id of a key is given: the one that the callback names is taken for yours",
        );
    }
    Some(scheme.unwrap_or(any))
}

/// The keys of the secrets that are one. A secret that looks like a mistake is told, and taken as it is,
/// so that what is wrong with it comes out as a cause.
fn keys(scheme: &AnyScheme, asked: &Asked, inspection: &mut Inspection) -> Vec<(usize, AnyKey)> {
    let mut keys = Vec::new();
    for (slot, secret) in asked.secrets.iter().enumerate() {
        let text = secret.as_ref();
        match scheme.key(text) {
            Ok(key) => keys.push((slot, key)),
            Err(why) => match scheme.verbatim_key(text) {
                Ok(key) if scheme.name().shares_secret() => {
                    inspection.warn("secret", slot, why.to_string());
                    keys.push((slot, key));
                }
                _ => inspection.stop("secret", slot, why.to_string()),
            },
        }
    }
    keys
}

fn parts(string: &SignedString<'_>, is_shown: impl Fn(SignedPartName) -> bool) -> Vec<Part> {
    let part = |part: &SignedPart<'_>| Part {
        name: part.name.as_str(),
        shown: part
            .bytes
            .as_deref()
            .filter(|_| is_shown(part.name))
            .map(Shown::of),
    };
    string.parts.iter().map(part).collect()
}

fn ours(
    slot: usize,
    key: &AnyKey,
    scheme: &AnyScheme,
    string: &SignedString<'_>,
    is_whole: bool,
) -> Ours {
    let text = string.signature_by(scheme, key).filter(|_| is_whole);
    let differs_at = text.as_deref().and_then(|ours| {
        let theirs = string.signature.as_deref()?;
        let ours = ours.as_bytes();
        let shared = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
        (ours != theirs).then_some(shared)
    });
    let key = match key {
        AnyKey::Rsa(key) => Some(format!("{} ({})", key.id(), key.digest().as_str())),
        _ => None,
    };
    Ours {
        slot,
        text,
        differs_at,
        key,
    }
}
