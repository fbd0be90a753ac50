//! Who may ask what is stored, and where.
//!
//! The listener that Sinch posts to tells nothing. What tells is on one of its own: on this machine
//! alone unless asked otherwise, and elsewhere for whoever has the token.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::Response,
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    answer,
    listener::connections::Connection,
    pages::{assets, headers, origin, sessions::Sessions},
    secrets::files::{SecretsError, text_of_file},
    seldom::Seldom,
};

/// Lets a request through or refuses it; what is told is kept by nobody on the way.
pub(crate) async fn pass(
    State(gate): State<Arc<Gate>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match gate.check(&request) {
        Ok(asker) => {
            let connection = request.extensions().get::<Arc<Connection>>();
            // Strangers make room for those who have logged in.
            if let Some(connection) = connection.filter(|_| asker != Asker::Stranger) {
                connection.judging();
                connection.trust();
            }
            request.extensions_mut().insert(asker);
            next.run(request).await
        }
        Err(refusal) => {
            static SAID: Seldom = Seldom::new();
            if let Some(count) = SAID.turn() {
                tracing::warn!(?refusal, count, "a request to the admin was refused");
            }
            refusal.answer()
        }
    };
    let set = response.headers_mut();
    headers::secure(set);
    for (name, value) in [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, headers::DATA),
    ] {
        set.entry(name).or_insert(value);
    }
    response
}

/// Who may ask what is stored.
///
/// # Examples
/// ```
/// use sinch_callback_server::{Config, Gate, Server, secrets::SecretFiles};
///
/// # async fn nested() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::open(Config::new("data", SecretFiles::new(vec!["secret.txt".into()]))).await?;
/// // For this machine, and for who calls it by this name.
/// let pages = server.admin(Gate::new(["receiver.internal".to_owned()], None));
/// # drop(pages);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Gate {
    names: Vec<String>,
    token: Option<Token>,
    sessions: Sessions,
}

/// Who asks, as far as the gate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Whoever reaches the listener: no token is set.
    Anybody,
    /// Whoever has the token.
    Token,
    /// Whoever has logged in with it.
    Session,
    /// Somebody without it, who may log in and is told nothing else.
    Stranger,
}

impl core::fmt::Display for Asker {
    /// What a log calls them.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Anybody => "anybody",
            Self::Token => "token",
            Self::Session => "session",
            Self::Stranger => "stranger",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Host,
    Foreign,
    Token,
    /// The same of a person who opens a page.
    Login,
}

impl Gate {
    /// Lets through whoever calls us by loopback or by one of `names`, ports aside, and has the token
    /// where there is one. Without a token, whoever reaches the listener is told messages and phone
    /// numbers.
    pub fn new(names: impl IntoIterator<Item = String>, token: Option<Token>) -> Self {
        let names = names.into_iter().map(|name| host_of(&name).to_owned());
        Self {
            names: names.collect(),
            token,
            sessions: Sessions::default(),
        }
    }

    pub(crate) const fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    pub(crate) const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// A name that is not ours comes first, then another page of the same browser: one that was led here
    /// learns nothing about the token.
    fn check<B>(&self, request: &Request<B>) -> Result<Asker, Refusal> {
        let (uri, headers) = (request.uri(), request.headers());
        let path = uri.path();
        if !self.called_by_name(uri, headers) {
            return Err(Refusal::Host);
        }
        if origin::is_foreign(request.method(), assets::is_page(path), headers) {
            return Err(Refusal::Foreign);
        }
        let Some(token) = &self.token else {
            return Ok(Asker::Anybody);
        };
        if token.presented(headers) {
            Ok(Asker::Token)
        } else if self.sessions.include(headers) {
            Ok(Asker::Session)
        } else if path == "/login" || assets::is_public(path) {
            Ok(Asker::Stranger)
        } else if request.method() == Method::GET && assets::is_page(path) && wants_html(headers) {
            Err(Refusal::Login)
        } else {
            Err(Refusal::Token)
        }
    }

