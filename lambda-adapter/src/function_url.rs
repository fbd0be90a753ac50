use std::collections::HashMap;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use sinch_callback::Answer;

/// A request as a Function URL or an HTTP API hands it over: payload format 2.0
/// (<https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>).
///
/// Header names are in lower case; the values of a repeated header are joined with commas.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    /// The path as it was received.
    #[serde(default)]
    raw_path: String,
    /// The query without its question mark; empty where there is none.
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: HashMap<String, String>,
    /// The body, as text or in base64.
    #[serde(default)]
    body: Option<String>,
    /// Whether the body is in base64. Depends on the content type; both are taken, whatever it is.
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Clone, Debug, Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Clone, Debug, Deserialize)]
struct Http {
    method: String,
}

const AUTHORIZATION: &str = "authorization";

/// Where the edge puts Sinch's own `authorization`, in whose place CloudFront's origin access control puts
/// its signature of the request. Whoever else sets it gains nothing: it is judged by its signature.
const SENT_AUTHORIZATION: &str = "x-callback-authorization";

/// The body is said to be in base64 and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event's body is not the base64 that it is said to be")]
pub struct Unreadable;

impl HttpEvent {
    /// The request's method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.request_context.http.method
    }

    /// The path as it was received.
    #[must_use]
    pub fn path(&self) -> &str {
        if self.raw_path.is_empty() {
            "/"
        } else {
            &self.raw_path
        }
    }

    /// The query without its question mark; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.raw_query_string
    }

    /// The headers as the sender sent them: `authorization` is what the edge says that it was, where the
    /// edge has said so.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_replaced = self.headers.contains_key(SENT_AUTHORIZATION);
        let headers = self.headers.iter();
        headers.filter_map(move |(name, value)| match name.as_str() {
            AUTHORIZATION if is_replaced => None,
            SENT_AUTHORIZATION => Some((AUTHORIZATION, value.as_str())),
            name => Some((name, value.as_str())),
        })
    }

    /// The raw bytes of the body.
    ///
    /// # Errors
    /// [`Unreadable`] where the gateway has garbled it: not the sender's fault.
    pub fn take_body(&mut self) -> Result<Vec<u8>, Unreadable> {
        let body = self.body.take().unwrap_or_default();
        if self.is_base64_encoded {
            Base64::decode_vec(&body).map_err(|_| Unreadable)
        } else {
            Ok(body.into_bytes())
        }
    }
}

/// The answer to a request: JSON that says what and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status_code: u16,
    headers: Headers,
    body: String,
    is_base64_encoded: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Headers {
    #[serde(rename = "content-type")]
    content_type: &'static str,
    /// [`sinch_callback::ANSWER_HEADER`]; a test compares them.
    #[serde(rename = "x-sinch-callback")]
    mark: &'static str,
}

#[derive(Serialize)]
struct Explained<'a> {
    code: &'a str,
    detail: &'a str,
}

impl From<Answer> for HttpAnswer {
    fn from(answer: Answer) -> Self {
        let (code, detail) = (answer.code(), answer.detail().to_string());
        let detail = detail.as_str();
        Self {
            status_code: answer.status(),
            headers: Headers {
                content_type: "application/json",
                mark: code,
            },
            // Two texts under fixed names have no way to fail.
            body: serde_json::to_string(&Explained { code, detail }).unwrap_or_default(),
            is_base64_encoded: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str) -> HttpEvent {
        let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn a_function_url_s_text_body_is_its_bytes() {
        let mut event = event("function-url-text");
        assert_eq!(event.method(), "POST");
        assert_eq!((event.path(), event.query()), ("/callbacks", ""));
        assert_eq!(
            event.take_body().unwrap(),
            "{\"caf\u{e9}\":1.0}\r\n".as_bytes()
        );
    }

    #[test]
    fn a_base64_body_is_decoded_to_bytes_that_need_not_be_text() {
        let mut event = event("function-url-base64");
        assert_eq!(event.take_body().unwrap(), b"{\"a\":\"\xff\"}");
    }

    #[test]
    fn an_http_api_s_event_is_the_same() {
        let mut event = event("http-api");
        assert_eq!(event.method(), "POST");
        let nonce = ("x-sinch-webhook-signature-nonce", "n-1,n-2");
        assert!(event.headers().any(|header| header == nonce));
        assert_eq!(event.take_body().unwrap(), b"{}");
    }

    #[test]
    fn sinch_s_authorization_is_the_one_that_the_edge_has_kept_of_it() {
        let mut event = event("function-url-text");
        let authorization = |event: &HttpEvent| {
            let headers = event.headers().filter(|(name, _)| *name == "authorization");
            headers
                .map(|(_, value)| value.to_owned())
                .collect::<Vec<_>>()
        };
        assert!(authorization(&event).is_empty());
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        event
            .headers
            .extend([header("authorization", "application a:b")]);
        assert_eq!(authorization(&event), ["application a:b"]);
        event.headers.extend([
            header("authorization", "AWS4-HMAC-SHA256 of CloudFront"),
            header("x-callback-authorization", "application a:b"),
        ]);
        assert_eq!(authorization(&event), ["application a:b"]);
    }

    #[test]
    fn an_answer_is_marked_with_its_code() {
        let answer = HttpAnswer::from(Answer::METHOD_NOT_ALLOWED);
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(
            answer["headers"][sinch_callback::ANSWER_HEADER],
            "method_not_allowed"
        );
    }

    #[test]
    fn a_request_without_a_body_has_an_empty_one() {
        let mut event = event("function-url-get");
        assert_eq!(event.method(), "GET");
        assert_eq!(event.take_body(), Ok(Vec::new()));
    }

    #[test]
    fn base64_that_is_none_is_unreadable() {
        let mut event = event("function-url-base64");
        event.body = Some("no base64".into());
        assert_eq!(event.take_body(), Err(Unreadable));
    }
}
