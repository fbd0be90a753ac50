use std::{fmt, str::FromStr, time::Duration};

use sinch_callback_pipeline::Deadline;
use sinch_callback_server::Config;

/// A length of time, as ISO 8601 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match Deadline::duration(text) {
            Ok(duration) if !duration.is_zero() => Ok(Self(duration)),
            _ => Err("expected a duration such as PT10M".into()),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds.checked_rem(3_600), seconds.checked_rem(60)) {
            (Some(0), _) => write!(f, "PT{}H", seconds / 3_600),
            (_, Some(0)) => write!(f, "PT{}M", seconds / 60),
            _ => write!(f, "PT{seconds}S"),
        }
    }
}

/// For how long a submitted message may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OverdueAfter {
    After(Span),
    Never,
}

impl OverdueAfter {
    const NEVER: &str = "never";

    pub(super) const fn get(self) -> Option<Duration> {
        match self {
            Self::After(Span(duration)) => Some(duration),
            Self::Never => None,
        }
    }
}

impl Default for OverdueAfter {
    fn default() -> Self {
        Self::After(Span(Config::OVERDUE_AFTER))
    }
}

impl FromStr for OverdueAfter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == Self::NEVER {
            return Ok(Self::Never);
        }
        text.parse()
            .map(Self::After)
            .map_err(|_: String| "expected a duration such as PT1H, or never".into())
    }
}

impl fmt::Display for OverdueAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(span) => span.fmt(f),
            Self::Never => f.write_str(Self::NEVER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_read_as_it_is_shown() {
        for text in ["PT1H", "PT10M", "PT90M", "PT61S", "PT24H"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
            assert_eq!(text.parse::<OverdueAfter>().unwrap().to_string(), text);
        }
        assert_eq!("never".parse(), Ok(OverdueAfter::Never));
        assert_eq!(OverdueAfter::default().to_string(), "PT1H");
        for text in ["0", "PT0S", "10m", "", "Never"] {
            assert!(text.parse::<OverdueAfter>().is_err(), "{text}");
        }
    }
}
