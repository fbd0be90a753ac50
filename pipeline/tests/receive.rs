//! The first use case, with plain structs for ports.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use core::fmt;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use sinch_callback::{
    MemoryReplayGuard, Rejection, Secret, SecretRing, SignedHeaders, Signer, UnixSeconds, Window,
};
use sinch_callback_pipeline::{
    Arrival, Envelope, Handoff, OnMismatch, Policy, Receiver, Reread, SecretSource, Verdict,
};

const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

/// What a port says when it is told to fail.
#[derive(Debug)]
struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

/// A source whose secret can change behind the cache.
struct Secrets {
    cached: Option<Arc<SecretRing>>,
    stored: Option<Arc<SecretRing>>,
    unavailable: bool,
    reads: AtomicU32,
}

fn ring(secret: &str) -> Arc<SecretRing> {
    Arc::new(Secret::new(secret).unwrap().into())
}

impl Secrets {
    fn of(secret: &str) -> Self {
        Self {
            cached: Some(ring(secret)),
            stored: None,
            unavailable: false,
            reads: AtomicU32::new(0),
        }
    }
}

impl SecretSource for Secrets {
    type Error = Down;

    async fn current(&self, _now: UnixSeconds) -> Result<Arc<SecretRing>, Down> {
        self.cached.clone().ok_or(Down)
    }

    async fn reread(&self, _now: UnixSeconds) -> Reread {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.unavailable {
            return Reread::Unavailable;
        }
        self.stored.clone().map_or(Reread::Recent, Reread::Read)
    }
}

/// A queue that keeps what it is given, or fails.
#[derive(Default)]
struct Queue {
    failures: AtomicU32,
    /// Hand-offs that never come to an end, before the others.
    hangs: AtomicU32,
    taken: Mutex<Vec<String>>,
}

impl Handoff for &Queue {
    type Error = Down;

    async fn send(&self, envelope: Envelope<'_>) -> Result<(), Down> {
        if take_one(&self.hangs) {
            core::future::pending::<()>().await;
        }
        if take_one(&self.failures) {
            return Err(Down);
        }
        self.taken.lock().unwrap().push(envelope.encode());
        Ok(())
    }
}

/// Takes one off the number, if there is one left.
fn take_one(number: &AtomicU32) -> bool {
    number
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .is_ok()
}

/// A callback with its headers, as it was signed.
struct Callback {
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn callback(secret: &str, body: &str, nonce: &str, at: UnixSeconds) -> Callback {
    let signer = Signer::new(Secret::new(secret).unwrap());
    let signed = signer.sign(body.as_bytes(), nonce, at).unwrap();
    let headers = signed.headers();
    Callback {
        headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
        body: body.to_owned(),
    }
}

impl Callback {
    fn arrival(&self, now: UnixSeconds) -> Arrival<'_> {
        let pairs = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        Arrival {
            headers: SignedHeaders::collect(pairs),
            body: self.body.as_bytes(),
            now,
            request_id: "request-1",
        }
    }
}

const REPORT: &str = r#"{"message_delivery_report":{"message_id":"msg-1","status":"DELIVERED"}}"#;

