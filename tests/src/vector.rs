use core::time::Duration;

use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::Value;
use sinch_callback::{
    AlgorithmHeader, Rejection, Rules, Secret, SecretRing, SignedHeaders, UnixSeconds, Verifier,
    Window,
};

/// One case of `tests/vectors/*.json`: a callback, who judges it and when, and the verdict. The
/// verdicts come from Sinch's SDK tests and from Python's `hmac`, never from the code under test.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Names the case.
    pub id: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    #[serde(rename = "source")]
    _source: Option<String>,
    secrets: Vec<Text>,
    #[serde(default)]
    verbatim: bool,
    #[serde(default)]
    options: Options,
    headers: Vec<(String, Text)>,
    body: Body,
    now: String,
    /// What the verdict must be.
    pub expect: Expected,
}

/// A text, or bytes that are none.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Plain(String),
    Hex { hex: String },
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Body {
    Text { text: String },
    Base64 { base64: String },
    Repeat { repeat: String, count: usize },
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    max_age_secs: Option<String>,
    max_ahead_secs: Option<String>,
    max_body_bytes: Option<usize>,
    algorithm_header: Option<String>,
}

/// A verdict.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "verdict", rename_all = "lowercase", deny_unknown_fields)]
pub enum Expected {
    /// Accepted, with what the verifier tells of it.
    Accepted {
        /// The secret that signed it.
        secret_slot: u8,
        /// The key of the delivery, in hex.
        replay_key: String,
        /// The key of the event, in hex.
        content_key: String,
        /// Seconds since it was signed, as decimal text.
        age_secs: String,
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

impl Vector {
    /// All vectors of the repository. Compiled in: a browser has no files to read.
    pub fn all() -> Vec<Self> {
        let files = [
            include_str!("../vectors/published.json"),
            include_str!("../vectors/made.json"),
        ];
        let mut vectors = Vec::new();
        for text in files {
            let values: Vec<Value> = serde_json::from_str(text).expect("vectors are a JSON array");
            for value in values {
                let id = value["id"].to_string();
                vectors.push(
                    serde_json::from_value(value).unwrap_or_else(|error| panic!("{id}: {error}")),
                );
            }
        }
        vectors
    }

    /// The secrets as bytes, and whether white space around them belongs to them.
    pub fn secrets(&self) -> (Vec<Vec<u8>>, bool) {
        (
            self.secrets.iter().map(Text::bytes).collect(),
            self.verbatim,
        )
    }

    /// Whether a callback has to name its algorithm.
    pub fn algorithm_header(&self) -> AlgorithmHeader {
        match self.options.algorithm_header.as_deref() {
            None | Some("optional") => AlgorithmHeader::Optional,
            Some("required") => AlgorithmHeader::Required,
            Some(other) => panic!("{}: {other}", self.id),
        }
    }

    /// The verifier that judges the case.
    pub fn verifier(&self) -> Verifier {
        let (secrets, verbatim) = self.secrets();
        let secrets = secrets.iter().map(|bytes| {
            if verbatim {
                Secret::verbatim(bytes)
            } else {
                Secret::new(bytes)
            }
            .unwrap_or_else(|error| panic!("{}: {error}", self.id))
        });
        let seconds = |text: &Option<String>| match text.as_deref() {
            None => Duration::from_secs(300),
            Some("unlimited") => Window::UNLIMITED,
            Some(text) => Duration::from_secs(text.parse().expect("seconds are a number")),
        };
        let options = &self.options;
        let verifier = Verifier::bare(SecretRing::new(secrets).expect("one to four secrets"))
            .with_window(Window::new(
                seconds(&options.max_age_secs),
                seconds(&options.max_ahead_secs),
            ))
            .with_algorithm_header(self.algorithm_header());
        verifier.with_max_body_bytes(
            options
                .max_body_bytes
                .unwrap_or(Rules::DEFAULT_MAX_BODY_BYTES),
        )
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
    pub fn verdict(&self) -> Expected {
        let (headers, body, now) = (self.headers(), self.body(), self.now());
        let pairs = headers
            .iter()
            .map(|(name, value)| (*name, value.as_slice()));
        let verdict = SignedHeaders::collect(pairs)
            .and_then(|headers| self.verifier().authenticate(&headers, &body, now));
        match verdict {
            Ok(authentic) => Expected::Accepted {
                secret_slot: authentic.secret_slot().index(),
                replay_key: authentic.replay_key().to_string(),
                content_key: authentic.content_key().to_string(),
                age_secs: authentic.age(now).as_secs().to_string(),
            },
            Err(rejection) => Expected::Rejected {
                code: rejection.code().into(),
                status: rejection.http_status(),
                header: header_at_fault(rejection),
            },
        }
    }
}

/// The header that the vectors name: the one whose presence or form is wrong.
fn header_at_fault(rejection: Rejection) -> Option<String> {
    match rejection {
        Rejection::UnsupportedAlgorithm => None,
        other => other.header().map(|name| name.to_string()),
    }
}

impl Body {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text { text } => text.clone().into_bytes(),
            Self::Base64 { base64 } => Base64::decode_vec(base64).expect("the body is base64"),
            Self::Repeat { repeat, count } => repeat.repeat(*count).into_bytes(),
        }
    }
}

impl Text {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Plain(text) => text.clone().into_bytes(),
            Self::Hex { hex } => (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits"))
                .collect(),
        }
    }
}
