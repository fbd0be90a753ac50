use core::{str::FromStr, time::Duration};

use sinch_callback::UnixSeconds;

/// By when something has to have happened: a while from now, or a moment.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_pipeline::Deadline;
///
/// let now = UnixSeconds::new(1_795_600_800);
/// for (text, seconds) in [("PT10M", 600), ("P1DT2H", 93_600), ("2026-11-25T11:05:00+01:00", 300)] {
///     let deadline: Deadline = text.parse()?;
///     assert_eq!(deadline.moment(now), now.saturating_add(Duration::from_secs(seconds)));
/// }
/// assert!("10 minutes".parse::<Deadline>().is_err());
/// # Ok::<(), sinch_callback_pipeline::InvalidDeadline>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deadline {
    /// So long from now.
    After(Duration),
    /// At this moment.
    At(UnixSeconds),
}

/// A text is no deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a duration such as PT10M or P1DT2H, or an instant such as 2026-01-02T03:04:05Z with its offset"
)]
pub struct InvalidDeadline;

/// The units of a duration, in the order in which they may stand, with their seconds. Months and years
/// are none, since they have no fixed length.
const DAYS: &[(char, u64)] = &[('W', 604_800), ('D', 86_400)];
const HOURS: &[(char, u64)] = &[('H', 3_600), ('M', 60), ('S', 1)];

impl Deadline {
    /// The moment, counted from now.
    #[must_use]
    pub const fn moment(self, now: UnixSeconds) -> UnixSeconds {
        match self {
            Self::After(duration) => now.saturating_add(duration),
            Self::At(moment) => moment,
        }
    }

    /// Reads a duration of ISO 8601 in whole weeks, days, hours, minutes and seconds.
    ///
    /// # Errors
    /// [`InvalidDeadline`] for every other text.
    pub fn duration(text: &str) -> Result<Duration, InvalidDeadline> {
        read_duration(text).ok_or(InvalidDeadline)
    }
}

impl FromStr for Deadline {
    type Err = InvalidDeadline;

    fn from_str(text: &str) -> Result<Self, InvalidDeadline> {
        if text.starts_with('P') {
            return Self::duration(text).map(Self::After);
        }
        // A time without an offset is somebody's local time.
        let has_offset = text.ends_with(['Z', 'z'])
            || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
        let moment = has_offset
            .then(|| UnixSeconds::parse_rfc3339(text))
            .flatten();
        moment.map(Self::At).ok_or(InvalidDeadline)
    }
}

fn read_duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('P').filter(|text| !text.is_empty())?;
    let (days, hours) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let seconds = read_units(days, DAYS)?.checked_add(read_units(hours, HOURS)?)?;
    Some(Duration::from_secs(seconds))
}

fn read_units(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut seconds = 0_u64;
    for (unit, length) in units {
        let Some((number, behind)) = text.split_once(*unit) else {
            continue;
        };
        if !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let number: u64 = number.parse().ok()?;
        seconds = seconds.checked_add(number.checked_mul(*length)?)?;
        text = behind;
    }
    text.is_empty().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_whole_units_in_their_order() {
        for (text, seconds) in [
            ("PT30S", 30),
            ("PT90M", 5_400),
            ("PT1H30M5S", 5_405),
            ("P2D", 172_800),
            ("P1W", 604_800),
            ("P1DT1S", 86_401),
            ("PT0S", 0),
        ] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(text.parse(), Ok(Deadline::After(duration)), "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "10M",
            "PT10",
            "PTM",
            "P1M",
            "P1Y",
            "PT1M1H",
            "PT1.5S",
            "PT-1S",
            "P-1D",
            "pt1m",
            "PT1M ",
            "PT1MT1S",
            "P1H",
            "PT99999999999999999999S",
            "P99999999999999999W",
            "PT+1S",
        ] {
            assert_eq!(text.parse::<Deadline>(), Err(InvalidDeadline), "{text}");
        }
    }

    #[test]
    fn instants_have_an_offset() {
        for text in ["2026-11-25T09:00:00Z", "2026-11-25t10:00:00.5+01:00"] {
            let moment = UnixSeconds::new(1_795_597_200);
            assert_eq!(text.parse(), Ok(Deadline::At(moment)), "{text}");
        }
        for text in [
            "2026-11-25T09:00:00",
            "2026-11-25",
            "1795597200",
            "1969-01-01T00:00:00Z",
            "2026-13-25T09:00:00Z",
        ] {
            assert_eq!(text.parse::<Deadline>(), Err(InvalidDeadline), "{text}");
        }
    }
}