#[tokio::test]
async fn an_authentic_callback_is_handed_off_with_its_keys_and_its_group() {
    let (secrets, queue) = (Secrets::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let callback = callback("made-up", REPORT, "n1", NOW);
    let verdict = receiver.receive(callback.arrival(NOW)).await;
    assert!(matches!(
        verdict,
        Verdict::HandedOff {
            secret_slot: 0,
            age_secs: 0,
            ..
        }
    ));
    let taken = queue.taken.lock().unwrap();
    let envelope = Envelope::decode(&taken[0]).unwrap();
    assert_eq!(envelope.kind, "message_delivery");
    assert_eq!(envelope.group, "msg-1");
    assert_eq!(envelope.body, REPORT.as_bytes());
    assert_eq!(envelope.request_id, "request-1");
}

#[tokio::test]
async fn an_authentic_body_that_nobody_understands_is_handed_off_too() {
    let (secrets, queue) = (Secrets::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let callback = callback("made-up", "not json", "n1", NOW);
    assert_eq!(
        receiver.receive(callback.arrival(NOW)).await.http_status(),
        200
    );
    let taken = queue.taken.lock().unwrap();
    let envelope = Envelope::decode(&taken[0]).unwrap();
    assert_eq!(envelope.kind, "unrecognized");
    assert_eq!(envelope.group, envelope.content_key.to_string());
}

#[tokio::test]
async fn a_forgery_is_refused_and_reaches_no_queue() {
    let (secrets, queue) = (Secrets::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let forged = callback("made-up-other", REPORT, "n1", NOW);
    let verdict = receiver.receive(forged.arrival(NOW)).await;
    assert!(matches!(
        verdict,
        Verdict::Refused(Rejection::SignatureMismatch)
    ));
    assert_eq!(secrets.reads.load(Ordering::Relaxed), 1);
    assert!(queue.taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_secret_that_has_changed_behind_the_cache_is_found_by_reading_again() {
    let mut secrets = Secrets::of("made-up-old");
    secrets.stored = Some(ring("made-up-new"));
    let queue = Queue::default();
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let callback = callback("made-up-new", REPORT, "n1", NOW);
    assert_eq!(
        receiver.receive(callback.arrival(NOW)).await.code(),
        "accepted"
    );
}

#[tokio::test]
async fn a_mismatch_while_the_secrets_cannot_be_read_again_is_503() {
    let mut secrets = Secrets::of("made-up-old");
    secrets.unavailable = true;
    let queue = Queue::default();
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let callback = callback("made-up-new", REPORT, "n1", NOW);
    let verdict = receiver.receive(callback.arrival(NOW)).await;
    assert_eq!(
        (verdict.http_status(), verdict.code()),
        (503, "signature_mismatch")
    );
}

#[tokio::test]
async fn what_is_stale_drives_no_reading_of_secrets() {
    let (secrets, queue) = (Secrets::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let day_old = UnixSeconds::new(NOW.get() - 86_401);
    let stale = callback("made-up", REPORT, "n1", day_old);
    assert_eq!(receiver.receive(stale.arrival(NOW)).await.code(), "stale");
    assert_eq!(secrets.reads.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn without_a_secret_the_answer_is_503() {
    let mut secrets = Secrets::of("made-up");
    secrets.cached = None;
    let queue = Queue::default();
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let callback = callback("made-up", REPORT, "n1", NOW);
    let verdict = receiver.receive(callback.arrival(NOW)).await;
    assert_eq!(
        (verdict.http_status(), verdict.code()),
        (503, "secret_unavailable")
    );
}

#[tokio::test]
async fn a_retry_after_our_own_failure_is_handed_off_and_a_replay_after_success_is_not() {
    let (secrets, queue) = (Secrets::of("made-up"), Queue::default());
    queue.failures.store(2, Ordering::Relaxed);
    let guard = MemoryReplayGuard::new(16, Window::LOGGED.memory_secs());
    let receiver = Receiver::new(&secrets, &queue, Policy::default()).with_guard(guard);
    let callback = callback("made-up", REPORT, "n1", NOW);
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(receiver.receive(callback.arrival(NOW)).await.code());
    }
    let expected = [
        "handoff_unavailable",
        "handoff_unavailable",
        "accepted",
        "duplicate",
    ];
    assert_eq!(codes, expected);
    assert_eq!(queue.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_copy_of_a_callback_whose_fate_is_not_known_is_handed_off_and_not_called_a_duplicate() {
    let (secrets, queue) = (Secrets::of("made-up"), Queue::default());
    queue.hangs.store(1, Ordering::Relaxed);
    let guard = MemoryReplayGuard::new(16, Window::LOGGED.memory_secs());
    let receiver = Receiver::new(&secrets, &queue, Policy::default()).with_guard(guard);
    let callback = callback("made-up", REPORT, "n1", NOW);
    // The first sender goes away while its callback is being handed off.
    tokio::select! {
        biased;
        verdict = receiver.receive(callback.arrival(NOW)) => panic!("{verdict:?}"),
        () = core::future::ready(()) => {}
    }
    let codes = [
        receiver.receive(callback.arrival(NOW)).await.code(),
        receiver.receive(callback.arrival(NOW)).await.code(),
    ];
    assert_eq!(codes, ["accepted", "duplicate"]);
}

#[tokio::test]
async fn a_malformed_callback_is_refused_before_any_secret_is_asked_for() {
    let mut secrets = Secrets::of("made-up");
    secrets.cached = None;
    let queue = Queue::default();
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let mut callback = callback("made-up", REPORT, "n1", NOW);
    callback.headers.remove(0);
    assert_eq!(
        receiver.receive(callback.arrival(NOW)).await.code(),
        "missing_header"
    );
}

#[tokio::test]
async fn a_mismatch_that_is_to_be_deferred_is_503_and_every_other_refusal_stays_what_it_is() {
    let (secrets, queue) = (Secrets::of("mistaken"), Queue::default());
    let policy = Policy {
        on_mismatch: OnMismatch::Defer,
        ..Policy::default()
    };
    let receiver = Receiver::new(&secrets, &queue, policy);
    let genuine = callback("right", REPORT, "n", NOW);
    let verdict = receiver.receive(genuine.arrival(NOW)).await;
    assert!(matches!(
        verdict,
        Verdict::Deferred(Rejection::SignatureMismatch)
    ));
    assert_eq!(
        (verdict.http_status(), verdict.code()),
        (503, "signature_mismatch")
    );
    let stale = callback("mistaken", REPORT, "n", UnixSeconds::new(1));
    let verdict = receiver.receive(stale.arrival(NOW)).await;
    assert_eq!((verdict.http_status(), verdict.code()), (401, "stale"));
    assert!(queue.taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_authentic_and_ahead_of_our_clock_is_503_and_taken_once_the_clock_is_right() {
    let (secrets, queue) = (Secrets::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Policy::default());
    let quarter = UnixSeconds::new(NOW.get() + 900);
    let genuine = callback("made-up", REPORT, "n1", quarter);
    let verdict = receiver.receive(genuine.arrival(NOW)).await;
    assert!(matches!(
        verdict,
        Verdict::Deferred(Rejection::FromFuture {
            ahead_secs: 900,
            max_ahead_secs: 300
        })
    ));
    assert_eq!(
        (verdict.http_status(), verdict.code()),
        (503, "from_future")
    );
    // The retry, sent as it was ten minutes later.
    let later = UnixSeconds::new(NOW.get() + 600);
    assert_eq!(
        receiver.receive(genuine.arrival(later)).await.code(),
        "accepted"
    );
    // Its nearest twin, which nobody signed who knows the secret, is refused for good.
    let forged = callback("another", REPORT, "n2", quarter);
    let verdict = receiver.receive(forged.arrival(NOW)).await;
    assert_eq!(
        (verdict.http_status(), verdict.code()),
        (401, "signature_mismatch")
    );
}
