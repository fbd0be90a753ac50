use std::{collections::BTreeMap, time::Duration};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use sinch_callback::{Leg, Step};
use sinch_callback_pipeline::{
    Change, DeliveryLog, Envelope, InvalidEnvelope, Notifier, Novelty, ProcessError, Processed,
    Processor,
};

use crate::{AwsError, Metrics, ProcessorConfig, Sample, Unit, clock};

/// The second Lambda function: from queued callbacks to states and events.
pub struct ProcessorFunction<L, N> {
    processor: Processor<L, N>,
    metrics: Metrics,
}

/// What is left of an invocation's time for its answer. Our own choice.
const RESERVE: Duration = Duration::from_secs(1);
/// Group of a message that names none: no FIFO queue has such.
const NO_GROUP: &str = "";

/// Why a message stays in the queue.
#[derive(Debug, thiserror::Error)]
enum Unprocessed {
    #[error("{0}")]
    Poison(#[from] InvalidEnvelope),
    #[error("{0}")]
    Failed(AwsError),
    #[error("the invocation's time was up")]
    OutOfTime,
}

impl<L: DeliveryLog, N: Notifier> ProcessorFunction<L, N> {
    /// The function over these ports.
    pub fn new(config: &ProcessorConfig, log: L, notifier: N) -> Self {
        Self {
            processor: Processor::new(log, notifier),
            metrics: Metrics::new(&config.shared),
        }
    }

    /// Processes a batch, and names the messages that stay in the queue. Within a group the order
    /// is kept: behind the first failure nothing of it is processed. Other groups go on.
    pub async fn process(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let LambdaEvent { payload, context } = event;
        let mut groups: BTreeMap<&str, Vec<&SqsMessage>> = BTreeMap::new();
        for message in &payload.records {
            groups.entry(group(message)).or_default().push(message);
        }
        let groups = groups.into_values();
        let outcomes = join_all(groups.map(|messages| self.group(messages, &context))).await;
        let (mut failures, mut samples) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            failures.extend(outcome.failures);
            samples.extend(outcome.samples);
        }
        self.metrics.write(&samples);
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = failures.into_iter().map(failure).collect();
        response
    }

    /// Processes one group's messages in order, up to the first failure.
    async fn group(&self, messages: Vec<&SqsMessage>, context: &Context) -> Outcome {
        let mut outcome = Outcome::default();
        let mut messages = messages.into_iter();
        for message in messages.by_ref() {
            let time = clock::until(context.deadline).saturating_sub(RESERVE);
            let result = tokio::time::timeout(time, self.message(message))
                .await
                .unwrap_or(Err(Unprocessed::OutOfTime));
            match result {
                Ok((key, processed)) => {
                    tracing::info!(
                        content_key = key,
                        novelty = name(processed.novelty),
                        unrecognized = processed.unrecognized.map(|why| why.as_str()),
                        moves = processed
                            .changes
                            .iter()
                            .filter(|change| moved(change))
                            .count(),
                        "recorded"
                    );
                    outcome.samples.extend(samples(&processed));
                }
                Err(cause) => {
                    tell(message, &cause);
                    outcome.samples.push(Sample::one(match cause {
                        Unprocessed::Poison(_) => "Poison",
                        _ => "NotProcessed",
                    }));
                    outcome.failures.push(id(message));
                    break;
                }
            }
        }
        outcome.failures.extend(messages.map(id));
        outcome
    }

    async fn message(&self, message: &SqsMessage) -> Result<(String, Processed), Unprocessed> {
        let body = message.body.as_deref().unwrap_or_default();
        let envelope = Envelope::decode(body)?;
        let processed = self.processor.process(&envelope).await;
        match processed {
            Ok(processed) => Ok((envelope.content_key.to_string(), processed)),
            Err(error @ (ProcessError::Log(_) | ProcessError::Notify(_))) => {
                Err(Unprocessed::Failed(AwsError::of(&error)))
            }
        }
    }
}

/// What came of a group.
#[derive(Default)]
struct Outcome {
    failures: Vec<String>,
    samples: Vec<Sample>,
}

fn group(message: &SqsMessage) -> &str {
    message
        .attributes
        .get("MessageGroupId")
        .map_or(NO_GROUP, String::as_str)
}

fn id(message: &SqsMessage) -> String {
    message.message_id.clone().unwrap_or_default()
}

fn failure(message_id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message_id;
    failure
}

/// The cause of a failure, for whoever finds the message among the dead letters.
fn tell(message: &SqsMessage, cause: &Unprocessed) {
    let attribute = |name: &str| message.attributes.get(name).map_or("", String::as_str);
    tracing::error!(
        cause = %cause,
        poison = matches!(cause, Unprocessed::Poison(_)),
        message_id = message.message_id,
        receive_count = attribute("ApproximateReceiveCount"),
        "a queued callback was not processed; the queue hands it out again, or sets it aside among the dead letters"
    );
}

const fn name(novelty: Novelty) -> &'static str {
    match novelty {
        Novelty::New => "new",
        Novelty::Redelivered => "redelivered",
        Novelty::Repeated => "repeated",
    }
}

const fn moved(change: &Change) -> bool {
    matches!(change.step, Step::Moved(_))
}

