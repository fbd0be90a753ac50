//! The way from a token to a session.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    extract::{Query, Request, State},
    http::{HeaderMap, Uri, header},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::gate::{Asker, Gate};
use crate::{answer, pages::assets, seldom::Seldom};

/// The longest form: a token, and its field's name.
const MAX_FORM: usize = 4_096;
/// How long a wrong token takes to be refused. A right one is never made to wait, so nobody is locked out
/// by others' attempts; how many of those wait at once, the listener bounds.
const PAUSE: Duration = Duration::from_secs(1);

pub(crate) fn router(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/login", get(form).post(log_in))
        .route("/logout", post(log_out))
        .route("/api/session", get(session))
        .with_state(gate)
}

async fn form(State(gate): State<Arc<Gate>>, headers: HeaderMap) -> Response {
    if gate.token().is_none() {
        return answer::see_other("/", None);
    }
    assets::page(assets::LOGIN, headers).await
}

#[derive(Deserialize)]
struct Form {
    token: String,
}

async fn log_in(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let is_secure = request
        .headers()
        .get(header::ORIGIN)
        .is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let Some(token) = gate.token() else {
        return answer::see_other("/", None);
    };
    let form = axum::body::to_bytes(request.into_body(), MAX_FORM).await;
    let presented = form.ok().and_then(|form| read(&form));
    if !presented.is_some_and(|form| token.is(form.token.as_bytes())) {
        static SAID: Seldom = Seldom::new();
        if let Some(count) = SAID.turn() {
            tracing::warn!(count, "somebody has tried to log in with another token");
        }
        tokio::time::sleep(PAUSE).await;
        return answer::see_other("/login?wrong", None);
    }
    let Some(cookie) = gate.sessions().begin(is_secure) else {
        return answer::explained(
            503,
            "no_randomness",
            "the system gives no random numbers to make a session of",
        );
    };
    tracing::info!("somebody has logged in");
    answer::see_other("/", Some(&cookie))
}

/// The fields of a form as browsers post them.
fn read(form: &[u8]) -> Option<Form> {
    let uri: Uri = format!("/?{}", core::str::from_utf8(form).ok()?)
        .parse()
        .ok()?;
    Query::try_from_uri(&uri).ok().map(|Query(form)| form)
}

async fn log_out(State(gate): State<Arc<Gate>>, headers: HeaderMap) -> Response {
    let cookie = gate.sessions().end(&headers);
    answer::see_other("/login", Some(&cookie))
}

/// Whether there is anything to log out of.
#[derive(Serialize)]
struct Session {
    login: bool,
}

async fn session(Extension(asker): Extension<Asker>) -> Json<Session> {
    Json(Session {
        login: asker == Asker::Session,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let token = |form: &str| read(form.as_bytes()).map(|form| form.token);
        assert_eq!(token("token=abc").as_deref(), Some("abc"));
        assert_eq!(token("x=1&token=a%2Bb%25%26+c").as_deref(), Some("a+b%& c"));
        for other in ["", "token", "tokens=a", "token=a&token=b", "token=\u{e9}"] {
            assert_ne!(token(other).as_deref(), Some("a"), "{other}");
        }
    }
}
