use alloc::{string::String, vec::Vec};

use serde::Serialize;
use serde_json::Value;
use sinch_callback::{Rules, Window, scheme::SchemeName};

use crate::{
    asked::Asked,
    curl::{ToSend, sign},
    inspection::inspect,
};

#[derive(Serialize)]
struct About {
    schemes: Vec<Described>,
    max_age_secs: u64,
    max_ahead_secs: u64,
    max_body_bytes: usize,
}

#[derive(Serialize)]
struct Described {
    name: SchemeName,
    products: &'static str,
    names_key: bool,
    signs_path: bool,
    signs_time: bool,
    /// Whether a request can be signed with what verifies one.
    shares_secret: bool,
}

/// Answers a message of JSON in JSON: `{"ask":"inspect", …}` with the fields of [`Asked`], `{"ask":"sign",
/// …}` for a signed command, `{"ask":"about"}` for the schemes and the defaults. Nothing where it is none of
/// the three.
///
/// ```
/// let answer = sinch_callback_inspect::answer(
///     br#"{"ask":"inspect","request":{"text":"POST / HTTP/1.1\nx-sinch-signature: 00\n\n{}"}}"#,
/// );
/// assert!(answer.contains(r#""name":"numbers""#), "{answer}");
/// ```
#[must_use]
pub fn answer(message: &[u8]) -> String {
    let message: Value = match serde_json::from_slice(message) {
        Ok(message) => message,
        Err(_) => return String::new(),
    };
    match message.get("ask").and_then(Value::as_str) {
        Some("about") => json(&about()),
        Some("inspect") => json(&inspect(&Asked::read(&message))),
        Some("sign") => match sign(&ToSend::read(&message)) {
            Ok(signed) => json(&signed),
            Err(refused) => json(&refused),
        },
        _ => String::new(),
    }
}

fn about() -> About {
    let schemes = SchemeName::ALL.iter().map(|name| Described {
        name: *name,
        products: name.products(),
        names_key: name.names_key(),
        signs_path: name.signs_path(),
        signs_time: name.signs_time(),
        shares_secret: name.shares_secret(),
    });
    About {
        schemes: schemes.collect(),
        max_age_secs: Window::BARE.max_age.as_secs(),
        max_ahead_secs: Window::BARE.max_ahead.as_secs(),
        max_body_bytes: Rules::DEFAULT_MAX_BODY_BYTES,
    }
}

fn json(value: &impl Serialize) -> String {
    // Nothing in it cannot be written.
    serde_json::to_string(value).unwrap_or_default()
}