    /// Whether a request calls us by loopback or by a name that was set. A page whose name has been
    /// pointed here (DNS rebinding) calls us by its own.
    fn called_by_name(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        let one = hosts.next().is_none();
        let target = uri.authority().map(|authority| authority.as_str());
        one && host.is_some_and(|host| self.ours(host)) && target.is_none_or(|host| self.ours(host))
    }

    fn ours(&self, host: &str) -> bool {
        let host = host_of(host);
        host.eq_ignore_ascii_case("localhost")
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.to_canonical().is_loopback())
            || self
                .names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// Whether a person's browser asks, which is shown a form.
fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// A `Host` without its port, and an IPv6 address without its brackets.
fn host_of(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    match host.rsplit_once(':') {
        // More than one colon is an address without brackets.
        Some((name, _)) if !name.contains(':') => name,
        _ => host,
    }
}

impl Refusal {
    fn answer(self) -> Response {
        match self {
            Self::Host => answer::explained(
                403,
                "unknown_host",
                "this name is not ours: call a loopback address, or have the name set (serve: --admin-host NAME)",
            ),
            Self::Foreign => answer::explained(
                403,
                "foreign_origin",
                "a page of another origin asks: only what this listener serves may",
            ),
            Self::Login => answer::see_other("/login", None),
            Self::Token => {
                let mut response = answer::explained(
                    401,
                    "unauthorized",
                    "the token is missing or another one: send authorization: Bearer TOKEN",
                );
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                response
            }
        }
    }
}

/// What whoever asks must present: `authorization: Bearer TOKEN`.
pub struct Token(Zeroizing<Vec<u8>>);

/// Why a file's text is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// The file cannot be read.
    #[error(transparent)]
    Unread(#[from] SecretsError),
    /// It is empty, or holds more than one line of visible ASCII.
    #[error(
        "the token file {} holds no token: write one line of visible ASCII without spaces into it, as from: openssl rand -hex 32",
        path.display()
    )]
    NoToken {
        /// The file.
        path: PathBuf,
    },
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// The token of a file, less one newline at its end.
    ///
    /// # Errors
    /// Where it cannot be read, or is not one line of visible ASCII.
    pub fn of_file(path: &Path) -> Result<Self, InvalidToken> {
        let text = text_of_file(path)?.bytes;
        if text.is_empty() || !text.iter().all(u8::is_ascii_graphic) {
            return Err(InvalidToken::NoToken {
                path: path.to_owned(),
            });
        }
        Ok(Self(text))
    }

    /// Whether a request has it, and once. The time that takes tells the token's length at most.
    fn presented(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return false;
        };
        let Some((scheme, token)) = value.as_bytes().split_at_checked(BEARER.len()) else {
            return false;
        };
        scheme.eq_ignore_ascii_case(BEARER) && self.is(token)
    }

    pub(crate) fn is(&self, token: &[u8]) -> bool {
        token.ct_eq(&self.0).into()
    }
}

