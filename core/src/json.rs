//! A reader of JSON that no odd field stops: values where they lie in the body.
//!
//! Sinch has signed what is read here, so what is odd in it is genuine all the same: half a
//! surrogate pair where a text was cut, bytes that are no UTF-8, numbers past every range, nesting
//! without end, a comma too many, a body that breaks off behind a complete report. A strict reader
//! loses the whole report to any of them. This one takes from a document what is complete in it,
//! reads texts lossily, and agrees with a strict one on everything that is JSON
//! (`tests/fuzz/src/classification.rs` compares them).
//!
//! A value that nobody asks for is skipped by counting its brackets. Nothing recurses and nothing is
//! built of what is not asked for, so time is linear in the body, whatever is nested in it, and
//! memory is what the texts take that are read.
#![cfg_attr(
    not(feature = "events"),
    allow(dead_code, reason = "a proof inside a body needs only a part of it")
)]

use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
};

/// The UTF-8 byte order mark, which some senders put first and JSON does not know.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What a body is as a whole.
pub(crate) enum Document<'a> {
    Object(Object<'a>),
    /// A value of another type.
    Other,
    /// Nothing that begins and ends as a value of JSON does.
    None,
}

impl<'a> Document<'a> {
    pub(crate) fn read(body: &'a [u8]) -> Self {
        let mut scanner = Scanner(body.strip_prefix(BOM).unwrap_or(body));
        scanner.skip_space();
        if let Some(members) = scanner.0.strip_prefix(b"{") {
            return Self::Object(Object(members));
        }
        match scanner.value() {
            Some(value) if value.is_one_of_json() => Self::Other,
            _ => Self::None,
        }
    }
}

/// A value as it is written, at least one byte of it.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// What an absent field is.
    const NULL: Self = Self(b"null");

    pub(crate) fn is_null(self) -> bool {
        self.0 == b"null"
    }

    /// The text; a number as it is written. Empty for everything else.
    pub(crate) fn text(self) -> String {
        match (self.quoted(), self.is_number()) {
            (Some(text), _) => text.read().into_owned(),
            (None, true) => self.written(),
            (None, false) => String::new(),
        }
    }

    /// The text; anything else as it is written, and null as nothing. For what the sender gave us:
    /// who gave an object finds it again.
    pub(crate) fn given(self) -> String {
        match self.quoted() {
            Some(text) => text.read().into_owned(),
            None if self.is_null() => String::new(),
            None => self.written(),
        }
    }

    /// The whole number that a number or a text of digits says.
    pub(crate) fn number(self) -> Option<u64> {
        digits(&self.text())?.parse().ok()
    }

    /// A code: the number's digits where it is one, otherwise the text.
    pub(crate) fn code(self) -> String {
        let text = self.text();
        match digits(&text) {
            Some(digits) => digits.to_owned(),
            None => text,
        }
    }

    pub(crate) fn object(self) -> Option<Object<'a>> {
        self.0.strip_prefix(b"{").map(Object)
    }

    pub(crate) fn array(self) -> Option<Items<'a>> {
        self.0.strip_prefix(b"[").map(|rest| Items(Scanner(rest)))
    }

    /// The text, where it is one.
    pub(crate) fn quoted_text(self) -> Option<Cow<'a, str>> {
        self.quoted().map(Quoted::read)
    }

    fn quoted(self) -> Option<Quoted<'a>> {
        let text = self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some(Quoted(text))
    }

    fn is_number(self) -> bool {
        let written_so = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        self.0.iter().all(written_so) && self.0.iter().any(u8::is_ascii_digit)
    }

    fn is_one_of_json(self) -> bool {
        matches!(
            self.0,
            [b'"' | b'{' | b'[', ..] | b"null" | b"true" | b"false"
        ) || self.is_number()
    }

    fn written(self) -> String {
        String::from_utf8_lossy(self.0).into_owned()
    }
}

/// The digits of a whole number, without zeros in front; `None` where the text is none. A fraction
/// of zeros is whole.
fn digits(text: &str) -> Option<&str> {
    let text = text.trim_matches(|character: char| character.is_ascii_whitespace());
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        _ => text,
    };
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = whole.trim_start_matches('0');
    Some(if significant.is_empty() {
        "0"
    } else {
        significant
    })
}

/// An object's members, from behind its brace.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a>(&'a [u8]);

impl<'a> Object<'a> {
    /// The members up to the object's end, or up to where it breaks off.
    pub(crate) const fn members(self) -> Members<'a> {
        Members(Scanner(self.0))
    }

    /// The values of these fields, all of them found in one pass. A field that is absent is null,
    /// and one that stands there twice is what it says last, unless that is null.
    pub(crate) fn fields<const N: usize>(self, names: [&str; N]) -> [Value<'a>; N] {
        let mut values = [Value::NULL; N];
        for (key, value) in self.members().filter(|(_, value)| !value.is_null()) {
            let key = key.read();
            let mut places = names.iter().zip(&mut values);
            if let Some((_, place)) = places.find(|(name, _)| **name == key) {
                *place = value;
            }
        }
        values
    }

    /// Whether it ends as an object does.
    pub(crate) fn is_whole(self) -> bool {
        let mut members = self.members();
        while members.next().is_some() {}
        members.0.0.first() == Some(&b'}')
    }
}

