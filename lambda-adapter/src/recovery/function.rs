use core::time::Duration;
use std::collections::HashSet;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::{
    ForgetKey,
    messages::{self, Messages, Watch},
};
use sinch_callback_recovery::{
    Accepted, AttemptName, AttemptState, Cancel, Channel, Circumstances, Decision, Engine, Fault,
    Intent, IntentId, IntentKey, InvalidRequest, PortFailure, Report, Request, decide,
    ports::{Intents, Ports, SuppressedFor, Switch},
};

use super::{
    email,
    host::{RecoveryHost, RefusedEvent},
};
use crate::{
    backoff::retry_after_secs,
    client::AwsError,
    clock,
    config::RecoveryConfig,
    dynamodb::TableError,
    looks::{LookQueue, Note},
    metrics::{Metrics, Sample},
    processor::{failure, receives},
    random,
};

/// The fourth Lambda function: accepts intents, and does what is decided about them.
pub struct RecoveryFunction {
    engine: Engine<RecoveryHost>,
    queue: LookQueue,
    metrics: Metrics,
}

/// How many intents a sweep finds together. Our own choice.
const SWEEP: usize = 256;
/// Intents that a sweep looks at at once. Our own choice.
const AT_ONCE: usize = 32;
/// What is left of an invocation's time where the last calls begin: one takes ten seconds, and what came
/// of it has to be written.
const RESERVE: Duration = Duration::from_secs(15);
/// What is left of it for its answer.
const LAST_RESERVE: Duration = Duration::from_secs(1);

/// What whoever invokes the function may ask besides accepting an intent.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase", deny_unknown_fields)]
enum Asked {
    /// What is known of an intent.
    Show { key: String },
    /// Send nothing more for it.
    Cancel { key: String },
    /// Let the step run again that a person was asked about.
    Retry { key: String },
    /// What lets sends pass, and what holds them back.
    State {},
    /// Pause all sends.
    Pause {
        #[serde(default)]
        why: String,
    },
    /// Let sends pass.
    Resume {},
}

