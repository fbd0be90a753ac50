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
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use clap::Args;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    App, answer, api,
    connections::Connection,
    listen::{ListenAddress, Sockets},
};
use crate::{command_error::CommandError, secrets, seldom::Seldom};

#[derive(Args, Debug)]
pub(super) struct AdminArgs {
    /// Address and port of what tells what is stored (/api, /metrics, /readyz), or "off". Any other
    /// than loopback needs --admin-token-file
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081", value_parser = address_or_off)]
    pub(super) admin_listen: AdminAddress,

    /// Name by which that listener may be called besides loopback and its own address, as the
    /// request's Host says it; repeat it for further names. Other names are refused, so that no web
    /// page can read it through its visitor's browser
    #[arg(long = "admin-host", value_name = "NAME")]
    pub(super) admin_hosts: Vec<String>,

    /// File with the token that whoever asks there must present: `authorization: Bearer TOKEN`
    #[arg(long, value_name = "FILE")]
    pub(super) admin_token_file: Option<PathBuf>,
}

/// Where the admin listens; `None` where it does not.
type AdminAddress = Option<ListenAddress>;

fn address_or_off(text: &str) -> Result<AdminAddress, String> {
    match text {
        "off" => Ok(None),
        address => address
            .parse()
            .map(Some)
            .map_err(|error| format!("{error}, or off")),
    }
}

/// The admin's sockets, and who may ask there.
pub(super) struct Admin {
    sockets: Sockets,
    gate: Gate,
}

impl Admin {
    /// Listens where it is asked for.
    ///
    /// # Errors
    /// [`CommandError::Misuse`] where others than this machine could ask, and no token is set.
    pub(super) async fn listen(args: &AdminArgs) -> Result<Option<Self>, CommandError> {
        let token = args
            .admin_token_file
            .as_deref()
            .map(Token::read)
            .transpose()?;
        let Some(address) = &args.admin_listen else {
            return Ok(None);
        };
        let sockets = address.bind().await.map_err(|error| {
            CommandError::failed(
                format!(
                    "cannot listen on {address} for the API and the metrics (another address: \
                     --admin-listen ADDRESS; none: --admin-listen off)"
                ),
                error,
            )
        })?;
        if token.is_none() && !sockets.loopback() {
            return Err(CommandError::Misuse(format!(
                "--admin-listen {address} can be reached from other machines, and tells messages \
                 and phone numbers: set a token with --admin-token-file FILE, or listen on loopback \
                 (--admin-listen 127.0.0.1:8081)"
            )));
        }
        let names = args.admin_hosts.iter().cloned().chain(address.host());
        let gate = Gate {
            names: names.map(|name| host_of(&name).to_owned()).collect(),
            token,
        };
        Ok(Some(Self { sockets, gate }))
    }

    /// Where it can be reached, without a path.
    pub(super) fn url(&self) -> String {
        self.sockets.url()
    }

    /// Its sockets, and what answers there.
    pub(super) fn router(self, app: Arc<App>) -> (Sockets, Router) {
        let gate = Arc::new(self.gate);
        let router = Router::new()
            .route("/api/messages", get(api::messages))
            .route("/api/messages/{id}", get(api::message))
            .route("/api/unrecognized", get(api::unrecognized))
            .route("/api/unrecognized/{key}", get(api::unrecognized_body))
            .route("/api/summary", get(api::summary))
            .route("/healthz", get(api::healthz))
            .route("/readyz", get(api::readyz))
            .route("/metrics", get(api::metrics))
            .method_not_allowed_fallback(api::wrong_method)
            .fallback(api::unknown_path)
            .with_state(app)
            .layer(middleware::from_fn_with_state(gate, pass));
        (self.sockets, router)
    }
}

/// Lets a request through or refuses it; what is told is kept by nobody on the way.
async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let mut response = match gate.check(request.uri(), request.headers()) {
        Ok(()) => {
            if let Some(connection) = request.extensions().get::<Arc<Connection>>() {
                connection.judging();
                connection.trust();
            }
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
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Who may ask.
struct Gate {
    /// Names and addresses that a request may call us by, besides loopback; without ports.
    names: Vec<String>,
    token: Option<Token>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Host,
    Token,
}

impl Gate {
    /// A name that is not ours comes first: a browser that was led here has no token to lose.
    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        if !self.called_by_name(uri, headers) {
            return Err(Refusal::Host);
        }
        match &self.token {
            Some(token) if !token.presented(headers) => Err(Refusal::Token),
            _ => Ok(()),
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
                "this name is not ours: call a loopback address, or start with --admin-host NAME",
            ),
            Self::Token => {
                let mut response = answer::explained(
                    401,
                    "unauthorized",
                    "the token of --admin-token-file is missing or another one: send \
                     authorization: Bearer TOKEN",
                );
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                response
            }
        }
    }
}

/// What whoever asks must present.
struct Token(Zeroizing<Vec<u8>>);

impl Token {
    fn read(path: &Path) -> Result<Self, CommandError> {
        let text = secrets::text_of_file(path)?.bytes;
        if text.is_empty() || !text.iter().all(u8::is_ascii_graphic) {
            return Err(CommandError::Misuse(format!(
                "the token file {} holds no token: write one line of visible ASCII without spaces \
                 into it, as from: openssl rand -hex 32",
                path.display()
            )));
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
        scheme.eq_ignore_ascii_case(BEARER) && bool::from(token.ct_eq(&self.0))
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
        }
    }

    fn check(gate: &Gate, uri: &str, pairs: &[(&str, &str)]) -> Result<(), Refusal> {
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
        gate.check(&uri.parse().unwrap(), &headers)
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
            assert_eq!(check(&gate, "/", &[("host", host)]), Ok(()), "{host}");
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
        assert_eq!(here, Ok(()));
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
        assert_eq!(with("Bearer made-up-token"), Ok(()));
        assert_eq!(with("bearer made-up-token"), Ok(()));
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
