use core::fmt;

/// Why a text is almost certainly not the secret that was entered at Sinch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidSecret {
    /// It has no characters.
    Empty,
    /// It has no characters but white space.
    OnlyWhitespace,
    /// It begins with white space, or with a character that nobody sees.
    LeadingWhitespace,
    /// It ends with white space, or with a character that nobody sees.
    TrailingWhitespace,
    /// It begins with a byte order mark.
    ByteOrderMark,
    /// It is not UTF-8, or is UTF-16.
    NotUtf8,
    /// It has more than one line.
    SeveralLines,
    /// It has a control character inside.
    ControlCharacter,
    /// It stands between quotes.
    Quoted,
    /// A name stands in front of it: `NAME=value`.
    Named,
    /// It begins with `whsec_`, as secrets of other services do.
    Prefixed,
    /// It is a JSON object or array.
    Json,
    /// It says where the secret is: `${NAME}`, `file://…`, an ARN.
    Reference,
}

impl InvalidSecret {
    /// What is wrong with the text of a secret; `None` where it may be one.
    ///
    /// Finds the mistakes that leave a secret in a form in which no genuine callback would ever
    /// match, and nobody would be told why. Everything else is a secret: white space and quotes
    /// inside it, a quote at one end, an equals sign, whatever letters.
    #[must_use]
    pub fn of(text: impl AsRef<[u8]>) -> Option<Self> {
        examine(text.as_ref())
    }

    /// What is wrong, what most often causes it and what to do, in words.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "the secret is empty: is the variable set, has the file been filled?",
            Self::OnlyWhitespace => {
                "the secret is nothing but white space: has the file been filled?"
            }
            Self::LeadingWhitespace => {
                "the secret begins with white space, most often from copying it out of a page"
            }
            Self::TrailingWhitespace => {
                "the secret ends with white space, most often the newline that an editor or `echo` \
                 adds (`printf %s` does not)"
            }
            Self::ByteOrderMark => {
                "the secret begins with a byte order mark: save it as UTF-8 without one"
            }
            Self::NotUtf8 => {
                "the secret is not UTF-8, as what Windows PowerShell's `>` writes: save it as UTF-8"
            }
            Self::SeveralLines => {
                "the secret has a line break inside: give each secret by itself, without comments"
            }
            Self::ControlCharacter => {
                "the secret has a control character inside: copy it again, as plain text"
            }
            Self::Quoted => "the secret has quotes around it: leave them off",
            Self::Named => "the secret has a name in front, as in NAME=value: give the value alone",
            Self::Prefixed => {
                "the secret begins with whsec_, which Sinch does not put there: give what was \
                 entered at Sinch"
            }
            Self::Json => "the secret is JSON: give the text alone",
            Self::Reference => {
                "the secret is a reference that nothing has replaced with the secret itself"
            }
        }
    }
}

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for InvalidSecret {}

fn examine(text: &[u8]) -> Option<InvalidSecret> {
    use InvalidSecret as Is;
    if text.is_empty() {
        return Some(Is::Empty);
    }
    if is_between(text, BYTE_ORDER_MARK, b"") {
        return Some(Is::ByteOrderMark);
    }
    // Where there is a zero byte, it is UTF-16 most often, which may well be UTF-8 by its form.
    if !all(text, |byte| byte != 0) || core::str::from_utf8(text).is_err() {
        return Some(Is::NotUtf8);
    }
    let without_end = trim(text, |text, blank| text.strip_suffix(blank));
    if without_end.is_empty() {
        return Some(Is::OnlyWhitespace);
    }
    if without_end.len() != text.len() {
        return Some(Is::TrailingWhitespace);
    }
    if trim(text, |text, blank| text.strip_prefix(blank)).len() != text.len() {
        return Some(Is::LeadingWhitespace);
    }
    if LINE_BREAKS.iter().any(|end| contains(text, end)) {
        return Some(Is::SeveralLines);
    }
    if !all(text, |byte| !byte.is_ascii_control()) {
        return Some(Is::ControlCharacter);
    }
    if is_quoted(text) {
        return Some(Is::Quoted);
    }
    for (start, end, reason) in SHAPES {
        if is_between(text, start, end) && (start != b"{" || contains(text, b"\":")) {
            return Some(reason);
        }
    }
    has_name(text).then_some(Is::Named)
}

