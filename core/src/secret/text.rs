use core::fmt;

use crate::{grammar::has, limits::MIN_SECRET_BYTES};

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
    /// It is not base64, which the scheme's keys are written in.
    #[cfg(feature = "schemes")]
    NotBase64,
    /// It has fewer than [`MIN_SECRET_BYTES`](crate::limits::MIN_SECRET_BYTES) bytes: for hosts.
    Short,
    /// It says where the secret is: `${NAME}`, `file://…`, an ARN.
    Reference,
    /// It is no record `KEYID DIGEST KEY` of a public key.
    #[cfg(feature = "rsa")]
    KeyRecord,
    /// The record's digest is none that Engage signs.
    #[cfg(feature = "rsa")]
    KeyDigest,
    /// The record's key is a private one.
    #[cfg(feature = "rsa")]
    KeyPrivate,
    /// The record's key is no SubjectPublicKeyInfo of an RSA key.
    #[cfg(feature = "rsa")]
    KeyForm,
    /// The record's key is shorter or longer than what is accepted.
    #[cfg(feature = "rsa")]
    KeySize,
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

    /// Whether a key of so many bytes is too short for a host that strangers reach.
    #[must_use]
    pub const fn of_length(bytes: usize) -> Option<Self> {
        if bytes < MIN_SECRET_BYTES {
            Some(Self::Short)
        } else {
            None
        }
    }

    /// What is wrong, what most often causes it and what to do, in words.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "the secret is empty: is the variable set, the file filled?",
            Self::OnlyWhitespace => "the secret is nothing but white space",
            Self::LeadingWhitespace => "the secret begins with white space: take it off",
            Self::TrailingWhitespace => {
                "the secret ends with white space, as the newline that an editor or `echo` adds"
            }
            Self::ByteOrderMark => "the secret begins with a byte order mark: save it without one",
            Self::NotUtf8 => "the secret is not UTF-8: save it so",
            Self::SeveralLines => "the secret has a line break inside: give each secret by itself",
            Self::ControlCharacter => "the secret has a control character inside: copy it again",
            Self::Quoted => "the secret has quotes around it: leave them off",
            Self::Named => "the secret has a name in front (NAME=value): leave it off",
            Self::Prefixed => "the secret begins with whsec_, which is not Sinch's: leave it off",
            Self::Json => "the secret is JSON: give its text alone",
            #[cfg(feature = "schemes")]
            Self::NotBase64 => "the secret is not base64, which it has to be here: copy it again",
            Self::Short => "the secret has fewer than 16 bytes: set a longer one at Sinch",
            Self::Reference => "the secret is a reference: give what it stands for",
            #[cfg(feature = "rsa")]
            Self::KeyRecord => {
                "the key is not written as KEYID DIGEST KEY: the id that Engage gives it, its digest, and the public key in base64"
            }
            #[cfg(feature = "rsa")]
            Self::KeyDigest => {
                "the digest behind the key id is none of sha224, sha256 and sha512: write the one that the key was made with"
            }
            #[cfg(feature = "rsa")]
            Self::KeyPrivate => {
                "the key is a private key, which nobody but its signer may hold: give the public key, and make a new pair"
            }
            #[cfg(feature = "rsa")]
            Self::KeyForm => {
                "the key is not the SubjectPublicKeyInfo of an RSA key in base64: copy it again from Engage's list of keys"
            }
            #[cfg(feature = "rsa")]
            Self::KeySize => {
                "the RSA key has fewer than 2048 bits, or more than 8192: make a new one at Engage"
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

// What follows is in every build of the WebAssembly module, where each byte counts: a table as one
// text, one pass over the bytes, and a look at the name.
fn examine(text: &[u8]) -> Option<InvalidSecret> {
    if text.is_empty() {
        return Some(InvalidSecret::Empty);
    }
    if text.trim_ascii().is_empty() {
        return Some(InvalidSecret::OnlyWhitespace);
    }
    let listed = AROUND
        .as_bytes()
        .split(|byte| *byte == 0)
        .find_map(|entry| around(text, entry));
    listed
        .or_else(|| inside(text))
        .or_else(|| has_name(text).then_some(InvalidSecret::Named))
}

/// What mistaken texts begin and end with, each behind a letter for the reason and before a zero
/// byte; where they begin and end with different texts, a byte of one stands between the two.
const AROUND: &str = concat!(
    "B\u{feff}\x01\0",
    // White space, and what comes along when a text is copied out of a page: a no-break space, what
    // has no width, marks of direction.
    "W\n\0W\r\0W \0W\t\0W\x0C\0",
    "W\u{a0}\0W\u{200b}\0W\u{200c}\0W\u{200d}\0W\u{200e}\0W\u{200f}\0W\u{2060}\0W\u{feff}\0",
    // Quotes, also with the end of the line that they were copied from.
    "Q\"\x01\"\0Q\"\x01\",\0Q\"\x01\";\0Q'\x01'\0Q'\x01',\0Q'\x01';\0Q`\x01`\0",
    // Typographic ones differ by language.
    "Q\u{201c}\x01\u{201d}\0Q\u{201e}\x01\u{201c}\0Q\u{201d}\x01\u{201d}\0",
    "Q\u{2018}\x01\u{2019}\0Q\u{ab}\x01\u{bb}\0",
    "Pwhsec_\x01\0",
    "J{\"\x01}\0J{ \"\x01}\0J[\"\x01\"]\0",
    "R${\x01}\0R$(\x01)\0R{{\x01}}\0Rfile://\x01\0Rarn:aws\x01",
);

/// What is wrong with a text that begins and ends as an entry of the table says.
fn around(text: &[u8], entry: &[u8]) -> Option<InvalidSecret> {
    let (letter, ends) = entry.split_first()?;
    let mut ends = ends.split(|byte| *byte == 1);
    let start = ends.next()?;
    if *letter == b'W' && text.ends_with(start) {
        return Some(InvalidSecret::TrailingWhitespace);
    }
    let rest = text.strip_prefix(start)?;
    if !rest.ends_with(ends.next().unwrap_or_default()) {
        return None;
    }
    Some(match letter {
        b'B' => InvalidSecret::ByteOrderMark,
        b'W' => InvalidSecret::LeadingWhitespace,
        b'Q' => InvalidSecret::Quoted,
        b'P' => InvalidSecret::Prefixed,
        b'J' => InvalidSecret::Json,
        _ => InvalidSecret::Reference,
    })
}

/// What is wrong with single bytes, wherever they are.
fn inside(text: &[u8]) -> Option<InvalidSecret> {
    let mut reason = None;
    // Bytes that the character still has to come: where they do not, it is another encoding.
    let mut missing = 0_u32;
    for byte in text {
        let ones = byte.leading_ones();
        if *byte == 0 || (ones == 1) != (missing > 0) || ones > 4 {
            return Some(InvalidSecret::NotUtf8);
        }
        missing = ones.max(missing).saturating_sub(1);
        if matches!(byte, b'\n' | b'\r') {
            reason = Some(InvalidSecret::SeveralLines);
        } else if byte.is_ascii_control() && reason.is_none() {
            reason = Some(InvalidSecret::ControlCharacter);
        }
    }
    if missing > 0 {
        return Some(InvalidSecret::NotUtf8);
    }
    reason
}

/// `NAME=value` or `NAME: value`, with what shells put in front. The name has to look like that of a
/// setting, because a secret may well hold an equals sign.
fn has_name(text: &[u8]) -> bool {
    let sign = |byte: &u8| matches!(byte, b'=' | b':');
    let mut parts = text.splitn(2, sign);
    let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
        return false;
    };
    // A colon needs a space behind it.
    if !has(text, b'=') && !value.starts_with(b" ") {
        return false;
    }
    // The last word: `export` and the like may stand before it.
    let name = name.trim_ascii_end();
    let name = name.rsplit(|byte| *byte == b' ').next().unwrap_or(name);
    let words: [&[u8]; 5] = [b"secret", b"token", b"password", b"webhook", b"sinch"];
    let is_of_a_secret = (0..name.len()).any(|start| {
        words.iter().any(|word| {
            let part = name.get(start..).and_then(|rest| rest.get(..word.len()));
            part.is_some_and(|part| part.eq_ignore_ascii_case(word))
        })
    });
    let is_capital = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'_');
    let is_of_a_variable = name.len() >= 3
        && name.iter().take(3).all(is_capital)
        && name
            .iter()
            .all(|byte| is_capital(byte) || byte.is_ascii_digit());
    // What ends in nothing but equals signs is base64, which has no underscore beside them.
    let has_value = value.iter().any(|byte| *byte != b'=');
    (is_of_a_secret || is_of_a_variable) && (has_value || has(name, b'_'))
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
