//! What is answered to requests that are no callbacks and ask for nothing.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use sinch_callback::Answer;

use super::state::App;
use crate::answer;

/// Whether the program runs.
pub(crate) async fn healthz() -> Response {
    answer::explained(200, "ok", "the receiver runs")
}

pub(crate) async fn unknown_path(State(app): State<Arc<App>>) -> Response {
    let answer = Answer::UNKNOWN_PATH;
    app.metrics.answered(answer);
    let detail = format!("{}: callbacks go to POST {}", answer.detail(), app.paths);
    answer::with_detail(answer, &detail)
}

pub(crate) async fn wrong_method(State(app): State<Arc<App>>) -> Response {
    let answer = Answer::METHOD_NOT_ALLOWED;
    app.metrics.answered(answer);
    let detail = format!("{}, to {}", answer.detail(), app.paths);
    answer::with_detail(answer, &detail)
}

/// The same, and which methods the path takes.
pub(crate) async fn wrong_method_for(app: &Arc<App>, allowed: &'static str) -> Response {
    let mut response = wrong_method(State(Arc::clone(app))).await;
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
