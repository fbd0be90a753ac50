//! A signed request as a curl command.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde::Serialize;
use serde_json::Value;
use sinch_callback::{
    UnixSeconds,
    scheme::{self, AnyScheme, SchemeName, SchemeSigner, ToSign},
};

use crate::{
    asked::{Bytes, bytes_of, text_of},
    request::RequestLine,
};

/// What is to be signed and sent.
pub(crate) struct ToSend {
    scheme: String,
    key: Option<String>,
    secret: Bytes,
    method: Option<String>,
    /// Where it is sent.
    url: String,
    /// The path that is signed, where another one is called.
    path: Option<String>,
    content_type: Option<String>,
    body: String,
    /// Letters and digits that nobody can guess, as many as the longest nonce has or more.
    random: String,
    at: u64,
}

impl ToSend {
    /// Reads a message's fields, which have the names of the fields here.
    pub(crate) fn read(message: &Value) -> Self {
        let text = |name: &str| text_of(message, name);
        Self {
            scheme: text("scheme").unwrap_or_default(),
            key: text("key"),
            secret: bytes_of(message, "secret").unwrap_or_default(),
            method: text("method"),
            url: text("url").unwrap_or_default(),
            path: text("path"),
            content_type: text("content_type"),
            body: text("body").unwrap_or_default(),
            random: text("random").unwrap_or_default(),
            at: message
                .get("at")
                .and_then(Value::as_u64)
                .unwrap_or_default(),
        }
    }
}

/// A signed request.
#[derive(Debug, Serialize)]
pub(crate) struct Signed {
    headers: Vec<(&'static str, String)>,
    body: String,
    /// The command, for a POSIX shell with `$'…'`: bash, zsh, ksh.
    curl: String,
}

/// Why nothing was signed: which field it is about, and what is wrong with it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Refused {
    pub(crate) field: &'static str,
    pub(crate) detail: String,
}

fn refused(field: &'static str, detail: impl ToString) -> Refused {
    Refused {
        field,
        detail: detail.to_string(),
    }
}

pub(crate) fn sign(what: &ToSend) -> Result<Signed, Refused> {
    let name: SchemeName = what
        .scheme
        .parse()
        .map_err(|_| refused("scheme", "it is no scheme"))?;
    let key = what.key.as_deref().filter(|_| name.names_key());
    let scheme = AnyScheme::new(name, key).map_err(|why| refused("key", why))?;
    let signer =
        SchemeSigner::new(scheme, what.secret.as_ref()).map_err(|why| refused("secret", why))?;
    let method = what.method.as_deref().unwrap_or("POST");
    let line = line_of(method, &what.url)?;
    let path = what.path.as_deref().unwrap_or(&line.target);
    let request = scheme::Request::new(method, path);
    let nonce: String = what.random.chars().take(signer.nonce_chars()).collect();
    let content_type = what.content_type.as_deref().unwrap_or("application/json");
    let to_sign = ToSign::new(
        request,
        what.body.as_bytes(),
        &nonce,
        UnixSeconds::new(what.at),
    )
    .with_content_type(content_type);
    let signed = signer.sign(&to_sign).map_err(|why| refused("body", why))?;
    let mut headers = signed.headers;
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        headers.push(("content-type", content_type.to_owned()));
    }
    let body = String::from_utf8(signed.body).map_err(|why| refused("body", why))?;
    if body.contains('\0') {
        return Err(refused(
            "body",
            "a command cannot hold a zero byte, which is in the body",
        ));
    }
    let curl = command(method, &what.url, &headers, &body);
    Ok(Signed {
        headers,
        body,
        curl,
    })
}

