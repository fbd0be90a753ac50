use alloc::{borrow::ToOwned, string::String, vec::Vec};

use base64ct::{Base64, Encoding};
use serde_json::Value;
use sinch_callback::{AlgorithmHeader, Rules, UnixSeconds, Window};
use zeroize::Zeroizing;

/// What is to be looked at: a captured request, what it is judged with, and when.
#[non_exhaustive]
pub struct Asked {
    /// The request, in any form that [`Request::read`](crate::Request::read) takes.
    pub request: Bytes,
    /// The body, where the request shows none.
    pub body: Option<Bytes>,
    /// The texts of the secrets in use, the current one first.
    pub secrets: Vec<Bytes>,
    /// The texts of secrets that are no longer in use.
    pub retired: Vec<Bytes>,
    /// The scheme's name; found out by what carries the proof if left out.
    pub scheme: Option<String>,
    /// The id of the key that callbacks have to name, where they name one.
    pub key: Option<String>,
    /// The method that is signed; the request's if left out.
    pub method: Option<String>,
    /// The path of the URL that Sinch calls; the request's if left out.
    pub path: Option<String>,
    /// When it is judged, in Unix seconds.
    pub now: u64,
    /// The greatest age, in seconds; none where everything signed in the past is acceptable.
    pub max_age_secs: Option<u64>,
    /// How far the signed time may be ahead, in seconds.
    pub max_ahead_secs: u64,
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
    /// Whether the callback has to name its algorithm.
    pub require_algorithm: bool,
}

impl Default for Asked {
    /// Nothing, by the rules of a verifier with nothing behind it.
    fn default() -> Self {
        Self {
            request: Bytes::default(),
            body: None,
            secrets: Vec::new(),
            retired: Vec::new(),
            scheme: None,
            key: None,
            method: None,
            path: None,
            now: 0,
            max_age_secs: Some(Window::BARE.max_age.as_secs()),
            max_ahead_secs: Window::BARE.max_ahead.as_secs(),
            max_body_bytes: Rules::DEFAULT_MAX_BODY_BYTES,
            require_algorithm: false,
        }
    }
}

impl Asked {
    /// Reads a message's fields, which have the names of the fields here. What is left out is as by
    /// default.
    pub(crate) fn read(message: &Value) -> Self {
        let default = Self::default();
        let number = |name: &str| message.get(name).and_then(Value::as_u64);
        Self {
            request: bytes_of(message, "request").unwrap_or_default(),
            body: bytes_of(message, "body"),
            secrets: list_of(message, "secrets"),
            retired: list_of(message, "retired"),
            scheme: text_of(message, "scheme"),
            key: text_of(message, "key"),
            method: text_of(message, "method"),
            path: text_of(message, "path"),
            now: number("now").unwrap_or_default(),
            max_age_secs: match message.get("max_age_secs") {
                Some(Value::Null) => None,
                Some(age) => age.as_u64(),
                None => default.max_age_secs,
            },
            max_ahead_secs: number("max_ahead_secs").unwrap_or(default.max_ahead_secs),
            max_body_bytes: number("max_body_bytes")
                .and_then(|bytes| usize::try_from(bytes).ok())
                .unwrap_or(default.max_body_bytes),
            require_algorithm: message.get("require_algorithm") == Some(&Value::Bool(true)),
        }
    }

    pub(crate) fn now(&self) -> UnixSeconds {
        UnixSeconds::new(self.now)
    }

    pub(crate) fn window(&self) -> Window {
        let age = self.max_age_secs;
        let age = age.map_or(Window::UNLIMITED, core::time::Duration::from_secs);
        Window::new(age, core::time::Duration::from_secs(self.max_ahead_secs))
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules::BARE
            .with_window(self.window())
            .with_max_body_bytes(self.max_body_bytes)
            .with_algorithm_header(AlgorithmHeader::required_if(self.require_algorithm))
    }
}

/// Bytes in a message: a text, or base64 where they may be none. Erased when they are dropped.
#[derive(Clone, Default)]
pub struct Bytes(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl Bytes {
    /// `{"text": …}` or `{"base64": …}`.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let bytes = match value.get("text").and_then(Value::as_str) {
            Some(text) => text.as_bytes().to_vec(),
            None => Base64::decode_vec(value.get("base64")?.as_str()?).ok()?,
        };
        Some(Self(Zeroizing::new(bytes)))
    }
}

/// A field that is a text; none where it is empty.
pub(crate) fn text_of(message: &Value, name: &str) -> Option<String> {
    let text = message.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// A field that is bytes.
pub(crate) fn bytes_of(message: &Value, name: &str) -> Option<Bytes> {
    message.get(name).and_then(Bytes::read)
}

fn list_of(message: &Value, name: &str) -> Vec<Bytes> {
    let list = message.get(name).and_then(Value::as_array);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Bytes::read).collect()
}
