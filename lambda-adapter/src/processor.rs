use core::future::Future;
use std::{collections::BTreeMap, time::Duration};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use sinch_callback::{Leg, Step};
use sinch_callback_pipeline::{
    Change, DeliveryLog, Envelope, InvalidEnvelope, Notifier, Novelty, ProcessError, Processed,
    Processor,
};

use crate::{
    AwsError, Lasting, Metrics, ProcessorConfig, ProcessorQueue, Sample, Unit, clock, random,
    retry_after_secs,
};

/// The queue that the processor is handed its batches from, as far as it has a say in it.
pub trait SourceQueue: Sync {
    /// Puts a message among the dead letters, with the cause. Safe to repeat for five minutes.
    fn set_aside(
        &self,
        message: &SqsMessage,
        cause: &str,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Hides messages that stay in the queue, each for so many seconds from now.
    fn hide(
        &self,
        messages: &[(&SqsMessage, u32)],
    ) -> impl Future<Output = Result<(), AwsError>> + Send;
}

impl SourceQueue for ProcessorQueue {
    async fn set_aside(&self, message: &SqsMessage, cause: &str) -> Result<(), AwsError> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        self.put_dead_letter(
            text(&message.message_id),
            text(&message.body),
            group(message),
            cause,
        )
        .await
    }

    async fn hide(&self, messages: &[(&SqsMessage, u32)]) -> Result<(), AwsError> {
        let hidden = messages
            .iter()
            .filter_map(|(message, seconds)| Some((message.receipt_handle.clone()?, *seconds)));
        self.change_visibility(hidden.collect()).await
    }
}

/// The second Lambda function: from queued callbacks to states and events.
pub struct ProcessorFunction<L, N, Q> {
    processor: Processor<L, N>,
    queue: Q,
    metrics: Metrics,
}

/// What is left of an invocation's time for its calls of the queue and its answer. Our own choice.
const RESERVE: Duration = Duration::from_secs(2);
/// What is left of it for its answer.
const LAST_RESERVE: Duration = Duration::from_millis(250);
/// Group of a message that names none: no FIFO queue has such.
const NO_GROUP: &str = "";
/// How often a refusal that lasts is tried before its message is set aside. More than once, since a
/// new version of the function may be on its way. Our own choice.
const LASTING_RECEIVES: u32 = 5;

