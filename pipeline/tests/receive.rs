//! The first use case, with plain structs for ports.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use core::{fmt, time::Duration};
use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use sinch_callback::{
    Answer, MemoryReplayGuard, OnMismatch, Rejection, RingVersion, Rules, Secret, SecretRing,
    SignedHeaders, Signer, UnixSeconds, Window,
};
use sinch_callback_pipeline::{
    Arrival, Envelope, Handoff, Receiver, Refresh, SecretSource, Secrets,
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

/// A source of which every answer is laid down.
struct Source {
    at_hand: Option<Secrets>,
    /// What each refresh gives, one after the other; the last one for good.
    refreshes: Mutex<Vec<Refresh>>,
    /// The versions that were said to have been judged with.
    judged: Mutex<Vec<RingVersion>>,
}

fn read(secret: &str, read_at: UnixSeconds) -> Secrets {
    Secrets::new(SecretRing::from(Secret::new(secret).unwrap()), read_at)
}

impl Source {
    fn of(secret: &str) -> Self {
        Self {
            at_hand: Some(read(secret, NOW)),
            refreshes: Mutex::new(vec![Refresh::Unchanged]),
            judged: Mutex::default(),
        }
    }

    fn then(mut self, refreshes: impl Into<Vec<Refresh>>) -> Self {
        self.refreshes = Mutex::new(refreshes.into());
        self
    }

    fn refreshed(&self) -> usize {
        self.judged.lock().unwrap().len()
    }
}

impl SecretSource for Source {
    type Error = Down;

    async fn current(&self, _now: UnixSeconds) -> Result<Secrets, Down> {
        self.at_hand.clone().ok_or(Down)
    }

    async fn refresh(&self, judged: RingVersion, _now: UnixSeconds) -> Refresh {
        self.judged.lock().unwrap().push(judged);
        let mut refreshes = self.refreshes.lock().unwrap();
        match refreshes.len() {
            1 => refreshes[0].clone(),
            _ => refreshes.remove(0),
        }
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

impl Handoff for Queue {
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
        let headers = SignedHeaders::collect(pairs);
        Arrival::new(headers, self.body.as_bytes(), now, "request-1")
    }
}

const REPORT: &str = r#"{"message_delivery_report":{"message_id":"msg-1","status":"DELIVERED"}}"#;

#[tokio::test]
async fn an_authentic_callback_is_handed_off_with_its_keys_and_its_group() {
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let callback = callback("made-up", REPORT, "n1", NOW);
    let verdict = receiver.receive(callback.arrival(NOW)).await;
    assert_eq!(verdict.answer, Answer::ACCEPTED);
    assert_eq!(verdict.age, Some(Duration::ZERO));
    let taken = queue.taken.lock().unwrap();
    let envelope = Envelope::decode(&taken[0]).unwrap();
    let handed_off = verdict.handed_off.unwrap();
    assert_eq!(handed_off.secret_slot.index(), 0);
    assert_eq!(handed_off.content_key, envelope.content_key());
    assert_eq!(envelope.kind(), "message_delivery");
    assert_eq!(envelope.group(), "msg-1");
    assert_eq!(envelope.body(), REPORT.as_bytes());
    assert_eq!(envelope.request_id(), "request-1");
}

#[tokio::test]
async fn an_authentic_body_that_nobody_understands_is_handed_off_too() {
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let callback = callback("made-up", "not json", "n1", NOW);
    assert_eq!(
        receiver
            .receive(callback.arrival(NOW))
            .await
            .answer
            .status(),
        200
    );
    let taken = queue.taken.lock().unwrap();
    let envelope = Envelope::decode(&taken[0]).unwrap();
    assert_eq!(envelope.kind(), "unrecognized");
    assert_eq!(envelope.group(), envelope.content_key().to_string());
}

#[tokio::test]
async fn a_forgery_is_refused_and_reaches_no_queue() {
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let forged = callback("made-up-other", REPORT, "n1", NOW);
    let verdict = receiver.receive(forged.arrival(NOW)).await;
    assert_eq!(verdict.answer, Answer::SIGNATURE_MISMATCH);
    assert_eq!((verdict.age, verdict.handed_off), (None, None));
    assert_eq!(secrets.refreshed(), 1);
    assert!(queue.taken.lock().unwrap().is_empty());
}

/// What a callback gets that was signed with "made-up-new" at this moment.
async fn told(secrets: &Source, signed_at: UnixSeconds) -> (u16, &'static str) {
    let queue = Queue::default();
    let receiver = Receiver::new(secrets, &queue, Rules::LOGGED);
    let callback = callback("made-up-new", REPORT, "n1", signed_at);
    let verdict = receiver.receive(callback.arrival(NOW)).await;
    (verdict.answer.status(), verdict.answer.code())
}

#[tokio::test]
async fn a_callback_is_judged_again_with_newer_secrets_twice_at_most() {
    let newer = |secret| Refresh::Newer(read(secret, NOW));
    for (refreshes, expected, asked) in [
        (vec![newer("made-up-new")], (200, "accepted"), 1),
        (
            vec![newer("made-up-other"), newer("made-up-new")],
            (200, "accepted"),
            2,
        ),
        (
            vec![newer("a"), newer("b"), newer("made-up-new")],
            (503, "secret_may_be_newer"),
            2,
        ),
        (
            vec![newer("made-up-other"), Refresh::Unchanged],
            (401, "signature_mismatch"),
            2,
        ),
    ] {
        let secrets = Source::of("made-up-old").then(refreshes);
        assert_eq!(told(&secrets, NOW).await, expected);
        assert_eq!(secrets.refreshed(), asked);
    }
}

#[tokio::test]
async fn each_refresh_is_told_which_secrets_were_judged_with() {
    let newer = read("made-up-other", NOW);
    let version = newer.version;
    let refreshes = [Refresh::Newer(newer), Refresh::Unchanged];
    let secrets = Source::of("made-up-old").then(refreshes);
    let _ = told(&secrets, NOW).await;
    let judged = secrets.judged.lock().unwrap();
    assert_eq!(*judged, [read("made-up-old", NOW).version, version]);
}

#[tokio::test]
async fn a_mismatch_in_the_pause_is_final_only_for_what_was_signed_well_before_the_read() {
    let at = |ago| UnixSeconds::new(NOW.get() - ago);
    let read_at = at(20);
    for (signed_at, expected) in [
        (at(0), (503, "secret_may_be_newer")),
        (at(20), (503, "secret_may_be_newer")),
        (at(80), (503, "secret_may_be_newer")),
        (at(81), (401, "signature_mismatch")),
    ] {
        let secrets = Source::of("made-up-old").then([Refresh::Recent { read_at }]);
        assert_eq!(told(&secrets, signed_at).await, expected);
    }
}

#[tokio::test]
async fn while_a_read_is_under_way_or_has_failed_a_mismatch_is_no_verdict() {
    for (refresh, code) in [
        (Refresh::UnderWay, "secret_may_be_newer"),
        (Refresh::Unavailable, "secret_unavailable"),
    ] {
        let secrets = Source::of("made-up-old").then([refresh]);
        let long_ago = UnixSeconds::new(NOW.get() - 3_600);
        assert_eq!(told(&secrets, long_ago).await, (503, code));
    }
}

#[tokio::test]
async fn what_is_stale_drives_no_reading_of_secrets() {
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let day_old = UnixSeconds::new(NOW.get() - 86_401);
    let stale = callback("made-up", REPORT, "n1", day_old);
    assert_eq!(
        receiver.receive(stale.arrival(NOW)).await.answer.code(),
        "stale"
    );
    assert_eq!(secrets.refreshed(), 0);
}

#[tokio::test]
async fn without_a_secret_the_answer_is_503() {
    let mut secrets = Source::of("made-up");
    secrets.at_hand = None;
    let queue = Queue::default();
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let callback = callback("made-up", REPORT, "n1", NOW);
    let verdict = receiver.receive(callback.arrival(NOW)).await;
    assert_eq!(
        (verdict.answer.status(), verdict.answer.code()),
        (503, "secret_unavailable")
    );
}

#[tokio::test]
async fn a_retry_after_our_own_failure_is_handed_off_and_a_replay_after_success_is_not() {
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    queue.failures.store(2, Ordering::Relaxed);
    let guard = MemoryReplayGuard::covering(Window::LOGGED, 16);
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED).with_guard(guard);
    let callback = callback("made-up", REPORT, "n1", NOW);
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(receiver.receive(callback.arrival(NOW)).await.answer.code());
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
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    queue.hangs.store(1, Ordering::Relaxed);
    let guard = MemoryReplayGuard::covering(Window::LOGGED, 16);
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED).with_guard(guard);
    let callback = callback("made-up", REPORT, "n1", NOW);
    // The first sender goes away while its callback is being handed off.
    tokio::select! {
        biased;
        verdict = receiver.receive(callback.arrival(NOW)) => panic!("{verdict:?}"),
        () = core::future::ready(()) => {}
    }
    let codes = [
        receiver.receive(callback.arrival(NOW)).await.answer.code(),
        receiver.receive(callback.arrival(NOW)).await.answer.code(),
    ];
    assert_eq!(codes, ["accepted", "duplicate"]);
}

