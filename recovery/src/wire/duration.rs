//! Durations of ISO 8601, as far as they have one length: days to seconds.

/// Seconds of a duration such as `PT10M` or `P1DT12H`; `None` where it is none, or has years, months or
/// weeks, or a sign or a fraction.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let days = sum(days, &[('D', 86_400)])?;
    days.checked_add(sum(time, &[('H', 3_600), ('M', 60), ('S', 1)])?)
}

/// The sum of numbers, each with its unit behind it, each unit once and in this order.
fn sum(mut text: &str, mut units: &[(char, u64)]) -> Option<u64> {
    let mut sum = 0_u64;
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, rest) = text.split_at_checked(end)?;
        let unit = rest.chars().next()?;
        let place = units.iter().position(|(known, _)| *known == unit)?;
        let (_, seconds) = units.get(place)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*seconds)?)?;
        units = units.get(place.checked_add(1)?..)?;
        text = rest.get(1..)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_one_length() {
        for (text, secs) in [
            ("PT10M", 600),
            ("PT0S", 0),
            ("P1D", 86_400),
            ("P1DT2H3M4S", 93_784),
            ("PT2H4S", 7_204),
            ("PT90S", 90),
            ("P0DT30S", 30),
        ] {
            assert_eq!(seconds(text), Some(secs), "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "10M",
            "P10M",
            "P1M",
            "P1Y",
            "P1W",
            "PT1D",
            "PT1M1H",
            "PT1M1M",
            "PT1",
            "PTM",
            "-PT1M",
            "PT-1M",
            "PT1.5S",
            "pt1m",
            "PT1m",
            "PT 1M",
            "P1D ",
            "PT1M\u{e9}",
            "PT99999999999999999999S",
            "P999999999999999D",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