/// Why a message was not processed.
#[derive(Debug, thiserror::Error)]
enum Unprocessed {
    #[error("{0}")]
    Poison(#[from] InvalidEnvelope),
    #[error("{0}")]
    Refused(AwsError),
    #[error("{0}")]
    Failed(AwsError),
    #[error("the invocation's time was up")]
    OutOfTime,
    #[error("{cause}, and it cannot be put among the dead letters: {error}")]
    NotSetAside { cause: String, error: AwsError },
}

/// No message of a batch was processed, and what kept them from it may pass.
///
/// As an error of the function it has Lambda hand out fewer batches for a while, and it is what the
/// alarm on errors is about. The messages stay in the queue.
#[derive(Debug, thiserror::Error)]
#[error("none of {messages} queued callbacks was processed: {cause}")]
pub struct NothingProcessed {
    messages: usize,
    cause: String,
}

impl<L: DeliveryLog, N: Notifier, Q: SourceQueue> ProcessorFunction<L, N, Q>
where
    L::Error: Lasting,
    N::Error: Lasting,
{
    /// The function over these ports.
    pub fn new(config: &ProcessorConfig, log: L, notifier: N, queue: Q) -> Self {
        Self {
            processor: Processor::new(log, notifier).with_events(config.events),
            queue,
            metrics: Metrics::new(&config.shared),
        }
    }

    /// Processes a batch, and names the messages that stay in the queue. Within a group the order
    /// is kept: behind the first that stays nothing of it is processed. Other groups go on. What can
    /// never be processed is put among the dead letters and counts as done.
    ///
    /// # Errors
    /// [`NothingProcessed`] where all messages stay.
    pub async fn process(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, NothingProcessed> {
        let LambdaEvent { payload, context } = event;
        let mut groups: BTreeMap<&str, Vec<&SqsMessage>> = BTreeMap::new();
        for message in &payload.records {
            groups.entry(group(message)).or_default().push(message);
        }
        let groups = groups.into_values();
        let outcomes = join_all(groups.map(|messages| self.group(messages, &context))).await;
        let (mut stay, mut samples, mut first_cause) = (Vec::new(), Vec::new(), None);
        for outcome in outcomes {
            stay.extend(outcome.stay);
            samples.extend(outcome.samples);
            first_cause = first_cause.or(outcome.cause);
        }
        self.metrics.write(&samples);
        self.hide(&stay, &context).await;
        match first_cause {
            Some(cause) if stay.len() == payload.records.len() => Err(NothingProcessed {
                messages: stay.len(),
                cause,
            }),
            _ => {
                let mut response = SqsBatchResponse::default();
                response.batch_item_failures = stay.into_iter().map(failure).collect();
                Ok(response)
            }
        }
    }

    /// Processes one group's messages in order, up to the first that stays.
    async fn group<'a>(&self, messages: Vec<&'a SqsMessage>, context: &Context) -> Outcome<'a> {
        let mut outcome = Outcome::default();
        let mut messages = messages.into_iter();
        for message in messages.by_ref() {
            let time = clock::until(context.deadline).saturating_sub(RESERVE);
            let result = tokio::time::timeout(time, self.message(message))
                .await
                .unwrap_or(Err(Unprocessed::OutOfTime));
            let result = match result {
                Err(cause) if is_for_good(&cause, message) => {
                    self.set_aside(message, &cause, context).await
                }
                result => result.map(Some),
            };
            match result {
                Ok(Some((key, processed))) => {
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
                Ok(None) => outcome.samples.push(Sample::one("Poison")),
                Err(cause) => {
                    tracing::error!(
                        cause = %cause,
                        message_id = message.message_id,
                        receive_count = receives(message),
                        "a queued callback was not processed; the queue hands it out again"
                    );
                    outcome.samples.push(Sample::one("NotProcessed"));
                    outcome.cause = Some(cause.to_string());
                    outcome.stay.push(message);
                    break;
                }
            }
        }
        outcome.stay.extend(messages);
        outcome
    }

    async fn message(&self, message: &SqsMessage) -> Result<(String, Processed), Unprocessed> {
        let body = message.body.as_deref().unwrap_or_default();
        let envelope = Envelope::decode(body)?;
        let error = match self.processor.process(&envelope).await {
            Ok(processed) => return Ok((envelope.content_key.to_string(), processed)),
            Err(error) => error,
        };
        let lasts = match &error {
            ProcessError::Log(error) => error.lasts(),
            ProcessError::Notify(error) => error.lasts(),
        };
        let error = AwsError::of(&error);
        Err(if lasts {
            Unprocessed::Refused(error)
        } else {
            Unprocessed::Failed(error)
        })
    }

    /// Puts a message among the dead letters; what comes of it is nothing.
    async fn set_aside(
        &self,
        message: &SqsMessage,
        cause: &Unprocessed,
        context: &Context,
    ) -> Result<Option<(String, Processed)>, Unprocessed> {
        let cause = cause.to_string();
        let time = clock::until(context.deadline).saturating_sub(LAST_RESERVE);
        let put = tokio::time::timeout(time, self.queue.set_aside(message, &cause)).await;
        match put {
            Ok(Ok(())) => {
                tracing::error!(
                    cause,
                    message_id = message.message_id,
                    receive_count = receives(message),
                    "a queued callback can never be processed; it is among the dead letters now"
                );
                Ok(None)
            }
            Ok(Err(error)) => Err(Unprocessed::NotSetAside { cause, error }),
            Err(_) => Err(Unprocessed::OutOfTime),
        }
    }

    /// Has the queue hand messages out again soon, and not all at once. Where that fails, they come
    /// back after the queue's own time.
    async fn hide(&self, stay: &[&SqsMessage], context: &Context) {
        if stay.is_empty() {
            return;
        }
        let random = random::number();
        let hidden: Vec<_> = stay
            .iter()
            // The same for all: a group's order does not depend on who is shown first, and its first
            // would wait for the last.
            .map(|message| (*message, retry_after_secs(receives(message), random)))
            .collect();
        let time = clock::until(context.deadline).saturating_sub(LAST_RESERVE);
        let changed = tokio::time::timeout(time, self.queue.hide(&hidden)).await;
        if let Ok(Err(error)) = changed {
            tracing::warn!(%error, "the visibility of queued callbacks was not changed");
        }
    }
}

/// Whether a message belongs among the dead letters: no attempt can end otherwise.
fn is_for_good(cause: &Unprocessed, message: &SqsMessage) -> bool {
    match cause {
        Unprocessed::Poison(_) => true,
        Unprocessed::Refused(_) => receives(message) >= LASTING_RECEIVES,
        Unprocessed::Failed(_) | Unprocessed::OutOfTime | Unprocessed::NotSetAside { .. } => false,
    }
}

/// What came of a group.
#[derive(Default)]
struct Outcome<'a> {
    stay: Vec<&'a SqsMessage>,
    /// Why the first of these stays.
    cause: Option<String>,
    samples: Vec<Sample>,
}