fn samples(processed: &Processed) -> Vec<Sample> {
    let mut samples = vec![Sample::one("Recorded").by("Novelty", name(processed.novelty))];
    if processed.events > 0 {
        let events = u32::try_from(processed.events).unwrap_or(u32::MAX);
        samples.push(Sample::new("EventsSent", Unit::Count, events.into()));
    }
    // What the queue hands out again has been counted.
    if processed.novelty != Novelty::New {
        return samples;
    }
    if processed.unrecognized.is_some() {
        samples.push(Sample::one("Unrecognized"));
    }
    for change in &processed.changes {
        let status = match change.step {
            Step::Moved(leg) => Leg::as_str(leg),
            Step::Contradicted => "contradicted",
            _ => continue,
        };
        samples.push(Sample::one("Transitions").by("Status", status));
    }
    for reason in &processed.failures {
        samples.push(Sample::one("Failures").by("Reason", reason.clone()));
    }
    samples
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::json;
    use sinch_callback::{ContentKey, ReplayKey, UnixSeconds};
    use sinch_callback_pipeline::{Applied, CallbackRecord, NoNotifier};
    use tracing_subscriber::filter::LevelFilter;

    use super::*;
    use crate::{Clock, Shared};

    /// A log that fails on the bodies that say so, and keeps what it was asked to record.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    impl DeliveryLog for Log {
        type Error = io::Error;

        async fn apply(&self, record: CallbackRecord<'_>) -> io::Result<Applied> {
            match &*record.envelope.body {
                b"fails" => return Err(io::Error::other("down")),
                b"hangs" => core::future::pending().await,
                _ => {}
            }
            let id = record.envelope.request_id.to_string();
            self.0.lock().unwrap().push(id);
            Ok(Applied {
                novelty: Novelty::New,
                changes: Vec::new(),
            })
        }
    }

    fn function(log: &Log) -> ProcessorFunction<Log, NoNotifier> {
        let config = ProcessorConfig {
            shared: Shared {
                log_level: LevelFilter::OFF,
                metrics_namespace: "Test".into(),
                function_name: "processor".into(),
                clock: Clock::System,
            },
            table_name: String::new(),
            event_bus_name: String::new(),
            retention_secs: 0,
        };
        ProcessorFunction::new(&config, log.clone(), NoNotifier)
    }

    /// A batch of messages, each a name, its group and its body.
    fn batch(messages: &[(&str, &str, &str)]) -> LambdaEvent<SqsEvent> {
        let records = messages.iter().map(|(name, group, body)| {
            let body = match *body {
                "poison" => "not an envelope".into(),
                body => envelope(name, body),
            };
            json!({
                "messageId": name,
                "body": body,
                "attributes": { "MessageGroupId": group, "ApproximateReceiveCount": "1" },
            })
        });
        let event = json!({ "Records": records.collect::<Vec<_>>() });
        let mut context = Context::default();
        context.deadline = clock::unix_millis().saturating_add(30_000);
        LambdaEvent::new(serde_json::from_value(event).unwrap(), context)
    }

    fn envelope(name: &str, body: &str) -> String {
        Envelope {
            kind: "unrecognized".into(),
            group: "g".into(),
            content_key: ContentKey::of_body(body.as_bytes()),
            replay_key: ReplayKey::from_bytes([0; 16]),
            secret_slot: 0,
            received_at: UnixSeconds::new(10),
            signed_at: UnixSeconds::new(9),
            request_id: name.into(),
            body: body.as_bytes().into(),
        }
        .encode()
    }

    async fn failures(log: &Log, messages: &[(&str, &str, &str)]) -> Vec<String> {
        let response = function(log).process(batch(messages)).await;
        let failures = response.batch_item_failures.into_iter();
        failures.map(|failure| failure.item_identifier).collect()
    }

    fn recorded(log: &Log) -> Vec<String> {
        let mut ids = log.0.lock().unwrap().clone();
        ids.sort_unstable();
        ids
    }

    #[tokio::test]
    async fn behind_the_first_failure_of_a_group_nothing_of_it_is_processed_and_others_go_on() {
        let log = Log::default();
        let failed = failures(
            &log,
            &[
                ("a1", "a", "ok"),
                ("b1", "b", "ok"),
                ("a2", "a", "fails"),
                ("a3", "a", "ok"),
                ("b2", "b", "ok"),
            ],
        )
        .await;
        assert_eq!(failed, ["a2", "a3"]);
        assert_eq!(recorded(&log), ["a1", "b1", "b2"]);
    }

    #[tokio::test]
    async fn a_poison_message_stays_in_the_queue_and_the_others_flow_on() {
        let log = Log::default();
        let messages = [("p", "p", "poison"), ("a1", "a", "ok"), ("a2", "a", "ok")];
        assert_eq!(failures(&log, &messages).await, ["p"]);
        assert_eq!(recorded(&log), ["a1", "a2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_time_does_not_suffice_for_stays_in_the_queue() {
        let log = Log::default();
        let messages = [("a1", "a", "hangs"), ("a2", "a", "ok"), ("b1", "b", "ok")];
        assert_eq!(failures(&log, &messages).await, ["a1", "a2"]);
        assert_eq!(recorded(&log), ["b1"]);
    }

    #[tokio::test]
    async fn a_batch_as_sqs_sends_it_is_read() {
        let path = format!(
            "{}/tests/fixtures/sqs-fifo.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let event = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut context = Context::default();
        context.deadline = clock::unix_millis().saturating_add(30_000);
        let response = function(&Log::default())
            .process(LambdaEvent::new(event, context))
            .await;
        // None of its bodies is an envelope.
        assert_eq!(response.batch_item_failures.len(), 3);
    }
}
