//! Moments as people read them.

use sinch_callback::UnixSeconds;

/// A moment for a person: `2026-01-02 03:04:05Z`.
pub(crate) fn readable(moment: UnixSeconds) -> String {
    let seconds = moment.get();
    let (days, in_day) = (seconds / 86_400, seconds % 86_400);
    let (hours, minutes, seconds) = (in_day / 3_600, in_day / 60 % 60, in_day % 60);
    let Some((year, month, day)) = civil(days) else {
        return moment.to_string();
    };
    format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}Z")
}

/// A moment of so many milliseconds since 1970, as RFC 3339 has it: `2026-01-02T03:04:05.678Z`.
pub(crate) fn rfc3339(unix_ms: u64) -> String {
    let text = readable(UnixSeconds::new(unix_ms / 1_000)).replace(' ', "T");
    let seconds = text.trim_end_matches('Z');
    format!("{seconds}.{:03}Z", unix_ms % 1_000)
}

/// The date that is `days` after 1970-01-01, by counting years from a March, so that the leap day
/// comes last.
fn civil(days: u64) -> Option<(u64, u64, u64)> {
    let from_march_0 = days.checked_add(719_468)?;
    let era = from_march_0 / 146_097;
    let day_of_era = from_march_0 % 146_097;
    let leap_days = (day_of_era / 1_460)
        .checked_add(day_of_era / 146_096)?
        .checked_sub(day_of_era / 36_524)?;
    let year_of_era = day_of_era.checked_sub(leap_days)? / 365;
    let before_year = year_of_era
        .checked_mul(365)?
        .checked_add(year_of_era / 4)?
        .checked_sub(year_of_era / 100)?;
    let day_of_year = day_of_era.checked_sub(before_year)?;
    let march_month = day_of_year.checked_mul(5)?.checked_add(2)? / 153;
    let before_month = march_month.checked_mul(153)?.checked_add(2)? / 5;
    let day = day_of_year.checked_sub(before_month)?.checked_add(1)?;
    let month = march_month
        .checked_add(2)?
        .checked_rem(12)?
        .checked_add(1)?;
    let year = era.checked_mul(400)?.checked_add(year_of_era)?;
    let year = if month <= 2 {
        year.checked_add(1)?
    } else {
        year
    };
    Some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_date_writes_them() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00Z"),
            (951_782_400, "2000-02-29 00:00:00Z"),
            (1_634_579_353, "2021-10-18 17:49:13Z"),
            (4_107_542_399, "2100-02-28 23:59:59Z"),
            (4_107_542_400, "2100-03-01 00:00:00Z"),
        ] {
            assert_eq!(readable(UnixSeconds::new(seconds)), text);
        }
        assert_eq!(rfc3339(1_634_579_353_042), "2021-10-18T17:49:13.042Z");
    }
}
