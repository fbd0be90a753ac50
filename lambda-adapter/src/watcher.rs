use core::{future::Future, time::Duration};
use std::collections::BTreeSet;

use futures_util::future::{join_all, try_join_all};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::{
    Notifier,
    listening::{CallbacksEvent, CallbacksStopped, SENDS, Turn},
    messages::{Messages, Watch, Watched, tell_overdue},
};

use crate::{
    client::AwsError,
    clock::{self, Clock},
    config::WatcherConfig,
    dynamodb::{DeliveryTable, dues::DueMessage, error::TableError},
    eventbridge::{EventBus, EventBusError},
    hearing::{Ear, Heard},
    metrics::{Metrics, Sample, Unit},
};

/// What the watch keeps: messages with an index of what is due, and what it remembers itself.
pub trait WatchStore: Messages {
    /// The messages that are due first, at most `limit` of each part of the index.
    fn dues(&self, limit: i32)
    -> impl Future<Output = Result<Vec<DueMessage>, Self::Error>> + Send;

    /// Since when a message waits for a report that would end it, where somebody has said that it was
    /// sent.
    fn waits_since(
        &self,
        message_id: &str,
    ) -> impl Future<Output = Result<Option<UnixSeconds>, Self::Error>> + Send;

    /// What was remembered last; empty where nothing was.
    fn listening(&self) -> impl Future<Output = Result<String, Self::Error>> + Send;