/// What a text begins and ends with that says what it is. A brace alone does not: JSON has a name
/// behind it.
const SHAPES: [(&[u8], &[u8], InvalidSecret); 8] = [
    (b"whsec_", b"", InvalidSecret::Prefixed),
    (b"{", b"}", InvalidSecret::Json),
    (b"[\"", b"\"]", InvalidSecret::Json),
    (b"${", b"}", InvalidSecret::Reference),
    (b"$(", b")", InvalidSecret::Reference),
    (b"{{", b"}}", InvalidSecret::Reference),
    (b"file://", b"", InvalidSecret::Reference),
    (b"arn:aws", b"", InvalidSecret::Reference),
];

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

const LINE_BREAKS: [&[u8]; 5] = [b"\n", b"\r", b"\xC2\x85", b"\xE2\x80\xA8", b"\xE2\x80\xA9"];

/// What no one sees at the end of a text: ASCII's white space, and what comes along when a text is
/// copied out of a page (no-break and thin spaces, zero widths, marks of direction).
const BLANKS: [&[u8]; 15] = [
    b" ",
    b"\t",
    b"\n",
    b"\x0B",
    b"\x0C",
    b"\r",
    b"\xC2\x85",
    b"\xC2\xA0",
    b"\xE2\x80\xA8",
    b"\xE2\x80\xA9",
    b"\xE2\x80\xAF",
    b"\xE2\x81\x9F",
    b"\xE2\x81\xA0",
    b"\xE3\x80\x80",
    BYTE_ORDER_MARK,
];

/// The text without blanks at one end.
fn trim(mut text: &[u8], strip: for<'a> fn(&'a [u8], &[u8]) -> Option<&'a [u8]>) -> &[u8] {
    loop {
        // U+2000 to U+200F: spaces of all widths, and what has none.
        let wide = (0x80..=0x8F_u8).find_map(|last| strip(text, &[0xE2, 0x80, last]));
        match wide.or_else(|| BLANKS.iter().find_map(|blank| strip(text, blank))) {
            Some(rest) => text = rest,
            None => return text,
        }
    }
}

/// Whether the part is somewhere in the text, its letters in whatever case.
fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part))
}

fn all(text: &[u8], test: fn(u8) -> bool) -> bool {
    first(text, test) == text.len()
}

/// How many bytes at the start pass the test. One loop for all tests: a secret is read once, and
/// the build for the edge has to be small.
#[inline(never)]
fn first(text: &[u8], test: fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| test(**byte)).count()
}

fn is_between(text: &[u8], start: &[u8], end: &[u8]) -> bool {
    text.strip_prefix(start)
        .is_some_and(|rest| rest.ends_with(end))
}

/// Quotes on both sides, perhaps with the comma of the line that they were copied from.
fn is_quoted(text: &[u8]) -> bool {
    let text = match text.split_last() {
        Some((b',' | b';', rest)) => rest,
        _ => text,
    };
    let plain: [&[u8]; 3] = [b"\"", b"'", b"`"];
    // Typographic ones differ by language, and the two of a pair differ.
    let begins = matches!(
        text,
        [0xE2, 0x80, 0x98..=0x9F | 0xB9 | 0xBA, ..] | [0xC2, 0xAB | 0xBB, ..]
    );
    let ends = matches!(
        text,
        [.., 0xE2, 0x80, 0x98..=0x9F | 0xB9 | 0xBA] | [.., 0xC2, 0xAB | 0xBB]
    );
    plain.iter().any(|quote| is_between(text, quote, quote)) || begins && ends && text.len() > 3
}

