use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use super::{
    api, csv,
    gate::{self, Gate},
    intents, login, shows, stream, watches,
};
use crate::{
    app::{elsewhere, state::App},
    pages::assets,
};

/// What answers on the admin's listener, to whoever the gate lets through.
pub(crate) fn router(app: Arc<App>, gate: Gate) -> Router {
    let gate = Arc::new(gate);
    Router::new()
        .route("/api/messages", get(api::messages))
        .route("/api/messages/{id}", get(api::message))
        .route("/api/messages/{id}/timeline", get(shows::timeline))
        .route("/api/messages.csv", get(csv::messages))
        .route("/api/search", get(shows::search))
        .route("/api/overview", get(shows::overview))
        .route("/api/stream", get(stream::stream))
        .route("/api/callbacks", get(api::callbacks))
        .route("/api/callbacks/{key}", get(api::callback_body))
        .route("/api/unrecognized", get(api::unrecognized))
        .route("/api/unrecognized/{key}", get(api::unrecognized_body))
        .route("/api/summary", get(shows::summary))
        .route("/api/watches", get(watches::watches).post(watches::watch))
        .route("/api/intents", get(intents::list).post(intents::accept))
        .route("/api/intents/{key}", get(intents::one))
        .route("/api/intents/{key}/cancel", post(intents::cancel))
        .route("/api/intents/{key}/retry", post(intents::retry))
        .route(
            "/api/recovery",
            get(intents::recovery).post(intents::set_recovery),
        )
        .route("/api/suppressions", get(intents::suppressions))
        .route("/api/suppressions/lift", post(intents::lift))
        .route("/healthz", get(elsewhere::healthz))
        .route("/readyz", get(api::readyz))
        .route("/metrics", get(api::metrics))
        .merge(assets::router())
        .method_not_allowed_fallback(elsewhere::wrong_method)
        .fallback(elsewhere::unknown_path)
        .with_state(app)
        .merge(login::router(Arc::clone(&gate)))
        .layer(middleware::from_fn_with_state(gate, gate::pass))
}
