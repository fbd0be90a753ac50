//! A request as people have it: found out by what it looks like, and read into headers and a body.

mod curl_command;
mod curl_output;
mod http;
mod json;
mod lines;

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use sinch_callback::HeaderName;

use crate::header_line::HeaderLine;

/// A captured request.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// What it was read from.
    pub form: Form,
    /// Its headers, in their order.
    pub headers: Vec<HeaderLine>,
    /// Its method and its path with the query, where the form shows them.
    pub line: Option<RequestLine>,
    /// Its raw body; `None` where the form shows none.
    pub body: Option<Vec<u8>>,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
}

impl RequestLine {
    /// That of a method and an address, or a path; `None` where it has no path.
    #[must_use]
    pub fn of(method: &str, address: &str) -> Option<Self> {
        let behind_scheme = address.split_once("://").map(|(_, rest)| rest);
        let target = match behind_scheme {
            Some(rest) => rest.find('/').map_or("/", |place| rest.split_at(place).1),
            None => address,
        };
        let target = target.split('#').next().unwrap_or(target);
        target.starts_with('/').then(|| Self {
            method: method.to_owned(),
            target: target.to_owned(),
        })
    }
}

/// The forms that a captured request comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One `name: value` a line.
    HeaderLines,
    /// A request as it goes over the wire.
    Http,
    /// What `curl -v` prints.
    CurlOutput,
    /// A curl command, as a browser copies it.
    CurlCommand,
    /// A JSON object of headers.
    HeaderMap,
    /// A JSON list of name and value pairs.
    HeaderPairs,
    /// A JSON object with `headers` and perhaps `body`.
    HeadersAndBody,
    /// An event of a Function URL, of API Gateway or of a load balancer.
    LambdaEvent,
    /// An event of CloudFront.
    CloudFrontEvent,
    /// An entry of a HAR file, or a HAR file with one such entry.
    Har,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HeaderLines => "header lines",
            Self::Http => "a raw HTTP request",
            Self::CurlOutput => "the output of curl -v",
            Self::CurlCommand => "a curl command",
            Self::HeaderMap => "a JSON object of headers",
            Self::HeaderPairs => "a JSON list of headers",
            Self::HeadersAndBody => "a JSON object with headers and body",
            Self::LambdaEvent => "a Lambda event",
            Self::CloudFrontEvent => "a CloudFront event",
            Self::Har => "a HAR file",
        })
    }
}

/// Why bytes could not be read as a request. Speaks of the bytes, never of the callback.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// There is nothing in it.
    Empty,
    /// It is UTF-16, as Windows PowerShell writes.
    Utf16,
    /// It looks like none of the forms.
    Unknown,
    /// It begins as JSON, and is none.
    NotJson(String),
    /// It is JSON without headers of a request.
    NoHeaders,
    /// A header line has no colon.
    NotAHeader(usize),
    /// A curl command takes its body from a file.
    BodyInFile {
        /// The option that names the file.
        option: String,
        /// The file.
        file: String,
    },
    /// A part of a known form is not as that form has it.
    Broken {
        /// The form.
        form: Form,
        /// What is wrong with it.
        what: String,
    },
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is nothing in it"),
            Self::Utf16 => f.write_str(
                "it is UTF-16, as what Windows PowerShell's `>` writes: save it as UTF-8",
            ),
            Self::Unknown => f.write_str(
                "the form is not known: expected a raw HTTP request, the output of curl -v, a curl \
                 command, a JSON object of headers, a Lambda, API Gateway or CloudFront event, or a HAR \
                 entry",
            ),
            Self::NotJson(why) => write!(f, "it looks like JSON and is none: {why}"),
            Self::NoHeaders => f.write_str(
                "the JSON holds no headers of a request: expected an object of headers, a Lambda, API \
                 Gateway or CloudFront event, or a HAR entry",
            ),
            Self::NotAHeader(line) => write!(f, "line {line}: expected \"name: value\""),
            Self::BodyInFile { option, file } => write!(
                f,
                "{}: the body stands in a file of its own, {file}: leave {option} out, and give the body \
                 beside the command",
                Form::CurlCommand,
            ),
            Self::Broken { form, what } => write!(f, "{form}: {what}"),
        }
    }
}

