#[cfg(feature = "schemes")]
use crate::time::UnixSeconds;

/// A moment that a text of RFC 3339 names, to the nanosecond.
///
/// Two texts of the same moment are equal, whatever their offsets and however many digits their
/// fractions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z.
    secs: i64,
    nanos: u32,
}

const SECONDS_OF_A_DAY: i64 = 86_400;
const NANOS_DIGITS: u32 = 9;
const NANOS_OF_A_MILLI: u32 = 1_000_000;

impl Instant {
    /// Reads `2026-01-02T03:04:05.678+01:00`. A text without an offset is read as UTC, in which
    /// Sinch writes; digits past the nanosecond are dropped; second 60 is the next minute's first.
    /// `None` for everything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = Rest(text.trim_ascii().as_bytes());
        let year = rest.number(4)?;
        rest.one_of(b"-")?;
        let month = rest.number(2)?;
        rest.one_of(b"-")?;
        let day = rest.number(2)?;
        rest.one_of(b"Tt ")?;
        let hour = rest.number(2).filter(|hour| *hour < 24)?;
        rest.one_of(b":")?;
        let minute = rest.number(2).filter(|minute| *minute < 60)?;
        rest.one_of(b":")?;
        let second = rest.number(2).filter(|second| *second <= 60)?;
        let nanos = rest.fraction()?;
        let offset = rest.offset()?;
        let secs = days(year, month, day)?
            .checked_mul(SECONDS_OF_A_DAY)?
            .checked_add(seconds(hour, minute)?)?
            .checked_add(second)?
            .checked_sub(offset)?;
        rest.0.is_empty().then_some(Self { secs, nanos })
    }
}

/// How many milliseconds lie between two moments that texts of RFC 3339 name, as callbacks write them;
/// less than 0 where the second one is earlier. `None` where one of them is no such text.
///
/// # Examples
/// ```
/// use sinch_callback::millis_between;
///
/// let between = millis_between("2026-01-02T03:04:05.5Z", "2026-01-02T04:04:07+01:00");
/// assert_eq!(between, Some(1_500));
/// assert_eq!(millis_between("", "2026-01-02T03:04:05Z"), None);
/// ```
#[must_use]
pub fn millis_between(earlier: &str, later: &str) -> Option<i64> {
    Instant::parse(later)?
        .unix_millis()?
        .checked_sub(Instant::parse(earlier)?.unix_millis()?)
}

impl Instant {
    fn unix_millis(self) -> Option<i64> {
        let millis = i64::from(self.nanos / NANOS_OF_A_MILLI);
        self.secs.checked_mul(1_000)?.checked_add(millis)
    }
}

#[cfg(feature = "schemes")]
impl Instant {
    /// The second in which it lies; `None` before 1970.
    pub(crate) fn unix_seconds(self) -> Option<UnixSeconds> {
        u64::try_from(self.secs).ok().map(UnixSeconds::new)
    }
}

#[cfg(feature = "schemes")]
impl UnixSeconds {
    /// The second in which a moment lies that a text of RFC 3339 names, as `2026-01-02T03:04:05.678+01:00`;
    /// without an offset it is read as UTC. `None` for every other text, and before 1970.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        Instant::parse(text)?.unix_seconds()
    }
}

/// A moment as Sinch writes it, with seven digits of a fraction; `None` past the year 9999.
#[cfg(all(feature = "schemes", feature = "signing"))]
pub(crate) fn text_of(moment: UnixSeconds) -> Option<alloc::string::String> {
    let seconds = i64::try_from(moment.get()).ok()?;
    let day = seconds.div_euclid(SECONDS_OF_A_DAY);
    let second = seconds.rem_euclid(SECONDS_OF_A_DAY);
    // Years are at least 365 days long, so the year is not past this one, and is at most a few before.
    let latest = day.div_euclid(365).checked_add(1_970)?.min(9_999);
    let year = (1_970..=latest)
        .rev()
        .find(|year| days(*year, 1, 1).is_some_and(|first| first <= day))?;
    let month = (1..=12)
        .rev()
        .find(|month| days(year, *month, 1).is_some_and(|first| first <= day))?;
    let first = days(year, month, 1)?;
    let day_of_month = day.checked_sub(first)?.checked_add(1)?;
    days(year, month, day_of_month)?;
    let [hour, minute, second] = [second / 3_600, second / 60 % 60, second % 60];
    Some(alloc::format!(
        "{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}.0000000Z"
    ))
}

