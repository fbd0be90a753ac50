//! The pages' files, as they lie in `server/pages`.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sinch_callback::ContentKey;

use super::headers;
use crate::answer;

/// Each file that a page may ask for, by its path in `server/pages`: `build.rs` writes the list.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

const DELIVERIES: &str = "deliveries/index.html";
const INSPECTOR: &str = "inspector/inspector.html";
/// What the log-in is made of, which holds no data.
pub(crate) const LOGIN: &str = "deliveries/login.html";

/// The pages and what they consist of. They ask for their data by the API.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(|headers: HeaderMap| page(DELIVERIES, headers)))
        .route(
            "/inspector",
            get(|headers: HeaderMap| page(INSPECTOR, headers)),
        )
        .route("/assets/{*path}", get(asset))
}

/// Whether whoever has no token yet may have it: what the log-in consists of.
pub(crate) fn is_public(path: &str) -> bool {
    let Some(name) = path.strip_prefix("/assets/") else {
        return false;
    };
    name.starts_with("common/") || name.starts_with("deliveries/login.")
}

/// Whether it is a document that a person opens.
pub(crate) fn is_page(path: &str) -> bool {
    matches!(path, "/" | "/inspector" | "/login")
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    // Documents have paths of their own, with the policy that is theirs.
    if kind(&path) == HTML {
        return missing();
    }
    page(&path, headers).await
}

/// A file, or that the browser's copy is still right.
pub(crate) async fn page(name: &str, asked: HeaderMap) -> Response {
    let Some(body) = find(name) else {
        return missing();
    };
    let tag = format!("\"{}\"", ContentKey::of_body(body));
    let mut response = if is_current(&asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind(name))], body).into_response()
    };
    let set = response.headers_mut();
    headers::secure(set);
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    set.extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
    let policy = match name {
        INSPECTOR => headers::inspector(body),
        _ => Some(headers::DELIVERIES),
    };
    set.extend(policy.map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    response
}

fn missing() -> Response {
    answer::explained(404, "unknown_path", "no page has this file")
}

fn find(name: &str) -> Option<&'static [u8]> {
    let found = FILES.iter().find(|(known, _)| *known == name);
    found.map(|(_, body)| *body)
}

fn is_current(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(header::IF_NONE_MATCH).iter();
    known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag)
}

const HTML: &str = "text/html; charset=utf-8";

/// What a file is, by its ending.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => HTML,
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "text/plain; charset=utf-8",
    }
}
