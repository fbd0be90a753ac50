use serde::Serialize;

/// Whom or what to forget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A person, by a number, an address or an id on a channel.
    Identity(String),
    /// A message, by its id.
    Message(String),
}

/// How much was deleted, or would be. What a store has none of is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Messages, with their channels and log.
    pub messages: u64,
    /// Callbacks whose body is gone.
    pub bodies: u64,
    /// Events that are kept to be told, or were told.
    pub events: u64,
    /// Callbacks that waited to be processed, or were set aside.
    pub queued: u64,
}

/// What stands for a subject is too short to be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is shorter than {SHORTEST} characters, and would be found in what is about others"
)]
pub struct TooShort {
    text: String,
}

impl Subject {
    /// What may stand in a body for it, as bytes to look for. A number is its digits, however it is
    /// written around them.
    ///
    /// # Errors
    /// Where it is too short to be looked for: it would be found in nearly everything.
    pub fn needle(&self) -> Result<String, TooShort> {
        let text = match self {
            Self::Identity(text) => digits(text).unwrap_or_else(|| text.trim().to_owned()),
            Self::Message(id) => id.clone(),
        };
        if text.len() < SHORTEST {
            return Err(TooShort { text });
        }
        Ok(text)
    }
}

/// The shortest text that is looked for in bodies.
const SHORTEST: usize = 5;

/// The digits of a phone number; `None` where it is something else.
fn digits(text: &str) -> Option<String> {
    let written = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (text.chars().all(written) && !digits.is_empty()).then_some(digits)
}

/// An identity as it is compared: a number by its digits, anything else whatever the case.
#[must_use]
pub fn normal(identity: &str) -> String {
    digits(identity).unwrap_or_else(|| identity.trim().to_lowercase())
}

/// Whether a text stands in bytes, whatever the case of its letters. A number does not stand in a
/// longer number.
#[must_use]
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let is_number = needle.iter().all(u8::is_ascii_digit);
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    bytes.windows(needle.len()).enumerate().any(|(at, window)| {
        window.eq_ignore_ascii_case(needle) && {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let after = at.checked_add(needle.len()).and_then(|at| bytes.get(at));
            !(is_number && (is_digit(before) || is_digit(after)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_its_digits_and_nothing_else_is() {
        for (text, needle) in [
            ("+46 (70) 123-45.67", "46701234567"),
            ("46701234567", "46701234567"),
            ("person-7@example.org", "person-7@example.org"),
            ("U02-46701234567", "U02-46701234567"),
        ] {
            let subject = Subject::Identity(text.into());
            assert_eq!(subject.needle().unwrap(), needle);
        }
        assert!(Subject::Identity("+46".into()).needle().is_err());
    }

    #[test]
    fn a_number_is_found_with_a_plus_and_not_inside_another() {
        for (body, there) in [
            (r#"{"identity":"+46701234567"}"#, true),
            (r#"["46701234567"]"#, true),
            ("46701234567", true),
            (r#"{"identity":"467012345678"}"#, false),
            (r#"{"identity":"146701234567"}"#, false),
            (r#"{"nothing":1}"#, false),
            ("", false),
        ] {
            assert_eq!(contains(body.as_bytes(), b"46701234567"), there, "{body}");
        }
        assert!(contains(
            br#""Person-7@Example.org""#,
            b"person-7@example.org"
        ));
    }
}
