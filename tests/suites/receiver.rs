//! The receivers of `core/examples`, each run against a sender that retries as Sinch does.

#![allow(
    clippy::duplicate_mod,
    reason = "the examples are programs of their own, which share a file"
)]

use std::{
    collections::HashSet,
    fs,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sinch_callback::{Secret, Signer, UnixSeconds, Verifier};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[path = "../../core/examples/actix_web.rs"]
#[allow(dead_code, reason = "a test starts the receiver in its own way")]
mod actix_web_example;
#[path = "../../core/examples/axum.rs"]
#[allow(dead_code, reason = "a test starts the receiver in its own way")]
mod axum_example;
#[path = "../../core/examples/hyper.rs"]
#[allow(dead_code, reason = "a test starts the receiver in its own way")]
mod hyper_example;
#[path = "../../core/examples/lambda_http.rs"]
#[allow(dead_code, reason = "a test starts the receiver in its own way")]
mod lambda_http_example;

const SECRET: &str = "made-up-secret-for-the-published-receiver";
const NOW: u64 = 1_700_000_000;

/// The receivers' clock, which the sender moves.
static CLOCK: AtomicU64 = AtomicU64::new(NOW);
/// The tests share the clock, so they take turns.
static TURN: Mutex<()> = Mutex::new(());

fn now() -> UnixSeconds {
    UnixSeconds::new(CLOCK.load(Ordering::SeqCst))
}

#[derive(Clone, Copy, Debug)]
enum Framework {
    ActixWeb,
    Axum,
    Hyper,
    LambdaHttp,
}

/// An example on a free port, for as long as this lives, and the folder in which it keeps.
struct Started {
    address: SocketAddr,
    above: TempDir,
    _runtime: Runtime,
    _turn: MutexGuard<'static, ()>,
}

/// The receiver of an example, whose types are its own.
macro_rules! receiver {
    ($example:ident, $folder:expr) => {
        $example::Receiver {
            verifier: Verifier::logged(Secret::new(SECRET).unwrap()),
            folder: $example::folder::Folder::new($folder),
            now,
        }
    };
}

impl Started {
    fn new(framework: Framework) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        CLOCK.store(NOW, Ordering::SeqCst);
        let above = tempfile::tempdir().unwrap();
        let folder = folder_in(above.path());
        fs::create_dir(&folder).unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        if matches!(framework, Framework::ActixWeb) {
            serve_actix_web(listener, folder);
        } else {
            listener.set_nonblocking(true).unwrap();
            runtime.spawn(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                match framework {
                    Framework::Axum => {
                        let app = axum_example::app(receiver!(axum_example, folder));
                        axum::serve(listener, app).await.unwrap();
                    }
                    Framework::Hyper => {
                        let receiver = Arc::new(receiver!(hyper_example, folder));
                        hyper_example::serve(listener, receiver).await.unwrap();
                    }
                    Framework::LambdaHttp => {
                        let receiver = receiver!(lambda_http_example, folder);
                        axum::serve(listener, function_url(receiver)).await.unwrap();
                    }
                    Framework::ActixWeb => {}
                }
            });
        }
        Self {
            address,
            above,
            _runtime: runtime,
            _turn: turn,
        }
    }

    fn folder(&self) -> PathBuf {
        folder_in(self.above.path())
    }

    /// Takes the disk away, or gives it back with what was on it.
    fn set_writable(&self, is_writable: bool) {
        let (folder, away) = (self.folder(), self.above.path().join("away"));
        let (from, to) = if is_writable {
            (away, folder)
        } else {
            (folder, away)
        };
        if from.exists() {
            fs::rename(from, to).unwrap();
        }
    }

    /// The bodies that were kept, and how many files they are in.
    fn kept(&self) -> (HashSet<Vec<u8>>, usize) {
        let files = fs::read_dir(self.folder()).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        assert!(files.iter().all(|file| file.extension().unwrap() == "json"));
        let bodies = files.iter().map(|file| fs::read(file).unwrap());
        (bodies.collect(), files.len())
    }
}

fn folder_in(above: &Path) -> PathBuf {
    above.join("callbacks")
}

/// actix-web brings its own runtime, one a worker.
fn serve_actix_web(listener: TcpListener, folder: PathBuf) {
    let receiver = actix_web::web::Data::new(receiver!(actix_web_example, folder));
    std::thread::spawn(move || {
        let app = move || {
            actix_web::App::new().configure(|config| actix_web_example::routes(&receiver, config))
        };
        let server = actix_web::HttpServer::new(app).workers(1).disable_signals();
        let server = server.listen(listener).unwrap().run();
        actix_web::rt::System::new().block_on(server).unwrap();
    });
}

