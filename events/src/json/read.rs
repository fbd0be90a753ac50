use alloc::{string::String, vec::Vec};

use crate::{
    json::{
        number::Number,
        value::{Object, Value},
    },
    malformed::Malformed,
};

/// How deep arrays and objects may be nested. Sinch's published examples are up to 10 deep; without a
/// bound, a body could exhaust the stack. The figure is our own choice.
pub const MAX_DEPTH: usize = 128;

/// Reads a body as JSON.
///
/// A byte order mark in front is passed over. What is no UTF-8, and half of a surrogate pair, is
/// U+FFFD: a channel that cuts a text in the middle of a character must not lose the callback.
///
/// # Examples
/// ```
/// use sinch_callback_events::{Malformed, json};
///
/// assert_eq!(json::parse(b" [1.0, \"\\u00e5\"]")?.to_string(), "[1.0,\"å\"]");
/// assert_eq!(json::parse(b"[1.0,]"), Err(Malformed::NotJson { at: 5 }));
/// # Ok::<(), Malformed>(())
/// ```
///
/// # Errors
/// [`Malformed::NotJson`], or [`Malformed::TooDeep`] beyond [`MAX_DEPTH`].
pub fn parse(body: &[u8]) -> Result<Value, Malformed> {
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(&text),
    };
    let read = reader.value(MAX_DEPTH).and_then(|value| {
        reader.skip_space();
        if reader.rest.is_empty() {
            Ok(value)
        } else {
            Err(Stop::NotJson)
        }
    });
    read.map_err(|stop| match stop {
        Stop::TooDeep => Malformed::TooDeep,
        Stop::NotJson => Malformed::NotJson {
            at: text.len().saturating_sub(reader.rest.len()),
        },
    })
}

enum Stop {
    NotJson,
    TooDeep,
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Value, Stop> {
        self.skip_space();
        if self.skip("{") {
            return self.object(inner(depth)?);
        }
        if self.skip("[") {
            return self.array(inner(depth)?);
        }
        if self.skip("\"") {
            return self.text().map(Value::Text);
        }
        if self.skip("null") {
            return Ok(Value::Null);
        }
        if self.skip("true") {
            return Ok(Value::Bool(true));
        }
        if self.skip("false") {
            return Ok(Value::Bool(false));
        }
        self.number().map(Value::Number)
    }

    fn object(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut object = Object::new();
        self.skip_space();
        if self.skip("}") {
            return Ok(Value::Object(object));
        }
        loop {
            self.skip_space();
            self.expect("\"")?;
            let key = self.text()?;
            self.skip_space();
            self.expect(":")?;
            object.insert(key, self.value(depth)?);
            self.skip_space();
            if self.skip("}") {
                return Ok(Value::Object(object));
            }
            self.expect(",")?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut items = Vec::new();
        self.skip_space();
        if self.skip("]") {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_space();
            if self.skip("]") {
                return Ok(Value::Array(items));
            }
            self.expect(",")?;
        }
    }

    /// A text, behind its first quotation mark.
    fn text(&mut self) -> Result<String, Stop> {
        let mut text = String::new();
        loop {
            let special = |character: char| matches!(character, '"' | '\\' | '\0'..='\u{1f}');
            let plain = self.rest.find(special).ok_or(Stop::NotJson)?;
            text.push_str(self.take(plain)?);
            if self.skip("\"") {
                return Ok(text);
            }
            self.expect("\\")?;
            let escape = self.rest.chars().next().ok_or(Stop::NotJson)?;
            let character = match escape {
                '"' | '\\' | '/' => escape,
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => '\u{fffd}',
                _ => return Err(Stop::NotJson),
            };
            self.take(escape.len_utf8())?;
            if escape == 'u' {
                self.unicode(&mut text)?;
            } else {
                text.push(character);
            }
        }
    }

    /// A character that is written as its code units, behind `\u`.
    fn unicode(&mut self, text: &mut String) -> Result<(), Stop> {
        let mut units = Vec::from([self.code_unit()?]);
        while let Some(behind) = self.rest.strip_prefix("\\u") {
            self.rest = behind;
            units.push(self.code_unit()?);
        }
        text.extend(
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)),
        );
        Ok(())
    }

    fn code_unit(&mut self) -> Result<u16, Stop> {
        let digits = self.take(4)?;
        // `from_str_radix` takes a sign.
        if !digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Stop::NotJson);
        }
        u16::from_str_radix(digits, 16).map_err(|_| Stop::NotJson)
    }

    fn number(&mut self) -> Result<Number, Stop> {
        let in_number =
            |character: char| matches!(character, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|character: char| !in_number(character));
        let (text, rest) = self
            .rest
            .split_at_checked(end.unwrap_or(self.rest.len()))
            .ok_or(Stop::NotJson)?;
        let number = Number::new(text).ok_or(Stop::NotJson)?;
        self.rest = rest;
        Ok(number)
    }

    fn take(&mut self, bytes: usize) -> Result<&str, Stop> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(Stop::NotJson)?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn skip(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, text: &str) -> Result<(), Stop> {
        if self.skip(text) {
            Ok(())
        } else {
            Err(Stop::NotJson)
        }
    }
}

fn inner(depth: usize) -> Result<usize, Stop> {
    depth.checked_sub(1).ok_or(Stop::TooDeep)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use std::format;

    use super::*;

    #[test]
    fn nesting_is_bounded() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth: usize| {
                let inside = if open == "[" { "" } else { "1" };
                format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
            };
            assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
            assert_eq!(
                parse(nested(MAX_DEPTH + 1).as_bytes()),
                Err(Malformed::TooDeep)
            );
            assert_eq!(parse(nested(1_000_000).as_bytes()), Err(Malformed::TooDeep));
        }
    }

    #[test]
    fn what_is_cut_in_the_middle_of_a_character_is_read() {
        let texts: [(&[u8], &str); 5] = [
            (br#""cut \ud83d""#, "cut \u{fffd}"),
            (br#""\ud83d\ude00""#, "\u{1f600}"),
            (br#""\ude00\ud83d!""#, "\u{fffd}\u{fffd}!"),
            (b"\"\xf0\x9f\"", "\u{fffd}"),
            (b"\xef\xbb\xbf\"\\/\\b\\f\\n\\r\\t\"", "/\u{8}\u{c}\n\r\t"),
        ];
        for (body, text) in texts {
            assert_eq!(parse(body), Ok(Value::Text(text.to_string())));
        }
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_stops_being_it() {
        for (body, at) in [
            ("", 0),
            ("nul", 0),
            ("{} {}", 3),
            ("{\"a\" 1}", 5),
            ("{a:1}", 1),
            ("[1,]", 3),
            ("[01]", 1),
            ("\"\n\"", 1),
            ("\"\\x\"", 2),
            ("\"\\u12\"", 3),
            ("\"\\u+123\"", 7),
            ("\"a", 1),
            ("{\"a\":1,}", 7),
        ] {
            assert_eq!(
                parse(body.as_bytes()),
                Err(Malformed::NotJson { at }),
                "{body}"
            );
        }
    }
}
