use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    response::Response,
};

use super::receive;
use crate::app::{elsewhere, state::App};

/// What the world may reach: it takes callbacks, and tells nothing.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().fallback(public).with_state(app)
}

async fn public(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path();
    if let Some(endpoint) = app.endpoint(path) {
        match *request.method() {
            Method::POST => receive::callbacks(&app, endpoint, request).await,
            _ => elsewhere::wrong_method_for(&app, "POST").await,
        }
    } else if path == "/healthz" {
        match *request.method() {
            Method::GET | Method::HEAD => elsewhere::healthz().await,
            _ => elsewhere::wrong_method_for(&app, "GET,HEAD").await,
        }
    } else {
        receive::misdirected(&app, &request);
        elsewhere::unknown_path(State(app)).await
    }
}
