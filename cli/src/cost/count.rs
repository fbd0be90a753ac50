use core::str::FromStr;

/// How many of something a month has, as the command line takes it: 500000, 250k, 10M.
///
/// A fraction of a cent is all that hangs on its last digits, so it is a `f64`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count(f64);

/// Our own choice: beyond it, a price list is no guide.
const MOST: f64 = 1e12;

impl Count {
    pub(super) const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a number, as 500000, 250k or 10M; up to 1000G".to_owned();
        let (number, factor) = [("k", 1e3), ("M", 1e6), ("G", 1e9)]
            .into_iter()
            .find_map(|(suffix, factor)| text.strip_suffix(suffix).map(|number| (number, factor)))
            .unwrap_or((text, 1.0));
        // Nothing that a float may be besides: no sign, no exponent, no infinity.
        if !number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        {
            return Err(wrong());
        }
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let count = number * factor;
        if count > MOST {
            return Err(wrong());
        }
        Ok(Self(count))
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    fn count(text: &str) -> Option<f64> {
        text.parse::<Count>().ok().map(Count::get)
    }

    #[test]
    fn numbers_are_taken_with_and_without_a_suffix() {
        assert_eq!(count("0"), Some(0.0));
        assert_eq!(count("500000"), Some(500_000.0));
        assert_eq!(count("250k"), Some(250_000.0));
        assert_eq!(count("2.5M"), Some(2_500_000.0));
        assert_eq!(count("1000G"), Some(1e12));
    }

    #[test]
    fn what_is_no_count_is_refused() {
        for text in [
            "", "M", ".", "-1", "+1", "1e6", "inf", "NaN", "1m", "10 M", "1_000", "1001G",
        ] {
            assert_eq!(count(text), None, "{text}");
        }
    }
}
