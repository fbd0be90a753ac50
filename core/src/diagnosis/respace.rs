//! Other ways to write the same JSON, for finding out that a body has been re-serialized on its way.

use alloc::vec::Vec;

/// How white space stands between the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spacing {
    /// As it is.
    Kept,
    /// None, as `JSON.stringify` writes.
    Compact,
    /// A space behind each comma and colon, as Python's `json.dumps` writes.
    Spaced,
    /// A line for each member, indented by so many spaces a level.
    Indented(usize),
}

/// How characters stand in strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// As they are.
    Kept,
    /// Slashes behind a backslash.
    SlashEscaped,
    /// Slashes bare.
    SlashBare,
    /// Characters outside ASCII as `\uXXXX`, as Python writes.
    NonAsciiEscaped,
    /// Characters outside ASCII as themselves.
    NonAsciiBare,
    /// Slashes and characters outside ASCII escaped, as PHP writes unless told otherwise.
    BothEscaped,
    /// Slashes and characters outside ASCII as themselves.
    BothBare,
}

pub(crate) const SPACINGS: [Spacing; 5] = [
    Spacing::Kept,
    Spacing::Compact,
    Spacing::Spaced,
    Spacing::Indented(2),
    Spacing::Indented(4),
];

pub(crate) const ESCAPES: [Escapes; 7] = [
    Escapes::Kept,
    Escapes::SlashEscaped,
    Escapes::SlashBare,
    Escapes::NonAsciiEscaped,
    Escapes::NonAsciiBare,
    Escapes::BothEscaped,
    Escapes::BothBare,
];

/// How many times as long as the body its rewritten form may be. Our own choice: what people indent
/// stays far below, and brackets in brackets without end would grow with the square of their depth.
const MAX_GROWTH: usize = 8;

/// The body written in another way; numbers, keys and their order stay. `None` where it does not
/// look like JSON, or would grow beyond measure.
pub(crate) fn rewrite(body: &[u8], spacing: Spacing, escapes: Escapes) -> Option<Vec<u8>> {
    let text = str::from_utf8(body).ok()?;
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut out = Writer {
        out: Vec::with_capacity(body.len()),
        spacing,
        depth: 0,
        opened: false,
    };
    let most = body.len().saturating_mul(MAX_GROWTH);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if out.out.len() > most {
            return None;
        }
        if character == '"' {
            let string = string_of(rest)?;
            out.value();
            respell(string, escapes, &mut out.out);
            rest = rest.get(string.len()..)?;
        } else {
            out.token(character);
            rest = rest.get(character.len_utf8()..)?;
        }
    }
    Some(out.out)
}

/// The string, quotes included, that the text begins with.
fn string_of(text: &str) -> Option<&str> {
    let mut escaped = false;
    for (position, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return text.get(..=position),
            _ => {}
        }
    }
    None
}

struct Writer {
    out: Vec<u8>,
    spacing: Spacing,
    depth: usize,
    /// Just behind an opening bracket, where it is not yet known whether anything follows in it.
    opened: bool,
}

impl Writer {
    fn token(&mut self, character: char) {
        if self.spacing == Spacing::Kept {
            push(&mut self.out, character);
            return;
        }
        match character {
            ' ' | '\t' | '\r' | '\n' => {}
            '{' | '[' => {
                self.value();
                push(&mut self.out, character);
                self.depth = self.depth.saturating_add(1);
                self.opened = true;
            }
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                if !core::mem::take(&mut self.opened) {
                    self.line();
                }
                push(&mut self.out, character);
            }
            ',' => {
                self.out.push(b',');
                if self.spacing == Spacing::Spaced {
                    self.out.push(b' ');
                }
                self.line();
            }
            ':' => {
                self.out.push(b':');
                if self.spacing != Spacing::Compact {
                    self.out.push(b' ');
                }
            }
            _ => {
                self.value();
                push(&mut self.out, character);
            }
        }
    }

    /// Something follows in the innermost bracket.
    fn value(&mut self) {
        if core::mem::take(&mut self.opened) {
            self.line();
        }
    }

    fn line(&mut self) {
        if let Spacing::Indented(width) = self.spacing {
            self.out.push(b'\n');
            let spaces = width.saturating_mul(self.depth);
            self.out.extend(core::iter::repeat_n(b' ', spaces));
        }
    }
}

