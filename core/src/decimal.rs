/// A number's decimal digits, without a heap and without the formatter.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Decimal {
    /// They stand at the end.
    digits: [u8; Self::MAX_LEN],
    start: usize,
}

impl Decimal {
    /// Digits of `u64::MAX`.
    const MAX_LEN: usize = 20;

    /// The digits of this number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        let mut digits = [b'0'; Self::MAX_LEN];
        let mut start = Self::MAX_LEN;
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            // A remainder of ten is below ten: it fits, and the sum stays a digit's code.
            *digit = b'0'.wrapping_add(u8::try_from(rest % 10).unwrap_or_default());
            start = start.wrapping_sub(1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        Self { digits, start }
    }

    /// They as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }

    /// They as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn decimals_are_written_as_the_standard_library_writes_them() {
        for number in [0, 9, 10, 1_634_579_353, u64::MAX] {
            assert_eq!(Decimal::new(number).as_str(), number.to_string());
        }
    }
}
