use serde::Serialize;

/// Whom or what to forget: a person, or a message.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::Subject;
///
/// let person = Subject::person("+1 (202) 555-0147")?;
/// assert!(person.is_person("12025550147"));
/// assert!(person.is_spoken_of(br#"{"identity":"12025550147"}"#));
/// // Not a part of a longer number.
/// assert!(!person.is_spoken_of(br#"{"identity":"120255501470"}"#));
/// # Ok::<(), sinch_callback_pipeline::TooShort>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    who: Who,
    /// What stands for it in bodies.
    needle: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    /// By an identity as it is compared.
    Person(String),
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
    /// Intents, with their content and whatever was still to be sent.
    pub intents: u64,
}

/// What stands for a subject is too short to be looked for: it would be found in nearly everything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is shorter than {SHORTEST} characters, and would be found in what is about others"
)]
pub struct TooShort {
    text: String,
}

/// The shortest text that is looked for in bodies. Our own choice.
const SHORTEST: usize = 5;

impl Subject {
    /// A person, by a number, an address or an id on a channel. A number is its digits, however it is
    /// written around them.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn person(identity: &str) -> Result<Self, TooShort> {
        let needle = digits(identity).unwrap_or_else(|| identity.trim().to_owned());
        Self::of(Who::Person(normal(identity)), needle)
    }

    /// A message, by its id.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn message(id: &str) -> Result<Self, TooShort> {
        Self::of(Who::Message(id.to_owned()), id.to_owned())
    }

    fn of(who: Who, needle: String) -> Result<Self, TooShort> {
        if needle.len() < SHORTEST {
            return Err(TooShort { text: needle });
        }
        Ok(Self { who, needle })
    }

    /// The message, where it is one: then nothing has to be searched.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        match &self.who {
            Who::Message(id) => Some(id),
            Who::Person(_) => None,
        }
    }

    /// Whether it is the person of this identity.
    #[must_use]
    pub fn is_person(&self, identity: &str) -> bool {
        matches!(&self.who, Who::Person(wanted) if normal(identity) == *wanted)
    }

    /// Whether a body speaks of it, whatever the case of its letters. A number does not stand in a
    /// longer number.
    #[must_use]
    pub fn is_spoken_of(&self, body: &[u8]) -> bool {
        let needle = self.needle.as_bytes();
        let is_number = needle.iter().all(u8::is_ascii_digit);
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        body.windows(needle.len()).enumerate().any(|(at, window)| {
            window.eq_ignore_ascii_case(needle) && {
                let before = at.checked_sub(1).and_then(|at| body.get(at));
                let after = at.checked_add(needle.len()).and_then(|at| body.get(at));
                !(is_number && (is_digit(before) || is_digit(after)))
            }
        })
    }
}

/// The digits of a phone number; `None` where it is something else.
fn digits(text: &str) -> Option<String> {
    let written = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (text.chars().all(written) && !digits.is_empty()).then_some(digits)
}

/// An identity as it is compared: a number by its digits, anything else whatever the case.
fn normal(identity: &str) -> String {
    digits(identity).unwrap_or_else(|| identity.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_its_digits_and_nothing_else_is() {
        for (text, same, other) in [
            ("+46 (70) 123-45.67", "46701234567", "467012345678"),
            ("46701234567", "+46701234567", "46701234568"),
            ("person-7@example.org", "Person-7@Example.org", "7"),
            ("U02-46701234567", "u02-46701234567", "46701234567"),
        ] {
            let subject = Subject::person(text).unwrap();
            assert!(
                subject.is_person(same) && !subject.is_person(other),
                "{text}"
            );
            assert!(subject.is_spoken_of(same.as_bytes()), "{text}");
            assert_eq!(subject.message_id(), None);
        }
        assert!(Subject::person("+46").is_err() && Subject::message("m-1").is_err());
        let message = Subject::message("01EXAMPLE").unwrap();
        assert_eq!(message.message_id(), Some("01EXAMPLE"));
        assert!(!message.is_person("01EXAMPLE"));
    }

    #[test]
    fn a_number_is_found_with_a_plus_and_not_inside_another() {
        let person = Subject::person("46701234567").unwrap();
        for (body, there) in [
            (r#"{"identity":"+46701234567"}"#, true),
            (r#"["46701234567"]"#, true),
            ("46701234567", true),
            (r#"{"identity":"467012345678"}"#, false),
            (r#"{"identity":"146701234567"}"#, false),
            (r#"{"nothing":1}"#, false),
            ("", false),
        ] {
            assert_eq!(person.is_spoken_of(body.as_bytes()), there, "{body}");
        }
        let person = Subject::person("person-7@example.org").unwrap();
        assert!(person.is_spoken_of(br#""Person-7@Example.org""#));
    }
}
