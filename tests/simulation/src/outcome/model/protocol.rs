use core::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use std::collections::BTreeMap;

use sinch_callback::{DeliveryState, Permanence, Remedy, UnixSeconds};
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{
    Accepted, AttemptState, Call, CallAnswer, Channel, Circumstances, Content, DoubleSend, Engine,
    Gate, Identity, Intent, Plan, Report, Request, Step, Until, memory::Memory, ports::Sender,
};
use stateright::{Model, Property};

use super::{
    Action, AtProvider, Books, Reported, State, Worker, properties,
    state::{Entry, Message, Waiting},
};
use crate::outcome::Promise;

/// Something that the engine does around the steps of an intent, and that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Without {
    /// A step is taken on the intent as it is when it is written.
    Version,
    /// A call begins within five seconds of what the gates said.
    CallWindow,
    /// Silence is counted until what was heard last, not until now.
    HeardUntil,
}

/// The model with its bounds.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Whether the first send is somebody else's.
    pub was_sent: bool,
    /// How many channels the plan has, one step each.
    pub steps: usize,
    /// How many tries a step has.
    pub tries: u32,
    /// What a double means.
    pub double: DoubleSend,
    /// How often time passes.
    pub passes: u8,
    /// How often a worker crashes.
    pub crashes: u8,
    /// How many reports come.
    pub reports: u8,
    /// How often a person does something, or the switch turns.
    pub people: u8,
    /// What is missing.
    pub without: Option<Without>,
}

const CHANNELS: [Channel; 3] = [Channel::Sms, Channel::Rcs, Channel::WhatsApp];
const START: u64 = 1_000;
/// In time for three steps.
const VALID_UNTIL: u64 = START + 80;
const WAIT: u64 = 30;
/// What passes at a time: more than a call may be late and a failure settles, or than an outcome is
/// waited for.
const PASSES: [u8; 2] = [6, 31];
/// Within which a call begins, and after which its outcome is unknown.
const CALL_WITHIN: u64 = 5;
const LONGEST_CALL: u64 = 30;

impl Protocol {
    fn request(&self) -> Request {
        let channels = || CHANNELS.iter().take(self.steps);
        let to: BTreeMap<_, _> = channels()
            .map(|channel| (*channel, Identity::new("somebody")))
            .collect();
        let steps = channels().map(|channel| Step {
            channel: *channel,
            wait: Duration::from_secs(WAIT),
            until: Until::Delivered,
            tries: self.tries,
            backoff: vec![Duration::from_secs(6)],
        });
        let plan = Plan::new(steps.collect(), self.double).expect("it is within a plan's bounds");
        let key = "an-intent".parse().expect("it is a key");
        let content = Content::text("made-up content");
        let request = Request::new(key, to, content, plan, 3_600)
            .with_valid_until(UnixSeconds::new(VALID_UNTIL));
        if self.was_sent {
            request.with_sent("message-0", Channel::Sms)
        } else {
            request
        }
    }

