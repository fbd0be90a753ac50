use core::future::Future;
use std::{collections::BTreeMap, time::Duration};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use sinch_callback::{ContentKey, Leg, Unrecognized};
use sinch_callback_pipeline::{
    Envelope, InvalidEnvelope, Notifier,
    messages::{Attempted, Callbacks, Novelty, ProcessError, Processed, Processor},
};

use crate::{
    backoff::retry_after_secs,
    client::AwsError,
    clock,
    config::ProcessorConfig,
    lasting::Lasting,
    logs::is_sampled,
    metrics::{Metrics, Sample, Unit},
    random,
    sqs::ProcessorQueue,
};

/// The queue that the processor is handed its batches from, as far as it has a say in it.
pub trait SourceQueue: Sync {
    /// Puts a message among the dead letters, with the cause. Safe to repeat for five minutes.
    fn set_aside(
        &self,
        message: &SqsMessage,
        cause: &str,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Has the intents looked at whose attempts a callback concerns. Safe to repeat.
    fn reported(&self, attempts: &[Attempted])
    -> impl Future<Output = Result<(), AwsError>> + Send;

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

    async fn reported(&self, attempts: &[Attempted]) -> Result<(), AwsError> {
        let Some(recovery) = self.recovery() else {
            return Ok(());
        };
        for Attempted {
            attempt,
            message_id,
            ..
        } in attempts
        {
            recovery.reported(attempt.as_str(), message_id).await?;
        }
        Ok(())
    }

    async fn hide(&self, messages: &[(&SqsMessage, u32)]) -> Result<(), AwsError> {
        let hidden = messages
            .iter()
            .filter_map(|(message, seconds)| Some((message.receipt_handle.clone()?, *seconds)));
        self.change_visibility(hidden.collect()).await
    }
}

/// The second Lambda function: from queued callbacks to states and events.
pub struct ProcessorFunction<S, N, Q> {
    processor: Processor<S, N>,
    queue: Q,
    metrics: Metrics,
}

/// What is left of an invocation's time for its calls of the queue and its answer. Our own choice.
const RESERVE: Duration = Duration::from_secs(2);
/// What is left of it where a large callback is put off: a part of one takes less. Our own choice.
const PART_RESERVE: Duration = Duration::from_secs(5);
/// Messages of one callback that are changed at once. Our own choice.
const AT_ONCE: usize = 32;
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

impl<S: Callbacks, N: Notifier, Q: SourceQueue> ProcessorFunction<S, N, Q>
where
    S::Error: Lasting,
    N::Error: Lasting,
{
    /// The function over these ports.
    pub fn new(config: &ProcessorConfig, store: S, notifier: N, queue: Q) -> Self {
        Self {
            processor: Processor::new(store, notifier, AT_ONCE)
                .with_events(config.events)
                .with_overdue_after(config.overdue_after),
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
            let is_unfinished = outcome.is_unfinished;
            stay.extend(
                outcome
                    .stay
                    .into_iter()
                    .map(|message| (message, is_unfinished)),
            );
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
                let stay = stay.into_iter().map(|(message, _)| failure(message));
                response.batch_item_failures = stay.collect();
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
            let result = tokio::time::timeout(time, self.message(message, context))
                .await
                .unwrap_or(Err(Unprocessed::OutOfTime));
            let result = match result {
                Err(cause) if is_for_good(&cause, message) => {
                    self.set_aside(message, &cause, context).await
                }
                result => result.map(Some),
            };
            match result {
                Ok(Some(Done::Whole(key, processed))) => {
                    log(key, &processed);
                    outcome.samples.push(recorded(&processed));
                    outcome.samples.extend(samples(&processed));
                }
                Ok(Some(Done::Part(processed))) => {
                    outcome.samples.extend(samples(&processed));
                    outcome.is_unfinished = true;
                    outcome.stay.push(message);
                    break;
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

    async fn message(&self, message: &SqsMessage, context: &Context) -> Result<Done, Unprocessed> {
        let body = message.body.as_deref().unwrap_or_default();
        let envelope = Envelope::decode(body)?;
        let has_time = || clock::until(context.deadline) > PART_RESERVE;
        let error = match self.processor.process(&envelope, has_time).await {
            Ok(processed) => {
                self.reported(&processed).await?;
                return Ok(Done::Whole(envelope.content_key(), processed));
            }
            Err(ProcessError::Unfinished(processed)) => {
                self.reported(&processed).await?;
                return Ok(Done::Part(*processed));
            }
            Err(error) => error,
        };
        let lasts = match &error {
            ProcessError::Store(error) => error.lasts(),
            ProcessError::Notify(error) => error.lasts(),
            ProcessError::Unfinished(_) => false,
        };
        let error = AwsError::of(&error);
        Err(if lasts {
            Unprocessed::Refused(error)
        } else {
            Unprocessed::Failed(error)
        })
    }

    /// Before the callback is acknowledged: no intent may miss what became of its message.
    async fn reported(&self, processed: &Processed) -> Result<(), Unprocessed> {
        let reported = self.queue.reported(&processed.attempts).await;
        reported.map_err(Unprocessed::Failed)
    }

    /// Puts a message among the dead letters; what comes of it is nothing.
    async fn set_aside(
        &self,
        message: &SqsMessage,
        cause: &Unprocessed,
        context: &Context,
    ) -> Result<Option<Done>, Unprocessed> {
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
    async fn hide(&self, stay: &[(&SqsMessage, bool)], context: &Context) {
        if stay.is_empty() {
            return;
        }
        let random = random::number();
        let hidden: Vec<_> = stay
            .iter()
            // The same for all: a group's order does not depend on who is shown first, and its first
            // would wait for the last.
            .map(|(message, is_unfinished)| {
                // What was put off for want of time goes on at once.
                let seconds = retry_after_secs(receives(message), random);
                (*message, if *is_unfinished { 0 } else { seconds })
            })
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
    /// Whether the first of them has been applied in part, and wants to go on.
    is_unfinished: bool,
    samples: Vec<Sample>,
}

/// What was done about a message.
enum Done {
    /// All, with the content key.
    Whole(ContentKey, Processed),
    /// A part of a large callback, for which the time sufficed.
    Part(Processed),
}

fn attribute<'a>(message: &'a SqsMessage, name: &str) -> Option<&'a str> {
    message.attributes.get(name).map(String::as_str)
}

fn group(message: &SqsMessage) -> &str {
    attribute(message, "MessageGroupId").unwrap_or(NO_GROUP)
}

/// How often the queue has handed a message out, this time included.
pub(crate) fn receives(message: &SqsMessage) -> u32 {
    attribute(message, "ApproximateReceiveCount")
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
}

pub(crate) fn failure(message: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message.message_id.clone().unwrap_or_default();
    failure
}

const fn name(novelty: Novelty) -> &'static str {
    match novelty {
        Novelty::New => "new",
        Novelty::Redelivered => "redelivered",
        Novelty::Repeated => "repeated",
        Novelty::Forgotten => "forgotten",
    }
}

fn log(content_key: ContentKey, processed: &Processed) {
    let novelty = name(processed.novelty);
    let unrecognized = processed.unrecognized.map(Unrecognized::as_str);
    let moves: u64 = processed.moves.values().sum();
    if unrecognized.is_some() || is_sampled(content_key) {
        tracing::info!(%content_key, novelty, unrecognized, moves, "recorded");
    } else {
        tracing::debug!(%content_key, novelty, unrecognized, moves, "recorded");
    }
}

fn recorded(processed: &Processed) -> Sample {
    Sample::one("Recorded").by("Novelty", name(processed.novelty))
}

/// What is counted of a callback, or of a part of it: what was new alone.
fn samples(processed: &Processed) -> Vec<Sample> {
    let count = |name, count: u64| {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Sample::new(name, Unit::Count, count.into())
    };
    let mut samples = Vec::new();
    if processed.events > 0 {
        let events = u64::try_from(processed.events).unwrap_or(u64::MAX);
        samples.push(count("EventsSent", events));
    }
    if processed.novelty == Novelty::New && processed.unrecognized.is_some() {
        samples.push(Sample::one("Unrecognized"));
    }
    for (leg, moves) in &processed.moves {
        samples.push(count("Transitions", *moves).by("Status", Leg::as_str(*leg)));
    }
    if processed.contradictions > 0 {
        let contradicted = count("Transitions", processed.contradictions);
        samples.push(contradicted.by("Status", "contradicted"));
    }
    for (reason, failures) in &processed.failures {
        samples.push(count("Failures", *failures).by("Reason", reason.clone()));
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
    use sinch_callback::UnixSeconds;
    use sinch_callback_pipeline::{
        EventFilter, NoNotifier,
        messages::{Change, Changed, Cursor, KeptFor, Message, Messages},
    };
    use tracing_subscriber::filter::LevelFilter;

    use super::*;
    use crate::{Clock, Retention, Shared};

    /// A store that fails on the bodies that say so, and keeps whose bodies it was asked to keep. No
    /// message is changed in it, and where a large callback stands it does not know.
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
            match envelope.body() {
                b"fails" => return Err(Down { lasts: false }),
                b"refused" => return Err(Down { lasts: true }),
                b"hangs" => core::future::pending().await,
                _ => {}
            }
            self.0
                .lock()
                .unwrap()
                .push(envelope.request_id().to_owned());
            Ok(Novelty::New)
        }

        async fn set_cursor(&self, _: ContentKey, cursor: Option<Cursor>) -> Result<(), Down> {
            let done = cursor.map(|cursor| cursor.done.to_string());
            self.0.lock().unwrap().extend(done);
            Ok(())
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
        async fn reported(&self, _: &[Attempted]) -> Result<(), AwsError> {
            Ok(())
        }

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
            archives: false,
            recovery_queue_url: None,
            overdue_after: None,
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
        let key = ContentKey::of_body(body.as_bytes());
        Envelope::kept(key, UnixSeconds::new(9), body.as_bytes())
            .with_arrival(UnixSeconds::new(10), name)
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
    async fn a_large_callback_without_time_goes_on_at_once_and_is_no_failure() {
        let recipients: Vec<_> = (0..1_200)
            .map(|number| format!("1555{number:07}"))
            .collect();
        let body = json!({
            "type": "delivery_report_sms",
            "batch_id": "batch",
            "total_message_count": recipients.len(),
            "statuses": [
                {"code": 0, "status": "Delivered", "count": recipients.len(), "recipients": recipients},
            ],
        })
        .to_string();
        let messages = [
            ("a1", "a", body.as_str()),
            ("a2", "a", "ok"),
            ("b1", "b", "ok"),
        ];
        let (log, queue) = (Log::default(), Queue::default());
        let mut event = batch(&messages, "9");
        event.context.deadline = clock::unix_millis().saturating_add(4_900);
        let answer = function(&log, &queue).process(event).await;
        assert_eq!(failures(answer).unwrap(), ["a1", "a2"]);
        assert_eq!(recorded(&log), ["500", "b1"]);
        let hidden = [("a1".to_owned(), 0), ("a2".to_owned(), 0)];
        assert_eq!(*queue.hidden.lock().unwrap(), hidden);

        let (log, queue) = (Log::default(), Queue::default());
        let answer = function(&log, &queue).process(batch(&messages, "9")).await;
        assert!(failures(answer).unwrap().is_empty());
        assert_eq!(recorded(&log), ["1000", "500", "a1", "a2", "b1"]);
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