/// Why something was not done. It is done when it is asked for, or looked at, again.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// A port failed.
    #[error("{}", AwsError::of(.0))]
    Port(#[from] PortFailure),
    /// The table failed.
    #[error("{}", AwsError::of(.0))]
    Table(#[from] TableError),
    /// A service failed.
    #[error(transparent)]
    Call(#[from] AwsError),
    /// The invocation's time was up.
    #[error("the invocation's time was up")]
    OutOfTime,
    /// A batch has not the shape of one of SQS: nothing of it may be acknowledged.
    #[error("the records are no batch of SQS: {0}")]
    NoBatch(#[from] serde_json::Error),
}

impl RecoveryFunction {
    /// The function over this host.
    pub(super) fn new(
        config: &RecoveryConfig,
        host: RecoveryHost,
        key: ForgetKey,
        queue: LookQueue,
    ) -> Self {
        Self {
            engine: Engine::new(host, key),
            queue,
            metrics: Metrics::new(&config.shared),
        }
    }

    fn host(&self) -> &RecoveryHost {
        self.engine.ports()
    }

    /// Takes the minute's sweep, a batch of its queue, or what whoever invokes it asks.
    ///
    /// # Errors
    /// [`NotDone`] of a sweep, and of what was asked.
    pub async fn take(&self, event: LambdaEvent<Value>) -> Result<Value, NotDone> {
        let LambdaEvent { payload, context } = event;
        if payload.get("Records").is_some() {
            return self.queued(payload, &context).await;
        }
        if payload.get("command").is_some() {
            return self.asked(payload).await;
        }
        if payload.get("source").and_then(Value::as_str) == Some("aws.events") {
            return self.sweep(&context).await.map(|()| Value::Null);
        }
        Ok(match self.accept(payload.to_string().as_bytes()).await? {
            Ok(intent) => serde_json::to_value(intent.view()).unwrap_or_default(),
            Err(refused) => json!({
                "code": refused.code,
                "detail": refused.detail,
                "faults": refused.faults,
            }),
        })
    }

    /// Accepts an intent, and looks at one that is new.
    async fn accept(&self, body: &[u8]) -> Result<Result<Intent, Refused>, NotDone> {
        let request = match Request::parse(body, self.host().now()) {
            Ok(request) => request,
            Err(invalid) => return Ok(Err(invalid.into())),
        };
        let mut steps = request.plan().steps().iter();
        if !self.host().sender.sends_email() && steps.any(|step| step.channel == Channel::Email) {
            let fault = Fault {
                field: format!("to.{}", Channel::Email),
                expected: "no address to send e-mails from is set up: EmailFrom".into(),
            };
            let faults = vec![fault];
            return Ok(Err(InvalidRequest { faults }.into()));
        }
        let sent = request.sent().cloned();
        let (intent, is_new) = match self.engine.accept(request).await? {
            Accepted::Created(intent) => (*intent, true),
            Accepted::Same(intent) => (*intent, false),
            Accepted::Conflict => return Ok(Err(Refused::conflict())),
        };
        if let Some(sent) = sent.filter(|sent| sent.channel != Channel::Email) {
            // Where this is not reached, whoever asked asks again; and each look reads the message itself.
            self.attach(intent.attempt_name(1), &sent.message_id)
                .await?;
        }
        if !is_new {
            return Ok(Ok(intent));
        }
        let id = intent.id();
        self.look(intent.clone(), None).await?;
        let looked = self.host().table.read(id).await?;
        Ok(Ok(looked.unwrap_or(intent)))
    }

    /// Has an intent hear of a message that somebody else has sent for it.
    async fn attach(&self, attempt: AttemptName, message_id: &str) -> Result<(), NotDone> {
        let now = self.host().now();
        let watch = Watch {
            message_id: message_id.to_owned(),
            deadline: None,
            attempt: messages::AttemptName::parse(&attempt.to_string()),
        };
        self.host()
            .messages
            .update(message_id, move |found| watch.change(found, now))
            .await?;
        Ok(())
    }

    /// Looks at an intent, by what its messages are. They are read here, since what the queue tells of them
    /// may lag behind what is due, or be lost; how far has been heard was read before, so that what was
    /// heard by then is among them. `told` is a message of one of its attempts.
    async fn look(&self, intent: Intent, told: Option<(u32, String)>) -> Result<(), NotDone> {
        let reports = self.reports(&intent, told).await?;
        let looked = self.engine.look_by(intent.id(), reports).await?;
        let next = looked.and_then(|looked| looked.next);
        if let Some(next) = next.filter(|next| intent.look_at() != Some(*next)) {
            self.look_later(intent.id(), next).await;
        }
        Ok(())
    }

    /// What became of the messages of an intent. Of one that has ended only what is told: nothing is sent
    /// for it any more.
    async fn reports(
        &self,
        intent: &Intent,
        told: Option<(u32, String)>,
    ) -> Result<Vec<(u32, Report)>, NotDone> {
        let messages = &self.host().messages;
        let mut ids: Vec<(u32, String)> = Vec::new();
        ids.extend(told);
        for (number, attempt) in (1..).zip(intent.attempts()) {
            let has_left = !matches!(
                attempt.state(),
                AttemptState::Planned | AttemptState::NotCalled
            );
            if intent.end().is_some() || attempt.channel() == Channel::Email || !has_left {
                continue;
            }
            if let Some(id) = attempt.message_id() {
                ids.push((number, id.to_owned()));
            } else {
                let name = intent.attempt_name(number).to_string();
                let found = messages.correlated(&name).await?;
                ids.extend(found.into_iter().map(|id| (number, id)));
            }
        }
        let mut reports = Vec::new();
        let mut seen = HashSet::new();
        for (number, id) in ids {
            if !seen.insert(id.clone()) {
                continue;
            }
            let message = messages.aggregate(&id).await?;
            // Before its first report it only says that somebody waits.
            if let Some(message) = message.filter(|message| message.version > 0) {
                reports.push((number, Report::of(&message)));
            }
        }
        Ok(reports)
    }

    /// Has the intent looked at to the second, where the sweep of each minute would be late. Where that
    /// fails, the sweep does it.
    async fn look_later(&self, id: IntentId, at: UnixSeconds) {
        let look = id.to_string();
        let delay = at.since(self.host().now());
        let note = Note::Look { look, at };
        if let Err(error) = self.queue.put_later(&note, delay).await {
            tracing::warn!(%error, "an intent is looked at again by the sweep alone");
        }
    }

    async fn asked(&self, payload: Value) -> Result<Value, NotDone> {
        let asked: Asked = match serde_json::from_value(payload) {
            Ok(asked) => asked,
            Err(error) => {
                return Ok(json!({ "code": "malformed_command", "detail": error.to_string() }));
            }
        };
        let unknown = || json!({ "code": "unknown_intent", "detail": "no intent has this key" });
        let (key, answer) = match asked {
            Asked::Show { key } => (key, None),
            Asked::Cancel { key } => {
                let Ok(known) = key.parse::<IntentKey>() else {
                    return Ok(unknown());
                };
                let Some(cancel) = self.engine.cancel(&known).await? else {
                    return Ok(unknown());
                };
                (key, Some(cancelled(cancel)))
            }
            Asked::Retry { key } => {
                let Ok(known) = key.parse::<IntentKey>() else {
                    return Ok(unknown());
                };
                let Some(retried) = self.engine.retry(&known).await? else {
                    return Ok(unknown());
                };
                (key, Some(json!({ "retried": retried })))
            }
            Asked::State {} => return Ok(self.state().await),
            Asked::Pause { why } => {
                let why = why.trim();
                let why = if why.is_empty() { "by hand" } else { why };
                self.host().switch.pause(why).await?;
                return Ok(self.state().await);
            }
            Asked::Resume {} => {
                self.host().switch.resume().await?;
                return Ok(self.state().await);
            }
        };
        let Ok(key) = key.parse() else {
            return Ok(unknown());
        };
        let Some(intent) = self.engine.find(&key).await? else {
            return Ok(unknown());
        };
        let mut view = serde_json::to_value(intent.view()).unwrap_or_default();
        if let (Some(view), Some(Value::Object(answer))) = (view.as_object_mut(), answer) {
            view.extend(answer);
        }
        Ok(view)
    }

    async fn state(&self) -> Value {
        let limits = self.host().budgets.limits();
        let (mode, paused, unreadable) = match self.host().switch.read().await {
            Ok(state) => (Some(state.mode), state.paused, None),
            Err(error) => (None, None, Some(error.to_string())),
        };
        json!({
            "mode": mode.map(|mode| mode.as_str()),
            "paused": paused,
            "unreadable": unreadable,
            "per_person_and_day": limits.per_recipient_and_day,
            "per_hour": limits.per_hour,
        })
    }

    /// What came by the queue; what could not be done stays in it, hidden for a while.
    async fn queued(&self, payload: Value, context: &Context) -> Result<Value, NotDone> {
        let event: SqsEvent = serde_json::from_value(payload)?;
        let works = join_all(event.records.iter().map(|message| self.work(message))).await;
        let looks = works.iter().filter_map(|work| match work {
            Ok(Work::Look(intent, _)) => Some(&**intent),
            _ => None,
        });
        self.hear_for(looks).await;
        let done = works.into_iter().zip(&event.records);
        let done = done.map(|(work, message)| async move {
            let time = clock::until(context.deadline).saturating_sub(LAST_RESERVE);
            let done = async { self.one(work?, message).await };
            let done = tokio::time::timeout(time, done).await;
            (message, done.unwrap_or(Err(NotDone::OutOfTime)))
        });
        let mut stay: Vec<&SqsMessage> = Vec::new();
        for (message, done) in join_all(done).await {
            if let Err(cause) = done {
                tracing::error!(
                    %cause,
                    message_id = message.message_id,
                    receive_count = receives(message),
                    "what was queued was not done; the queue hands it out again"
                );
                stay.push(message);
            }
        }
        self.hide(&stay).await;
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = stay.into_iter().map(failure).collect();
        Ok(serde_json::to_value(response)?)
    }

    /// Has the queue hand messages out again soon. Where that fails, they come back after the queue's own
    /// time, as those of another queue do.
    async fn hide(&self, stay: &[&SqsMessage]) {
        if stay.is_empty() {
            return;
        }
        let not_done = stay.iter().map(|_| Sample::one("NotDone"));
        self.metrics.write(&not_done.collect::<Vec<_>>());
        let hidden = stay.iter().filter_map(|message| {
            let arn = message.event_source_arn.as_deref().unwrap_or_default();
            let seconds = retry_after_secs(receives(message), random::number());
            let receipt = message.receipt_handle.clone()?;
            self.queue.is_at(arn).then_some((receipt, seconds))
        });
        if let Err(error) = self.queue.hide(hidden.collect()).await {
            tracing::warn!(%error, "the visibility of queued messages was not changed");
        }
    }

    /// What a message asks for, with the intent that it is about.
    async fn work(&self, message: &SqsMessage) -> Result<Work, NotDone> {
        let body = message.body.as_deref().unwrap_or_default();
        let Ok(note) = serde_json::from_str::<Note>(body) else {
            let event: Value = serde_json::from_str(body).unwrap_or_default();
            return Ok(if event.get("detail-type").is_some() {
                Work::Event(event)
            } else {
                Work::Accept
            });
        };
        let (id, at, told) = match note {
            Note::Look { look, at } => match look.parse() {
                Ok(id) => (id, Some(at), None),
                Err(_) => return Ok(Work::Nothing),
            },
            Note::Reported {
                reported,
                message_id,
            } => match reported.parse::<AttemptName>() {
                Ok(name) => (name.intent, None, Some((name.number, message_id))),
                Err(_) => return Ok(Work::Nothing),
            },
        };
        let Some(intent) = self.host().table.read(id).await? else {
            return Ok(Work::Nothing);
        };
        Ok(match at {
            // What is due at another moment has a note of its own: there is one for each moment, however
            // many looks there are.
            Some(at) if intent.look_at() != Some(at) => Work::Nothing,
            // The queue's clock is ahead of ours.
            Some(at) if self.host().now() < at => Work::Wait(id, at),
            _ => Work::Look(Box::new(intent), told),
        })
    }

    async fn one(&self, work: Work, message: &SqsMessage) -> Result<(), NotDone> {
        match work {
            Work::Nothing => Ok(()),
            Work::Look(intent, told) => self.look(*intent, told).await,
            Work::Wait(id, at) => {
                self.look_later(id, at).await;
                Ok(())
            }
            Work::Event(event) => match event.get("detail-type").and_then(Value::as_str) {
                Some("contact.opted_out") => self.consent(&event, true).await,
                Some("contact.opted_in") => self.consent(&event, false).await,
                _ => self.of_email(&event).await,
            },
            Work::Accept => self.queued_intent(message).await,
        }
    }

    /// What SES tells of an e-mail: a report, as those of Sinch are.
    async fn of_email(&self, event: &Value) -> Result<(), NotDone> {
        for (address, why) in email::suppressed(event) {
            self.suppress(Channel::Email.as_str(), &address, why, true, None)
                .await?;
        }
        if let Some((attempt, report)) = email::report(event) {
            let looked = self.engine.reported_of(attempt, report).await?;
            if let Some(next) = looked.and_then(|looked| looked.next) {
                self.look_later(attempt.intent, next).await;
            }
        }
        Ok(())
    }

    /// An intent that came by the queue: nobody waits for an answer, so that it is not accepted is told on
    /// the bus.
    async fn queued_intent(&self, message: &SqsMessage) -> Result<(), NotDone> {
        let body = message.body.as_deref().unwrap_or_default();
        let Err(refused) = self.accept(body.as_bytes()).await? else {
            return Ok(());
        };
        let queued_id = message.message_id.as_deref().unwrap_or_default();
        tracing::error!(
            code = refused.code,
            message_id = queued_id,
            "a queued intent was not accepted, and never will be"
        );
        self.metrics.write(&[Sample::one("IntentsInvalid")]);
        let event = RefusedEvent {
            id: format!("{queued_id}:{}", refused.kind),
            kind: refused.kind,
            key: key_of(body),
            queued_id,
            detail: &refused.detail,
            faults: &refused.faults,
        };
        let told = self.host().teller.refused(&event);
        told.await.map_err(|error| AwsError::of(&error))?;
        Ok(())
    }

    /// Suppresses who has opted out, and lifts that of who has opted in.
    async fn consent(&self, event: &Value, is_suppressed: bool) -> Result<(), NotDone> {
        let detail = |name: &str| event.get("detail")?.get(name);
        let text = |name: &str| detail(name).and_then(Value::as_str).unwrap_or_default();
        let at = detail("received_at").and_then(Value::as_u64);
        let at = at.map(UnixSeconds::new);
        let (channel, identity) = (text("channel"), text("identity"));
        let why = SuppressedFor::OptedOut;
        self.suppress(channel, identity, why, is_suppressed, at)
            .await
    }

    async fn suppress(
        &self,
        channel: &str,
        identity: &str,
        why: SuppressedFor,
        is_suppressed: bool,
        at: Option<UnixSeconds>,
    ) -> Result<(), NotDone> {
        if identity.is_empty() {
            return Ok(());
        }
        let at = at.unwrap_or_else(|| self.host().now());
        let noted = self
            .host()
            .suppressions
            .note(channel, identity, why, (is_suppressed, at));
        Ok(noted.await?)
    }

    /// Reads how far callbacks have been heard where one of these intents depends on it: before any of them
    /// reads its messages.
    async fn hear_for<'a>(&self, mut intents: impl Iterator<Item = &'a Intent>) {
        let now = self.host().now();
        let is_needed = |intent: &Intent| {
            let open = Circumstances::open(now);
            let would_send = matches!(decide(intent, &open), Decision::Send(_));
            intent.is_overdue(now) || (would_send && !intent.attempts().is_empty())
        };
        if !intents.any(is_needed) {
            return;
        }
        if let Err(error) = self.host().hearing.listen(now).await {
            tracing::error!(
                %error,
                "it cannot be told how far callbacks have been heard, so no step runs for silence"
            );
            self.metrics.write(&[Sample::one("HearingUnreadable")]);
        }
    }

    /// Looks at what is due, as long as there is time.
    async fn sweep(&self, context: &Context) -> Result<(), NotDone> {
        match self.host().switch.read().await {
            Ok(state) if state.paused.is_some() => {
                self.metrics.write(&[Sample::one("SendsPaused")]);
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "the switch cannot be read, so nothing is sent");
                self.metrics.write(&[Sample::one("SwitchUnreadable")]);
            }
        }
        let mut seen = HashSet::new();
        loop {
            let due = self
                .host()
                .table
                .due(self.host().now(), SWEEP)
                .await?
                .into_iter();
            // The index lags by a moment, and what could not be done stays due.
            let due: Vec<_> = due.filter(|id| seen.insert(*id)).collect();
            if due.is_empty() {
                return Ok(());
            }
            for some in due.chunks(AT_ONCE) {
                if clock::until(context.deadline) < RESERVE {
                    return Ok(());
                }
                let intents = join_all(some.iter().map(|id| self.host().table.read(*id))).await;
                let read = intents
                    .iter()
                    .filter_map(|read| read.as_ref().ok()?.as_ref());
                self.hear_for(read).await;
                let looked = join_all(intents.into_iter().map(|read| async {
                    match read? {
                        Some(intent) => self.look(intent, None).await,
                        None => Ok(()),
                    }
                }));
                for failed in looked.await.into_iter().filter_map(Result::err) {
                    tracing::error!(error = %failed, "an intent cannot be acted on, and stays due");
                    self.metrics.write(&[Sample::one("NotDone")]);
                }
            }
        }
    }
}

/// What a message of the queue asks for.
enum Work {
    /// Nothing any more.
    Nothing,
    /// A look at an intent, by a message of an attempt.
    Look(Box<Intent>, Option<(u32, String)>),
    /// A look at it later.
    Wait(IntentId, UnixSeconds),
    /// What an event says.
    Event(Value),
    /// An intent.
    Accept,
}

/// Why an intent is not accepted.
struct Refused {
    code: &'static str,
    /// What is told of one that nobody waits for.
    kind: &'static str,
    detail: String,
    /// Each field with what is expected of it.
    faults: Vec<Fault>,
}

impl From<InvalidRequest> for Refused {
    fn from(invalid: InvalidRequest) -> Self {
        Self {
            code: "invalid_intent",
            kind: "intent.invalid",
            detail: invalid.to_string(),
            faults: invalid.faults,
        }
    }
}

impl Refused {
    fn conflict() -> Self {
        Self {
            code: "key_in_use",
            kind: "intent.conflict",
            detail:
                "another intent has this key: the same key is the same intent, so use a new one"
                    .into(),
            faults: Vec::new(),
        }
    }
}

/// The key of a request, where it has one.
fn key_of(body: &str) -> Option<IntentKey> {
    let body: Value = serde_json::from_str(body).ok()?;
    body.get("key")?.as_str()?.parse().ok()
}

fn cancelled(cancel: Cancel) -> Value {
    match cancel {
        Cancel::Cancelled => json!({ "cancel": "cancelled" }),
        Cancel::UnderWay(attempt) => json!({ "cancel": "under_way", "under_way": attempt }),
        Cancel::HadEnded => json!({ "cancel": "intent_ended" }),
    }
}