    fn intent(&self) -> Intent {
        let memory = Memory::new(NoSender, UnixSeconds::new(START));
        let engine = Engine::new(memory, ForgetKey::new([7; ForgetKey::LEN]));
        let accepting = pin!(engine.accept(self.request()));
        match accepting.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(Accepted::Created(intent))) => *intent,
            other => unreachable!("memory keeps it at once: {other:?}"),
        }
    }

    /// The step's outcome; `None` where the step cannot be taken or changes nothing.
    fn step(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        let now = UnixSeconds::new(state.now);
        match action {
            Action::Look(worker) => {
                let circumstances = Box::new(self.circumstances(&state));
                let is_kept = self.without == Some(Without::Version);
                let read = is_kept.then(|| Box::new(state.intent.clone()));
                state.workers[worker] = Worker::HasLooked(circumstances, read);
            }
            Action::Start(worker) => self.start(&mut state, worker),
            Action::Call(worker, at_provider) => self.call(&mut state, worker, at_provider)?,
            Action::Record(worker) => {
                let Worker::Knows(attempt, answer) = state.take(worker) else {
                    return None;
                };
                let _effects = state.intent.answered(attempt, &answer, now);
                state.books.answered(attempt, &answer, state.now);
                state.intent.settle(&Circumstances::unreadable(now));
            }
            Action::Crash(worker) => {
                state.crashes -= 1;
                state.take(worker);
            }
            Action::Report(message, reported) => {
                state.reports -= 1;
                let known = &mut state.messages[message].reported;
                known.push(reported);
                let version = known.len();
                state.waiting.push(Waiting {
                    message,
                    version,
                    received_at: state.now,
                });
            }
            Action::Apply(index) => state.apply(index),
            Action::Settle => {
                let circumstances = self.circumstances(&state);
                state.intent.settle(&circumstances);
                state.intent.end()?;
            }
            Action::Cancel => {
                state.people -= 1;
                state.intent.cancel(now);
                state.books.is_cancelled = true;
            }
            Action::Retry => {
                state.people -= 1;
                if !state.intent.retry(&self.circumstances(&state)) {
                    return None;
                }
                state.books.round = state.books.attempts.len();
            }
            Action::Turn => {
                state.people -= 1;
                state.off_since = match state.off_since {
                    Some(_) => None,
                    None => Some(state.now),
                };
            }
            Action::Pass(seconds) => {
                state.passes -= 1;
                state.now += u64::from(seconds);
                let now = state.now;
                for entry in &mut state.books.attempts {
                    entry.was_unknown |= !entry.is_settled && now - entry.begun_at >= LONGEST_CALL;
                }
            }
        }
        state.books.has_ended |= state.intent.end().is_some();
        // Whoever is told of it is told at once.
        let owed = state.intent.owed().to_vec();
        state.intent.paid(&owed, now);
        Some(state)
    }

    fn circumstances(&self, state: &State) -> Circumstances {
        let oldest = state
            .waiting
            .iter()
            .map(|waiting| waiting.received_at)
            .min();
        let heard_until = match self.without {
            Some(Without::HeardUntil) => state.now,
            _ => oldest.unwrap_or(state.now),
        };
        let mut circumstances = Circumstances::open(UnixSeconds::new(state.now));
        circumstances.heard_until = Some(UnixSeconds::new(heard_until));
        if state.off_since.is_some() {
            circumstances.switch = Gate::Unreadable;
        }
        circumstances
    }

    fn start(&self, state: &mut State, worker: usize) {
        let Worker::HasLooked(circumstances, read) = state.take(worker) else {
            return;
        };
        let mut intent = read.map_or_else(|| state.intent.clone(), |read| *read);
        let Ok(call) = intent.start(&circumstances) else {
            return;
        };
        let step = intent.attempts()[index(call.attempt.number)].step();
        let looked_at = circumstances.now.get();
        let broken = self.broken_by(state, step, looked_at);
        state.books.broken = state.books.broken.or(broken);
        state.books.begun(call.attempt.number, step, looked_at);
        state.intent = intent;
        state.workers[worker] = Worker::MayCall(call.attempt.number, looked_at);
    }

    /// The promise that is broken where a call of this step begins.
    fn broken_by(&self, state: &State, step: usize, looked_at: u64) -> Option<Promise> {
        let books = &state.books;
        let round = &books.attempts[books.round.min(books.attempts.len())..];
        if books.is_reached {
            return Some(Promise::NothingAfterSuccess);
        }
        if books.is_cancelled || books.has_ended {
            return Some(Promise::NothingAfterEnd);
        }
        let repeats = |entry: &Entry| entry.step == step && entry.was_unknown;
        if self.double == DoubleSend::Never && round.iter().any(repeats) {
            return Some(Promise::UnknownNotRepeated);
        }
        let last = round.last()?;
        let due = last.sent_at.unwrap_or(last.begun_at) + WAIT;
        let is_heard = |waiting: &Waiting| waiting.received_at >= due;
        let is_silent = looked_at >= due && state.waiting.iter().all(is_heard);
        (!last.has_failed && !is_silent).then_some(Promise::SilenceHeard)
    }

    fn call(&self, state: &mut State, worker: usize, at_provider: AtProvider) -> Option<()> {
        let Worker::MayCall(attempt, looked_at) = state.take(worker) else {
            return None;
        };
        let now = UnixSeconds::new(state.now);
        let is_late = state.now - looked_at >= CALL_WITHIN;
        if is_late && self.without != Some(Without::CallWindow) {
            let _effects = state.intent.not_called(attempt, now);
            state.intent.settle(&Circumstances::unreadable(now));
            state.books.not_called(attempt);
            // Whatever the provider would have done.
            return (at_provider == AtProvider::Accepts).then_some(());
        }
        let is_shut = |since: u64| state.now - since >= CALL_WITHIN;
        if state.off_since.is_some_and(is_shut) || state.now >= VALID_UNTIL + CALL_WITHIN {
            state.books.broken = state.books.broken.or(Some(Promise::GatesHold));
        }
        let entry = &mut state.books.attempts[index(attempt)];
        let is_taken = !matches!(at_provider, AtProvider::NeverAsked | AtProvider::Defers);
        let is_risky = is_taken && at_provider != AtProvider::Refuses;
        entry.calls += u8::from(is_taken);
        entry.risky_calls += u8::from(is_risky);
        state.books.calls_after_success += u8::from(is_taken && state.books.is_reached);
        if at_provider.makes_a_message() {
            state.messages.push(Message {
                attempt,
                reported: Vec::new(),
            });
        }
        let id = || format!("message-{}", state.messages.len() - 1);
        let words = String::new;
        let answer = match at_provider {
            AtProvider::Accepts => CallAnswer::Accepted(id()),
            AtProvider::AcceptsSilently | AtProvider::LosesIt => CallAnswer::Unresolved(words()),
            AtProvider::Refuses => CallAnswer::Refused(words()),
            AtProvider::Defers | AtProvider::NeverAsked => CallAnswer::NotSent(words()),
        };
        state.workers[worker] = Worker::Knows(attempt, answer);
        Some(())
    }
}