/// A queue whose first hand-off waits to be told to go on, and whose others fail.
#[derive(Default)]
struct Slow {
    sent: AtomicU32,
    go_on: tokio::sync::Notify,
}

impl Handoff for Slow {
    type Error = Down;

    async fn send(&self, _envelope: Envelope<'_>) -> Result<(), Down> {
        match self.sent.fetch_add(1, Ordering::Relaxed) {
            0 => {
                self.go_on.notified().await;
                Ok(())
            }
            _ => Err(Down),
        }
    }
}

#[tokio::test]
async fn a_copy_in_flight_that_fails_releases_nothing_of_the_copy_that_succeeds() {
    let (secrets, queue) = (Source::of("made-up"), Slow::default());
    let guard = MemoryReplayGuard::covering(Window::LOGGED, 16);
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED).with_guard(guard);
    let callback = callback("made-up", REPORT, "n1", NOW);
    let copies = async {
        let mut codes = Vec::new();
        // Two copies while the first is under way: where the second took its claim back, the third
        // would be the first again.
        for _ in 0..2 {
            codes.push(receiver.receive(callback.arrival(NOW)).await.answer.code());
        }
        queue.go_on.notify_one();
        codes
    };
    let (first, copies) = tokio::join!(receiver.receive(callback.arrival(NOW)), copies);
    assert_eq!(first.answer, Answer::ACCEPTED);
    assert_eq!(copies, ["handoff_unavailable", "handoff_unavailable"]);
    let replay = receiver.receive(callback.arrival(NOW)).await;
    assert_eq!(replay.answer, Answer::DUPLICATE);
    assert_eq!(queue.sent.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_fails_inside_is_told_the_log_and_not_the_sender() {
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    queue.failures.store(1, Ordering::Relaxed);
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let genuine = callback("made-up", REPORT, "n1", NOW);
    let verdict = receiver.receive(genuine.arrival(NOW)).await;
    assert_eq!(verdict.cause.unwrap().to_string(), "down");
    assert_eq!(
        verdict.answer.detail().to_string(),
        "the callback cannot be stored at present"
    );
}

#[tokio::test]
async fn a_malformed_callback_is_refused_before_any_secret_is_asked_for() {
    let mut secrets = Source::of("made-up");
    secrets.at_hand = None;
    let queue = Queue::default();
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let mut callback = callback("made-up", REPORT, "n1", NOW);
    callback.headers.remove(0);
    assert_eq!(
        receiver.receive(callback.arrival(NOW)).await.answer.code(),
        "missing_header"
    );
}

#[tokio::test]
async fn a_mismatch_that_is_to_be_deferred_is_503_and_every_other_refusal_stays_what_it_is() {
    let (secrets, queue) = (Source::of("mistaken"), Queue::default());
    let rules = Rules::LOGGED.with_on_mismatch(OnMismatch::Defer);
    let receiver = Receiver::new(&secrets, &queue, rules);
    let genuine = callback("right", REPORT, "n", NOW);
    let verdict = receiver.receive(genuine.arrival(NOW)).await;
    assert_eq!(verdict.answer, Answer::MISMATCH_DEFERRED);
    assert_eq!(
        (verdict.answer.status(), verdict.answer.code()),
        (503, "signature_mismatch")
    );
    let stale = callback("mistaken", REPORT, "n", UnixSeconds::new(1));
    let verdict = receiver.receive(stale.arrival(NOW)).await;
    assert_eq!(
        (verdict.answer.status(), verdict.answer.code()),
        (401, "stale")
    );
    assert!(queue.taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_authentic_and_ahead_of_our_clock_is_503_and_taken_once_the_clock_is_right() {
    let (secrets, queue) = (Source::of("made-up"), Queue::default());
    let receiver = Receiver::new(&secrets, &queue, Rules::LOGGED);
    let quarter = UnixSeconds::new(NOW.get() + 900);
    let genuine = callback("made-up", REPORT, "n1", quarter);
    let verdict = receiver.receive(genuine.arrival(NOW)).await;
    let early = Rejection::FromFuture {
        ahead: Duration::from_secs(900),
        max_ahead: Duration::from_secs(300),
    };
    assert_eq!(verdict.answer.rejection(), Some(early));
    assert_eq!(
        (verdict.answer.status(), verdict.answer.code()),
        (503, "from_future")
    );
    // The retry, sent as it was ten minutes later.
    let later = UnixSeconds::new(NOW.get() + 600);
    assert_eq!(
        receiver.receive(genuine.arrival(later)).await.answer.code(),
        "accepted"
    );
    // Its nearest twin, which nobody signed who knows the secret, is refused for good.
    let forged = callback("another", REPORT, "n2", quarter);
    let verdict = receiver.receive(forged.arrival(NOW)).await;
    assert_eq!(
        (verdict.answer.status(), verdict.answer.code()),
        (401, "signature_mismatch")
    );
}
