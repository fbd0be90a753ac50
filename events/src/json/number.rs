use alloc::string::{String, ToString};
use core::fmt;

/// A number, as it was written: `0.10` stays `0.10`, and an amount of money is no binary fraction.
///
/// Two are equal where they are written alike, so `1` is not `1.0`.
///
/// # Examples
/// ```
/// use sinch_callback_events::json::Number;
///
/// let amount = Number::new("0.10").ok_or("not a number")?;
/// assert_eq!(amount.as_str(), "0.10");
/// assert_eq!(amount.to_f64(), Some(0.1));
/// assert_eq!(Number::new("0x10"), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(String);

impl Number {
    /// A number of JSON's form; `None` where it is of another.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        is_number(text).then(|| Self(text.to_string()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The integer, where it is written as one and has a place in 64 bits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest binary fraction; `None` where it is beyond all of them, such as `1e400`.
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        self.0
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 8259, section 6.
fn is_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let rest = match rest.strip_prefix('0') {
        Some(rest) => rest,
        None => match digits(rest) {
            Some(rest) => rest,
            None => return false,
        },
    };
    let rest = match rest.strip_prefix('.').map(digits) {
        Some(Some(rest)) => rest,
        Some(None) => return false,
        None => rest,
    };
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) == Some(""),
        None => rest.is_empty(),
    }
}

/// What stands behind at least one digit.
fn digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_json_calls_a_number_is_one() {
        for text in [
            "0",
            "-0",
            "10",
            "0.5",
            "-1.25e+10",
            "1E5",
            "1e400",
            "12345678901234567890123",
        ] {
            assert_eq!(Number::new(text).unwrap().as_str(), text);
        }
        for text in [
            "", "-", "01", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "1 ", "1.2.3", "٣",
        ] {
            assert_eq!(Number::new(text), None, "{text}");
        }
    }

    #[test]
    fn what_has_no_place_in_a_machine_number_has_none() {
        let number = |text| Number::new(text).unwrap();
        assert_eq!(number("9223372036854775807").to_i64(), Some(i64::MAX));
        assert_eq!(number("9223372036854775808").to_i64(), None);
        assert_eq!(number("1.0").to_i64(), None);
        assert_eq!(number("1e400").to_f64(), None);
    }
}
