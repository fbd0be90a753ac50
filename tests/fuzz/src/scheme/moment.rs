//! Times as texts, read by splitting them, and days by counting them off.

/// Seconds from 1970 of a time of ISO 8601, as a header of Voice has it.
pub(super) fn iso_8601(text: &str) -> Option<u64> {
    let text = text.to_ascii_uppercase();
    let (date, rest) = text.split_once('T')?;
    let (time, offset) = match rest.find(['Z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, "Z"),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    digits(fraction, 1..=usize::MAX)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let offset = match offset.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), ..] => {
            let [hours, minutes] = match offset[1..].contains(':') {
                true => numbers(&offset[1..], ':', [2, 2])?,
                false => {
                    let (hours, minutes) = offset[1..].split_at_checked(2)?;
                    [number(hours, 2)?, number(minutes, 2)?]
                }
            };
            if hours > 23 || minutes > 59 {
                return None;
            }
            let ahead = hours * 3_600 + minutes * 60;
            if *sign == b'-' { -ahead } else { ahead }
        }
        _ => return None,
    };
    let seconds = seconds([year, month, day], [hour, minute, second])? - offset;
    u64::try_from(seconds).ok()
}

/// Seconds from 1970 of an IMF-fixdate.
pub(super) fn imf_fixdate(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.split(' ').collect();
    let [weekday, day, month, year, time, "GMT"] = words[..] else {
        return None;
    };
    let weekdays = ["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"];
    if !weekdays.contains(&weekday) || month.len() != 3 {
        return None;
    }
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let place = months.match_indices(month).find(|(at, _)| at % 3 == 0)?.0;
    let month = i64::try_from(place / 3).ok()? + 1;
    let date = [number(year, 4)?, month, number(day, 2)?];
    let seconds = seconds(date, numbers(time, ':', [2, 2, 2])?)?;
    u64::try_from(seconds).ok()
}

fn seconds([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3]) -> Option<i64> {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let place = usize::try_from(month - 1).ok()?;
    if !(1..=lengths[place]).contains(&day) {
        return None;
    }
    let years: i64 = if year >= 1970 {
        (1970..year)
            .map(|year| if is_leap(year) { 366 } else { 365 })
            .sum()
    } else {
        -(year..1970)
            .map(|year| if is_leap(year) { 366 } else { 365 })
            .sum::<i64>()
    };
    let days = years + lengths[..place].iter().sum::<i64>() + day - 1;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn numbers<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let parts: Vec<&str> = text.split(separator).collect();
    if parts.len() != N {
        return None;
    }
    let mut numbers = [0; N];
    for (place, (part, length)) in numbers.iter_mut().zip(parts.into_iter().zip(lengths)) {
        *place = number(part, length)?;
    }
    Some(numbers)
}

fn number(text: &str, length: usize) -> Option<i64> {
    digits(text, length..=length)?.parse().ok()
}

fn digits(text: &str, lengths: core::ops::RangeInclusive<usize>) -> Option<&str> {
    let are_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (are_digits && lengths.contains(&text.len())).then_some(text)
}
