use core::{fmt, str::FromStr};

use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::messages;
use ulid::Ulid;

use crate::jitter::Jitter;

/// An intent's own id: a ULID, so that ids sort by the time of acceptance.
///
/// # Examples
/// ```
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_recovery::IntentId;
///
/// let id = IntentId::new(UnixSeconds::new(1_795_600_811), [7; 10]);
/// assert_eq!(id.to_string().len(), 26);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(Ulid);

impl IntentId {
    /// The id of an intent accepted now, from 80 random bits.
    #[must_use]
    pub fn new(now: UnixSeconds, random: [u8; 10]) -> Self {
        let millis = now.get().saturating_mul(1_000);
        let bits = random
            .iter()
            .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        Self(Ulid::from_parts(millis, bits))
    }

    /// How far the intent's retries are spread: from the id's random bits, so that the same intent is
    /// always decided the same way.
    #[must_use]
    pub fn jitter(self) -> Jitter {
        let [.., high, low] = self.0.to_bytes();
        Jitter::new(u16::from_be_bytes([high, low]))
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl FromStr for IntentId {
    type Err = InvalidId;

    /// Reads the one spelling that is written: 26 capitals and digits.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Ulid::from_string(text)
            .ok()
            .filter(|id| id.to_string() == text)
            .map(Self)
            .ok_or(InvalidId)
    }
}

sinch_callback::serde_as_text! { IntentId, |id| id }

/// The name of an attempt, `{intent's ULID}~{number}`: the `correlation_id` of its message, so that every
/// callback about the message bears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptName {
    /// The intent.
    pub intent: IntentId,
    /// The attempt's number, from 1.
    pub number: u32,
}

impl fmt::Display for AttemptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.intent, self.number)
    }
}

impl FromStr for AttemptName {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let name = messages::AttemptName::parse(text).ok_or(InvalidId)?;
        Self::try_from(&name)
    }
}

impl TryFrom<&messages::AttemptName> for AttemptName {
    type Error = InvalidId;

    /// A name as a message has it.
    fn try_from(name: &messages::AttemptName) -> Result<Self, InvalidId> {
        Ok(Self {
            intent: name.intent().parse()?,
            number: name.number().into(),
        })
    }
}

sinch_callback::serde_as_text! { AttemptName, |name| name }

/// A text is no id of an intent, or no name of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("expected a ULID, of an attempt with ~ and its number behind it")]
pub struct InvalidId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let id = "01JDPQ3V5T8W6X7Y9Z0A1B2C3D";
        let name: AttemptName = format!("{id}~12").parse().unwrap();
        assert_eq!((name.intent.to_string().as_str(), name.number), (id, 12));
        for other in [
            id.to_lowercase() + "~1",
            format!("{id}~0"),
            format!("{id}~01"),
            format!("{id}~+1"),
            format!("{id}~"),
            format!("{id}~1000"),
            id.into(),
            format!("{id}~1 "),
        ] {
            assert_eq!(other.parse::<AttemptName>(), Err(InvalidId), "{other}");
        }
    }

    #[test]
    fn the_jitter_is_in_the_id() {
        let id = IntentId::new(UnixSeconds::new(1), [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(id.jitter(), Jitter::new(0x0102));
    }
}
