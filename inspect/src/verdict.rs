use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use serde::Serialize;
use sinch_callback::{
    Authentic, Callback, Evidence, HeaderName, Promise, Rejection, UnixSeconds, diagnose_by,
    scheme::{AnyScheme, Request, Scheme, SchemeName},
};

use crate::header_line::{HeaderLine, pairs};

/// The verdict on a captured callback, with what an authentic one is worth, or why it fails.
#[derive(Debug, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Report {
    /// It is authentic.
    #[non_exhaustive]
    Accepted {
        /// How it is signed.
        scheme: SchemeName,
        /// The stable name of what the signature promises.
        promise: &'static str,
        /// The same in a sentence.
        worth: &'static str,
        /// What the signature does not cover, in a sentence.
        not_covered: &'static str,
        /// The secret that made it, counted from 0.
        secret_slot: u8,
        /// The key of the delivery, in hex.
        replay_key: String,
        /// The key of the event, in hex, where the signature covers the body.
        #[serde(skip_serializing_if = "Option::is_none")]
        content_key: Option<String>,
        /// Seconds since it was signed, where the signature covers a time.
        #[serde(skip_serializing_if = "Option::is_none")]
        age_secs: Option<u64>,
        /// What it tells of.
        kind: String,
        /// Whether Sinch waits for an answer that only the application can give.
        expects_answer: bool,
    },
    /// It is refused.
    #[non_exhaustive]
    Rejected {
        /// How it is taken to be signed.
        scheme: SchemeName,
        /// The stable name of what is wrong.
        code: &'static str,
        /// The HTTP status that a receiver answers.
        status: u16,
        /// What is wrong, in words.
        detail: String,
        /// The header at fault.
        #[serde(skip_serializing_if = "Option::is_none")]
        header: Option<&'static str>,
        /// What makes the signature match once it is undone.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        diagnosis: Vec<Cause>,
    },
}

/// A likely cause why a callback fails.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Cause {
    /// Its stable name.
    pub code: &'static str,
    /// The cause and its remedy, in words.
    pub detail: String,
}

/// The report of a callback that is authentic.
#[must_use]
pub fn accepted(
    scheme: &AnyScheme,
    authentic: &Authentic<'_, Promise>,
    now: UnixSeconds,
) -> Report {
    let body = authentic.received();
    let promise = authentic.promise();
    let name = scheme.name();
    let kind = Callback::parse_by(name, body).map(|callback| callback.kind.as_str());
    Report::Accepted {
        scheme: name,
        promise: promise.as_str(),
        worth: name.promise(),
        not_covered: name.not_covered(),
        secret_slot: authentic.secret_slot().index(),
        replay_key: promise.replay_key().to_string(),
        content_key: promise
            .covers_body()
            .then(|| authentic.log_key().to_string()),
        age_secs: promise
            .signed_at()
            .map(|signed_at| now.since(signed_at).as_secs()),
        kind: kind.unwrap_or("unrecognized").into(),
        expects_answer: scheme.expects_answer(body),
    }
}

/// The report of a callback that is refused.
#[must_use]
pub fn rejected(scheme: &AnyScheme, rejection: &Rejection, diagnosis: Vec<Cause>) -> Report {
    Report::Rejected {
        scheme: scheme.name(),
        code: rejection.code(),
        status: rejection.http_status(),
        detail: rejection.to_string(),
        header: rejection.header().map(HeaderName::as_str),
        diagnosis,
    }
}

/// The likely causes why a callback fails, in words.
#[must_use]
pub fn causes_of<S: AsRef<[u8]>>(
    scheme: &AnyScheme,
    request: Request<'_>,
    headers: &[HeaderLine],
    evidence: &Evidence<'_, S>,
) -> Vec<Cause> {
    let causes = diagnose_by(scheme, request, pairs(headers), evidence);
    let said = causes.into_iter().map(|cause| Cause {
        code: cause.code(),
        detail: cause.to_string(),
    });
    said.collect()
}

/// What to think of a signature that does not match where no usual cause fits.
#[must_use]
pub const fn without_cause(name: SchemeName) -> &'static str {
    if name.signs_path() {
        "no usual cause fits: most likely another secret, or another path than that of the URL that Sinch \
         calls, or a body that is not the raw one"
    } else {
        "no usual cause fits: most likely another secret (does the webhook override its callback_url?), or \
         a body that is not the raw one"
    }
}
