//! A receiver of each scheme, and what it hands off.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use core::{convert::Infallible, time::Duration};
use std::sync::Mutex;

use sinch_callback::{
    Answer, MemoryReplayGuard, ReplayGuard, Ring, Rules, UnixSeconds, Window,
    scheme::{
        AnyScheme, Mailgun, Request, Scheme, SchemeName, SchemeSigner, SignedRequest, ToSign,
    },
};
use sinch_callback_pipeline::{
    Arrival, Envelope, FixedSecrets, Handoff, NoReplayGuard, Receiver, Verdict,
};

const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);
const BODY: &[u8] = br#"{"event":"dice","callid":"c","timestamp":"2023-11-14T22:13:20Z"}"#;
/// In base64 so that every scheme reads it as a key.
const SECRET: &str = "bWFkZS11cC1zZWNyZXQtb2YtYS10ZXN0";
const OTHER: &str = "b3RoZXItbWFkZS11cC1zZWNyZXQtb2YtYS10ZXN0";

fn at(offset: u64) -> UnixSeconds {
    UnixSeconds::new(NOW.get() + offset)
}

/// Every scheme that signs with a secret, under a made-up key where it names one.
fn schemes() -> impl Iterator<Item = AnyScheme> {
    let names = SchemeName::ALL.iter().copied();
    names
        .filter(|name| name.shares_secret())
        .map(|name| AnyScheme::new(name, name.names_key().then_some("made-up-key")).unwrap())
}

fn mailgun() -> AnyScheme {
    AnyScheme::Mailgun(Mailgun)
}

#[derive(Default)]
struct Queue(Mutex<Vec<String>>);

impl Handoff for Queue {
    type Error = Infallible;

    async fn send(&self, envelope: Envelope<'_>) -> Result<(), Infallible> {
        self.0.lock().unwrap().push(envelope.encode());
        Ok(())
    }
}

fn signed(scheme: AnyScheme, secret: &str, body: &[u8], at: UnixSeconds) -> SignedRequest {
    let signer = SchemeSigner::new(scheme, secret.as_bytes()).unwrap();
    let nonce = "0".repeat(signer.nonce_chars());
    let request = Request::post("/callbacks");
    signer
        .sign(&ToSign::new(request, body, &nonce, at))
        .unwrap()
}

fn receiver(
    scheme: AnyScheme,
    queue: &Queue,
    rules: Rules,
) -> Receiver<FixedSecrets, &Queue, NoReplayGuard> {
    let ring = Ring::from(scheme.strong_key(SECRET.as_bytes()).unwrap());
    let secrets = FixedSecrets::new(ring);
    Receiver::new(secrets, queue, rules).with_scheme(scheme)
}

async fn receive<G: ReplayGuard + Send>(
    receiver: &Receiver<FixedSecrets, &Queue, G>,
    signed: &SignedRequest,
    path: &str,
    now: UnixSeconds,
) -> Verdict {
    let headers = signed.headers.iter();
    let headers = headers.map(|(name, value)| (*name, value.as_str()));
    let head = receiver.scheme().head(Request::post(path), headers);
    receiver
        .receive(Arrival::new(head, &signed.body, now, "request-1"))
        .await
}

#[tokio::test]
async fn what_a_scheme_signs_is_handed_off_with_its_scheme_and_what_it_promises() {
    for scheme in schemes() {
        let name = scheme.name();
        let queue = Queue::default();
        let receiver = receiver(scheme, &queue, Rules::LOGGED);
        let genuine = signed(scheme, SECRET, BODY, NOW);
        let verdict = receive(&receiver, &genuine, "/callbacks", at(7)).await;
        assert_eq!(verdict.answer, Answer::ACCEPTED, "{name}");
        let age = name.signs_time().then_some(Duration::from_secs(7));
        assert_eq!(verdict.age, age, "{name}");
        let taken = queue.0.lock().unwrap();
        let envelope = Envelope::decode(taken.first().unwrap()).unwrap();
        assert_eq!(envelope.scheme(), name);
        assert_eq!(envelope.body(), genuine.body);
        assert!(!envelope.is_kept());
        // A call has ended, which nobody but Voice may say.
        let kind = if name == SchemeName::Application {
            "voice_disconnected_call"
        } else {
            "unrecognized"
        };
        assert_eq!(envelope.kind(), kind);
    }
}

