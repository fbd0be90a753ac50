use core::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;

use crate::zone::Zone;

/// A minute of a day on a wall clock, from 00:00 to 23:59.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinuteOfDay(u16);

/// Minutes of a day.
const DAY: u16 = 1_440;

impl MinuteOfDay {
    /// The minute so many after midnight; `None` from 1,440 on.
    #[must_use]
    pub const fn new(minutes: u16) -> Option<Self> {
        if minutes < DAY {
            Some(Self(minutes))
        } else {
            None
        }
    }
}

impl FromStr for MinuteOfDay {
    type Err = InvalidMinute;

    /// Reads `HH:MM`.
    fn from_str(text: &str) -> Result<Self, InvalidMinute> {
        let number = |digits: &str| {
            let two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u16>().ok().filter(|_| two)
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)))
            .filter(|(_, minute)| *minute < 60)
            .and_then(|(hour, minute)| hour.checked_mul(60)?.checked_add(minute))
            .and_then(Self::new)
            .ok_or(InvalidMinute)
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

sinch_callback::serde_as_text! { MinuteOfDay, |minute| minute }

/// A text is no minute of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("expected a time of day from 00:00 to 23:59")]
pub struct InvalidMinute;

/// The hours `[from, to)` on the recipient's wall clock in which nothing but e-mail is sent; past
/// midnight where `to` lies before `from`, and none where both are the same.
///
/// A moment is turned into the wall clock of the zone. The other way is never computed, since a wall
/// clock stands for no moment or for two on two days of the year.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first quiet minute.
    pub from: MinuteOfDay,
    /// The first minute that is not quiet.
    pub to: MinuteOfDay,
    /// Where the recipient's wall clock hangs.
    pub zone: Zone,
}

impl QuietHours {
    /// How soon it is worth looking again, where it is quiet now; `None` where it is not. Half of what
    /// is left on the wall clock, and from 1 to 15 minutes: a clock that jumps meanwhile is noticed. A wall
    /// clock that cannot be read is quiet.
    pub(crate) fn quiet_for(&self, now: UnixSeconds) -> Option<Duration> {
        let Some(clock) = self.zone.minute_of_day(now).and_then(MinuteOfDay::new) else {
            return Some(Duration::from_secs(900));
        };
        self.contain(clock).then(|| {
            let left = self.to.0.saturating_add(DAY).saturating_sub(clock.0) % DAY;
            Duration::from_secs(u64::from(left / 2).clamp(1, 15).saturating_mul(60))
        })
    }

    /// Whether the wall clock shows a quiet minute.
    #[must_use]
    pub fn contain(&self, clock: MinuteOfDay) -> bool {
        if self.from <= self.to {
            self.from <= clock && clock < self.to
        } else {
            self.from <= clock || clock < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        QuietHours {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            zone: "Europe/Stockholm".parse().unwrap(),
        }
    }

    #[test]
    fn the_first_minute_is_quiet_and_the_last_is_not() {
        let (night, noon) = (hours("22:00", "08:00"), hours("12:00", "13:00"));
        let none = hours("12:00", "12:00");
        for (hours, clock, quiet) in [
            (&night, "21:59", false),
            (&night, "22:00", true),
            (&night, "00:00", true),
            (&night, "07:59", true),
            (&night, "08:00", false),
            (&noon, "11:59", false),
            (&noon, "12:00", true),
            (&noon, "13:00", false),
            (&none, "12:00", false),
        ] {
            assert_eq!(
                hours.contain(clock.parse().unwrap()),
                quiet,
                "{hours:?} {clock}"
            );
        }
    }

    /// 1,774,742,400 is midnight UTC, 01:00 in Stockholm, on the day whose 02:00 does not exist there.
    #[test]
    fn the_hour_that_a_clock_leaves_out_ends_the_quiet_an_hour_sooner() {
        let midnight = UnixSeconds::new(1_774_742_400);
        let night = hours("22:00", "04:00");
        let quiet = |secs| night.quiet_for(midnight.saturating_add(Duration::from_secs(secs)));
        assert_eq!(quiet(0), Some(Duration::from_secs(900)));
        assert_eq!(quiet(2 * 3_600 - 120), Some(Duration::from_secs(60)));
        assert_eq!(quiet(2 * 3_600 - 1_200), Some(Duration::from_secs(600)));
        assert_eq!(quiet(2 * 3_600), None);
    }

    #[test]
    fn a_minute_is_written_in_one_way() {
        assert_eq!("07:05".parse::<MinuteOfDay>().unwrap().to_string(), "07:05");
        for bad in [
            "", "7:05", "07:5", "24:00", "07:60", "0705", "+7:05", "07:05:00",
        ] {
            assert_eq!(bad.parse::<MinuteOfDay>(), Err(InvalidMinute), "{bad}");
        }
        assert_eq!(MinuteOfDay::new(1_440), None);
    }
}
