use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
    response::Response,
};
use serde::de::DeserializeOwned;

use crate::answer;

/// The longest body of a request that changes something.
const MAX_BODY: usize = 65_536;

/// A body of JSON. A browser asks before it sends one to another origin, and nobody here says yes: so no
/// page can have anything sent.
pub(crate) struct JsonBody(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        if !is_json(request.headers()) {
            return Err(answer::explained(
                415,
                "not_json",
                "send content-type: application/json",
            ));
        }
        let body = axum::body::to_bytes(request.into_body(), MAX_BODY).await;
        body.map(Self).map_err(|_| {
            let detail = format!("the body is longer than {MAX_BODY} bytes, or broke off");
            answer::explained(413, "body_too_large", &detail)
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

impl JsonBody {
    pub(super) fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.0)
    }
}