#[tokio::test]
async fn a_forged_callback_is_refused_by_every_scheme() {
    for scheme in schemes() {
        let queue = Queue::default();
        let receiver = receiver(scheme, &queue, Rules::LOGGED);
        let forged = signed(scheme, OTHER, BODY, NOW);
        let verdict = receive(&receiver, &forged, "/callbacks", NOW).await;
        assert_eq!(verdict.answer, Answer::SIGNATURE_MISMATCH);
        if scheme.name().signs_path() {
            let genuine = signed(scheme, SECRET, BODY, NOW);
            let verdict = receive(&receiver, &genuine, "/rewritten", NOW).await;
            assert_eq!(verdict.answer, Answer::SIGNATURE_MISMATCH);
        }
        assert!(queue.0.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_call_that_waits_for_an_answer_is_not_queued() {
    for scheme in schemes().filter(|scheme| scheme.name().names_key()) {
        let queue = Queue::default();
        let receiver = receiver(scheme, &queue, Rules::LOGGED);
        let ice = signed(scheme, SECRET, br#"{"event":"ice","callid":"c"}"#, NOW);
        let answer = receive(&receiver, &ice, "/callbacks", NOW).await.answer;
        assert_eq!((answer.status(), answer.code()), (422, "answer_expected"));
        assert!(queue.0.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_token_has_one_log_key_whatever_content_stands_beside_it() {
    let queue = Queue::default();
    let receiver = receiver(mailgun(), &queue, Rules::LOGGED);
    let genuine = signed(
        mailgun(),
        SECRET,
        br#"{"event-data":{"event":"opened"}}"#,
        NOW,
    );
    let text = String::from_utf8(genuine.body.clone()).unwrap();
    let mut swapped = genuine.clone();
    swapped.body = text.replace("opened", "failed").into_bytes();
    for callback in [&genuine, &swapped] {
        let verdict = receive(&receiver, callback, "/callbacks", NOW).await;
        assert_eq!(verdict.answer, Answer::ACCEPTED);
    }
    let taken = queue.0.lock().unwrap();
    let keys = taken.iter().map(|text| {
        let envelope = Envelope::decode(text).unwrap();
        (envelope.content_key(), envelope.replay_key())
    });
    let keys: Vec<_> = keys.collect();
    assert_eq!((keys.len(), keys.first()), (2, keys.last()));
}

#[tokio::test]
async fn a_token_has_a_short_window_and_a_guard_that_remembers_it_for_longer() {
    let queue = Queue::default();
    let unlimited = Rules::LOGGED.with_window(Window::LOGGED.with_max_age(Window::UNLIMITED));
    let guard = MemoryReplayGuard::covering(Window::LOGGED, 100);
    let receiver = receiver(mailgun(), &queue, unlimited).with_guard(guard);
    let genuine = signed(mailgun(), SECRET, b"{}", NOW);
    let max_age = Mailgun::MAX_AGE.as_secs();
    let first = receive(&receiver, &genuine, "/", at(max_age)).await;
    assert_eq!(first.answer, Answer::ACCEPTED);
    let again = receive(&receiver, &genuine, "/", at(max_age)).await;
    assert_eq!(again.answer, Answer::DUPLICATE);
    let late = receive(&receiver, &genuine, "/", at(max_age + 1)).await;
    assert_eq!(late.answer.code(), "stale");
}

#[tokio::test]
async fn what_signs_no_time_has_no_window() {
    for scheme in schemes().filter(|scheme| !scheme.name().signs_time()) {
        let queue = Queue::default();
        let receiver = receiver(scheme, &queue, Rules::BARE);
        let genuine = signed(scheme, SECRET, BODY, NOW);
        let verdict = receive(&receiver, &genuine, "/callbacks", at(1_000_000)).await;
        assert_eq!((verdict.answer, verdict.age), (Answer::ACCEPTED, None));
    }
}