impl core::error::Error for Unreadable {}

impl Unreadable {
    fn broken(form: Form, what: impl Into<String>) -> Self {
        Self::Broken {
            form,
            what: what.into(),
        }
    }
}

/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Request {
    /// Reads bytes as the form that they look like.
    ///
    /// # Errors
    /// [`Unreadable`], which speaks of the bytes and never of the callback.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(Unreadable::Utf16);
        }
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let start = bytes.trim_ascii_start();
        match start.first() {
            None => Err(Unreadable::Empty),
            Some(b'{' | b'[') => json::read(start),
            Some(_) if curl_command::is_one(start) => curl_command::read(start),
            Some(_) if http::is_one(start) => http::read(start),
            Some(_) if curl_output::is_one(start) => curl_output::read(start),
            Some(_) => lines::read(start),
        }
    }
}

/// Whether bytes hold the name of a header that signed callbacks alone have.
#[must_use]
pub fn names_the_signature(bytes: &[u8]) -> bool {
    const NAMES: [HeaderName; 5] = [
        HeaderName::Signature,
        HeaderName::NumbersSignature,
        HeaderName::WhatsappSignature,
        HeaderName::EngageSignature,
        HeaderName::XTimestamp,
    ];
    NAMES.iter().any(|name| {
        let name = name.as_str().as_bytes();
        bytes
            .windows(name.len())
            .any(|window| window.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::*;

    fn headers(request: &Request) -> Vec<(&str, &str)> {
        request
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    str::from_utf8(name).unwrap(),
                    str::from_utf8(value).unwrap(),
                )
            })
            .collect()
    }

    const PAIRS: [(&str, &str); 2] = [("X-One", "1: a"), ("x-two", "2")];

    /// What is read: the form, and the body as text.
    fn read(text: &str) -> (Form, Option<String>) {
        let request = Request::read(text.as_bytes()).unwrap_or_else(|why| panic!("{why}: {text}"));
        assert_eq!(headers(&request), PAIRS, "{text}");
        let body = request.body.map(|body| String::from_utf8(body).unwrap());
        (request.form, body)
    }

    fn with(form: Form, body: &str) -> (Form, Option<String>) {
        (form, Some(body.to_owned()))
    }

    #[test]
    fn header_lines_are_read_whatever_their_ends() {
        for text in [
            "X-One: 1: a\nx-two:2",
            "\u{feff}X-One: 1: a\r\nx-two: 2\r\n\r\n",
        ] {
            assert_eq!(read(text), (Form::HeaderLines, None));
        }
        assert_eq!(
            Request::read(b"X-One: 1\nand then"),
            Err(Unreadable::NotAHeader(2))
        );
    }

    #[test]
    fn a_raw_request_gives_its_body_byte_for_byte() {
        let head = "POST /callbacks HTTP/1.1\r\nX-One: 1: a\r\nx-two: 2\r\n";
        assert_eq!(
            read(&format!("{head}\r\n{{\"a\":1}}\n")),
            with(Form::Http, "{\"a\":1}\n")
        );
        assert_eq!(
            read("POST / HTTP/2\n:scheme: https\nX-One: 1: a\nx-two: 2\n\n a "),
            with(Form::Http, " a ")
        );
        assert_eq!(read(head), (Form::Http, None));
    }

    #[test]
    fn method_and_path_are_told_where_a_form_shows_them() {
        for (text, expected) in [
            (
                "PUT /a?b=c HTTP/1.1\nX-One: 1\n\n{}",
                Some(("PUT", "/a?b=c")),
            ),
            ("* x\n> POST /a HTTP/2\n> X-One: 1\n", Some(("POST", "/a"))),
            (
                "curl -H 'X-One: 1' -d '{}' https://h/a?b=c#d",
                Some(("POST", "/a?b=c")),
            ),
            (
                "curl https://h -XPUT -H 'X-One: 1' -d '{}'",
                Some(("PUT", "/")),
            ),
            ("curl --url h:8080/a -H 'X-One: 1'", None),
            (
                r#"{"rawPath":"/a","rawQueryString":"b=c","headers":{"x-one":"1"},"requestContext":{"http":{"method":"POST"}},"body":"{}"}"#,
                Some(("POST", "/a?b=c")),
            ),
            (
                r#"{"httpMethod":"POST","path":"/a","headers":{"x-one":"1"},"body":"{}"}"#,
                Some(("POST", "/a")),
            ),
            (
                r#"{"Records":[{"cf":{"request":{"method":"POST","uri":"/a","querystring":"b=c","headers":{"x-one":[{"value":"1"}]}}}}]}"#,
                Some(("POST", "/a?b=c")),
            ),
            (
                r#"{"request":{"method":"POST","url":"https://h/a","headers":[{"name":"x-one","value":"1"}]}}"#,
                Some(("POST", "/a")),
            ),
            ("X-One: 1", None),
            (r#"{"x-one":"1"}"#, None),
        ] {
            let line = Request::read(text.as_bytes()).unwrap().line;
            let line = line
                .as_ref()
                .map(|line| (line.method.as_str(), line.target.as_str()));
            assert_eq!(line, expected, "{text}");
        }
    }

    #[test]
    fn an_announced_length_takes_an_editors_newline_off() {
        let request = |length: &str, body: &str| {
            let text = format!("POST / HTTP/1.1\nContent-Length: {length}\n\n{body}");
            Request::read(text.as_bytes()).unwrap().body.unwrap()
        };
        assert_eq!(request("3", "abc\n"), b"abc");
        assert_eq!(request("3", "abc\r\n"), b"abc");
        // What is longer by more is another body: the signature decides.
        assert_eq!(request("3", "abcd"), b"abcd");
        assert_eq!(request("9", "abc"), b"abc");
    }

    #[test]
    fn a_chunked_body_is_put_together() {
        let text = "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        assert_eq!(
            Request::read(text.as_bytes()).unwrap().body.unwrap(),
            b"abcde"
        );
        let broken = text.replace("2;x", "zz");
        assert!(matches!(
            Request::read(broken.as_bytes()),
            Err(Unreadable::Broken {
                form: Form::Http,
                ..
            })
        ));
    }

    #[test]
    fn what_curl_prints_gives_what_was_sent() {
        let text = "* Connected to h\n> POST / HTTP/1.1\r\n> X-One: 1: a\n> x-two: 2\n> \n} [5 bytes data]\n< HTTP/1.1 401 No\n< x-three: 3\n";
        assert_eq!(read(text), (Form::CurlOutput, None));
        assert!(matches!(
            Request::read(b"* Trying\n* failed\n"),
            Err(Unreadable::Broken {
                form: Form::CurlOutput,
                ..
            })
        ));
    }

    #[test]
    fn a_curl_command_is_read_as_a_shell_reads_it() {
        for (text, body) in [
            (
                "curl http://h -H 'X-One: 1: a' -H \"x-two: 2\" -d '{\"a\": 1}'",
                "{\"a\": 1}",
            ),
            (
                "curl -sS -XPOST 'h' -H'X-One: 1: a' \\\n --header=x-two:2 --data-raw $'a\\u0021\\n'",
                "a!\n",
            ),
            (
                "$ curl h -H X-One:\\ 1:\\ a -H 'x-two: 2' --data a=b --data c",
                "a=b&c",
            ),
            (
                "curl.exe h -H 'X-One: 1: a' -H 'x-two: 2' --data-binary ''",
                "",
            ),
        ] {
            assert_eq!(read(text), with(Form::CurlCommand, body));
        }
        let text = "curl h -H 'X-One: 1: a' -H 'x-two: 2'";
        assert_eq!(read(text), (Form::CurlCommand, None));
        assert!(
            Request::read(b"curl 'h")
                .unwrap_err()
                .to_string()
                .contains("quote")
        );
        assert!(
            Request::read(b"curl h -d @body.json")
                .unwrap_err()
                .to_string()
                .contains("of its own, body.json: leave -d out")
        );
    }

    #[test]
    fn json_gives_headers_and_body_in_every_shape() {
        let map = r#"{"X-One":"1: a","x-two":2}"#;
        for (text, form, body) in [
            (map.to_owned(), Form::HeaderMap, None),
            (r#"{"X-One":["1: a"],"x-two":["2"]}"#.into(), Form::HeaderMap, None),
            (r#"[["X-One","1: a"],["x-two","2"]]"#.into(), Form::HeaderPairs, None),
            (r#"["X-One","1: a","x-two","2"]"#.into(), Form::HeaderPairs, None),
            (
                r#"[{"name":"X-One","value":"1: a"},{"key":"x-two","value":"2"}]"#.into(),
                Form::HeaderPairs,
                None,
            ),
            (format!(r#"{{"headers":{map},"body":"å"}}"#), Form::HeadersAndBody, Some("å")),
            (
                format!(r#"{{"version":"2.0","headers":{map},"body":"YQ==","isBase64Encoded":true}}"#),
                Form::LambdaEvent,
                Some("a"),
            ),
            (
                format!(r#"{{"headers":{map},"requestContext":{{}},"isBase64Encoded":false}}"#),
                Form::LambdaEvent,
                Some(""),
            ),
            (
                r#"{"headers":{"X-One":"last"},"multiValueHeaders":{"X-One":["1: a"],"x-two":["2"]},"requestContext":{},"body":"a"}"#.into(),
                Form::LambdaEvent,
                Some("a"),
            ),
            (
                r#"{"Records":[{"cf":{"request":{"headers":{"x-one":[{"key":"X-One","value":"1: a"}],"x-two":[{"value":"2"}]},"body":{"data":"YQ==","encoding":"base64"}}}}]}"#.into(),
                Form::CloudFrontEvent,
                Some("a"),
            ),
            (
                r#"{"log":{"entries":[{"request":{"headers":[{"name":"X-One","value":"1: a"},{"name":"x-two","value":"2"}],"postData":{"text":"a"}}}]}}"#.into(),
                Form::Har,
                Some("a"),
            ),
            (
                r#"{"request":{"headers":[{"name":"X-One","value":"1: a"},{"name":"x-two","value":"2"}],"postData":{"text":"YQ==","encoding":"base64"}},"response":{}}"#.into(),
                Form::Har,
                Some("a"),
            ),
        ] {
            assert_eq!(read(&text), (form, body.map(str::to_owned)));
        }
    }

    #[test]
    fn what_no_request_can_be_read_from_says_why() {
        for (text, part) in [
            ("", "nothing"),
            ("  \n", "nothing"),
            ("\u{feff}", "nothing"),
            ("{\"a\":", "looks like JSON"),
            (
                "{\"message_delivery_report\":{\"message_id\":\"m\"}}",
                "no headers",
            ),
            ("[1,2]", "no headers"),
            ("<html>", "form is not known"),
            (
                "{\"headers\":{},\"body\":\"!\",\"isBase64Encoded\":true}",
                "not base64",
            ),
            (
                "{\"Records\":[{\"cf\":{\"request\":{\"headers\":{},\"body\":{\"data\":\"\",\"inputTruncated\":true}}}}]}",
                "only the beginning",
            ),
            ("{\"log\":{\"entries\":[]}}", "no request"),
        ] {
            let why = Request::read(text.as_bytes()).unwrap_err().to_string();
            assert!(why.contains(part), "{text}: {why}");
        }
        assert_eq!(Request::read(b"\xff\xfeP\0"), Err(Unreadable::Utf16));
    }
}
