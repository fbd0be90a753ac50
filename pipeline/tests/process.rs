//! The second use case, with plain structs for ports.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use core::{convert::Infallible, fmt};
use std::{collections::BTreeMap, sync::Mutex};

use sinch_callback::{ContentKey, Leg, ReplayKey, Step, UnixSeconds};
use sinch_callback_pipeline::{
    Applied, CallbackRecord, Change, DeliveryEvent, DeliveryLog, Envelope, Notifier, Novelty,
    ProcessError, Processor,
};

/// A log in memory that keeps the port's promises.
#[derive(Default)]
struct Log {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    callbacks: BTreeMap<ContentKey, (String, Vec<Change>)>,
    legs: BTreeMap<String, Vec<(String, Leg)>>,
    repeats: u32,
}

impl DeliveryLog for &Log {
    type Error = Infallible;

    async fn apply(&self, record: CallbackRecord<'_>) -> Result<Applied, Infallible> {
        let mut inner = self.inner.lock().unwrap();
        let envelope = record.envelope;
        if let Some((request_id, changes)) = inner.callbacks.get(&envelope.content_key) {
            if *request_id == envelope.request_id {
                return Ok(Applied {
                    novelty: Novelty::Redelivered,
                    changes: changes.clone(),
                });
            }
            inner.repeats += 1;
            return Ok(Applied {
                novelty: Novelty::Repeated,
                changes: Vec::new(),
            });
        }
        let mut changes = Vec::new();
        for report in record.content.iter().flat_map(|callback| &callback.reports) {
            let legs = inner.legs.entry(report.message_id.clone()).or_default();
            let known = legs.iter().map(|(channel, leg)| (channel.as_str(), *leg));
            let change = Change::decide(known, report);
            if let Step::Moved(leg) = change.step {
                legs.retain(|(channel, _)| *channel != report.channel);
                legs.push((report.channel.clone(), leg));
            }
            changes.push(change);
        }
        let kept = (envelope.request_id.to_string(), changes.clone());
        inner.callbacks.insert(envelope.content_key, kept);
        Ok(Applied {
            novelty: Novelty::New,
            changes,
        })
    }
}

/// A listener that can be told not to listen.
#[derive(Default)]
struct Listener {
    deaf: Mutex<bool>,
    heard: Mutex<Vec<(String, &'static str)>>,
}

#[derive(Debug)]
struct Deaf;

impl fmt::Display for Deaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deaf")
    }
}

impl std::error::Error for Deaf {}

impl Notifier for &Listener {
    type Error = Deaf;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Deaf> {
        if *self.deaf.lock().unwrap() {
            return Err(Deaf);
        }
        let events = events.iter().map(|event| (event.id.clone(), event.kind));
        self.heard.lock().unwrap().extend(events);
        Ok(())
    }
}

fn envelope<'a>(body: &'a str, request_id: &'a str) -> Envelope<'a> {
    Envelope {
        kind: "message_delivery".into(),
        group: "msg-1".into(),
        content_key: ContentKey::of_body(body.as_bytes()),
        replay_key: ReplayKey::from_bytes([0; 16]),
        secret_slot: 0,
        received_at: UnixSeconds::new(10),
        signed_at: UnixSeconds::new(9),
        request_id: request_id.into(),
        body: body.as_bytes().into(),
    }
}

fn report(status: &str) -> String {
    format!(r#"{{"message_delivery_report":{{"message_id":"msg-1","status":"{status}"}}}}"#)
}

#[tokio::test]
async fn each_move_is_told_once_and_what_moves_nothing_is_not_told() {
    let (log, listener) = (Log::default(), Listener::default());
    let processor = Processor::new(&log, &listener);
    for (index, status) in [
        "DELIVERED",
        "QUEUED_ON_CHANNEL",
        "READ",
        "FAILED",
        "TELEPORTED",
    ]
    .iter()
    .enumerate()
    {
        let body = report(status);
        let id = index.to_string();
        let processed = processor.process(&envelope(&body, &id)).await.unwrap();
        assert_eq!(processed.novelty, Novelty::New);
    }
    let heard: Vec<_> = listener
        .heard
        .lock()
        .unwrap()
        .iter()
        .map(|(_, kind)| *kind)
        .collect();
    assert_eq!(
        heard,
        [
            "delivery.delivered",
            "delivery.read",
            "delivery.contradicted"
        ]
    );
}

#[tokio::test]
async fn a_crash_between_record_and_event_still_sends_the_event_under_the_same_id() {
    let (log, listener) = (Log::default(), Listener::default());
    let processor = Processor::new(&log, &listener);
    let body = report("DELIVERED");
    *listener.deaf.lock().unwrap() = true;
    let failed = processor.process(&envelope(&body, "r1")).await;
    assert!(matches!(failed, Err(ProcessError::Notify(Deaf))));
    *listener.deaf.lock().unwrap() = false;
    // The queue hands the same arrival out again.
    for _ in 0..2 {
        let processed = processor.process(&envelope(&body, "r1")).await.unwrap();
        assert_eq!(processed.novelty, Novelty::Redelivered);
    }
    let heard = listener.heard.lock().unwrap();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0], heard[1]);
    assert_eq!(log.inner.lock().unwrap().repeats, 0);
}

#[tokio::test]
async fn another_arrival_of_the_same_event_is_a_repeat_and_is_not_told() {
    let (log, listener) = (Log::default(), Listener::default());
    let processor = Processor::new(&log, &listener);
    let body = report("DELIVERED");
    let first = processor.process(&envelope(&body, "r1")).await.unwrap();
    let second = processor.process(&envelope(&body, "r2")).await.unwrap();
    assert_eq!(
        (first.novelty, second.novelty),
        (Novelty::New, Novelty::Repeated)
    );
    assert_eq!(listener.heard.lock().unwrap().len(), 1);
    assert_eq!(log.inner.lock().unwrap().repeats, 1);
}

#[tokio::test]
async fn a_body_that_is_not_understood_is_recorded_with_the_reason() {
    let (log, listener) = (Log::default(), Listener::default());
    let processor = Processor::new(&log, &listener);
    let processed = processor.process(&envelope("{}", "r1")).await.unwrap();
    assert_eq!(
        processed.unrecognized.map(|reason| reason.as_str()),
        Some("unknown_kind")
    );
    assert_eq!(log.inner.lock().unwrap().callbacks.len(), 1);
}

#[tokio::test]
async fn the_reason_of_a_failure_is_told_once() {
    let (log, listener) = (Log::default(), Listener::default());
    let processor = Processor::new(&log, &listener);
    let body = r#"{"message_delivery_report":{"message_id":"msg-1","status":"FAILED","reason":{"code":"RATE_LIMITED"}}}"#;
    let processed = processor.process(&envelope(body, "r1")).await.unwrap();
    assert_eq!(processed.failures, ["RATE_LIMITED"]);
    assert_eq!(processed.events, 1);
    let again = body.replace("RATE_LIMITED", "UNKNOWN");
    let processed = processor.process(&envelope(&again, "r2")).await.unwrap();
    assert!(processed.failures.is_empty(), "it had failed already");
    assert_eq!(processed.events, 0);
}