    /// Remembers it.
    fn keep_listening(&self, kept: &str) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Whom the watch tells that callbacks stopped, or resumed.
pub trait CallbacksTeller: Notifier {
    /// Tells it.
    fn callbacks(
        &self,
        event: &CallbacksEvent,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl WatchStore for DeliveryTable {
    async fn dues(&self, limit: i32) -> Result<Vec<DueMessage>, TableError> {
        self.dues(limit).await
    }

    async fn waits_since(&self, message_id: &str) -> Result<Option<UnixSeconds>, TableError> {
        self.waits_since(message_id).await
    }

    async fn listening(&self) -> Result<String, TableError> {
        self.listening().await
    }

    async fn keep_listening(&self, kept: &str) -> Result<(), TableError> {
        self.keep_listening(kept).await
    }
}

impl CallbacksTeller for EventBus {
    async fn callbacks(&self, event: &CallbacksEvent) -> Result<(), EventBusError> {
        self.tell(event.kind, event).await
    }
}

/// The third Lambda function: looks each minute at what is due, and takes watches.
pub struct WatcherFunction<S, N, E> {
    store: S,
    notifier: N,
    ear: E,
    clock: Clock,
    stopped_after: Duration,
    metrics: Metrics,
}

/// How many messages of each part of the index are looked at together. Our own choice.
const PAGE: i32 = 64;
/// Messages that are told at once. Our own choice.
const AT_ONCE: usize = 32;
/// What is left of an invocation's time for what is under way. Our own choice.
const RESERVE: Duration = Duration::from_secs(10);

/// Why a look ended before its time. What is due stays due, and the next look begins again.
#[derive(Debug, thiserror::Error)]
#[error("what is due was not looked at: {0}")]
pub struct NotLooked(AwsError);

impl<S: WatchStore, N: CallbacksTeller, E: Ear> WatcherFunction<S, N, E> {
    /// The function over these ports.
    pub fn new(config: &WatcherConfig, store: S, notifier: N, ear: E) -> Self {
        Self {
            store,
            notifier,
            ear,
            clock: config.shared.clock,
            stopped_after: config.stopped_after,
            metrics: Metrics::new(&config.shared),
        }
    }

    /// Takes the minute's look; or a watch, or a list of them, from whoever invokes the function.
    ///
    /// # Errors
    /// [`NotLooked`] of a look.
    pub async fn take(&self, event: LambdaEvent<Value>) -> Result<Value, NotLooked> {
        let LambdaEvent { payload, context } = event;
        match payload {
            Value::Array(asked) => {
                let answers = join_all(asked.iter().map(|asked| self.asked(asked)));
                Ok(Value::Array(answers.await))
            }
            ref asked if asked.get("message_id").is_some() => Ok(self.asked(asked).await),
            _ => self.look(&context).await.map(|()| Value::Null),
        }
    }

    /// What one watch is answered.
    async fn asked(&self, asked: &Value) -> Value {
        match self.watch(asked.to_string().as_bytes()).await {
            Ok(answer) => answer,
            Err(refused) => refused.into_answer(),
        }
    }

    async fn watch(&self, body: &[u8]) -> Result<Value, Refused> {
        let now = self.clock.now();
        let watch = Watch::parse(body, now)
            .map_err(|invalid| Refused::of("malformed_watch", invalid.to_string()))?;
        let (message_id, deadline) = (watch.message_id.clone(), watch.deadline);
        let changed = self
            .store
            .update(&message_id, move |found| watch.change(found, now))
            .await
            .map_err(|error| Refused::of("store_unavailable", AwsError::of(&error).to_string()))?;
        match changed.watched {
            Some(watched @ (Watched::New | Watched::Same | Watched::Ended)) => Ok(json!({
                "message_id": message_id,
                "deadline": deadline.map(UnixSeconds::get),
                "watch": watched.as_str(),
            })),
            Some(Watched::Full) => Err(Refused::of(
                "too_many_deadlines",
                "this message is watched for as many deadlines as it has room for",
            )),
            None => Err(Refused::of(
                "forgotten",
                "this message has been forgotten: nothing is kept of it",
            )),
        }
    }

    /// Tells what is overdue, and that callbacks stopped or resumed.
    async fn look(&self, context: &Context) -> Result<(), NotLooked> {
        let mut samples = Vec::new();
        let looked = self.looked(context, &mut samples).await;
        self.metrics.write(&samples);
        looked
    }

    async fn looked(&self, context: &Context, samples: &mut Vec<Sample>) -> Result<(), NotLooked> {
        let now = self.clock.now();
        let store_error = |error: S::Error| NotLooked(AwsError::of(&error));
        let kept = self.store.listening().await.map_err(store_error)?;
        let mut turn: Turn = serde_json::from_str(&kept).unwrap_or_default();
        let mut dues = self.store.dues(PAGE).await.map_err(store_error)?;
        if dues.is_empty() && !turn.is_stopped() {
            // Nothing waits, so nobody has to know how far has been heard.
            return Ok(());
        }
        let heard = match self.ear.listen(now).await {
            Ok(heard) => heard,
            Err(error) => {
                tracing::error!(
                    %error,
                    "it cannot be told how far callbacks have been heard, so nothing is called overdue"
                );
                samples.push(Sample::one("HearingUnreadable"));
                return Ok(());
            }
        };
        let lag = now.get().saturating_sub(heard.until.get());
        let lag = u32::try_from(lag).unwrap_or(u32::MAX);
        samples.push(Sample::new("HearingLag", Unit::Seconds, lag.into()));
        self.turned(&mut turn, &dues, heard, now, samples).await?;
        let mut seen = BTreeSet::new();
        loop {
            dues.retain(|due| due.at <= heard.until && seen.insert(due.message_id.clone()));
            if dues.is_empty() {
                return Ok(());
            }
            for some in dues.chunks(AT_ONCE) {
                if clock::until(context.deadline) < RESERVE {
                    return Ok(());
                }
                self.tell(some, heard, samples).await?;
            }
            dues = self.store.dues(PAGE).await.map_err(store_error)?;
        }
    }

    async fn tell(
        &self,
        dues: &[DueMessage],
        heard: Heard,
        samples: &mut Vec<Sample>,
    ) -> Result<(), NotLooked> {
        let told = dues
            .iter()
            .map(|due| tell_overdue(&self.store, &self.notifier, &due.message_id, heard.until));
        let mut failed = None;
        for (told, due) in join_all(told).await.into_iter().zip(dues) {
            match told {
                Ok(0) => {}
                Ok(events) => {
                    tracing::warn!(
                        message_id = due.message_id,
                        "a message waits for a report that has not come"
                    );
                    let events = u32::try_from(events).unwrap_or(u32::MAX);
                    samples.push(Sample::new("Overdue", Unit::Count, events.into()));
                }
                Err(error) => failed = Some(AwsError::of(&error)),
            }
        }
        failed.map_or(Ok(()), |error| Err(NotLooked(error)))
    }

    /// How many messages have waited as long as no callback may be missing, up to so many as matter. They
    /// are read only where none has come for so long.
    async fn waiting(
        &self,
        dues: &[DueMessage],
        heard: Heard,
        now: UnixSeconds,
    ) -> Result<usize, NotLooked> {
        if CallbacksStopped::look(now, self.stopped_after, heard.last, SENDS).is_none() {
            return Ok(0);
        }
        let made = now.get().saturating_sub(self.stopped_after.as_secs());
        let mut waiting = 0_usize;
        for some in dues.chunks(AT_ONCE) {
            let read = some
                .iter()
                .map(|due| self.store.waits_since(&due.message_id));
            for since in try_join_all(read)
                .await
                .map_err(|error| NotLooked(AwsError::of(&error)))?
            {
                let is_old = since.is_some_and(|since| since.get() <= made);
                waiting = waiting.saturating_add(usize::from(is_old));
            }
            if waiting >= SENDS {
                break;
            }
        }
        Ok(waiting)
    }

    /// Tells that callbacks stopped, or resumed, before it is remembered: whoever crashes between the
    /// two may tell it once more.
    async fn turned(
        &self,
        turn: &mut Turn,
        dues: &[DueMessage],
        heard: Heard,
        now: UnixSeconds,
        samples: &mut Vec<Sample>,
    ) -> Result<(), NotLooked> {
        let waiting = self.waiting(dues, heard, now).await?;
        let stopped = CallbacksStopped::look(now, self.stopped_after, heard.last, waiting);
        let event = turn.take(heard.last.received_at, stopped.is_some(), now);
        if let Some(event) = &event {
            let told = self.notifier.callbacks(event).await;
            told.map_err(|error| NotLooked(AwsError::of(&error)))?;
            // Numbers under fixed names have no way to fail.
            let kept = serde_json::to_string(turn).unwrap_or_default();
            let kept = self.store.keep_listening(&kept).await;
            kept.map_err(|error| NotLooked(AwsError::of(&error)))?;
        }
        if turn.is_stopped() {
            samples.push(Sample::one("CallbacksStopped"));
            tracing::error!(
                "no callback comes any more, although messages wait for theirs: check the webhook at Sinch, its secret, and the way to here"
            );
        }
        Ok(())
    }
}

/// Why a watch was not kept.
#[derive(Debug)]
struct Refused {
    code: &'static str,
    detail: String,
}

impl Refused {
    fn of(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    fn into_answer(self) -> Value {
        json!({ "code": self.code, "detail": self.detail })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        convert::Infallible,
        sync::{Arc, Mutex},
    };

    use sinch_callback_pipeline::{
        CallbackEvent, DeliveryEvent,
        listening::LastCallback,
        messages::{Change, Changed, Message},
    };
    use tracing_subscriber::filter::LevelFilter;

    use super::*;
    use crate::{config::Shared, retention::Retention};

    const NOW: UnixSeconds = UnixSeconds::new(1_795_600_800);

    #[derive(Clone, Default)]
    struct Memory {
        messages: Arc<Mutex<BTreeMap<String, Message>>>,
        kept: Arc<Mutex<String>>,
        told: Arc<Mutex<Vec<String>>>,
    }

    impl Messages for Memory {
        type Error = Infallible;

        async fn update(
            &self,
            message_id: &str,
            change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
        ) -> Result<Changed, Infallible> {
            let mut messages = self.messages.lock().unwrap();
            let Change { write, changed } = change(messages.get(message_id).cloned());
            if let Some(message) = write {
                messages.insert(message_id.into(), message);
            }
            Ok(changed)
        }
    }

    impl WatchStore for Memory {
        async fn dues(&self, _limit: i32) -> Result<Vec<DueMessage>, Infallible> {
            let messages = self.messages.lock().unwrap();
            let dues = messages.values().filter_map(|message| {
                Some(DueMessage {
                    message_id: message.message_id.clone(),
                    at: message.dues.next()?,
                })
            });
            Ok(dues.collect())
        }

        async fn waits_since(&self, id: &str) -> Result<Option<UnixSeconds>, Infallible> {
            let messages = self.messages.lock().unwrap();
            Ok(messages.get(id).and_then(Message::waits_since))
        }

        async fn listening(&self) -> Result<String, Infallible> {
            Ok(self.kept.lock().unwrap().clone())
        }

        async fn keep_listening(&self, kept: &str) -> Result<(), Infallible> {
            kept.clone_into(&mut self.kept.lock().unwrap());
            Ok(())
        }
    }

    impl Notifier for Memory {
        type Error = Infallible;

        async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Infallible> {
            let told = events
                .iter()
                .map(|event| format!("{} {}", event.kind, event.message_id));
            self.told.lock().unwrap().extend(told);
            Ok(())
        }

        async fn notify_of_callback(&self, _: &[CallbackEvent<'_>]) -> Result<(), Infallible> {
            Ok(())
        }
    }

    impl CallbacksTeller for Memory {
        async fn callbacks(&self, event: &CallbacksEvent) -> Result<(), Infallible> {
            self.told.lock().unwrap().push(event.kind.into());
            Ok(())
        }
    }

    /// What is heard: until when, and when the last callback came; nothing where it cannot be read.
    #[derive(Clone, Copy)]
    struct Fixed(Option<(u64, u64)>);

    impl Ear for Fixed {
        async fn listen(&self, _: UnixSeconds) -> Result<Heard, AwsError> {
            let (until, last) = self.0.ok_or_else(|| AwsError::saying("denied".into()))?;
            Ok(Heard {
                until: UnixSeconds::new(until),
                last: LastCallback {
                    received_at: Some(UnixSeconds::new(last)),
                    listening_since: None,
                },
            })
        }
    }

    fn function(
        memory: &Memory,
        now: u64,
        heard: Option<(u64, u64)>,
    ) -> WatcherFunction<Memory, Memory, Fixed> {
        let config = WatcherConfig {
            shared: Shared {
                log_level: LevelFilter::OFF,
                metrics_namespace: String::new(),
                function_name: "watcher".into(),
                clock: Clock::FixedAt(UnixSeconds::new(now)),
            },
            table_name: String::new(),
            event_bus_name: String::new(),
            queue_url: String::new(),
            receiver_name: String::new(),
            stopped_after: Duration::from_secs(900),
            retention: Retention {
                log_secs: 0,
                state_secs: 0,
            },
        };
        WatcherFunction::new(&config, memory.clone(), memory.clone(), Fixed(heard))
    }

    async fn take(function: &WatcherFunction<Memory, Memory, Fixed>, payload: Value) -> Value {
        let mut context = Context::default();
        context.deadline = clock::unix_millis().saturating_add(60_000);
        function
            .take(LambdaEvent { payload, context })
            .await
            .unwrap()
    }

    fn asked(message_id: &str) -> Value {
        json!({ "message_id": message_id, "deadline": "PT10M" })
    }

    const LOOK: u64 = NOW.get();

    #[tokio::test]
    async fn a_watch_is_answered_and_the_same_again_is_the_same() {
        let memory = Memory::default();
        let function = function(&memory, LOOK, None);
        let kept = json!({ "message_id": "m", "deadline": LOOK + 600, "watch": "watching" });
        assert_eq!(take(&function, asked("m")).await, kept);
        let both = take(&function, json!([asked("m"), { "message_id": 7 }])).await;
        assert_eq!(both[0]["watch"], "same");
        assert_eq!(both[1]["code"], "malformed_watch");
    }

    #[tokio::test]
    async fn what_is_overdue_is_told_once_and_only_as_far_as_was_heard() {
        let memory = Memory::default();
        take(&function(&memory, LOOK, None), asked("m")).await;
        let told = || memory.told.lock().unwrap().clone();
        let due = LOOK + 600;
        for (heard, expected) in [
            (None, vec![]),
            (Some((due - 1, due)), vec![]),
            (Some((due, due)), vec!["delivery.overdue m"]),
            (Some((due + 60, due)), vec!["delivery.overdue m"]),
        ] {
            take(&function(&memory, due + 60, heard), json!({})).await;
            assert_eq!(told(), expected, "{heard:?}");
        }
    }

    #[tokio::test]
    async fn that_callbacks_stopped_and_resumed_is_told_once() {
        let memory = Memory::default();
        for id in ["a", "b", "c", "d", "e"] {
            let watch = json!({ "message_id": id, "deadline": "P1D" });
            take(&function(&memory, LOOK, None), watch).await;
        }
        let told = || memory.told.lock().unwrap().clone();
        let now = LOOK + 900;
        take(&function(&memory, now - 1, Some((now, LOOK))), json!({})).await;
        assert!(told().is_empty());
        for _ in 0..2 {
            take(&function(&memory, now, Some((now, LOOK))), json!({})).await;
            assert_eq!(told(), ["callbacks.stopped"]);
        }
        take(
            &function(&memory, now + 60, Some((now, now + 1))),
            json!({}),
        )
        .await;
        assert_eq!(told(), ["callbacks.stopped", "callbacks.resumed"]);
    }
}