/// What is between the quotes of a text.
#[derive(Clone, Copy)]
pub(crate) struct Quoted<'a>(&'a [u8]);

impl<'a> Quoted<'a> {
    /// The text. What stands for no character is read as U+FFFD, and an escape that is none as it
    /// is written.
    pub(crate) fn read(self) -> Cow<'a, str> {
        let Some(first) = escape_in(self.0) else {
            return String::from_utf8_lossy(self.0);
        };
        let mut text = String::with_capacity(self.0.len());
        let mut rest = self.0;
        let mut next = Some(first);
        while let Some(at) = next {
            let (plain, escaped) = rest.split_at_checked(at).unwrap_or((rest, b""));
            text.push_str(&String::from_utf8_lossy(plain));
            let (character, length) = unescape(escaped);
            text.push(character);
            rest = escaped.get(length..).unwrap_or_default();
            next = escape_in(rest);
        }
        text.push_str(&String::from_utf8_lossy(rest));
        Cow::Owned(text)
    }
}

fn escape_in(text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| *byte == b'\\')
}

/// The character that an escape stands for, and the escape's length.
fn unescape(escaped: &[u8]) -> (char, usize) {
    let short = match escaped.get(1) {
        Some(b'u') => return unescape_unit(escaped),
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        _ => return ('\\', 1),
    };
    (short, 2)
}

/// The same of a UTF-16 unit, with the second half of its pair where it has one.
fn unescape_unit(escaped: &[u8]) -> (char, usize) {
    let Some(first) = unit(escaped) else {
        return ('\\', 1);
    };
    let pair = escaped
        .get(6..)
        .and_then(unit)
        .map(|second| [first, second]);
    let of_pair = pair.and_then(|pair| char::decode_utf16(pair).next()?.ok());
    match of_pair {
        Some(character) if !is_surrogate(first) => (character, 6),
        Some(character) => (character, 12),
        None => (
            char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER),
            6,
        ),
    }
}

const fn is_surrogate(unit: u16) -> bool {
    matches!(unit, 0xd800..=0xdfff)
}

/// The unit of `\uXXXX` at the front.
fn unit(escaped: &[u8]) -> Option<u16> {
    let digits = escaped.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0_u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit.wrapping_shl(4) | u16::try_from(digit).ok()?)
    })
}

/// An object's keys and values.
pub(crate) struct Members<'a>(Scanner<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (Quoted<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.skip_separators();
        let key = self.0.value_if(b'"')?.quoted()?;
        self.0.skip_space();
        self.0.0 = self.0.0.strip_prefix(b":")?;
        Some((key, self.0.value()?))
    }
}

/// An array's values.
pub(crate) struct Items<'a>(Scanner<'a>);

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.0.skip_separators();
        self.0.value()
    }
}

/// What is still to be read.
struct Scanner<'a>(&'a [u8]);

impl<'a> Scanner<'a> {
    /// Everything up to the space is space: some senders pad with zeros.
    fn skip_space(&mut self) {
        self.skip_while(|byte| byte <= b' ');
    }

    fn skip_separators(&mut self) {
        self.skip_while(|byte| byte <= b' ' || byte == b',');
    }

    fn skip_while(&mut self, skipped: impl Fn(u8) -> bool) {
        let kept = self.0.iter().position(|byte| !skipped(*byte));
        self.0 = kept.and_then(|kept| self.0.get(kept..)).unwrap_or_default();
    }

    fn value_if(&mut self, first: u8) -> Option<Value<'a>> {
        (self.0.first() == Some(&first)).then(|| self.value())?
    }

    /// The value at the front; `None` where there is none, or none that ends.
    fn value(&mut self) -> Option<Value<'a>> {
        self.skip_space();
        let length = match self.0.first()? {
            b'"' => quoted_length(self.0)?,
            b'{' | b'[' => nested_length(self.0)?,
            _ => word_length(self.0)?,
        };
        let (value, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Value(value))
    }
}

/// The length of a text with its quotes.
fn quoted_length(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let inner = text.iter().skip(1).position(|byte| {
        let ends = !escaped && *byte == b'"';
        escaped = !escaped && *byte == b'\\';
        ends
    })?;
    inner.checked_add(2)
}

