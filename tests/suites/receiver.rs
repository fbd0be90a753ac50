//! The receiver of core/examples/axum.rs, run against a sender that retries as Sinch does.

use std::{
    collections::{HashMap, HashSet},
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sinch_callback::{ContentKey, Secret, SecretRing, Signer, UnixSeconds};

#[path = "../../core/examples/axum.rs"]
#[allow(dead_code, reason = "a test starts the receiver in its own way")]
mod published;

const SECRET: &str = "made-up-secret-for-the-published-receiver";
const NOW: u64 = 1_700_000_000;

/// The receiver's clock, which the sender moves.
static CLOCK: AtomicU64 = AtomicU64::new(NOW);
/// The tests share the clock, so they take turns.
static TURN: Mutex<()> = Mutex::new(());

#[derive(Clone, Default)]
struct Table {
    rows: Arc<Mutex<HashMap<ContentKey, Vec<u8>>>>,
    /// How many of the next writes fail.
    failures: Arc<AtomicU64>,
}

impl published::Store for Table {
    async fn put(
        &self,
        key: ContentKey,
        body: &[u8],
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let left = self.failures.load(Ordering::SeqCst);
        if left > 0 {
            self.failures.store(left - 1, Ordering::SeqCst);
            return Err("the store is down".into());
        }
        self.rows.lock().unwrap().insert(key, body.to_vec());
        Ok(())
    }
}

/// The receiver on a free port, for as long as the runtime lives.
fn start(runtime: &tokio::runtime::Runtime, table: &Table) -> SocketAddr {
    let secrets = SecretRing::from(Secret::new(SECRET).unwrap());
    let app = published::app(secrets, table.clone(), || {
        UnixSeconds::new(CLOCK.load(Ordering::SeqCst))
    });
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, app).await });
    address
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
/// the seconds after which it was taken.
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

#[test]
fn a_callback_outlasts_every_outage_that_sinch_s_retries_do() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let table = Table::default();
    let address = start(&runtime, &table);
    let mut taken_after = Vec::new();
    for failures in 0..15 {
        table.failures.store(failures, Ordering::SeqCst);
        let body = REPORT.replace("m-1", &format!("m-{failures}"));
        let request = signed(body.as_bytes(), &format!("nonce-{failures}"), NOW);
        taken_after.push(deliver(address, &request, |_| {}).unwrap());
    }
    // The sixth retry comes 315 s after the first attempt, the last one after 22 h 45 min.
    assert_eq!(taken_after[6], 315);
    assert_eq!(taken_after[14], 81_915);
    assert_eq!(table.rows.lock().unwrap().len(), 15);
}

#[test]
fn what_is_authentic_is_kept_whatever_it_says() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let table = Table::default();
    let address = start(&runtime, &table);
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
        assert_eq!(deliver(address, &request, |_| {}), Some(0));
        // A copy of it changes nothing.
        assert_eq!(send(address, &request), Some((200, "accepted".to_owned())));
    }
    let rows = table.rows.lock().unwrap();
    let kept: HashSet<&[u8]> = rows.values().map(Vec::as_slice).collect();
    assert_eq!(kept, bodies.into_iter().collect());
}

#[test]
fn a_body_that_breaks_off_is_503_and_its_retry_is_taken() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let table = Table::default();
    let address = start(&runtime, &table);
    CLOCK.store(NOW, Ordering::SeqCst);
    let request = signed(REPORT.as_bytes(), "nonce-broken", NOW);
    let broken = Some((503, "request_broken".to_owned()));
    let part = &request[..request.len() - 10];
    assert_eq!(send_part(address, part), broken);
    // In chunks, of which one has no length.
    let text = String::from_utf8(request.clone()).unwrap();
    let length = format!("content-length: {}", REPORT.len());
    let chunked = text
        .replace(&length, "transfer-encoding: chunked")
        .replace(REPORT, "5\r\n{\"mes\r\nnonsense\r\n");
    assert_eq!(send_part(address, chunked.as_bytes()), broken);
    assert!(table.rows.lock().unwrap().is_empty());
    assert_eq!(send(address, &request), Some((200, "accepted".to_owned())));
}

#[test]
fn a_clock_that_is_wrong_loses_nothing_and_a_forgery_is_refused() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let table = Table::default();
    let address = start(&runtime, &table);
    // Sinch's clock is 15 minutes ahead: the retry after 635 s is within the window.
    let request = signed(REPORT.as_bytes(), "nonce-ahead", NOW + 900);
    assert_eq!(deliver(address, &request, |_| {}), Some(635));
    let mut forged = signed(REPORT.as_bytes(), "nonce-forged", NOW);
    let last = forged.len() - 3;
    forged[last] ^= 1;
    assert_eq!(
        send(address, &forged),
        Some((401, "signature_mismatch".to_owned()))
    );
    assert_eq!(table.rows.lock().unwrap().len(), 1);
}