/// What is asked of the address. Curl would take one that begins with a dash for an option, and change
/// one with characters that an address cannot have.
fn line_of(method: &str, url: &str) -> Result<RequestLine, Refused> {
    let is_plain =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain(method) || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(refused("method", "a method is a word of capital letters"));
    }
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.filter(|rest| is_plain(rest) && !rest.starts_with('/'))
        .and_then(|_| RequestLine::of(method, url))
        .ok_or_else(|| {
            refused(
                "url",
                "expected a whole address, as in https://example.com/callbacks, with everything but ASCII \
                 percent-encoded",
            )
        })
}

fn command(method: &str, url: &str, headers: &[(&'static str, String)], body: &str) -> String {
    // Nothing of the address is a pattern, and its path goes out as it is signed.
    let mut command = String::from("curl --globoff --path-as-is");
    if method != "POST" {
        command.push_str(" --request ");
        command.push_str(&quoted(method));
    }
    command.push(' ');
    command.push_str(&quoted(url));
    for (name, value) in headers {
        command.push_str(" \\\n  --header ");
        command.push_str(&quoted(&format!("{name}: {value}")));
    }
    command.push_str(" \\\n  --data-raw ");
    command.push_str(&quoted(body));
    command
}

/// One word for the shell, whatever is in the text. What a terminal or a reader's eye would not take for
/// what it is, such as an escape or a mark of direction, is written by its number.
fn quoted(text: &str) -> String {
    let is_odd = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if !text
        .chars()
        .any(|character| is_odd(character) && character != '\n')
    {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut word = String::from("$'");
    for character in text.chars() {
        match character {
            '\n' => word.push_str("\\n"),
            '\r' => word.push_str("\\r"),
            '\t' => word.push_str("\\t"),
            '\'' | '\\' => word.extend(['\\', character]),
            // Histories are asked for by it.
            '!' => word.push_str("\\x21"),
            odd if is_odd(odd) => {
                let number = u32::from(odd);
                if number < 0x80 {
                    word.push_str(&format!("\\x{number:02x}"));
                } else {
                    word.push_str(&format!("\\u{number:04x}"));
                }
            }
            plain => word.push(plain),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    fn to_send(url: &str, body: &str) -> ToSend {
        ToSend {
            scheme: "conversation".into(),
            key: None,
            secret: b"made-up-secret".as_slice().into(),
            method: None,
            url: url.into(),
            path: None,
            content_type: None,
            body: body.into(),
            random: "01FJA8B4A7EXAMPLENONCE0001".repeat(2),
            at: 1_634_579_353,
        }
    }

    #[test]
    fn a_command_is_read_back_as_what_was_signed() {
        for body in [
            "{}",
            "it's $(here) `there` \\ \"!!\" \n on two lines",
            "\u{1b}[201~\r\n\t!\u{202e}'\\",
        ] {
            let signed = sign(&to_send("https://example.com/a?b=[1-3]{c}&d='e'", body)).unwrap();
            let read = Request::read(signed.curl.as_bytes()).unwrap();
            assert_eq!(
                read.body.as_deref(),
                Some(body.as_bytes()),
                "{}",
                signed.curl
            );
            let line = read.line.unwrap();
            assert_eq!(
                (line.method.as_str(), line.target.as_str()),
                ("POST", "/a?b=[1-3]{c}&d='e'")
            );
            let headers: Vec<(Vec<u8>, Vec<u8>)> = signed
                .headers
                .iter()
                .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
                .collect();
            assert_eq!(read.headers, headers);
            let is_seen = |character: char| !character.is_control() || character == '\n';
            assert!(signed.curl.chars().all(is_seen), "{}", signed.curl);
        }
    }

    #[test]
    fn what_curl_would_take_for_something_else_is_refused() {
        for url in [
            "",
            "-o/tmp/x",
            "example.com/a",
            "https:///a",
            "https://h/a b",
            "https://h/\u{e5}",
            "file:///etc/passwd",
        ] {
            assert_eq!(sign(&to_send(url, "{}")).unwrap_err().field, "url", "{url}");
        }
        assert_eq!(sign(&to_send("https://h", "\0")).unwrap_err().field, "body");
    }
}
