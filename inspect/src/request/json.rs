//! A request in JSON: headers alone, an event of AWS, an entry of a HAR file.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use base64ct::{Base64, Encoding};
use serde_json::{Map, Value};

use super::{Form, Request, RequestLine, Unreadable, names_the_signature};
use crate::header_line::HeaderLine;

pub(crate) fn read(bytes: &[u8]) -> Result<Request, Unreadable> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| Unreadable::NotJson(error.to_string()))?;
    of(&value)
}

fn of(value: &Value) -> Result<Request, Unreadable> {
    if let Some(record) = value.pointer("/Records/0/cf").or_else(|| value.get("cf")) {
        return cloudfront(record);
    }
    if let Some(entries) = value.pointer("/log/entries").and_then(Value::as_array) {
        return har(entries);
    }
    if value.pointer("/request/headers").is_some() {
        return har(core::slice::from_ref(value));
    }
    if let Some(headers) = value.get("headers").filter(|headers| !headers.is_string()) {
        return with_headers(value, headers);
    }
    let (form, headers) = match value {
        Value::Array(_) => (Form::HeaderPairs, headers_of(value)),
        _ => (Form::HeaderMap, headers_of(value)),
    };
    let headers = headers.filter(|headers| !headers.is_empty());
    Ok(Request {
        form,
        headers: headers.ok_or(Unreadable::NoHeaders)?,
        line: None,
        body: None,
    })
}

/// Method, path and query where an object has them under these names.
fn line_of(object: &Value, method: &str, path: &str, query: &str) -> Option<RequestLine> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let path = text(path)?;
    let target = match text(query).filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    RequestLine::of(text(method)?, &target)
}

/// An object with headers beside a body: an event of Lambda, or what some tool calls a request.
fn with_headers(value: &Value, headers: &Value) -> Result<Request, Unreadable> {
    let is_event = ["requestContext", "isBase64Encoded", "rawPath", "httpMethod"]
        .iter()
        .any(|key| value.get(key).is_some());
    let form = if is_event {
        Form::LambdaEvent
    } else {
        Form::HeadersAndBody
    };
    // All values of a header that came more than once stand here alone.
    let headers = value
        .get("multiValueHeaders")
        .filter(|all| all.is_object())
        .unwrap_or(headers);
    let is_base64 = value.get("isBase64Encoded").and_then(Value::as_bool) == Some(true);
    let body = match value.get("body") {
        Some(Value::String(text)) => Some(body_of(form, text, is_base64)?),
        // An event leaves the body out where it is empty.
        None | Some(Value::Null) => is_event.then(Vec::new),
        Some(_) => {
            return Err(Unreadable::broken(
                form,
                "the body is JSON that was parsed, not a text: the raw bytes are lost",
            ));
        }
    };
    Ok(Request {
        form,
        headers: headers_of(headers).ok_or(Unreadable::NoHeaders)?,
        line: line_of(
            value,
            "/requestContext/http/method",
            "/rawPath",
            "/rawQueryString",
        )
        .or_else(|| line_of(value, "/httpMethod", "/path", "/none"))
        .or_else(|| line_of(value, "/method", "/url", "/none")),
        body,
    })
}

fn cloudfront(record: &Value) -> Result<Request, Unreadable> {
    let form = Form::CloudFrontEvent;
    let request = record
        .get("request")
        .ok_or_else(|| Unreadable::broken(form, "it has no request"))?;
    let body = match request.get("body") {
        None | Some(Value::Null) => None,
        Some(body) => {
            if body.get("inputTruncated") == Some(&Value::Bool(true)) {
                return Err(Unreadable::broken(
                    form,
                    "it has only the beginning of the body (inputTruncated)",
                ));
            }
            let data = body.get("data").and_then(Value::as_str).unwrap_or_default();
            let is_text = body.get("encoding").and_then(Value::as_str) == Some("text");
            Some(body_of(form, data, !is_text)?)
        }
    };
    let headers = request.get("headers").and_then(headers_of);
    Ok(Request {
        form,
        headers: headers.ok_or_else(|| Unreadable::broken(form, "its request has no headers"))?,
        line: line_of(request, "/method", "/uri", "/querystring"),
        body,
    })
}

/// The one entry of a HAR file that is a signed callback; the only entry where none is.
fn har(entries: &[Value]) -> Result<Request, Unreadable> {
    let form = Form::Har;
    let requests = || entries.iter().filter_map(|entry| entry.get("request"));
    let is_signed = |request: &&Value| {
        let headers = request.get("headers").map(Value::to_string);
        headers.is_some_and(|headers| names_the_signature(headers.as_bytes()))
    };
    let signed: Vec<&Value> = requests().filter(is_signed).collect();
    let found = if signed.is_empty() {
        requests().collect()
    } else {
        signed
    };
    let request = match found.as_slice() {
        [request] => *request,
        [] => return Err(Unreadable::broken(form, "it has no request")),
        several => {
            let count = several.len();
            let what = format!("it has {count} requests that could be meant: keep one entry");
            return Err(Unreadable::broken(form, what));
        }
    };
    let body = match request.get("postData") {
        None | Some(Value::Null) => None,
        Some(data) => {
            let text = data.get("text").and_then(Value::as_str).unwrap_or_default();
            let is_base64 = data.get("encoding").and_then(Value::as_str) == Some("base64");
            Some(body_of(form, text, is_base64)?)
        }
    };
    let headers = request.get("headers").and_then(headers_of);
    Ok(Request {
        form,
        headers: headers.ok_or_else(|| Unreadable::broken(form, "its request has no headers"))?,
        line: line_of(request, "/method", "/url", "/none"),
        body,
    })
}

fn body_of(form: Form, text: &str, is_base64: bool) -> Result<Vec<u8>, Unreadable> {
    if !is_base64 {
        return Ok(text.as_bytes().to_vec());
    }
    Base64::decode_vec(text)
        .map_err(|_| Unreadable::broken(form, "the body is said to be base64, and is not base64"))
}

/// Headers from an object or a list; `None` where a value can be none of a header.
fn headers_of(value: &Value) -> Option<Vec<HeaderLine>> {
    match value {
        Value::Object(map) => of_map(map),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            let pairs = list.chunks(2).map(|pair| match pair {
                [name, value] => header(name.as_str()?, value),
                _ => None,
            });
            pairs.collect()
        }
        Value::Array(list) => list.iter().map(of_entry).collect(),
        _ => None,
    }
}

fn of_map(map: &Map<String, Value>) -> Option<Vec<HeaderLine>> {
    let mut headers = Vec::new();
    for (name, value) in map {
        match value {
            Value::Array(values) => {
                for value in values {
                    // CloudFront's have the name as it was written beside the value.
                    headers.push(match value.get("value") {
                        Some(inner) => {
                            let written = value.get("key").and_then(Value::as_str);
                            header(written.unwrap_or(name), inner)?
                        }
                        None => header(name, value)?,
                    });
                }
            }
            value => headers.push(header(name, value)?),
        }
    }
    Some(headers)
}

/// `[name, value]` or `{ name, value }`.
fn of_entry(entry: &Value) -> Option<HeaderLine> {
    match entry {
        Value::Array(pair) => match pair.as_slice() {
            [name, value] => header(name.as_str()?, value),
            _ => None,
        },
        entry => {
            let name = entry.get("name").or_else(|| entry.get("key"))?;
            header(name.as_str()?, entry.get("value")?)
        }
    }
}

fn header(name: &str, value: &Value) -> Option<HeaderLine> {
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some((name.as_bytes().to_vec(), value.into_bytes()))
}