const BEARER: &[u8] = b"bearer ";

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn gate(names: &[&str], token: Option<&str>) -> Gate {
        Gate {
            names: names.iter().map(|name| host_of(name).to_owned()).collect(),
            token: token.map(|token| Token(Zeroizing::new(token.into()))),
            sessions: Sessions::default(),
        }
    }

    fn check(gate: &Gate, uri: &str, pairs: &[(&str, &str)]) -> Result<Asker, Refusal> {
        let headers = pairs
            .iter()
            .map(|(name, value)| {
                let name: HeaderName = name.parse().unwrap();
                (name, HeaderValue::from_str(value).unwrap())
            })
            .fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            });
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().unwrap();
        *request.headers_mut() = headers;
        gate.check(&request)
    }

    #[test]
    fn loopback_and_names_that_were_set_are_ours_and_no_other_host_is() {
        let gate = gate(&["admin.example", "fd00::1", "other.example:9000"], None);
        for host in [
            "127.0.0.1",
            "127.0.0.1:8081",
            "127.8.9.10:1",
            "localhost",
            "LocalHost:8081",
            "[::1]:8081",
            "[::1]",
            "[::ffff:127.0.0.1]:8081",
            "admin.example",
            "ADMIN.example:443",
            "[fd00::1]:8081",
            "other.example:1",
        ] {
            assert_eq!(
                check(&gate, "/", &[("host", host)]),
                Ok(Asker::Anybody),
                "{host}"
            );
        }
        for host in [
            "",
            "attacker.example",
            "localhost.attacker.example",
            "127.0.0.1.attacker.example:8081",
            "127.0.0.1@attacker.example",
            "xadmin.example",
            "admin.example.",
            "10.0.0.1:8081",
            "[fd00::2]:8081",
            "0.0.0.0:8081",
            "2130706433",
        ] {
            let refused = check(&gate, "/", &[("host", host)]);
            assert_eq!(refused, Err(Refusal::Host), "{host}");
        }
    }

    #[test]
    fn a_request_without_one_host_or_with_another_one_in_its_target_is_refused() {
        let gate = gate(&[], None);
        assert_eq!(check(&gate, "/", &[]), Err(Refusal::Host));
        let twice = [("host", "localhost"), ("host", "attacker.example")];
        assert_eq!(check(&gate, "/", &twice), Err(Refusal::Host));
        let host = [("host", "localhost")];
        let elsewhere = check(&gate, "http://attacker.example/api/summary", &host);
        assert_eq!(elsewhere, Err(Refusal::Host));
        let here = check(&gate, "http://localhost:8081/api/summary", &host);
        assert_eq!(here, Ok(Asker::Anybody));
    }

    #[test]
    fn without_the_token_there_is_the_login_and_what_it_consists_of() {
        let gate = gate(&[], Some("made-up-token"));
        let host = ("host", "localhost");
        let html = ("accept", "text/html,*/*;q=0.8");
        for path in [
            "/login",
            "/login?wrong",
            "/assets/common/x.css",
            "/assets/deliveries/login.js",
        ] {
            assert_eq!(check(&gate, path, &[host]), Ok(Asker::Stranger), "{path}");
        }
        for path in ["/", "/?x", "/inspector"] {
            assert_eq!(check(&gate, path, &[host, html]), Err(Refusal::Login));
            assert_eq!(check(&gate, path, &[host]), Err(Refusal::Token));
        }
        for path in [
            "/api/summary",
            "/api/session",
            "/logout",
            "/login/",
            "/assets/deliveries/main.js",
            "/assets/vendor/x.js",
            "/metrics",
            "/healthz",
            "/nothing",
        ] {
            assert_eq!(check(&gate, path, &[host, html]), Err(Refusal::Token));
        }
        let cookie = gate.sessions.begin(false).unwrap();
        let cookie = ("cookie", cookie.split(';').next().unwrap());
        assert_eq!(
            check(&gate, "/metrics", &[host, cookie]),
            Ok(Asker::Session)
        );
        // Neither lets another origin in.
        let foreign = ("origin", "http://localhost:3000");
        for with in [cookie, ("authorization", "Bearer made-up-token")] {
            assert_eq!(
                check(&gate, "/metrics", &[host, foreign, with]),
                Err(Refusal::Foreign)
            );
        }
    }

    #[test]
    fn a_token_must_be_there_once_and_whole() {
        let gate = gate(&[], Some("made-up-token"));
        let with = |value: &str| {
            check(
                &gate,
                "/",
                &[("host", "localhost"), ("authorization", value)],
            )
        };
        assert_eq!(with("Bearer made-up-token"), Ok(Asker::Token));
        assert_eq!(with("bearer made-up-token"), Ok(Asker::Token));
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer made-up-toke",
            "Bearer made-up-token2",
            "Bearer made-up-tokeN",
            "Bearer  made-up-token",
            "Basic made-up-token",
            "made-up-token",
        ] {
            assert_eq!(with(value), Err(Refusal::Token), "{value}");
        }
        let host = ("host", "localhost");
        let token = ("authorization", "Bearer made-up-token");
        assert_eq!(check(&gate, "/", &[host]), Err(Refusal::Token));
        assert_eq!(
            check(&gate, "/", &[host, token, token]),
            Err(Refusal::Token)
        );
        // Who calls by another name learns nothing about the token.
        let elsewhere = ("host", "attacker.example");
        assert_eq!(check(&gate, "/", &[elsewhere, token]), Err(Refusal::Host));
    }
}