/// `NAME=value` or `NAME: value`, with what shells put in front. The name has to look like that of a
/// setting, because a secret may well hold an equals sign.
fn has_name(text: &[u8]) -> bool {
    let commands: [&[u8]; 3] = [b"export ", b"set ", b"$env:"];
    let set = commands
        .iter()
        .find_map(|command| text.strip_prefix(*command));
    let text = set.or_else(|| text.strip_prefix(b"$")).unwrap_or(text);
    let place = first(text, |byte| !matches!(byte, b'=' | b':'));
    let Some((name, [sign, value @ ..])) = text.split_at_checked(place) else {
        return false;
    };
    let name = name.trim_ascii_end();
    let is_identifier = all(name, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
    });
    // A colon needs a space behind it.
    let is_sign = *sign == b'=' || value.starts_with(b" ");
    // What ends in nothing but equals signs is base64, which has no underscore beside them.
    let has_value = !all(value, |byte| matches!(byte, b'=' | b' '));
    is_identifier
        && is_sign
        && (has_value || !all(name, |byte| byte != b'_'))
        && (set.is_some() || is_of_a_variable(name) || is_of_a_secret(name))
}

/// Capitals and underscores, three at least, perhaps with a number behind them.
fn is_of_a_variable(name: &[u8]) -> bool {
    let capitals = first(name, |byte| byte.is_ascii_uppercase() || byte == b'_');
    let number = name.get(capitals..).unwrap_or_default();
    capitals >= 3 && all(number, |byte| byte.is_ascii_digit())
}

/// A name that says that a secret follows.
fn is_of_a_secret(name: &[u8]) -> bool {
    let words: [&[u8]; 5] = [b"secret", b"token", b"password", b"webhook", b"sinch"];
    words.iter().any(|word| contains(name, word))
}

#[cfg(test)]
mod tests {
    use std::{format, vec::Vec};

    use super::*;

    #[test]
    fn each_mistake_has_a_name_of_its_own() {
        use InvalidSecret as Is;
        let wrong: &[(&[u8], InvalidSecret)] = &[
            (b"", Is::Empty),
            (b" \n", Is::OnlyWhitespace),
            ("\u{a0}\u{200b}".as_bytes(), Is::OnlyWhitespace),
            (b"made-up\n", Is::TrailingWhitespace),
            (b"made-up\r", Is::TrailingWhitespace),
            ("made-up\u{a0}".as_bytes(), Is::TrailingWhitespace),
            ("made-up\u{200b}".as_bytes(), Is::TrailingWhitespace),
            ("made-up\u{feff}".as_bytes(), Is::TrailingWhitespace),
            (b" made-up", Is::LeadingWhitespace),
            ("\u{200e}made-up".as_bytes(), Is::LeadingWhitespace),
            ("\u{feff}made-up".as_bytes(), Is::ByteOrderMark),
            (b"\xFF\xFEm\0a\0", Is::NotUtf8),
            (b"m\0a\0", Is::NotUtf8),
            (b"made-up\0", Is::NotUtf8),
            (b"m\xE5de-up", Is::NotUtf8),
            (b"made\nup", Is::SeveralLines),
            (b"made\r\nup", Is::SeveralLines),
            (b"made\rup", Is::SeveralLines),
            (b"# the new one\nmade-up", Is::SeveralLines),
            ("made\u{2028}up".as_bytes(), Is::SeveralLines),
            (b"made\tup", Is::ControlCharacter),
            (b"made\x1b[0mup", Is::ControlCharacter),
            (b"\"made-up\"", Is::Quoted),
            (b"\"made-up\",", Is::Quoted),
            (b"'made-up';", Is::Quoted),
            (b"'made-up'", Is::Quoted),
            (b"`made-up`", Is::Quoted),
            (b"\"\"", Is::Quoted),
            ("\u{201c}made-up\u{201d}".as_bytes(), Is::Quoted),
            ("\u{201e}made-up\u{201c}".as_bytes(), Is::Quoted),
            ("\u{2018}made-up\u{2019}".as_bytes(), Is::Quoted),
            ("\u{ab}made-up\u{bb}".as_bytes(), Is::Quoted),
            (b"NAME=value", Is::Named),
            (b"SINCH_WEBHOOK_SECRET=made-up", Is::Named),
            (b"SINCH_WEBHOOK_SECRET=", Is::Named),
            (b"SINCH_WEBHOOK_SECRET = made-up", Is::Named),
            (b"SECRET_2=\"made-up\"", Is::Named),
            (b"webhookSecret=made-up", Is::Named),
            (b"sinch.webhook-secret=made-up", Is::Named),
            (b"export secret_of_mine=made-up", Is::Named),
            (b"export x=made-up", Is::Named),
            (b"set X=made-up", Is::Named),
            (b"$env:X='made-up'", Is::Named),
            (b"$secret = made-up", Is::Named),
            (b"Secret: made-up", Is::Named),
            (b"whsec_bWFkZS11cA==", Is::Prefixed),
            (b"{\"secret\":\"made-up\"}", Is::Json),
            (b"{ \"secret\": \"made-up\" }", Is::Json),
            (b"[\"made-up\"]", Is::Json),
            (b"${SINCH_WEBHOOK_SECRET}", Is::Reference),
            (b"$(cat secret.txt)", Is::Reference),
            (b"{{resolve:ssm-secure:/sinch/webhook}}", Is::Reference),
            (b"file://secret.txt", Is::Reference),
            (
                b"arn:aws:ssm:eu-west-1:111122223333:parameter/a",
                Is::Reference,
            ),
        ];
        for (text, reason) in wrong {
            let shown = text.escape_ascii();
            assert_eq!(InvalidSecret::of(text), Some(*reason), "{shown}");
        }
    }

