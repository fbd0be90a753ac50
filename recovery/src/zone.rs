use core::{fmt, str::FromStr};

use jiff::{Timestamp, tz::TimeZone};
use sinch_callback::UnixSeconds;

/// A time zone of the IANA database, such as `Europe/Stockholm`.
///
/// The database is compiled in, so that every host and every test computes the same wall clock. It is
/// as old as the build's dependency.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zone(String);

impl Zone {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Minutes since midnight on the zone's wall clock, from 0 to 1,439; `None` where the database does
    /// not know the zone any more, or the moment lies past the year 9999.
    pub(crate) fn minute_of_day(&self, now: UnixSeconds) -> Option<u16> {
        let now = Timestamp::from_second(i64::try_from(now.get()).ok()?).ok()?;
        let clock = TimeZone::get(&self.0).ok()?.to_datetime(now);
        let (hour, minute) = (clock.hour(), clock.minute());
        let minutes = u16::try_from(hour).ok()?.checked_mul(60)?;
        minutes.checked_add(u16::try_from(minute).ok()?)
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    /// Reads a name of the database, whatever the case of its letters.
    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone)?;
        zone.iana_name()
            .map(|name| Self(name.into()))
            .ok_or(UnknownZone)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text names no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("expected a time zone of the IANA database, such as Europe/Stockholm")]
pub struct UnknownZone;

impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Zone {
    /// Any text: what a newer database knew stays what it is, and its wall clock is not read.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `TZ=ZONE date --date=@SECONDS +%H:%M`, on both sides of Stockholm's changes in 2026.
    #[test]
    fn a_wall_clock_shows_what_date_shows() {
        for (zone, seconds, hour, minute) in [
            ("Europe/Stockholm", 1_774_745_999, 1, 59),
            ("Europe/Stockholm", 1_774_746_000, 3, 0),
            ("Europe/Stockholm", 1_792_889_999, 2, 59),
            ("Europe/Stockholm", 1_792_890_000, 2, 0),
            ("Asia/Kolkata", 1_774_746_000, 6, 30),
            ("America/Los_Angeles", 1_774_746_000, 18, 0),
            ("UTC", 0, 0, 0),
        ] {
            let zone: Zone = zone.parse().unwrap();
            let shown = zone.minute_of_day(UnixSeconds::new(seconds));
            assert_eq!(shown, Some(hour * 60 + minute), "{zone} {seconds}");
        }
        assert_eq!(
            "europe/stockholm".parse::<Zone>().unwrap().as_str(),
            "Europe/Stockholm"
        );
        for other in ["", "Stockholm", "+02:00", "Europe/Atlantis"] {
            assert_eq!(other.parse::<Zone>(), Err(UnknownZone), "{other}");
        }
        let far: Zone = "UTC".parse().unwrap();
        assert_eq!(far.minute_of_day(UnixSeconds::new(u64::MAX)), None);
    }
}
