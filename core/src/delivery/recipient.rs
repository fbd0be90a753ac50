use alloc::{borrow::ToOwned, string::String};

/// Whether two texts name the same channel.
pub(super) fn same_channel(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// An identity in the form in which two spellings of one recipient are equal.
///
/// A telephone number is its digits: Sinch writes it with a plus in one report and without in the
/// next. An e-mail address is the same in capitals. Any other identity is compared as it stands.
///
/// # Examples
/// ```
/// use sinch_callback::normalized_identity;
///
/// assert_eq!(normalized_identity("+46 70-123 45 67"), normalized_identity("46701234567"));
/// assert_ne!(normalized_identity("U4af4980629"), normalized_identity("u4af4980629"));
/// ```
#[must_use]
pub fn normalized_identity(identity: &str) -> String {
    let identity = identity.trim();
    let is_separator = |character: char| " -./()\u{a0}".contains(character);
    let number = identity.strip_prefix('+').unwrap_or(identity);
    let is_number = number.starts_with(|first: char| first.is_ascii_digit() || first == '(')
        && number
            .chars()
            .all(|character| character.is_ascii_digit() || is_separator(character));
    if is_number {
        number.chars().filter(char::is_ascii_digit).collect()
    } else if identity.contains('@') {
        identity.to_lowercase()
    } else {
        identity.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_recipient_are_equal_and_others_are_not() {
        for (one, other) in [
            ("+46701234567", "46701234567"),
            ("+46 70-123 45 67", "46701234567"),
            ("+1 (555) 010-0100", "15550100100"),
            (" 46701234567 ", "46701234567"),
            ("Ada@Example.com", "ada@example.com"),
        ] {
            assert_eq!(
                normalized_identity(one),
                normalized_identity(other),
                "{one} {other}"
            );
        }
        for (one, other) in [
            ("46701234567", "46701234568"),
            ("-1001", "1001"),
            ("U4af4980629", "u4af4980629"),
            ("", "46701234567"),
        ] {
            assert_ne!(
                normalized_identity(one),
                normalized_identity(other),
                "{one} {other}"
            );
        }
        assert!(same_channel("SMS", "sms"));
        assert!(!same_channel("SMS", "MMS"));
    }
}