/// Seconds of hours and minutes.
fn seconds(hours: i64, minutes: i64) -> Option<i64> {
    hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)
}

/// Days from 1970-01-01 to this one; `None` where the calendar has no such day.
pub(crate) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    /// Days before each month, in a year without a 29th of February.
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const LENGTH: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    /// Days from 0001-01-01 to 1970-01-01.
    const EPOCH: i64 = 719_162;
    let place = usize::try_from(month.checked_sub(1)?).ok()?;
    let is_leap =
        year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    let leap_day = i64::from(is_leap);
    let length = LENGTH
        .get(place)?
        .checked_add(if month == 2 { leap_day } else { 0 })?;
    if !(1..=length).contains(&day) {
        return None;
    }
    let years = year.checked_sub(1)?;
    years
        .checked_mul(365)?
        .checked_add(years.div_euclid(4))?
        .checked_sub(years.div_euclid(100))?
        .checked_add(years.div_euclid(400))?
        .checked_add(*BEFORE.get(place)?)?
        .checked_add(if month > 2 { leap_day } else { 0 })?
        .checked_add(day)?
        .checked_sub(1)?
        .checked_sub(EPOCH)
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn digit(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first()?;
        let digit = char::from(*first).to_digit(10)?;
        self.0 = rest;
        Some(digit)
    }

    /// A number of exactly so many digits.
    fn number(&mut self, digits: u32) -> Option<i64> {
        (0..digits).try_fold(0_i64, |number, _| {
            number
                .checked_mul(10)?
                .checked_add(i64::from(self.digit()?))
        })
    }

    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        allowed.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// Nanoseconds; none where there is no fraction.
    fn fraction(&mut self) -> Option<u32> {
        if self.one_of(b".,").is_none() {
            return Some(0);
        }
        let mut nanos = self.digit()?;
        let mut digits = 1_u32;
        while let Some(digit) = self.digit() {
            if digits < NANOS_DIGITS {
                nanos = nanos.checked_mul(10)?.checked_add(digit)?;
                digits = digits.checked_add(1)?;
            }
        }
        nanos.checked_mul(10_u32.checked_pow(NANOS_DIGITS.checked_sub(digits)?)?)
    }

    /// Seconds that the written time is ahead of UTC.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.one_of(b"Zz").is_some() {
            return Some(0);
        }
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        // ISO 8601 allows it without the colon.
        let _ = self.one_of(b":");
        let minutes = self.number(2).filter(|minutes| *minutes < 60)?;
        seconds(hours, minutes)?.checked_mul(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(i64, u32)> {
        Instant::parse(text).map(|instant| (instant.secs, instant.nanos))
    }

    /// The seconds are those of `date --date TEXT +%s`.
    #[test]
    fn moments_are_read_whatever_their_offset_and_fraction() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", (0, 0)),
            ("2026-11-25T10:00:11Z", (1_795_600_811, 0)),
            ("2026-11-25T11:00:11.5+01:00", (1_795_600_811, 500_000_000)),
            ("2026-11-25t04:30:11.500-0530", (1_795_600_811, 500_000_000)),
            ("2026-11-25 10:00:11", (1_795_600_811, 0)),
            (
                "2026-11-25T10:00:11.1234567899Z",
                (1_795_600_811, 123_456_789),
            ),
            ("2024-02-29T23:59:60Z", (1_709_251_200, 0)),
            ("1900-03-01T00:00:00Z", (-2_203_891_200, 0)),
            ("0000-01-01T00:00:00Z", (-62_167_219_200, 0)),
            ("9999-12-31T23:59:59Z", (253_402_300_799, 0)),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_moment_is_none() {
        for text in [
            "",
            "now",
            "1795600811",
            "1795600811.25",
            "2026-11-25",
            "2026-11-25T10:00Z",
            "2026-11-25T10:00:11.Z",
            "2026-11-25T10:00:11Zulu",
            "2026-11-25T10:00:11+1",
            "2026-11-25T24:00:00Z",
            "2026-11-25T10:60:00Z",
            "2026-11-25T10:00:61Z",
            "2026-02-29T10:00:00Z",
            "2026-00-10T10:00:00Z",
            "2026-13-10T10:00:00Z",
            "2026-04-31T10:00:00Z",
            "2026-04-00T10:00:00Z",
            "+026-04-01T10:00:00Z",
            "2026-11-25T10:00:11\u{ff15}Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