/// The place of an attempt among all.
fn index(number: u32) -> usize {
    number as usize - 1
}

impl State {
    fn take(&mut self, worker: usize) -> Worker {
        core::mem::replace(&mut self.workers[worker], Worker::Idle)
    }

    fn apply(&mut self, place: usize) {
        let waiting = self.waiting.remove(place);
        let message = &self.messages[waiting.message];
        let attempt = message.attempt;
        let report = report(waiting, &message.reported[..waiting.version]);
        let now = UnixSeconds::new(self.now);
        self.intent.reported(attempt, &report, now);
        if self.intent.evidence().is_some() {
            self.intent.settle(&Circumstances::unreadable(now));
        }
        let recorded = &self.intent.attempts()[index(attempt)];
        if recorded.state() != AttemptState::Sent {
            self.books.broken = Some(Promise::ReportsFindAttempts);
        }
        let entry = &mut self.books.attempts[index(attempt)];
        entry.is_settled = true;
        entry.sent_at = entry.sent_at.or(Some(self.now));
        entry.has_failed |= report.state == Some(DeliveryState::Failed);
        self.books.is_reached |= report.state == Some(DeliveryState::Delivered);
    }
}

/// What a message is by these reports: delivered, whatever else was said; else as the first failure
/// says.
fn report(waiting: Waiting, reports: &[Reported]) -> Report {
    let id = format!("message-{}", waiting.message);
    let version = waiting.version as u64;
    let failed = |remedy| Report::failed(&id, version, remedy, Permanence::Temporary);
    if reports.contains(&Reported::Delivered) {
        return Report::delivered(&id, version);
    }
    match reports.first() {
        Some(Reported::FailedForNow) => failed(Remedy::RetryLater),
        Some(Reported::FailedHere) => failed(Remedy::TryAnotherChannel),
        _ => failed(Remedy::Unknown),
    }
}