fn attribute<'a>(message: &'a SqsMessage, name: &str) -> Option<&'a str> {
    message.attributes.get(name).map(String::as_str)
}

fn group(message: &SqsMessage) -> &str {
    attribute(message, "MessageGroupId").unwrap_or(NO_GROUP)
}

/// How often the queue has handed a message out, this time included.
fn receives(message: &SqsMessage) -> u32 {
    attribute(message, "ApproximateReceiveCount")
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
}

fn failure(message: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.clone().unwrap_or_default();
    failure
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
        let moved = match change.step {
            Step::Moved(leg) => Some(Leg::as_str(leg)),
            _ => None,
        };
        let contradicted = change.contradicts.then_some("contradicted");
        for status in moved.into_iter().chain(contradicted) {
            samples.push(Sample::one("Transitions").by("Status", status));
        }
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
    use sinch_callback_pipeline::{Applied, CallbackRecord, EventFilter, NoNotifier};
    use tracing_subscriber::filter::LevelFilter;

    use super::*;
    use crate::{Clock, Retention, Shared};

    /// A log that fails on the bodies that say so, and keeps what it was asked to record.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    #[derive(Debug, thiserror::Error)]
    #[error("down")]
    struct Down {
        lasts: bool,
    }

    impl Lasting for Down {
        fn lasts(&self) -> bool {
            self.lasts
        }
    }

    impl DeliveryLog for Log {
        type Error = Down;

        async fn apply(&self, record: CallbackRecord<'_>) -> Result<Applied, Down> {
            match &*record.envelope.body {
                b"fails" => return Err(Down { lasts: false }),
                b"refused" => return Err(Down { lasts: true }),
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

    /// A queue that keeps what it was told, and may take no dead letters.
    #[derive(Clone, Default)]
    struct Queue {
        takes_nothing: bool,
        aside: Arc<Mutex<Vec<(String, String)>>>,
        hidden: Arc<Mutex<Vec<(String, u32)>>>,
    }

    impl SourceQueue for Queue {
        async fn set_aside(&self, message: &SqsMessage, cause: &str) -> Result<(), AwsError> {
            if self.takes_nothing {
                return Err(AwsError::of(&io::Error::other("denied")));
            }
            let id = message.message_id.clone().unwrap();
            self.aside.lock().unwrap().push((id, cause.to_owned()));
            Ok(())
        }

        async fn hide(&self, messages: &[(&SqsMessage, u32)]) -> Result<(), AwsError> {
            let mut hidden = self.hidden.lock().unwrap();
            for (message, seconds) in messages {
                hidden.push((message.message_id.clone().unwrap(), *seconds));
            }
            Ok(())
        }
    }

    fn function(log: &Log, queue: &Queue) -> ProcessorFunction<Log, NoNotifier, Queue> {
        let config = ProcessorConfig {
            shared: Shared {
                log_level: LevelFilter::OFF,
                metrics_namespace: "Test".into(),
                function_name: "processor".into(),
                clock: Clock::System,
            },
            table_name: String::new(),
            event_bus_name: String::new(),
            events: EventFilter::All,
            queue_url: String::new(),
            dead_letter_queue_url: String::new(),
            retention: Retention {
                log_secs: 0,
                state_secs: 0,
            },
        };
        ProcessorFunction::new(&config, log.clone(), NoNotifier, queue.clone())
    }

    /// A batch of messages, each a name, its group and its body.
    fn batch(messages: &[(&str, &str, &str)], received: &str) -> LambdaEvent<SqsEvent> {
        let records = messages.iter().map(|(name, group, body)| {
            let body = match *body {
                "poison" => "not an envelope".into(),
                body => envelope(name, body),
            };
            json!({
                "messageId": name,
                "body": body,
                "attributes": { "MessageGroupId": group, "ApproximateReceiveCount": received },
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

    /// The ids of what stays; `None` where the function returns an error.
    fn failures(answer: Result<SqsBatchResponse, NothingProcessed>) -> Option<Vec<String>> {
        let failures = answer.ok()?.batch_item_failures.into_iter();
        Some(failures.map(|failure| failure.item_identifier).collect())
    }

    fn recorded(log: &Log) -> Vec<String> {
        let mut ids = log.0.lock().unwrap().clone();
        ids.sort_unstable();
        ids
    }

    #[tokio::test]
    async fn behind_the_first_failure_of_a_group_nothing_of_it_is_processed_and_others_go_on() {
        let (log, queue) = (Log::default(), Queue::default());
        let messages = [
            ("a1", "a", "ok"),
            ("b1", "b", "ok"),
            ("a2", "a", "fails"),
            ("a3", "a", "ok"),
            ("b2", "b", "ok"),
        ];
        let answer = function(&log, &queue).process(batch(&messages, "1")).await;
        assert_eq!(failures(answer).unwrap(), ["a2", "a3"]);
        assert_eq!(recorded(&log), ["a1", "b1", "b2"]);
    }

    #[tokio::test]
    async fn poison_is_set_aside_with_its_cause_and_its_group_flows_on() {
        let (log, queue) = (Log::default(), Queue::default());
        let messages = [("a1", "a", "ok"), ("p", "a", "poison"), ("a2", "a", "ok")];
        let answer = function(&log, &queue).process(batch(&messages, "1")).await;
        assert!(failures(answer).unwrap().is_empty());
        assert_eq!(recorded(&log), ["a1", "a2"]);
        let cause = "the queued message is not an envelope";
        assert_eq!(
            *queue.aside.lock().unwrap(),
            [("p".to_owned(), cause.to_owned())]
        );
        assert!(queue.hidden.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn poison_that_cannot_be_set_aside_stays_in_the_queue() {
        let (log, mut queue) = (Log::default(), Queue::default());
        queue.takes_nothing = true;
        let messages = [("p", "a", "poison"), ("a2", "a", "ok"), ("b1", "b", "ok")];
        let answer = function(&log, &queue).process(batch(&messages, "1")).await;
        assert_eq!(failures(answer).unwrap(), ["p", "a2"]);
        assert_eq!(recorded(&log), ["b1"]);
    }

    #[tokio::test]
    async fn what_fails_comes_back_after_seconds_and_later_the_more_often_it_failed() {
        for (received, bounds) in [("1", 5..=10), ("3", 20..=40), ("900", 30..=60)] {
            let (log, queue) = (Log::default(), Queue::default());
            let messages = [("a1", "a", "fails"), ("a2", "a", "ok"), ("b1", "b", "ok")];
            let event = batch(&messages, received);
            let answer = function(&log, &queue).process(event).await;
            assert_eq!(failures(answer).unwrap(), ["a1", "a2"]);
            assert!(queue.aside.lock().unwrap().is_empty(), "{received}");
            let hidden = queue.hidden.lock().unwrap();
            let ids: Vec<_> = hidden.iter().map(|(id, _)| id.as_str()).collect();
            assert_eq!(ids, ["a1", "a2"]);
            for (_, seconds) in &*hidden {
                assert!(bounds.contains(seconds), "{received}: {seconds}");
            }
        }
    }

    #[tokio::test]
    async fn a_batch_of_which_nothing_was_processed_is_an_error_and_is_hidden_too() {
        let (log, queue) = (Log::default(), Queue::default());
        let messages = [
            ("a1", "a", "fails"),
            ("a2", "a", "ok"),
            ("b1", "b", "fails"),
        ];
        let answer = function(&log, &queue).process(batch(&messages, "7")).await;
        let error = answer.unwrap_err().to_string();
        assert_eq!(
            error,
            "none of 3 queued callbacks was processed: the callback was not recorded: down"
        );
        assert_eq!(queue.hidden.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn poison_beside_failures_is_no_error_since_it_was_dealt_with() {
        let (log, queue) = (Log::default(), Queue::default());
        let messages = [("a1", "a", "fails"), ("p", "p", "poison")];
        let answer = function(&log, &queue).process(batch(&messages, "1")).await;
        assert_eq!(failures(answer).unwrap(), ["a1"]);
    }

    #[tokio::test]
    async fn a_refusal_that_lasts_is_tried_five_times_and_then_set_aside() {
        let messages = [("a1", "a", "refused"), ("a2", "a", "ok"), ("b1", "b", "ok")];
        for (received, aside) in [("1", 0), ("4", 0), ("5", 1), ("30", 1)] {
            let (log, queue) = (Log::default(), Queue::default());
            let event = batch(&messages, received);
            let failed = failures(function(&log, &queue).process(event).await).unwrap();
            assert_eq!(failed.is_empty(), aside == 1, "{received}");
            assert_eq!(queue.aside.lock().unwrap().len(), aside, "{received}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_time_does_not_suffice_for_stays_in_the_queue() {
        let (log, queue) = (Log::default(), Queue::default());
        let messages = [("a1", "a", "hangs"), ("a2", "a", "ok"), ("b1", "b", "ok")];
        let answer = function(&log, &queue).process(batch(&messages, "1")).await;
        assert_eq!(failures(answer).unwrap(), ["a1", "a2"]);
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
        let (log, queue) = (Log::default(), Queue::default());
        let answer = function(&log, &queue)
            .process(LambdaEvent::new(event, context))
            .await;
        // None of its bodies is an envelope.
        assert!(failures(answer).unwrap().is_empty());
        assert_eq!(queue.aside.lock().unwrap().len(), 3);
    }
}