    #[test]
    fn what_a_secret_may_look_like_is_one() {
        // A word, a random text of each kind that generators make, and what is close to a mistake.
        let right = [
            "made-up",
            "made up",
            "m",
            "\"",
            "correct horse battery staple",
            "0123456789abcdef0123456789abcdef",
            "bWFkZS11cCBzZWNyZXQ=",
            "bWFkZS11cCBzZWNyZQ==",
            "MFRGGZDFMZTWQ2LK====",
            "SECRET==",
            "xK7=pQ9$",
            "aB=c",
            "AB=c",
            "a1b2:c3d4",
            "user:password",
            "made=up=often",
            "\"made-up",
            "made-up'",
            "it's \"made\" up",
            "#made-up",
            "made#up # so",
            "WHSEC_made-up",
            "whsecmade-up",
            "{made-up}",
            "[made-up]",
            "<made-up>",
            "$made-up",
            "%made-up%",
            "made-up,",
            "\\made-up\\n",
            "p\u{e5}hittad",
            "\u{1f469}\u{200d}\u{1f680}",
            "\u{79d8}\u{5bc6}",
        ];
        for text in right {
            assert_eq!(InvalidSecret::of(text), None, "{text}");
        }
    }

    #[test]
    fn every_text_of_base64_and_hex_is_a_secret() {
        // Base64 of every length, which ends in every number of equals signs.
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
        for length in 1..64 {
            for padding in ["", "=", "=="] {
                for offset in 0..digits.len() {
                    let mut text: Vec<u8> = digits
                        .iter()
                        .copied()
                        .cycle()
                        .skip(offset)
                        .take(length)
                        .collect();
                    text.extend_from_slice(padding.as_bytes());
                    let found = InvalidSecret::of(&text);
                    let with_underscore = text.contains(&b'_') && !padding.is_empty();
                    assert!(
                        found.is_none() || with_underscore,
                        "{}",
                        text.escape_ascii()
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_is_written_in_words() {
        for (reason, words) in [
            (InvalidSecret::Empty, "is empty"),
            (InvalidSecret::OnlyWhitespace, "nothing but white space"),
            (InvalidSecret::LeadingWhitespace, "begins with white space"),
            (InvalidSecret::TrailingWhitespace, "ends with white space"),
            (InvalidSecret::ByteOrderMark, "byte order mark"),
            (InvalidSecret::NotUtf8, "is not UTF-8"),
            (InvalidSecret::SeveralLines, "line break inside"),
            (InvalidSecret::ControlCharacter, "control character"),
            (InvalidSecret::Quoted, "quotes around it"),
            (InvalidSecret::Named, "NAME=value"),
            (InvalidSecret::Prefixed, "whsec_"),
            (InvalidSecret::Json, "is JSON"),
            (InvalidSecret::Reference, "is a reference"),
        ] {
            assert!(format!("{reason}").contains(words), "{reason}");
        }
    }
}