/// What a Function URL makes of a request: an event for the function, and an answer of its own.
fn function_url(receiver: lambda_http_example::Receiver) -> axum::Router {
    use base64ct::{Base64, Encoding};

    let receiver = Arc::new(receiver);
    axum::Router::new().fallback(async move |request: axum::extract::Request| {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 6_000_000).await.unwrap();
        let headers = head.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let event = serde_json::json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": head.uri.path(),
            "rawQueryString": "",
            "headers": headers.collect::<std::collections::BTreeMap<_, _>>(),
            "requestContext": {
                "accountId": "anonymous", "apiId": "made-up", "domainName": "made-up.lambda-url",
                "domainPrefix": "made-up", "requestId": "made-up", "routeKey": "$default",
                "stage": "$default", "time": "14/Nov/2023:22:13:20 +0000", "timeEpoch": 1_700_000_000_000_u64,
                "http": {
                    "method": head.method.as_str(), "path": head.uri.path(), "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1", "userAgent": "made-up",
                },
            },
            "body": Base64::encode_string(&body),
            "isBase64Encoded": true,
        });
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        lambda_http_example::callbacks(&receiver, request).await.unwrap()
    })
}

/// A request as Sinch would send it, signed at `at`.
fn signed(body: &[u8], nonce: &str, at: u64) -> Vec<u8> {
    let signer = Signer::new(Secret::new(SECRET).unwrap());
    let signed = signer.sign(body, nonce, UnixSeconds::new(at)).unwrap();
    let mut request = format!(
        "POST /callbacks HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in signed.headers() {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut request = request.into_bytes();
    request.extend_from_slice(body);
    request
}

/// Sends a request, and gives the answer's status and its code; nothing where there is no answer.
fn send(address: SocketAddr, request: &[u8]) -> Option<(u16, String)> {
    answer_to(address, request, false)
}

/// The same for a sender that says that nothing more will come.
fn send_part(address: SocketAddr, request: &[u8]) -> Option<(u16, String)> {
    answer_to(address, request, true)
}

fn answer_to(address: SocketAddr, request: &[u8], ends: bool) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(request).unwrap();
    if ends {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.get(9..12)?.parse().ok()?;
    let code = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-sinch-callback: "))
        .unwrap_or_default();
    Some((status, code.to_owned()))
}

/// Delivers one callback as Sinch does: the same request again and again, 5 s after the first failure,
/// then twice as long each time, up to 22 h 45 min; and never after a 2xx, or a 4xx but 429. Gives
/// the seconds after which it was accepted.
fn deliver(address: SocketAddr, request: &[u8], before: impl Fn(u32)) -> Option<u64> {
    CLOCK.store(NOW, Ordering::SeqCst);
    let mut waited = 0;
    for attempt in 0..15 {
        before(attempt);
        match send(address, request) {
            Some((200..300, _)) => return Some(waited),
            Some((429 | 500.., _)) | None => {}
            Some((status, code)) => panic!("a genuine callback was answered {status} {code}"),
        }
        let wait = 5 << attempt;
        waited += wait;
        CLOCK.fetch_add(wait, Ordering::SeqCst);
    }
    None
}

const REPORT: &str = r#"{"message_delivery_report":{"message_id":"m-1","status":"DELIVERED"}}"#;

fn a_callback_outlasts_every_outage_that_sinch_s_retries_do(framework: Framework) {
    let started = Started::new(framework);
    let mut accepted_after = Vec::new();
    for failures in 0..15 {
        let body = REPORT.replace("m-1", &format!("m-{failures}"));
        let request = signed(body.as_bytes(), &format!("nonce-{failures}"), NOW);
        let outage = |attempt| started.set_writable(attempt >= failures);
        accepted_after.push(deliver(started.address, &request, outage).unwrap());
    }
    // The sixth retry comes 315 s after the first attempt, the last one after 22 h 45 min.
    assert_eq!(accepted_after[6], 315);
    assert_eq!(accepted_after[14], 81_915);
    assert_eq!(started.kept().1, 15);
}

fn what_is_authentic_is_kept_whatever_it_says(framework: Framework) {
    let started = Started::new(framework);
    let large = format!(r#"{{"of_tomorrow":"{}"}}"#, "x".repeat(2_000_000));
    let bodies: [&[u8]; 7] = [
        br#"{"something_of_tomorrow":{"id":"1"}}"#,
        br#"{"message_delivery_report":{"status":"DELIVERED"}}"#,
        br#"{"message_delivery_report":{"message_id":"m","status":"TELEPORTED"}}"#,
        b"[]",
        b"not JSON \xff",
        b"",
        large.as_bytes(),
    ];
    for (number, body) in bodies.iter().enumerate() {
        let request = signed(body, &format!("nonce-{number}"), NOW);
        assert_eq!(deliver(started.address, &request, |_| {}), Some(0));
        // A copy of it changes nothing.
        let again = send(started.address, &request);
        assert_eq!(again, Some((200, "accepted".to_owned())));
    }
    let bodies = bodies.map(<[u8]>::to_vec);
    assert_eq!(started.kept(), (bodies.into_iter().collect(), 7));
}

fn a_clock_that_is_wrong_loses_nothing_and_a_forgery_is_refused(framework: Framework) {
    let started = Started::new(framework);
    // Sinch's clock is 15 minutes ahead: the retry after 635 s is within the window.
    let request = signed(REPORT.as_bytes(), "nonce-ahead", NOW + 900);
    assert_eq!(deliver(started.address, &request, |_| {}), Some(635));
    let mut forged = signed(REPORT.as_bytes(), "nonce-forged", NOW);
    let last = forged.len() - 3;
    forged[last] ^= 1;
    let refused = send(started.address, &forged);
    assert_eq!(refused, Some((401, "signature_mismatch".to_owned())));
    let late = signed(REPORT.as_bytes(), "nonce-late", NOW - 86_401);
    CLOCK.store(NOW, Ordering::SeqCst);
    assert_eq!(
        send(started.address, &late),
        Some((401, "stale".to_owned()))
    );
    assert_eq!(started.kept().1, 1);
}

fn a_body_that_breaks_off_is_503_and_its_retry_is_accepted(framework: Framework) {
    let started = Started::new(framework);
    let request = signed(REPORT.as_bytes(), "nonce-broken", NOW);
    let broken = Some((503, "request_broken".to_owned()));
    let part = &request[..request.len() - 10];
    assert_eq!(send_part(started.address, part), broken);
    // In chunks, of which one has no length.
    let text = String::from_utf8(request.clone()).unwrap();
    let length = format!("content-length: {}", REPORT.len());
    let chunked = text
        .replace(&length, "transfer-encoding: chunked")
        .replace(REPORT, "5\r\n{\"mes\r\nnonsense\r\n");
    assert_eq!(send_part(started.address, chunked.as_bytes()), broken);
    assert_eq!(started.kept().1, 0);
    let retried = send(started.address, &request);
    assert_eq!(retried, Some((200, "accepted".to_owned())));
}

/// The tests of each example.
macro_rules! receivers {
    ($($name:ident: $framework:ident: $($test:ident)*;)*) => {$(
        mod $name {
            $(#[test]
            fn $test() {
                super::$test(super::Framework::$framework);
            })*
        }
    )*};
}

receivers! {
    on_actix_web: ActixWeb:
        a_callback_outlasts_every_outage_that_sinch_s_retries_do
        what_is_authentic_is_kept_whatever_it_says
        a_clock_that_is_wrong_loses_nothing_and_a_forgery_is_refused
        a_body_that_breaks_off_is_503_and_its_retry_is_accepted;
    on_axum: Axum:
        a_callback_outlasts_every_outage_that_sinch_s_retries_do
        what_is_authentic_is_kept_whatever_it_says
        a_clock_that_is_wrong_loses_nothing_and_a_forgery_is_refused
        a_body_that_breaks_off_is_503_and_its_retry_is_accepted;
    on_hyper: Hyper:
        a_callback_outlasts_every_outage_that_sinch_s_retries_do
        what_is_authentic_is_kept_whatever_it_says
        a_clock_that_is_wrong_loses_nothing_and_a_forgery_is_refused
        a_body_that_breaks_off_is_503_and_its_retry_is_accepted;
    // Its requests come whole: a Function URL answers what breaks off.
    on_lambda_http: LambdaHttp:
        a_callback_outlasts_every_outage_that_sinch_s_retries_do
        what_is_authentic_is_kept_whatever_it_says
        a_clock_that_is_wrong_loses_nothing_and_a_forgery_is_refused;
}
