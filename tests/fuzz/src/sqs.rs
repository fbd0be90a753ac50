//! A batch of SQS messages, through the processor. The input is a byte and the event's JSON; an odd
//! byte asks for the messages' bodies to be put into envelopes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::{Value, json};
use sinch_callback_lambda::{
    AwsError, Lasting, ProcessorConfig, ProcessorFunction, Retention, SourceQueue,
};
use sinch_callback_pipeline::{
    Envelope, EventFilter, NoNotifier,
    messages::{Attempted, Callbacks, Change, Changed, KeptFor, Message, Messages, Novelty},
};

use crate::{
    Seed,
    aws::{context, runtime, shared},
    classification, envelope,
};

/// The log takes no callback with this in its body.
const FAILS: &[u8] = b"fails";

pub(crate) fn run(data: &[u8]) {
    let Some((control, json)) = data.split_first() else {
        return;
    };
    let Ok(mut event) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    if control & 1 == 1 {
        seal(&mut event);
    }
    // Not an event: the runtime says so, and the whole batch stays in the queue. To serde a list of the
    // fields is an event too; AWS writes none.
    let records = event["Records"].as_array().map_or(&[][..], Vec::as_slice);
    let has_form = event.is_object() && records.iter().all(Value::is_object);
    let Ok(payload) = SqsEvent::deserialize(&event) else {
        return;
    };
    if !has_form {
        return;
    }
    let expected = expected(&event);

    let (log, queue) = (Log::default(), Queue::default());
    let failed = failures(payload, &log, &queue);
    let mut processed = log.0.lock().expect("nobody panicked").clone();
    // Groups go on beside each other, so only within one is there an order.
    for group in &expected.groups {
        let mut of_group = group.iter();
        let mut next = of_group.next();
        for body in &processed {
            if Some(body) == next {
                next = of_group.next();
            }
        }
        assert_eq!(next, None, "the group's order");
    }
    let lists = [
        (&queue.aside, &expected.aside, "what is set aside"),
        (
            &queue.hidden,
            &expected.failed,
            "what is hidden for a while",
        ),
    ];
    for (found, expected, what) in lists {
        let mut found = found.lock().expect("nobody panicked").clone();
        found.sort_unstable();
        assert_eq!(&found, expected, "{what}");
    }
    let stays = expected.failed.len();
    match failed {
        Some(mut failed) => {
            failed.sort_unstable();
            assert_eq!(failed, expected.failed, "what stays in the queue");
            assert!(
                stays == 0 || stays < records.len(),
                "the batch failed whole"
            );
        }
        None => assert!(stays > 0 && stays == records.len(), "a part was processed"),
    }
    processed.sort_unstable();
    let mut all = expected.groups.concat();
    all.sort_unstable();
    assert_eq!(processed, all, "what was recorded");
}

struct Expected {
    /// The ids of the messages that stay in the queue, sorted.
    failed: Vec<String>,
    /// The ids of the messages that go to the dead letters, sorted.
    aside: Vec<String>,
    /// The bodies that are recorded, in each group's order.
    groups: Vec<Vec<Vec<u8>>>,
}

/// What becomes of the batch, read off its JSON.
fn expected(event: &Value) -> Expected {
    #[derive(Default)]
    struct Group {
        recorded: Vec<Vec<u8>>,
        is_blocked: bool,
    }
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    let (mut failed, mut aside) = (Vec::new(), Vec::new());
    for message in event["Records"].as_array().into_iter().flatten() {
        let text = |value: &'_ Value| value.as_str().unwrap_or("").to_owned();
        let name = message["attributes"]["MessageGroupId"].as_str();
        let group = groups.entry(name.unwrap_or("")).or_default();
        let queued = text(&message["body"]);
        let body = Envelope::decode(&queued).map(|envelope| envelope.into_body());
        match body {
            Ok(body) if !group.is_blocked && !fails(&body) => group.recorded.push(body),
            Err(_) if !group.is_blocked => aside.push(text(&message["messageId"])),
            _ => {
                group.is_blocked = true;
                failed.push(text(&message["messageId"]));
            }
        }
    }
    failed.sort_unstable();
    aside.sort_unstable();
    Expected {
        failed,
        aside,
        groups: groups.into_values().map(|group| group.recorded).collect(),
    }
}

fn fails(body: &[u8]) -> bool {
    body.windows(FAILS.len()).any(|found| found == FAILS)
}

