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

use sinch_callback::{ContentKey, Remedy, UnixSeconds};
use sinch_callback_pipeline::{
    DeliveryEvent, Envelope, EventFilter, MessageView, Notifier,
    messages::{
        Callbacks, Change, Changed, KeptFor, Message, Messages, Novelty, ProcessError, Processed,
        Processor,
    },
};

/// A store in memory that keeps the ports' promises.
#[derive(Default)]
struct Log {
    messages: Mutex<BTreeMap<String, Message>>,
    listed: Mutex<Vec<ContentKey>>,
}

impl Log {
    fn repeats(&self) -> u64 {
        let messages = self.messages.lock().unwrap();
        let entries = messages.values().flat_map(|message| message.log.entries());
        entries.map(|entry| entry.repeats).sum()
    }
}

impl Messages for Log {
    type Error = Infallible;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, Infallible> {
        let mut messages = self.messages.lock().unwrap();
        let Change { write, changed } = change(messages.get(message_id).cloned());
        messages.extend(write.map(|message| (message_id.to_owned(), message)));
        Ok(changed)
    }
}

impl Callbacks for Log {
    async fn keep(&self, envelope: &Envelope<'_>, why: KeptFor) -> Result<Novelty, Infallible> {
        let listed = why.is_kept().then(|| envelope.content_key());
        self.listed.lock().unwrap().extend(listed);
        Ok(Novelty::New)
    }
}

type Outcome = Result<Processed, ProcessError<Infallible, Deaf>>;

/// What becomes of a body that arrives under this name.
async fn process(log: &Log, listener: &Listener, body: &str, request_id: &str) -> Outcome {
    let processor = Processor::new(log, listener, 1);
    processor
        .process(&envelope(body, request_id), || true)
        .await
}

/// A listener that can be told not to listen.
#[derive(Default)]
struct Listener {
    deaf: Mutex<bool>,
    heard: Mutex<Vec<(String, &'static str)>>,
    kept: Mutex<Vec<DeliveryEvent<'static>>>,
    /// Each event as JSON.
    texts: Mutex<Vec<serde_json::Value>>,
}

#[derive(Debug)]
struct Deaf;

impl fmt::Display for Deaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deaf")
    }
}

impl std::error::Error for Deaf {}

impl Notifier for Listener {
    type Error = Deaf;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Deaf> {
        if *self.deaf.lock().unwrap() {
            return Err(Deaf);
        }
        let kept = events.iter().cloned().map(DeliveryEvent::into_owned);
        self.kept.lock().unwrap().extend(kept);
        let texts = events
            .iter()
            .map(|event| serde_json::to_value(event).unwrap());
        self.texts.lock().unwrap().extend(texts);
        let events = events.iter().map(|event| (event.id.clone(), event.kind));
        self.heard.lock().unwrap().extend(events);
        Ok(())
    }
}

fn envelope<'a>(body: &'a str, request_id: &'a str) -> Envelope<'a> {
    let key = ContentKey::of_body(body.as_bytes());
    Envelope::kept(key, UnixSeconds::new(9), body.as_bytes())
        .with_kind("message_delivery")
        .with_group("msg-1")
        .with_arrival(UnixSeconds::new(10), request_id)
}

