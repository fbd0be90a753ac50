//! Which country a telephone number is of, as far as its first digits tell.

/// The country codes of two digits. Source: ITU-T, list of E.164 assigned country codes. World zones 1 and
/// 7 have a code of one digit; every other code has three, assigned or not.
const TWO_DIGITS: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 \
     65 66 81 82 84 86 90 91 92 93 94 95 98";

/// Channels on which a recipient is no telephone number, though it may be all digits.
const OTHER_IDENTITIES: [&str; 10] = [
    "APPLEBC",
    "EMAIL",
    "INSTAGRAM",
    "KAKAOTALK",
    "KAKAOTALKCHAT",
    "LINE",
    "MESSENGER",
    "TELEGRAM",
    "VIBER",
    "WECHAT",
];

/// The country code of a recipient on a channel, with its plus; empty where it is no number in
/// international form. `identity` is normalized
/// ([`normalized_identity`](sinch_callback::normalized_identity)).
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::calling_code;
///
/// assert_eq!(calling_code("SMS", "4915112345678"), "+49");
/// assert_eq!(calling_code("SMS", "12025550147"), "+1");
/// assert_eq!(calling_code("WHATSAPP", "351912345678"), "+351");
/// assert_eq!(calling_code("MESSENGER", "4915112345678"), "");
/// ```
#[must_use]
pub fn calling_code(channel: &str, identity: &str) -> String {
    let is_other = OTHER_IDENTITIES
        .iter()
        .any(|other| other.eq_ignore_ascii_case(channel.trim()));
    match code(identity).filter(|_| !is_other) {
        Some(code) => format!("+{code}"),
        None => String::new(),
    }
}

/// The country code of digits that are a number as E.164 has it: at most 15, and no shorter than the
/// shortest that networks use.
pub(crate) fn code(digits: &str) -> Option<&str> {
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    if !is_number || digits.starts_with('0') {
        return None;
    }
    let len = match (digits.as_bytes().first(), digits.get(..2)) {
        (Some(b'1' | b'7'), _) => 1,
        (_, Some(two)) if TWO_DIGITS.split(' ').any(|known| known == two) => 2,
        _ => 3,
    };
    digits.get(..len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_as_long_as_the_list_says() {
        // From the list itself: Canada, Kazakhstan, Egypt, Germany, Iran, South Sudan, Ireland, Hong Kong,
        // the United Arab Emirates.
        for (number, code) in [
            ("14165550123", "+1"),
            ("77015550123", "+7"),
            ("201005550123", "+20"),
            ("4915155501234", "+49"),
            ("989125550123", "+98"),
            ("211915550123", "+211"),
            ("353855550123", "+353"),
            ("85255501234", "+852"),
            ("971505550123", "+971"),
        ] {
            assert_eq!(calling_code("SMS", number), code);
        }
        for other in [
            "",
            "4791",
            "015112345678",
            "+4915112345678",
            "1234567890123456",
            "ada@mail.example",
        ] {
            assert_eq!(calling_code("SMS", other), "", "{other}");
        }
    }
}
