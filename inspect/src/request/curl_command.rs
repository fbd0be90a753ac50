//! A curl command, as people write it and as browsers and proxies copy it.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use core::{iter::Peekable, str::Chars};

use super::{Form, Request, RequestLine, Unreadable};
use crate::header_line::header_of;

/// Whether the first word is curl, behind the prompt of a shell or without.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"$ ").unwrap_or(bytes);
    let word = bytes.split(u8::is_ascii_whitespace).next();
    matches!(word, Some(b"curl" | b"curl.exe"))
}

pub(crate) fn read(bytes: &[u8]) -> Result<Request, Unreadable> {
    let text = str::from_utf8(bytes)
        .map_err(|_| broken("it is not UTF-8, so its body cannot be read byte for byte"))?;
    let text = text.strip_prefix("$ ").unwrap_or(text);
    let mut words = words(text)?.into_iter().skip(1);
    let mut headers = Vec::new();
    let mut body: Option<Vec<u8>> = None;
    let (mut method, mut address) = (None, None);
    while let Some(word) = words.next() {
        let Some(option) = Flag::of(&word) else {
            // The address stands alone; other words that do are flags without a value.
            if !word.starts_with('-') {
                address.get_or_insert(word);
            }
            continue;
        };
        let Some(value) = option.attached.map(str::to_owned).or_else(|| words.next()) else {
            return Err(broken(format!("{word} has no value")));
        };
        match option.name {
            "-H" | "--header" => {
                let header = header_of(value.as_bytes());
                headers.push(header.ok_or_else(|| broken("a header has no colon"))?);
            }
            "--data-urlencode" | "-F" | "--form" => {
                return Err(broken(format!(
                    "{} does not send a callback's body",
                    option.name
                )));
            }
            "-X" | "--request" => method = Some(value),
            "--url" => address = Some(value),
            name if is_data(name) => {
                if let (Some(file), false) = (value.strip_prefix('@'), name == "--data-raw") {
                    return Err(Unreadable::BodyInFile {
                        option: name.to_owned(),
                        file: file.to_owned(),
                    });
                }
                match &mut body {
                    None => body = Some(value.into_bytes()),
                    Some(body) => {
                        body.push(b'&');
                        body.extend(value.into_bytes());
                    }
                }
            }
            _ => {}
        }
    }
    // Without a method of its own, curl posts what has a body.
    let method = method.as_deref().unwrap_or("POST");
    let line = address.and_then(|address| RequestLine::of(method, &address));
    Ok(Request {
        form: Form::CurlCommand,
        line,
        headers,
        body,
    })
}

fn broken(what: impl Into<String>) -> Unreadable {
    Unreadable::broken(Form::CurlCommand, what)
}

fn is_data(name: &str) -> bool {
    matches!(
        name,
        "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json"
    )
}

/// An option that takes a value.
struct Flag<'a> {
    name: &'a str,
    /// The value, where it stands in the same word.
    attached: Option<&'a str>,
}

/// Curl's short options with a value, as far as a callback's request may have them.
const SHORT: &str = "HdXAbcCeEFmoPrTuUwxyYzK";

/// Curl's long options with a value, of the same kind.
const LONG: [&str; 28] = [
    "--header",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--data-urlencode",
    "--json",
    "--form",
    "--request",
    "--url",
    "--user",
    "--user-agent",
    "--referer",
    "--cookie",
    "--cookie-jar",
    "--output",
    "--write-out",
    "--max-time",
    "--connect-timeout",
    "--connect-to",
    "--resolve",
    "--proxy",
    "--cacert",
    "--cert",
    "--key",
    "--retry",
    "--retry-delay",
    "--config",
];

impl<'a> Flag<'a> {
    fn of(word: &'a str) -> Option<Self> {
        if word.starts_with("--") {
            let (name, attached) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            return LONG.contains(&name).then_some(Self { name, attached });
        }
        // Letters without a value may stand in front: -sSH 'name: value'.
        let letters = word.strip_prefix('-')?;
        let place = letters.find(|letter| SHORT.contains(letter))?;
        let (_, from) = letters.split_at_checked(place)?;
        let mut rest = from.chars();
        let name = match rest.next()? {
            'H' => "-H",
            'd' => "-d",
            'F' => "-F",
            'X' => "-X",
            _ => "",
        };
        let attached = Some(rest.as_str()).filter(|value| !value.is_empty());
        Some(Self { name, attached })
    }
}

/// The words of a command as a POSIX shell splits them, with bash's `$'…'`.
fn words(text: &str) -> Result<Vec<String>, Unreadable> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            character if character.is_whitespace() => words.extend(word.take()),
            '\\' => match rest.next() {
                // The command goes on in the next line.
                Some('\n') | None => {}
                Some('\r') => {
                    rest.next_if_eq(&'\n');
                }
                Some(other) => word.get_or_insert_default().push(other),
            },
            '\'' => single_quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '$' if rest.next_if_eq(&'\'').is_some() => {
                ansi_quoted(&mut rest, word.get_or_insert_default())?;
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

type Rest<'a> = Peekable<Chars<'a>>;

fn unclosed() -> Unreadable {
    broken("a quote is not closed")
}

fn single_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), Unreadable> {
    loop {
        match rest.next().ok_or_else(unclosed)? {
            '\'' => return Ok(()),
            other => word.push(other),
        }
    }
}

fn double_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), Unreadable> {
    loop {
        match rest.next().ok_or_else(unclosed)? {
            '"' => return Ok(()),
            '\\' => match rest.next().ok_or_else(unclosed)? {
                '\n' => {}
                other @ ('"' | '\\' | '$' | '`') => word.push(other),
                other => word.extend(['\\', other]),
            },
            other => word.push(other),
        }
    }
}

fn ansi_quoted(rest: &mut Rest<'_>, word: &mut String) -> Result<(), Unreadable> {
    loop {
        match rest.next().ok_or_else(unclosed)? {
            '\'' => return Ok(()),
            '\\' => match rest.next().ok_or_else(unclosed)? {
                'n' => word.push('\n'),
                'r' => word.push('\r'),
                't' => word.push('\t'),
                'u' => word.push(code_point(rest, 4)?),
                'x' => word.push(code_point(rest, 2)?),
                other => word.push(other),
            },
            other => word.push(other),
        }
    }
}

/// The character of so many hexadecimal digits. Two escapes may be the halves of one character.
fn code_point(rest: &mut Rest<'_>, digits: usize) -> Result<char, Unreadable> {
    let first = unit(rest, digits)?;
    if (0xd800..0xdc00).contains(&first) {
        let is_pair = rest.next() == Some('\\') && rest.next() == Some('u');
        let second = if is_pair { unit(rest, 4)? } else { 0 };
        let pair = [first, second].map(|unit| u16::try_from(unit).unwrap_or_default());
        return char::decode_utf16(pair)
            .next()
            .and_then(Result::ok)
            .ok_or_else(|| broken("an escape in $'…' stands for no character"));
    }
    char::from_u32(first).ok_or_else(|| broken("an escape in $'…' stands for no character"))
}

fn unit(rest: &mut Rest<'_>, digits: usize) -> Result<u32, Unreadable> {
    let mut value: u32 = 0;
    for _ in 0..digits {
        let digit = rest.next().and_then(|digit| digit.to_digit(16));
        let digit = digit.ok_or_else(|| broken("an escape in $'…' has too few digits"))?;
        value = value.saturating_mul(16).saturating_add(digit);
    }
    Ok(value)
}