fn report(status: &str) -> String {
    format!(r#"{{"message_delivery_report":{{"message_id":"msg-1","status":"{status}"}}}}"#)
}

fn on(status: &str, channel: &str, code: &str) -> String {
    format!(
        r#"{{"correlation_id":"order-1","message_delivery_report":{{"message_id":"msg-1","status":"{status}","channel_identity":{{"channel":"{channel}","identity":"4670"}},"reason":{{"code":"{code}"}}}}}}"#
    )
}

/// What is told of these reports in this order: of each event the fields of these names.
async fn told(bodies: &[String], filter: EventFilter, fields: &[&str]) -> Vec<String> {
    let (log, listener) = (Log::default(), Listener::default());
    let processor = Processor::new(&log, &listener, 1).with_events(filter);
    for (index, body) in bodies.iter().enumerate() {
        let id = index.to_string();
        let envelope = envelope(body, &id);
        let processed = processor.process(&envelope, || true).await.unwrap();
        assert_eq!(processed.novelty, Novelty::New);
    }
    let texts = listener.texts.lock().unwrap();
    texts
        .iter()
        .map(|event| {
            let values = fields.iter().map(|field| match &event[*field] {
                serde_json::Value::String(text) => text.clone(),
                value => value.to_string(),
            });
            values.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[tokio::test]
async fn each_change_of_state_is_told_and_what_changes_none_is_not() {
    let bodies = [
        "DELIVERED",
        "QUEUED_ON_CHANNEL",
        "READ",
        "FAILED",
        "TELEPORTED",
    ]
    .map(report);
    let heard = told(
        &bodies,
        EventFilter::All,
        &["type", "version", "final", "corrects"],
    )
    .await;
    assert_eq!(
        heard,
        [
            "delivery.delivered 1 true null",
            "delivery.read 2 true null"
        ]
    );
}

#[tokio::test]
async fn an_end_that_was_told_and_is_left_is_corrected_whatever_the_filter() {
    let bodies = [
        on("QUEUED_ON_CHANNEL", "RCS", ""),
        on("SWITCHING_CHANNEL", "RCS", "DELIVERY_TIMED_OUT"),
        on("FAILED", "SMS", "RECIPIENT_NOT_REACHABLE"),
        on("QUEUED_ON_CHANNEL", "WHATSAPP", ""),
        on("READ", "RCS", ""),
    ];
    let fields = [
        "type",
        "version",
        "final",
        "corrects",
        "contradicted",
        "state",
    ];
    assert_eq!(
        told(&bodies, EventFilter::All, &fields).await,
        [
            "delivery.queued 1 false null false queued",
            "delivery.switching 2 false null false switching",
            "delivery.failed 3 true null false failed",
            "delivery.queued 4 false failed false queued",
            "delivery.read 5 true null false read",
        ]
    );
    assert_eq!(
        told(&bodies, EventFilter::default(), &["type", "corrects"]).await,
        [
            "delivery.failed null",
            "delivery.queued failed",
            "delivery.read null"
        ]
    );
}

#[tokio::test]
async fn a_receipt_that_never_comes_is_told_and_one_that_comes_after_all_corrects_it() {
    let sms = |status: &str, code: u32| {
        format!(
            r#"{{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"4670","code":{code},"status":"{status}"}}"#
        )
    };
    let bodies = [
        sms("Dispatched", 401),
        sms("Unknown", 0),
        sms("Delivered", 0),
    ];
    assert_eq!(
        told(&bodies, EventFilter::Final, &["type", "final", "corrects"]).await,
        [
            "delivery.unconfirmed true null",
            "delivery.delivered true unconfirmed"
        ]
    );
}

#[tokio::test]
async fn a_contradiction_is_a_field() {
    let bodies = [
        on("FAILED", "SMS", "RECIPIENT_INVALID_CHANNEL_IDENTITY"),
        on("DELIVERED", "SMS", ""),
    ];
    assert_eq!(
        told(
            &bodies,
            EventFilter::Final,
            &["type", "contradicted", "corrects"]
        )
        .await,
        [
            "delivery.failed false null",
            "delivery.delivered true failed"
        ]
    );
}

#[tokio::test]
async fn a_message_that_fails_with_its_last_leg_is_told_with_the_reason_of_the_failed_one() {
    // The switch comes last, and it is by it that the message has failed; the failure is another's.
    let bodies = [
        on("QUEUED_ON_CHANNEL", "RCS", ""),
        on("FAILED", "SMS", "RATE_LIMITED"),
        on("SWITCHING_CHANNEL", "RCS", "DELIVERY_TIMED_OUT"),
    ];
    let (log, listener) = (Log::default(), Listener::default());
    for (index, body) in bodies.iter().enumerate() {
        let id = index.to_string();
        let _ = process(&log, &listener, body, &id).await.unwrap();
    }
    let texts = listener.texts.lock().unwrap();
    let [event] = &texts[..] else {
        panic!("{texts:?}");
    };
    assert_eq!(event["type"], "delivery.failed");
    assert_eq!(event["channel"], "SMS");
    assert_eq!(event["reason"]["code"], "RATE_LIMITED");
    assert_eq!(event["correlation_id"], "order-1");
}

#[tokio::test]
async fn a_view_reads_back_from_its_json_and_an_event_outlives_its_callback() {
    let (log, listener) = (Log::default(), Listener::default());
    let body = on("FAILED", "SMS", "RATE_LIMITED");
    let _ = process(&log, &listener, &body, "r-1").await.unwrap();
    drop(body);
    let kept = listener.kept.lock().unwrap();
    assert_eq!((&*kept[0].message_id, kept[0].version), ("msg-1", 1));
    let failure = kept[0].said.reason.as_ref().unwrap();
    assert_eq!(failure.remedy, Remedy::RetryLater);

    let view = log.messages.lock().unwrap()["msg-1"].view();
    let json = serde_json::to_value(&view).unwrap();
    assert_eq!(json["reason"]["remedy"], "retry_later");
    let fields = json["reason"].as_object().unwrap();
    assert_eq!(fields.len(), 7, "the shape is fixed: {fields:?}");
    assert_eq!(serde_json::from_value::<MessageView>(json).unwrap(), view);
}

#[tokio::test]
async fn legs_are_told_where_they_are_asked_for() {
    let bodies = [
        on("QUEUED_ON_CHANNEL", "RCS", ""),
        on("QUEUED_ON_CHANNEL", "SMS", ""),
        on("FAILED", "SMS", "RATE_LIMITED"),
    ];
    let key = |index: usize| ContentKey::of_body(bodies[index].as_bytes());
    assert_eq!(
        told(&bodies, EventFilter::Channel, &["id", "leg", "version"]).await,
        [
            format!("{}:msg-1:delivery.queued null 1", key(0)),
            format!("{}:msg-1:delivery.channel:RCS queued 1", key(0)),
            format!("{}:msg-1:delivery.channel:SMS queued 2", key(1)),
            format!("{}:msg-1:delivery.channel:SMS failed 3", key(2)),
        ]
    );
}

#[tokio::test]
async fn an_event_that_is_told_again_is_the_same_whatever_has_come_since() {
    let (log, listener) = (Log::default(), Listener::default());
    let (failed, read) = (on("FAILED", "SMS", "RATE_LIMITED"), on("READ", "SMS", ""));
    let _ = process(&log, &listener, &failed, "r1").await.unwrap();
    let _ = process(&log, &listener, &read, "r2").await.unwrap();
    let _ = process(&log, &listener, &failed, "r1").await.unwrap();
    let texts = listener.texts.lock().unwrap();
    assert_eq!(texts.len(), 3);
    assert_eq!(texts[0], texts[2]);
}

#[tokio::test]
async fn a_crash_between_record_and_event_still_sends_the_event_under_the_same_id() {
    let (log, listener) = (Log::default(), Listener::default());
    let body = report("DELIVERED");
    *listener.deaf.lock().unwrap() = true;
    let failed = process(&log, &listener, &body, "r1").await;
    assert!(matches!(failed, Err(ProcessError::Notify(Deaf))));
    *listener.deaf.lock().unwrap() = false;
    // The queue hands the same arrival out again.
    for _ in 0..2 {
        let processed = process(&log, &listener, &body, "r1").await.unwrap();
        assert_eq!(processed.novelty, Novelty::Redelivered);
    }
    let heard = listener.heard.lock().unwrap();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0], heard[1]);
    assert_eq!(log.repeats(), 0);
}

#[tokio::test]
async fn another_arrival_of_the_same_event_is_a_repeat_and_is_not_told() {
    let (log, listener) = (Log::default(), Listener::default());
    let body = report("DELIVERED");
    let first = process(&log, &listener, &body, "r1").await.unwrap();
    let second = process(&log, &listener, &body, "r2").await.unwrap();
    assert_eq!(
        (first.novelty, second.novelty),
        (Novelty::New, Novelty::Repeated)
    );
    assert_eq!(listener.heard.lock().unwrap().len(), 1);
    assert_eq!(log.repeats(), 1);
}

#[tokio::test]
async fn a_body_that_is_not_understood_is_recorded_with_the_reason() {
    let (log, listener) = (Log::default(), Listener::default());
    let processed = process(&log, &listener, "{}", "r1").await.unwrap();
    assert_eq!(
        processed.unrecognized.map(|reason| reason.as_str()),
        Some("unknown_kind")
    );
    assert_eq!(log.listed.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_reason_of_a_failure_is_told_once() {
    let (log, listener) = (Log::default(), Listener::default());
    let body = r#"{"message_delivery_report":{"message_id":"msg-1","status":"FAILED","reason":{"code":"RATE_LIMITED"}}}"#;
    let processed = process(&log, &listener, body, "r1").await.unwrap();
    assert_eq!(
        processed.failures,
        BTreeMap::from([("RATE_LIMITED".into(), 1)])
    );
    assert_eq!(processed.events, 1);
    let again = body.replace("RATE_LIMITED", "UNKNOWN");
    let processed = process(&log, &listener, &again, "r2").await.unwrap();
    assert!(processed.failures.is_empty(), "it had failed already");
    assert_eq!(processed.events, 0);
}
