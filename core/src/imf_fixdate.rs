use crate::{instant, time::UnixSeconds};

/// Characters of an IMF-fixdate.
const LEN: usize = 29;

const WEEKDAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The moment of an IMF-fixdate, `Wed, 18 Jul 2018 06:33:52 GMT`: always 29 characters, which is what
/// tells where the date ends in a string without separators (RFC 9110, section 5.6.7). Second 60 is the
/// next minute's first. `None` for everything else, and for what lies before 1970.
///
/// The weekday is one of the seven, and not compared with the day: it adds nothing to a moment.
pub(crate) fn parse(text: &[u8]) -> Option<UnixSeconds> {
    let text: &[u8; LEN] = text.try_into().ok()?;
    #[rustfmt::skip]
    let &[
        w1, w2, w3, b',', b' ', d1, d2, b' ', m1, m2, m3, b' ', y1, y2, y3, y4, b' ',
        h1, h2, b':', i1, i2, b':', s1, s2, b' ', b'G', b'M', b'T',
    ] = text
    else {
        return None;
    };
    WEEKDAYS.iter().position(|name| **name == [w1, w2, w3])?;
    let month = MONTHS.iter().position(|name| **name == [m1, m2, m3])?;
    let month = i64::try_from(month).ok()?.checked_add(1)?;
    let days = instant::days(number(&[y1, y2, y3, y4])?, month, number(&[d1, d2])?)?;
    let hour = number(&[h1, h2]).filter(|hour| *hour < 24)?;
    let minute = number(&[i1, i2]).filter(|minute| *minute < 60)?;
    let second = number(&[s1, s2]).filter(|second| *second <= 60)?;
    let minutes = days
        .checked_mul(24)?
        .checked_add(hour)?
        .checked_mul(60)?
        .checked_add(minute)?;
    let seconds = minutes.checked_mul(60)?.checked_add(second)?;
    u64::try_from(seconds).ok().map(UnixSeconds::new)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(i64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds are those of `date --utc --date TEXT +%s`.
    #[test]
    fn a_date_of_29_characters_is_its_moment() {
        for (text, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 18 Jul 2018 06:33:52 GMT", 1_531_895_632),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            // The weekday of another day.
            ("Mon, 18 Jul 2018 06:33:52 GMT", 1_531_895_632),
        ] {
            let moment = parse(text.as_bytes());
            assert_eq!(moment, Some(UnixSeconds::new(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_no_such_date_is_none() {
        for text in [
            "",
            "Wed, 18 Jul 2018 06:33:52 GMT ",
            " Wed, 18 Jul 2018 06:33:52 GMT",
            "Wed, 18 Jul 2018 06:33:52 UTC",
            "Wed, 18 Jul 2018 06:33:52 gmt",
            "Wed, 18 JUL 2018 06:33:52 GMT",
            "wed, 18 Jul 2018 06:33:52 GMT",
            "Wen, 18 Jul 2018 06:33:52 GMT",
            "Wed; 18 Jul 2018 06:33:52 GMT",
            "Wed, 1\u{665} Jul 2018 06:33:52 G",
            "Wed, +8 Jul 2018 06:33:52 GMT",
            "Wed, 00 Jul 2018 06:33:52 GMT",
            "Thu, 29 Feb 2018 06:33:52 GMT",
            "Wed, 18 Jul 2018 24:33:52 GMT",
            "Wed, 18 Jul 2018 06:60:52 GMT",
            "Wed, 18 Jul 2018 06:33:61 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            // RFC 850 and asctime, which recipients of HTTP read and no sender writes.
            "Wednesday, 18-Jul-18 06:33:52 GMT",
            "Wed Jul 18 06:33:52 2018",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