/// Writes a string, quotes included, with its characters spelt in another way.
fn respell(string: &str, escapes: Escapes, out: &mut Vec<u8>) {
    let mut rest = string.chars();
    while let Some(character) = rest.next() {
        match (character, escapes) {
            ('\\', _) => {
                let escaped = rest.next();
                match (escaped, escapes) {
                    (Some('/'), Escapes::SlashBare | Escapes::BothBare) => out.push(b'/'),
                    (Some('u'), Escapes::NonAsciiBare | Escapes::BothBare) => {
                        unescape(&mut rest, out)
                    }
                    (escaped, _) => {
                        out.push(b'\\');
                        escaped.into_iter().for_each(|escaped| push(out, escaped));
                    }
                }
            }
            ('/', Escapes::SlashEscaped | Escapes::BothEscaped) => out.extend(b"\\/"),
            (character, Escapes::NonAsciiEscaped | Escapes::BothEscaped)
                if !character.is_ascii() =>
            {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    escape(*unit, out);
                }
            }
            (character, _) => push(out, character),
        }
    }
}

fn push(out: &mut Vec<u8>, character: char) {
    out.extend(character.encode_utf8(&mut [0; 4]).bytes());
}

fn escape(unit: u16, out: &mut Vec<u8>) {
    out.extend(b"\\u");
    for shift in [12, 8, 4, 0] {
        let digit = u32::from(unit.wrapping_shr(shift) & 0xf);
        char::from_digit(digit, 16)
            .into_iter()
            .for_each(|digit| push(out, digit));
    }
}

/// Writes the character whose `\u` has just been read, or the escape again where it stands for none
/// outside ASCII.
fn unescape(rest: &mut core::str::Chars<'_>, out: &mut Vec<u8>) {
    let mut ahead = rest.clone();
    let first = unit(&mut ahead);
    let mut units = alloc::vec![];
    units.extend(first);
    if first.is_some_and(|unit| (0xd800..0xdc00).contains(&unit))
        && ahead.next() == Some('\\')
        && ahead.next() == Some('u')
    {
        units.extend(unit(&mut ahead));
    }
    let mut decoded = char::decode_utf16(units);
    match (decoded.next(), decoded.next()) {
        (Some(Ok(character)), None) if !character.is_ascii() => {
            push(out, character);
            *rest = ahead;
        }
        _ => out.extend(b"\\u"),
    }
}

fn unit(digits: &mut core::str::Chars<'_>) -> Option<u16> {
    let mut unit: u32 = 0;
    for _ in 0..4 {
        unit = unit.wrapping_shl(4) | digits.next()?.to_digit(16)?;
    }
    u16::try_from(unit).ok()
}

/// What a JSON string holds, where that is JSON again.
pub(crate) fn string_value(body: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(body).ok()?.trim();
    if !text.starts_with('"') || string_of(text)?.len() != text.len() {
        return None;
    }
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            push(&mut out, character);
            continue;
        }
        match rest.next()? {
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'b' => out.push(8),
            'f' => out.push(12),
            'u' => push(&mut out, escaped_character(&mut rest)?),
            other => push(&mut out, other),
        }
    }
    let is_json = out
        .trim_ascii_start()
        .first()
        .is_some_and(|first| b"{[".contains(first));
    is_json.then_some(out)
}

/// The character of a `\u` that has just been read, or of two that belong together.
fn escaped_character(rest: &mut core::str::Chars<'_>) -> Option<char> {
    let first = unit(rest)?;
    let mut units = alloc::vec![first];
    if (0xd800..0xdc00).contains(&first) {
        let is_pair = rest.next() == Some('\\') && rest.next() == Some('u');
        units.extend(is_pair.then(|| unit(rest)).flatten());
    }
    char::decode_utf16(units).next()?.ok()
}

/// Fewest keys whose alphabetical order is more than chance, and deepest brackets that are looked
/// into. Our own choice.
const FEWEST_KEYS: usize = 3;
const DEEPEST: usize = 64;

