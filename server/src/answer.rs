use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sinch_callback::{ANSWER_HEADER, Answer};

/// The body of an answer that is not data.
#[derive(Serialize)]
struct Explained<'a> {
    code: &'a str,
    detail: &'a str,
}

/// What a callback is answered.
pub(crate) fn of(answer: Answer) -> Response {
    with_detail(answer, &answer.detail().to_string())
}

/// The same, with a detail that tells more.
pub(crate) fn with_detail(answer: Answer, detail: &str) -> Response {
    explained(answer.status(), answer.code(), detail)
}

/// An answer that says what and why, marked as this receiver's own.
pub(crate) fn explained(status: u16, code: &'static str, detail: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, mark(code), Json(Explained { code, detail })).into_response()
}

/// What marks an answer as this receiver's own.
pub(crate) fn mark(code: &'static str) -> [(&'static str, HeaderValue); 1] {
    [(ANSWER_HEADER, HeaderValue::from_static(code))]
}

/// The same answer, after which the connection is closed: the rest of the request is not read.
pub(crate) fn closing(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Sends a browser to another path.
pub(crate) fn see_other(path: &'static str, cookie: Option<&str>) -> Response {
    let place = [(header::LOCATION, HeaderValue::from_static(path))];
    let mut response = (StatusCode::SEE_OTHER, place).into_response();
    let cookie = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok());
    response
        .headers_mut()
        .extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}