fn seal(event: &mut Value) {
    let records = event.get_mut("Records").and_then(Value::as_array_mut);
    let bodies = records.into_iter().flatten();
    for body in bodies.filter_map(|message| message.get_mut("body")) {
        if let Some(text) = body.as_str() {
            *body = envelope::sealed(text.as_bytes()).encode().into();
        }
    }
}

/// The ids of what stays in the queue; `None` where the function returned an error.
fn failures(payload: SqsEvent, log: &Log, queue: &Queue) -> Option<Vec<String>> {
    let config = ProcessorConfig {
        shared: shared(),
        table_name: String::new(),
        event_bus_name: String::new(),
        events: EventFilter::Channel,
        queue_url: String::new(),
        dead_letter_queue_url: String::new(),
        archives: false,
        recovery_queue_url: None,
        overdue_after: None,
        retention: Retention {
            log_secs: 0,
            state_secs: 0,
        },
    };
    let function = ProcessorFunction::new(&config, log.clone(), NoNotifier, queue.clone());
    let answer = runtime().block_on(function.process(LambdaEvent::new(payload, context())));
    let failures = answer.ok()?.batch_item_failures.into_iter();
    Some(failures.map(|failure| failure.item_identifier).collect())
}

/// A queue that keeps the ids of what was set aside, and of what was hidden.
#[derive(Clone, Default)]
struct Queue {
    aside: Arc<Mutex<Vec<String>>>,
    hidden: Arc<Mutex<Vec<String>>>,
}

impl SourceQueue for Queue {
    async fn set_aside(&self, message: &SqsMessage, _cause: &str) -> Result<(), AwsError> {
        let mut aside = self.aside.lock().expect("nobody panicked");
        aside.push(message.message_id.clone().unwrap_or_default());
        Ok(())
    }

    async fn hide(&self, messages: &[(&SqsMessage, u32)]) -> Result<(), AwsError> {
        let mut hidden = self.hidden.lock().expect("nobody panicked");
        for (message, seconds) in messages {
            assert!((5..=60).contains(seconds), "{seconds} s");
            hidden.push(message.message_id.clone().unwrap_or_default());
        }
        Ok(())
    }

    async fn reported(&self, _attempts: &[Attempted]) -> Result<(), AwsError> {
        Ok(())
    }
}

/// The log is down, for a while.
#[derive(Debug)]
struct Down;

impl core::fmt::Display for Down {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("down")
    }
}

impl core::error::Error for Down {}

impl Lasting for Down {
    fn lasts(&self) -> bool {
        false
    }
}

/// A store that keeps the bodies that it was asked to keep, and no message.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Vec<u8>>>>);

impl Messages for Log {
    type Error = Down;

    async fn update(
        &self,
        _: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, Down> {
        Ok(change(None).changed)
    }
}

impl Callbacks for Log {
    async fn keep(&self, envelope: &Envelope<'_>, _: KeptFor) -> Result<Novelty, Down> {
        if fails(envelope.body()) {
            return Err(Down);
        }
        let mut bodies = self.0.lock().expect("nobody panicked");
        bodies.push(envelope.body().to_vec());
        Ok(Novelty::New)
    }
}

const FIXTURE: &str = include_str!("../../../lambda-adapter/tests/fixtures/sqs-fifo.json");

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = vec![
        seed("sqs-fifo", 0, FIXTURE),
        seed("sqs-fifo-sealed", 1, FIXTURE),
    ];
    for (name, body) in classification::bodies() {
        let messages = [
            ("a", body),
            ("b", "{}"),
            ("a", "{\"fails\":1}"),
            ("a", body),
        ];
        seeds.push(seed(name, 1, &batch(&messages)));
    }
    let queued = envelope::sealed(b"{}").encode();
    let messages = [
        ("a", &*queued),
        ("a", "poison"),
        ("a", &queued),
        ("b", &queued),
    ];
    seeds.push(seed("written", 0, &batch(&messages)));
    seeds
}

/// A batch of messages, each a group and a body.
fn batch(messages: &[(&str, &str)]) -> String {
    let records = messages.iter().enumerate().map(|(number, (group, body))| {
        json!({
            "messageId": format!("m{number}"),
            "body": body,
            "attributes": { "MessageGroupId": group, "ApproximateReceiveCount": "1" },
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() }).to_string()
}

fn seed(name: &str, control: u8, json: &str) -> Seed {
    Seed::new(name, [&[control], json.as_bytes()].concat())
}
