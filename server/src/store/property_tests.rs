//! Random callbacks, their repeats and redeliveries: what this store shows is what one in memory shows,
//! byte by byte, however they came in.

#![allow(clippy::arithmetic_side_effects, reason = "a test may fail loudly")]

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use fastrand::Rng;
use sinch_callback::{ContentKey, SecretSlot, UnixSeconds};
use sinch_callback_pipeline::{
    Envelope, EventFilter, MessageView, NoNotifier,
    messages::{
        CURSOR_EVERY, Callbacks, Change, Changed, KeptFor, Message, Messages, Novelty,
        ProcessError, Processor, ReadCallback,
    },
};

use super::{error::StoreError, open::Store, *};

/// A store in memory that keeps the ports' promises.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    messages: HashMap<String, Message>,
    kept: HashSet<ContentKey>,
}

impl Messages for Memory {
    type Error = StoreError;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, StoreError> {
        let mut inner = self.0.lock().unwrap();
        let Change { write, changed } = change(inner.messages.get(message_id).cloned());
        if let Some(message) = write {
            inner.messages.insert(message_id.to_owned(), message);
        }
        Ok(changed)
    }
}

impl Callbacks for Memory {
    async fn keep(&self, envelope: &Envelope<'_>, _: KeptFor) -> Result<Novelty, StoreError> {
        let is_new = self.0.lock().unwrap().kept.insert(envelope.content_key());
        Ok(if is_new {
            Novelty::New
        } else {
            Novelty::Repeated
        })
    }
}

fn pick<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

fn body(rng: &mut Rng) -> String {
    let at = pick(
        rng,
        &[
            "",
            "2026-01-02T03:04:05Z",
            "2026-01-02T04:04:06+01:00",
            "soon",
        ],
    );
    if rng.u8(..4) == 0 {
        let code = pick(rng, &["0", "401", "407", "402"]);
        let status = pick(
            rng,
            &[
                "Delivered",
                "Dispatched",
                "Failed",
                "Aborted",
                "Unknown",
                "Odd",
            ],
        );
        let recipients: Vec<_> = (0..rng.usize(1..14))
            .map(|_| format!("\"{}4670{}\"", pick(rng, &["", "+"]), rng.u8(..9)))
            .collect();
        return format!(
            r#"{{"type":"delivery_report_sms","batch_id":"b","client_reference":"{}","statuses":[{{"code":{code},"status":"{status}","recipients":[{}]}}],"at":"{at}"}}"#,
            pick(rng, &["", "camp"]),
            recipients.join(",")
        );
    }
    let status = pick(
        rng,
        &[
            "QUEUED_ON_CHANNEL",
            "SWITCHING_CHANNEL",
            "FAILED",
            "DELIVERED",
            "READ",
            "TELEPORTED",
        ],
    );
    let channel = pick(rng, &["SMS", "RCS", ""]);
    let code = pick(
        rng,
        &[
            "",
            "NO_CHANNELS_LEFT",
            "RECIPIENT_INVALID_CHANNEL_IDENTITY",
            "RATE_LIMITED",
        ],
    );
    format!(
        r#"{{"event_time":"{at}","correlation_id":"{}","message_delivery_report":{{"message_id":"m-{}","status":"{status}","metadata":"{}","channel_identity":{{"channel":"{channel}","identity":"4670"}},"reason":{{"code":"{code}","description":"'quoted' \"so\" \\ \u00e9"}}}}}}"#,
        pick(rng, &["", "order-1", "order-2"]),
        rng.u8(..3),
        pick(rng, &["", "shop"]),
    )
}

fn envelope<'a>(body: &'a str, request_id: &'a str, received_at: u64) -> Envelope<'a> {
    let key = ContentKey::of_body(body.as_bytes());
    Envelope::kept(key, UnixSeconds::new(received_at + 3), body.as_bytes())
        .with_secret_slot(SecretSlot::new(1))
        .with_arrival(UnixSeconds::new(received_at), request_id)
}

#[tokio::test]
async fn what_it_shows_is_what_a_store_in_memory_shows() {
    for seed in 0..40 {
        let mut rng = Rng::with_seed(seed);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let memory = Memory::default();
        let ours = Processor::new(store.clone(), NoNotifier, 3);
        let theirs = Processor::new(memory.clone(), NoNotifier, 3);
        let mut sent: Vec<(String, String, u64)> = Vec::new();
        for number in 0..30 {
            let (body, request_id, at) = match (rng.u8(..4), sent.is_empty()) {
                // Redelivered, or a repeat of the event.
                (0, false) => sent[rng.usize(..sent.len())].clone(),
                (1, false) => {
                    let (body, ..) = sent[rng.usize(..sent.len())].clone();
                    (body, format!("r-{number}"), 100 + number)
                }
                _ => (body(&mut rng), format!("r-{number}"), 100 + number),
            };
            let envelope = envelope(&body, &request_id, at);
            let expected = theirs.process(&envelope, || true).await.unwrap();
            let callback = ReadCallback::of(&envelope);
            let is_whole = callback.unrecognized().is_none();
            let processed = if is_whole && rng.bool() {
                store.accept(&envelope, callback, None).await.unwrap()
            } else {
                ours.process(&envelope, || true).await.unwrap()
            };
            assert_eq!(processed.novelty, expected.novelty, "seed {seed}: {body}");
            assert_eq!(processed.moves, expected.moves, "seed {seed}: {body}");
            sent.push((body, request_id, at));
        }
        let expected: Vec<(String, MessageView)> = {
            let inner = memory.0.lock().unwrap();
            let messages = inner.messages.iter();
            messages
                .map(|(id, message)| (id.clone(), message.view()))
                .collect()
        };
        for (id, expected) in expected {
            let shown = store
                .read(move |connection| find_message(connection, &id))
                .await;
            let shown = serde_json::to_string_pretty(&shown.unwrap().unwrap()).unwrap();
            let expected = serde_json::to_string_pretty(&expected).unwrap();
            assert_eq!(shown, expected, "seed {seed}");
        }
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_full_report_goes_on_behind_its_cursor_after_each_part() {
    const RECIPIENTS: usize = 45_000;
    let numbers: Vec<_> = (0..RECIPIENTS)
        .map(|number| format!("\"46700{number:06}\""))
        .collect();
    let body = format!(
        r#"{{"type":"delivery_report_sms","batch_id":"b","statuses":[{{"code":0,"status":"Delivered","recipients":[{}]}}]}}"#,
        numbers.join(",")
    );
    let envelope = envelope(&body, "r", 10);
    let folder = tempfile::tempdir().unwrap();
    let (mut attempts, mut moved) = (0, 0);
    loop {
        // Each attempt is a process of its own, whose time is up after one part.
        let store = Store::open(folder.path()).unwrap();
        let processor =
            Processor::new(store.clone(), NoNotifier, CURSOR_EVERY).with_events(EventFilter::All);
        let outcome = processor.process(&envelope, || false).await;
        store.close().await.unwrap();
        attempts += 1;
        match outcome {
            Ok(processed) => {
                moved += processed.moves.values().sum::<u64>();
                break;
            }
            Err(ProcessError::Unfinished(processed)) => {
                moved += processed.moves.values().sum::<u64>();
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((attempts, moved), (RECIPIENTS / CURSOR_EVERY, 45_000));
}
