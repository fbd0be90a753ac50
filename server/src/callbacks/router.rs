use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    response::Response,
};

use super::receive;
use crate::{admin::api, app::App};

/// What the world may reach: it takes callbacks, and tells nothing.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().fallback(public).with_state(app)
}

async fn public(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path();
    if app.paths.include(path) {
        match *request.method() {
            Method::POST => receive::callbacks(&app, request).await,
            _ => api::wrong_method_for(&app, "POST").await,
        }
    } else if path == "/healthz" {
        match *request.method() {
            Method::GET | Method::HEAD => api::healthz().await,
            _ => api::wrong_method_for(&app, "GET,HEAD").await,
        }
    } else {
        receive::misdirected(&app, &request);
        api::unknown_path(State(app)).await
    }
}
