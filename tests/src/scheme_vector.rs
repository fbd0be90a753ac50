use serde::Deserialize;
use sinch_callback::{
    Authentic, Promise, Rejection, UnixSeconds,
    scheme::{AnyScheme, Request, SchemeName, SchemeVerifier},
};

use crate::vector::{Body, Text};

/// One case of `tests/vectors/schemes.json`: a callback of a scheme, with the verdict that it must get.
/// The verdicts come from Sinch's documentation and SDK tests, and from Python's `hmac` and integers,
/// never from the code under test.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeVector {
    /// Names the case.
    pub id: String,
    #[serde(rename = "note")]
    _note: String,
    #[serde(rename = "source")]
    _source: Option<String>,
    scheme: String,
    key: Option<String>,
    secrets: Vec<Text>,
    request: Line,
    headers: Vec<(String, Text)>,
    body: Body,
    now: String,
    /// What the verdict must be.
    pub expect: SchemeExpected,
}

/// The request line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: String,
    target: String,
}

/// A verdict by a scheme.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "verdict", rename_all = "lowercase", deny_unknown_fields)]
pub enum SchemeExpected {
    /// Accepted, with what it is worth.
    Accepted {
        /// The secret that signed it.
        secret_slot: u8,
        /// What the signature promises.
        promise: String,
        /// The key of the delivery, in hex.
        replay_key: String,
        /// The key of the event, in hex, where the signature covers the body.
        content_key: Option<String>,
        /// Seconds since it was signed, as decimal text, where the signature covers a time.
        age_secs: Option<String>,
    },
    /// Rejected, and why.
    Rejected {
        /// The rejection's code.
        code: String,
        /// The status it is answered with.
        status: u16,
        /// The header at fault.
        header: Option<String>,
    },
}

impl SchemeVector {
    /// All vectors of schemes. Compiled in: a browser has no files to read.
    pub fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("../vectors/schemes.json"))
            .expect("vectors are a JSON array of cases")
    }

    /// The name of the scheme.
    pub fn scheme_name(&self) -> SchemeName {
        self.scheme.parse().expect("the scheme has a name of ours")
    }

    /// The scheme that judges the case.
    pub fn scheme(&self) -> AnyScheme {
        AnyScheme::new(self.scheme_name(), self.key.as_deref())
            .unwrap_or_else(|error| panic!("{}: {error}", self.id))
    }

    /// The id of the key that callbacks have to name.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The secrets as bytes.
    pub fn secrets(&self) -> Vec<Vec<u8>> {
        self.secrets.iter().map(Text::bytes).collect()
    }

    /// The request line.
    pub fn request(&self) -> Request<'_> {
        Request::new(&self.request.method, &self.request.target)
    }

    /// The headers, as bytes.
    pub fn headers(&self) -> Vec<(&str, Vec<u8>)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.bytes()))
            .collect()
    }

    /// The raw body.
    pub fn body(&self) -> Vec<u8> {
        self.body.bytes()
    }

    /// The moment at which it is judged.
    pub fn now(&self) -> UnixSeconds {
        UnixSeconds::new(self.now.parse().expect("now is a number"))
    }

    /// What the core says.
    pub fn verdict(&self) -> SchemeExpected {
        let (headers, body, now) = (self.headers(), self.body(), self.now());
        let verifier = SchemeVerifier::new(self.scheme(), self.secrets())
            .unwrap_or_else(|error| panic!("{}: {error}", self.id));
        let pairs = headers
            .iter()
            .map(|(name, value)| (*name, value.as_slice()));
        match verifier.authenticate(self.request(), pairs, &body, now) {
            Ok(authentic) => accepted(&authentic, now),
            Err(rejection) => rejected(rejection),
        }
    }
}

fn accepted(authentic: &Authentic<'_, Promise>, now: UnixSeconds) -> SchemeExpected {
    let promise = authentic.promise();
    let (name, content_key) = match promise {
        Promise::Timely(_) => ("timely", Some(authentic.log_key())),
        Promise::Untimed(_) => ("untimed", Some(authentic.log_key())),
        Promise::TokenOnly(_) => ("token_only", None),
        other => panic!("{other:?} has no name here"),
    };
    let age = promise.signed_at().map(|signed_at| now.since(signed_at));
    SchemeExpected::Accepted {
        secret_slot: authentic.secret_slot().index(),
        promise: name.into(),
        replay_key: promise.replay_key().to_string(),
        content_key: content_key.map(|key| key.to_string()),
        age_secs: age.map(|age| age.as_secs().to_string()),
    }
}

fn rejected(rejection: Rejection) -> SchemeExpected {
    SchemeExpected::Rejected {
        code: rejection.code().into(),
        status: rejection.http_status(),
        header: rejection.header().map(|name| name.to_string()),
    }
}