/// The length of an object or an array with its brackets.
fn nested_length(text: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let last = text.iter().position(|byte| {
        if quoted {
            quoted = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            return false;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })?;
    last.checked_add(1)
}

/// The length of a number or a word.
fn word_length(text: &[u8]) -> Option<usize> {
    let ends = |byte: &u8| *byte <= b' ' || b",:{}[]\"".contains(byte);
    let length = text.iter().position(ends).unwrap_or(text.len());
    (length > 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn object(text: &[u8]) -> Object<'_> {
        match Document::read(text) {
            Document::Object(object) => object,
            _ => panic!("an object"),
        }
    }

    fn text_of(written: &[u8]) -> String {
        let body = [b"{\"a\":", written, b"}"].concat();
        let [value] = object(&body).fields(["a"]);
        value.text()
    }

    #[test]
    fn a_text_is_read_lossily_and_never_lost() {
        for (written, read) in [
            (&br#""plain""#[..], "plain"),
            (
                br#""\u00e9 \ud83d\ude00 \"\\\/\b\f\n\r\t""#,
                "\u{e9} \u{1f600} \"\\/\u{8}\u{c}\n\r\t",
            ),
            (br#""cut \ud83d""#, "cut \u{fffd}"),
            (br#""\ud83dx""#, "\u{fffd}x"),
            (br#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (br#""\ud83d\u0041""#, "\u{fffd}A"),
            (b"\"caf\xe9\"", "caf\u{fffd}"),
            (br#""\q \u12""#, "\\q \\u12"),
            (b"\"line\nbreak\0\"", "line\nbreak\0"),
            (b"4793", "4793"),
            (
                b"123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            (b"1e400", "1e400"),
            (b"null", ""),
            (b"true", ""),
            (b"NaN", ""),
            (b"[\"x\"]", ""),
        ] {
            assert_eq!(text_of(written), read);
        }
    }

    #[test]
    fn digits_are_the_number_however_they_are_written() {
        for (written, number) in [
            ("402", Some(402)),
            ("\"402\"", Some(402)),
            ("\" 0402 \"", Some(402)),
            ("402.0", Some(402)),
            ("0", Some(0)),
            ("\"0\"", Some(0)),
            ("402.5", None),
            ("-1", None),
            ("\"4o2\"", None),
            ("\"\"", None),
            ("99999999999999999999", None),
            ("null", None),
        ] {
            let body = std::format!("{{\"a\":{written}}}");
            let [value] = object(body.as_bytes()).fields(["a"]);
            assert_eq!(value.number(), number, "{written}");
        }
    }

    #[test]
    fn a_field_is_what_it_says_last_and_null_says_nothing() {
        let [a, b, c] = object(br#"{"a":1,"b":null,"a":2,"a":null,"\u0063":"escaped"}"#)
            .fields(["a", "b", "c"]);
        assert_eq!(
            (a.number(), b.is_null(), c.text()),
            (Some(2), true, "escaped".into())
        );
    }

    #[test]
    fn what_the_sender_gave_is_found_again_as_it_is_written() {
        let [a, b, c] =
            object(br#"{"a":{ "order" : 7 },"b":true,"c":null}"#).fields(["a", "b", "c"]);
        assert_eq!(
            [a.given(), b.given(), c.given()],
            ["{ \"order\" : 7 }", "true", ""]
        );
    }

    #[test]
    fn members_are_read_up_to_where_an_object_breaks_off() {
        for (body, count, whole) in [
            (&br#"{"a":1,"b":[{"x":"}"}]}"#[..], 2, true),
            (br#"{"a":1,,"b":2,}"#, 2, true),
            (br#"{"a":1,"b":[1,2"#, 1, false),
            (br#"{"a":1,"b"#, 1, false),
            (br#"{"a":1 b:2}"#, 1, false),
            (b"{\0\"a\":1}\0\0", 1, true),
            (b"{}tail", 0, true),
            (b"{", 0, false),
        ] {
            assert_eq!(object(body).members().count(), count, "{body:?}");
            assert_eq!(object(body).is_whole(), whole, "{body:?}");
        }
    }

    #[test]
    fn a_nested_value_ends_with_its_bracket() {
        let [a] = object(br#"{"a":[1,"]",[2,3],{"b":"\"]"},null]}"#).fields(["a"]);
        let items: Vec<_> = a.array().unwrap().map(Value::written).collect();
        assert_eq!(items, ["1", "\"]\"", "[2,3]", "{\"b\":\"\\\"]\"}", "null"]);
    }

    #[test]
    fn what_begins_as_no_value_does_is_no_document() {
        for body in [
            &b""[..],
            b"  ",
            b"\xff",
            b"hello",
            b"[[",
            b"\"open",
            b"}",
            b"\xef\xbb\xbf",
        ] {
            assert!(matches!(Document::read(body), Document::None), "{body:?}");
        }
        for body in [&b"[]"[..], b"null", b"7", b"\"text\"", b"true"] {
            assert!(matches!(Document::read(body), Document::Other), "{body:?}");
        }
    }
}