impl Books {
    fn begun(&mut self, attempt: u32, step: usize, now: u64) {
        match self.attempts.get_mut(index(attempt)) {
            // It is called again, since nothing came of its call.
            Some(known) => {
                known.begun_at = now;
                known.is_settled = false;
                known.has_failed = false;
            }
            None => self.attempts.push(Entry {
                step,
                begun_at: now,
                sent_at: None,
                calls: 0,
                risky_calls: 0,
                is_settled: false,
                was_unknown: false,
                has_failed: false,
            }),
        }
    }

    fn answered(&mut self, attempt: u32, answer: &CallAnswer, now: u64) {
        let entry = &mut self.attempts[index(attempt)];
        if entry.is_settled {
            return;
        }
        match answer {
            CallAnswer::Accepted(_) => {
                entry.is_settled = true;
                entry.sent_at = Some(now);
            }
            CallAnswer::Unresolved(_) => {
                entry.is_settled = true;
                entry.was_unknown = true;
            }
            _ => self.not_called(attempt),
        }
    }

    /// It is certain that nothing was sent.
    fn not_called(&mut self, attempt: u32) {
        let entry = &mut self.attempts[index(attempt)];
        if !entry.is_settled {
            entry.is_settled = true;
            entry.was_unknown = false;
            entry.has_failed = true;
        }
    }
}

impl Entry {
    pub(super) const fn is_under_way(&self, now: u64) -> bool {
        !self.is_settled && now - self.begun_at < LONGEST_CALL
    }
}

/// Nobody calls it: the model's workers do.
struct NoSender;

impl Sender for NoSender {
    async fn send(&self, _: &Call) -> CallAnswer {
        CallAnswer::NotSent(String::new())
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut state = State {
            now: START,
            passes: self.passes,
            crashes: self.crashes,
            reports: self.reports,
            people: self.people,
            off_since: None,
            intent: self.intent(),
            workers: [Worker::Idle, Worker::Idle],
            messages: Vec::new(),
            waiting: Vec::new(),
            books: Books::default(),
        };
        if self.was_sent {
            state.messages.push(Message {
                attempt: 1,
                reported: Vec::new(),
            });
            let accepted = CallAnswer::Accepted(String::new());
            state.books.begun(1, 0, START);
            state.books.answered(1, &accepted, START);
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (number, worker) in state.workers.iter().enumerate() {
            match worker {
                // Of two idle ones the first may as well be it, and a look at what has ended is none.
                Worker::Idle if state.intent.end().is_some() => {}
                Worker::Idle if number == 0 || state.workers[0] != Worker::Idle => {
                    actions.push(Action::Look(number));
                }
                Worker::Idle => {}
                Worker::HasLooked(..) => actions.push(Action::Start(number)),
                Worker::MayCall(..) => {
                    let calls = AtProvider::ALL.iter();
                    actions.extend(calls.map(|call| Action::Call(number, *call)));
                }
                Worker::Knows(..) => actions.push(Action::Record(number)),
            }
            let is_at_it = matches!(worker, Worker::MayCall(..) | Worker::Knows(..));
            if is_at_it && state.crashes > 0 {
                actions.push(Action::Crash(number));
            }
        }
        if state.reports > 0 {
            for (place, message) in state.messages.iter().enumerate() {
                // How a message ends at first, and what corrects it.
                if message.reported.len() < 2 {
                    let reports = Reported::ALL.iter();
                    actions.extend(reports.map(|report| Action::Report(place, *report)));
                }
            }
        }
        actions.extend((0..state.waiting.len()).map(Action::Apply));
        if state.intent.end().is_none() {
            actions.push(Action::Settle);
            if state.people > 0 {
                actions.extend([Action::Cancel, Action::Retry, Action::Turn]);
            }
        }
        if state.passes > 0 {
            actions.extend(PASSES.map(Action::Pass));
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.step(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
