use core::fmt;

use serde::{Deserialize, Serialize};

/// The name of an attempt of an intent: the intent's ULID, `~`, and the attempt's number from 1, as
/// `01KAY9T4Z8Q6E1V7N3M5B2C0XD~1`. It is what we send as `correlation_id`, so that every callback of
/// the message bears it.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::messages::AttemptName;
///
/// let name = AttemptName::parse("01KAY9T4Z8Q6E1V7N3M5B2C0XD~2").unwrap();
/// assert_eq!((name.intent(), name.number()), ("01KAY9T4Z8Q6E1V7N3M5B2C0XD", 2));
/// assert_eq!(AttemptName::parse("order-1042"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AttemptName {
    text: String,
    number: u16,
}

/// Characters of a ULID.
const ULID: usize = 26;

impl AttemptName {
    /// Reads a name; `None` for every other text, of whoever gives correlation ids of their own.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (intent, number) = text.split_once('~')?;
        let is_number = number.len() <= 3
            && number.bytes().all(|digit| digit.is_ascii_digit())
            && !number.starts_with('0');
        if !is_ulid(intent) || !is_number {
            return None;
        }
        Some(Self {
            text: text.to_owned(),
            number: number.parse().ok()?,
        })
    }

    /// The intent's ULID.
    #[must_use]
    pub fn intent(&self) -> &str {
        self.text.get(..ULID).unwrap_or_default()
    }

    /// Which attempt of the intent it is, from 1 to 999.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Crockford's digits in upper case; a ULID has 128 bits, so the first digit is 7 at most.
fn is_ulid(text: &str) -> bool {
    let is_digit = |digit: u8| matches!(digit, b'0'..=b'9' | b'A'..=b'H' | b'J' | b'K' | b'M' | b'N' | b'P'..=b'T' | b'V'..=b'Z');
    text.len() == ULID
        && text.bytes().all(is_digit)
        && text.bytes().next().is_some_and(|first| first <= b'7')
}

impl fmt::Display for AttemptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<AttemptName> for String {
    fn from(name: AttemptName) -> Self {
        name.text
    }
}

impl TryFrom<String> for AttemptName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no name of an attempt")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_ulid_and_a_number_from_1_and_nothing_else() {
        let ulid = "01KAY9T4Z8Q6E1V7N3M5B2C0XD";
        for (text, number) in [
            ("~1", Some(1)),
            ("~999", Some(999)),
            ("~0", None),
            ("~01", None),
        ] {
            let name = AttemptName::parse(&format!("{ulid}{text}"));
            assert_eq!(name.as_ref().map(AttemptName::number), number, "{text}");
        }
        for text in [
            "",
            "~1",
            ulid,
            "01KAY9T4Z8Q6E1V7N3M5B2C0XD~",
            "01KAY9T4Z8Q6E1V7N3M5B2C0XD~1000",
            "01KAY9T4Z8Q6E1V7N3M5B2C0XD~1~2",
            "01KAY9T4Z8Q6E1V7N3M5B2C0XD~+1",
            "01kay9t4z8q6e1v7n3m5b2c0xd~1",
            "01KAY9T4Z8Q6E1V7N3M5B2C0X~1",
            "81KAY9T4Z8Q6E1V7N3M5B2C0XD~1",
            "01KAY9T4Z8Q6E1V7N3M5B2C0XU~1",
        ] {
            assert_eq!(AttemptName::parse(text), None, "{text}");
        }
    }
}