/// Whether the keys of each object stand in alphabetical order, and there are enough of them to tell.
pub(crate) fn has_sorted_keys(body: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(body) else {
        return false;
    };
    // The last key of each object that is open; none in arrays.
    let mut open: Vec<Option<&str>> = Vec::new();
    let (mut count, mut pairs) = (0_usize, 0_usize);
    let mut string = "";
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let mut taken = character.len_utf8();
        match character {
            '"' => {
                let Some(found) = string_of(rest) else {
                    return false;
                };
                (string, taken) = (found, found.len());
            }
            '{' | '[' if open.len() >= DEEPEST => return false,
            '{' | '[' => open.push(None),
            '}' | ']' => {
                open.pop();
            }
            ':' => {
                let Some(last) = open.last_mut() else {
                    return false;
                };
                if last.is_some_and(|last| last >= string) {
                    return false;
                }
                pairs = pairs.saturating_add(usize::from(last.is_some()));
                count = count.saturating_add(1);
                *last = Some(string);
            }
            _ => {}
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    count >= FEWEST_KEYS && pairs > 0
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;

    fn spaced(body: &str, spacing: Spacing) -> String {
        String::from_utf8(rewrite(body.as_bytes(), spacing, Escapes::Kept).unwrap()).unwrap()
    }

    #[test]
    fn spacing_is_what_the_usual_writers_write() {
        let compact = r#"{"a":[1,2.50,{}],"b c":{"d , : e":null},"f":[]}"#;
        // As Python's json.dumps writes them, plain and with an indent of 2.
        let python = r#"{"a": [1, 2.50, {}], "b c": {"d , : e": null}, "f": []}"#;
        let indented = "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b c\": {\n    \"d , : e\": null\n  },\n  \"f\": []\n}";
        for body in [compact, python, indented] {
            assert_eq!(spaced(body, Spacing::Compact), compact);
            assert_eq!(spaced(body, Spacing::Spaced), python);
            assert_eq!(spaced(body, Spacing::Indented(2)), indented);
            assert_eq!(spaced(body, Spacing::Kept), body);
        }
    }

    #[test]
    fn strings_are_spelt_in_every_way_and_back() {
        let spelt = |body: &str, escapes| {
            String::from_utf8(rewrite(body.as_bytes(), Spacing::Kept, escapes).unwrap()).unwrap()
        };
        let bare = "[\"a/b \u{e9} \u{1f525} \\\" \\n\"]";
        let escaped = r#"["a/b \u00e9 \ud83d\udd25 \" \n"]"#;
        assert_eq!(spelt(bare, Escapes::NonAsciiEscaped), escaped);
        assert_eq!(spelt(escaped, Escapes::NonAsciiBare), bare);
        assert_eq!(spelt(r#"["a/b"]"#, Escapes::SlashEscaped), r#"["a\/b"]"#);
        assert_eq!(spelt(r#"["a\/b"]"#, Escapes::SlashBare), r#"["a/b"]"#);
        let php = r#"["a\/b \u00e9 \ud83d\udd25 \" \n"]"#;
        assert_eq!(spelt(bare, Escapes::BothEscaped), php);
        assert_eq!(spelt(php, Escapes::BothBare), bare);
        assert_eq!(
            spelt(r#"["\u0041\ud83d"]"#, Escapes::NonAsciiBare),
            r#"["\u0041\ud83d"]"#
        );
    }

    #[test]
    fn brackets_in_brackets_without_end_are_not_indented() {
        let indented = |body: &[u8]| rewrite(body, Spacing::Indented(4), Escapes::Kept);
        assert_eq!(indented(&[b'['; 500_000]), None);
        let commas_inside = [&[b'['; 100][..], &[b','; 500_000]].concat();
        assert_eq!(indented(&commas_inside), None);
        assert!(indented(b"[[[1],[2]],[[3]]]").is_some());
    }

    #[test]
    fn a_string_of_json_is_that_json() {
        // As Python's json.dumps(json.dumps({"a": "å\n"})) writes it.
        let body = r#""{\"a\": \"\\u00e5\\n\"}""#;
        assert_eq!(
            string_value(body.as_bytes()).unwrap(),
            br#"{"a": "\u00e5\n"}"#
        );
        assert_eq!(
            string_value(br#" "[\"\ud83d\udd25\"]" "#).unwrap(),
            "[\"\u{1f525}\"]".as_bytes()
        );
        for body in [
            r#""plain""#,
            r#"{"a":1}"#,
            r#""[" ,"]""#,
            r#""[\ud83d""#,
            r#""["#,
        ] {
            assert_eq!(string_value(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn sorted_keys_are_seen_where_there_are_enough() {
        for (body, sorted) in [
            (r#"{"a":1,"b":{"c":2,"d":[{"a":1}]}}"#, true),
            (r#"{"a":1,"b":{"d":2,"c":2}}"#, false),
            (r#"{"b":1,"a":1,"c":1}"#, false),
            (r#"{"a":1,"b":2}"#, false),
            (r#"{"a":{"b":{"c":1}}}"#, false),
            (r#"["a","b","c"]"#, false),
            ("plain: text: of: colons", false),
            ("", false),
        ] {
            assert_eq!(has_sorted_keys(body.as_bytes()), sorted, "{body}");
        }
        assert!(!has_sorted_keys(&[b'['; 500_000]));
    }

    #[test]
    fn what_is_no_json_is_not_rewritten() {
        for body in [&b""[..], b"plain", b"\xff", b"[\"open"] {
            assert_eq!(rewrite(body, Spacing::Compact, Escapes::Kept), None);
        }
    }
}
