use core::fmt;
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicU64},
};

use sinch_callback::{
    Claim, ContentKey, OnMismatch, OriginAnswer, ReplayKey, Rules, Secret, SecretRing,
    SignedHeaders, UnixSeconds, Verifier, Window,
};
use tokio::runtime::Runtime;

use super::{
    Action, Protocol, State,
    state::{Known, Stage, WorkStep},
};
use crate::{
    commit::Commit,
    edge_host::{EdgeHost, Mark, Passage},
    guard::Guard,
    log::{Answer, Call, Log, Told},
    parameter_store::Store,
    plan::START,
    processor::{self, ProcessorHost},
    queue::{Queue, Receipt, Sending},
    receiver::{self, ReceiverHost, Way},
    schedule::{HOUR, MINUTE, Millis, SECOND},
    secrets::Secrets,
    sinch::Request,
};

/// Where the real code does something else than the model.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// Steps taken before.
    pub step: usize,
    /// The step.
    pub action: Action,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}, {:?}: {}", self.step, self.action, self.what)
    }
}

/// Takes the steps of a trace with the real code, and compares what it then knows with the model's
/// state after each.
///
/// # Errors
/// The first step after which they differ.
pub fn follow(
    protocol: &Protocol,
    trace: &[(Action, State)],
    runtime: &Runtime,
) -> Result<(), Mismatch> {
    let _context = runtime.enter();
    let mut real = Real::new(protocol);
    for (step, (action, after)) in trace.iter().enumerate() {
        real.take(*action)
            .and_then(|()| real.compare(after))
            .map_err(|what| Mismatch {
                step,
                action: *action,
                what,
            })?;
    }
    Ok(())
}

const SECRET: &str = "made-up-secret-of-the-model";
const BODY: &str = r#"{"message_delivery_report":{"message_id":"m","status":"DELIVERED","channel_identity":{"channel":"SMS"}},"v":1.0}"#;

/// The real hosts, driven step by step.
struct Real<'p> {
    protocol: &'p Protocol,
    now: Millis,
    store: Store,
    body: Arc<[u8]>,
    copies: Vec<(Arc<Request>, ReplayKey)>,
    requests: BTreeMap<u8, Under>,
    numbered: u8,
    edges: Vec<(EdgeHost, Guard)>,
    receiver: ReceiverHost,
    guard: Guard,
    queue: Queue,
    log: Log,
    processor: ProcessorHost,
    work: Option<(u64, Receipt, Doing)>,
    tasks: u64,
    effects: u8,
    /// Events that a first commit has left to a second one.
    left: Vec<Told>,
    is_told: bool,
}

/// A request under way.
struct Under {
    copy: usize,
    edge: Option<u8>,
    mark: Option<(u8, Mark)>,
    handoff: Option<(Way, Sending)>,
    status: Option<u16>,
}

enum Doing {
    Reading(Call),
    Telling,
    Nothing,
}

impl<'p> Real<'p> {
    fn new(protocol: &'p Protocol) -> Self {
        let store = Store::new(START - 48 * HOUR, SECRET, 0, 0);
        store.set(START, false, None);
        let (receiver, guard) = receiver(protocol, &store);
        let edges = (0..2).map(|_| edge(protocol, &store)).collect();
        Self {
            protocol,
            now: START,
            body: BODY.as_bytes().into(),
            copies: Vec::new(),
            requests: BTreeMap::new(),
            numbered: 0,
            edges,
            receiver,
            guard,
            queue: Queue::new(!protocol.has_guard, protocol.without),
            log: Log::new(u64::MAX, protocol.without),
            processor: processor(protocol),
            work: None,
            tasks: 100,
            effects: 0,
            left: Vec::new(),
            is_told: false,
            store,
        }
    }

    fn unix(&self) -> UnixSeconds {
        UnixSeconds::new(self.now / SECOND)
    }

    fn take(&mut self, action: Action) -> Result<(), String> {
        match action {
            Action::Send { edge } => {
                let copy = if self.protocol.resigns || self.copies.is_empty() {
                    self.sign();
                    self.copies.len() - 1
                } else {
                    0
                };
                self.put(copy, edge);
            }
            Action::Replay { copy, edge } => self.put(usize::from(copy), edge),
            Action::EdgeDecides(number) => self.edge_decides(number)?,
            Action::Receive(number) => {
                let copy = self.under(number)?.copy;
                let request = Arc::clone(&self.copies[copy].0);
                let now = self.unix();
                let stopped = self.receiver.start(u64::from(number), request, now);
                self.receiver_stopped(number, stopped)?;
            }
            Action::QueueTakes(number) => {
                if self.handoff(number)?.0 == Way::Applied {
                    // The store does not say that it has applied it.
                    self.answer_handoff(number, false)?;
                }
                let (way, sending) = self.handoff(number)?;
                equal("way", way, Way::Queued)?;
                self.queue.send(&sending, self.now);
            }
            Action::Accepts(number) => self.accept(number)?,
            Action::KeepsEvents(_) => {
                let left = core::mem::take(&mut self.left);
                self.is_told |= !left.is_empty();
            }
            Action::HandedOff(number) => {
                self.answer_handoff(number, true)?;
            }
            Action::NotHandedOff(number) => {
                let (way, _) = self.handoff(number)?;
                self.answer_handoff(number, false)?;
                if way == Way::Applied && self.under(number)?.status.is_none() {
                    self.answer_handoff(number, false)?;
                }
            }
            Action::EdgeLearns(number) => {
                let under = self.under(number)?;
                if let (Some((edge, mark)), Some(status)) = (under.mark, under.status) {
                    let now = self.unix();
                    let answer = OriginAnswer {
                        status,
                        is_marked: true,
                    };
                    self.edges[usize::from(edge)].0.learn(mark, answer, now);
                }
            }
            Action::EdgeMisses(_) => {}
            Action::CrashReceiver => {
                self.left.clear();
                (self.receiver, self.guard) = receiver(self.protocol, &self.store);
            }
            Action::CrashEdge(number) => {
                self.edges[usize::from(number)] = edge(self.protocol, &self.store);
                for under in self.requests.values_mut() {
                    if let Some((edge, mark)) = &mut under.mark
                        && *edge == number
                    {
                        *mark = mark.without_ticket();
                    }
                }
            }
            Action::TimePasses => self.now += 5 * MINUTE + SECOND,
            Action::QueueHands => self.queue_hands()?,
            Action::Apply => self.apply()?,
            Action::Notify => {
                let Some((task, receipt, Doing::Telling)) = self.work.take() else {
                    return Err("the processor is not about to tell anything".into());
                };
                self.is_told = true;
                let stopped = self.processor.resume(task, Answer::Done);
                let stopped = self.kept(task, stopped);
                self.work = Some((task, receipt, doing(stopped)?));
            }
            Action::Acknowledge => {
                let (_, receipt, _) = self.work.take().ok_or("the processor is idle")?;
                self.queue.acknowledge(receipt);
            }
            Action::CrashProcessor => {
                let (_, receipt, _) = self.work.take().ok_or("the processor is idle")?;
                self.processor.crash();
                self.queue.give_back(receipt, self.now);
            }
        }
        Ok(())
    }

    fn sign(&mut self) {
        let nonce = format!("nonce-{}", self.copies.len());
        let body = Arc::clone(&self.body);
        let request = Request::signed(body, SECRET, &nonce, self.unix());
        let key = replay_key(&request, self.unix());
        self.copies.push((Arc::new(request), key));
    }

    fn put(&mut self, copy: usize, edge: Option<u8>) {
        self.numbered += 1;
        self.requests.insert(
            self.numbered,
            Under {
                copy,
                edge,
                mark: None,
                handoff: None,
                status: None,
            },
        );
    }

    /// The hand-off that a request has stopped at.
    fn handoff(&mut self, number: u8) -> Result<(Way, Sending), String> {
        let handoff = self.under(number)?.handoff.clone();
        handoff.ok_or_else(|| "there is nothing to hand off".to_owned())
    }

    fn answer_handoff(&mut self, number: u8, is_ok: bool) -> Result<(), String> {
        let stopped = self.receiver.resume(u64::from(number), is_ok);
        self.receiver_stopped(number, stopped)
    }

    /// One commit, or the first of two.
    fn accept(&mut self, number: u8) -> Result<(), String> {
        let (way, sending) = self.handoff(number)?;
        equal("way", way, Way::Applied)?;
        let without = self.protocol.without;
        let commit = Commit::of(&sending, &self.log, self.now, without, &AtomicU64::new(0));
        for written in &commit.writes {
            let version = self.log.read(&written.message.message_id, self.now);
            let version = version.map_or(0, |found| found.version);
            let done = self.log.write(written, self.now);
            done.map_err(|()| "the log refused what it had just shown")?;
            self.effects += u8::from(written.message.version > version);
        }
        if without == Some(crate::Safeguard::OneCommit) {
            self.left = commit.events;
        } else {
            self.is_told |= !commit.events.is_empty();
        }
        Ok(())
    }

    fn under(&mut self, number: u8) -> Result<&mut Under, String> {
        self.requests
            .get_mut(&number)
            .ok_or_else(|| format!("there is no request {number}"))
    }

    fn edge_decides(&mut self, number: u8) -> Result<(), String> {
        let now = self.unix();
        let under = self.under(number)?;
        let (copy, edge) = (under.copy, under.edge.ok_or("it goes to no edge")?);
        let request = Arc::clone(&self.copies[copy].0);
        let host = &mut self.edges[usize::from(edge)].0;
        let passage = host.start(u64::from(number), request, now);
        let passage = passage.ok_or("the edge waits for secrets")?;
        let under = self.under(number)?;
        match passage {
            Passage::Answered(answer) if answer.status() == 200 => under.status = Some(200),
            Passage::Answered(answer) => return Err(format!("the edge refused it: {answer:?}")),
            Passage::Forwarded(Some(mark)) => under.mark = Some((edge, mark)),
            Passage::Forwarded(None) => return Err("the edge did not verify it".into()),
        }
        Ok(())
    }

    fn receiver_stopped(
        &mut self,
        number: u8,
        stopped: Option<receiver::Stopped>,
    ) -> Result<(), String> {
        let under = self.under(number)?;
        match stopped.ok_or("the receiver knows nothing of it")? {
            receiver::Stopped::AtHandoff(way, sending) => under.handoff = Some((way, sending)),
            receiver::Stopped::Ended(verdict) => under.status = Some(verdict.answer.status()),
        }
        Ok(())
    }

    fn queue_hands(&mut self) -> Result<(), String> {
        let (receipt, item) = self.queue.receive(self.now).ok_or("the queue is empty")?;
        if self.protocol.without == Some(crate::Safeguard::AcknowledgeLast) {
            self.queue.acknowledge(receipt);
        }
        self.tasks += 1;
        let stopped = self.processor.start(self.tasks, receipt, item, true);
        let doing = doing(stopped)?;
        self.work = Some((self.tasks, receipt, doing));
        Ok(())
    }

    /// Reads, writes, and goes up to the next call or to the end.
    fn apply(&mut self) -> Result<(), String> {
        let Some((task, receipt, Doing::Reading(call))) = self.work.take() else {
            return Err("the processor is not about to read".into());
        };
        let Call::Read(message_id) = call else {
            return Err("the processor did not begin by reading".into());
        };
        let found = self.log.read(&message_id, self.now);
        let version = found.as_ref().map_or(0, |found| found.version);
        let mut stopped = self
            .processor
            .resume(task, Answer::Read(found.map(Box::new)));
        if let Some(processor::Stopped::AtCall(Call::Write(written))) = &stopped {
            let done = self.log.write(written, self.now);
            done.map_err(|()| "the log refused what it had just shown")?;
            self.effects += u8::from(written.message.version > version);
            stopped = self.processor.resume(task, Answer::Done);
        }
        let stopped = self.kept(task, stopped);
        self.work = Some((task, receipt, doing(stopped)?));
        Ok(())
    }

    /// Goes on behind the call that keeps the body.
    fn kept(
        &mut self,
        task: u64,
        stopped: Option<processor::Stopped>,
    ) -> Option<processor::Stopped> {
        let Some(processor::Stopped::AtCall(Call::Keep(content_key))) = stopped else {
            return stopped;
        };
        self.log.keep(content_key);
        self.processor.resume(task, Answer::Done)
    }

    fn compare(&mut self, model: &State) -> Result<(), String> {
        let now = self.unix();
        for (copy, (_, key)) in self.copies.iter().enumerate() {
            for (place, known) in model.edges.iter().enumerate() {
                let claim = self.edges[place].1.peek(*key, now);
                same(&format!("edge {place}, copy {copy}"), claim, known, copy)?;
            }
            let claim = self.guard.peek(*key, now);
            same(
                &format!("the receiver, copy {copy}"),
                claim,
                &model.guard,
                copy,
            )?;
        }
        let key = ContentKey::of_body(&self.body);
        equal("queued", self.queue.len(), model.queue.len())?;
        equal("recorded", self.log.knows(key), model.log.is_some())?;
        equal("effects", self.effects, model.effects)?;
        equal("told", self.is_told, model.is_told)?;
        for request in &model.requests {
            let status = self.under(request.number)?.status;
            let expected = match request.stage {
                Stage::Replying { is_ok } => Some(is_ok),
                _ => None,
            };
            equal("answer", status.map(|status| status == 200), expected)?;
        }
        let step = self.work.as_ref().map(|(_, _, doing)| match doing {
            Doing::Reading(_) => WorkStep::Handed,
            Doing::Telling => WorkStep::Applied,
            Doing::Nothing => WorkStep::Finished,
        });
        equal("processor", step, model.processor.map(|work| work.step))
    }
}

fn receiver(protocol: &Protocol, store: &Store) -> (ReceiverHost, Guard) {
    let guard = if protocol.has_guard {
        Guard::new(64, Window::LOGGED.memory(), protocol.without)
    } else {
        Guard::none()
    };
    let secrets = Secrets::new(&store.for_other_host(), protocol.without);
    let host = ReceiverHost::new(
        secrets,
        guard.clone(),
        Rules::LOGGED,
        protocol.has_guard,
        protocol.without,
    );
    (host, guard)
}

fn edge(protocol: &Protocol, store: &Store) -> (EdgeHost, Guard) {
    let guard = Guard::new(64, Window::LOGGED.memory(), None);
    let secrets = Secrets::new(&store.for_other_host(), protocol.without);
    let edge = EdgeHost::new(secrets, guard.clone(), OnMismatch::Refuse, protocol.without);
    (edge, guard)
}

fn processor(protocol: &Protocol) -> ProcessorHost {
    ProcessorHost::new(protocol.without, Arc::new(AtomicU64::new(0)))
}

fn replay_key(request: &Request, now: UnixSeconds) -> ReplayKey {
    let ring = SecretRing::from(Secret::new(SECRET).expect("a made-up secret is one"));
    let headers = SignedHeaders::collect(request.pairs()).expect("it was signed just now");
    Verifier::bare(ring)
        .authenticate(&headers, &request.body, now)
        .expect("it was signed just now")
        .replay_key()
}

fn doing(stopped: Option<processor::Stopped>) -> Result<Doing, String> {
    match stopped {
        Some(processor::Stopped::AtCall(Call::Notify(_))) => Ok(Doing::Telling),
        Some(processor::Stopped::AtCall(call @ Call::Read(_))) => Ok(Doing::Reading(call)),
        Some(processor::Stopped::Ended(_, Ok(_))) => Ok(Doing::Nothing),
        Some(processor::Stopped::Ended(_, Err(_))) => Err("the processor failed".into()),
        Some(processor::Stopped::AtCall(Call::Write(_) | Call::Keep(_))) => {
            Err("it writes twice".into())
        }
        Some(processor::Stopped::AtCall(Call::Cursor(_) | Call::SetCursor(..))) => {
            Err("one message needs no cursor".into())
        }
        None => Err("the processor knows nothing of it".into()),
    }
}

fn same(what: &str, claim: Claim, known: &[Known], copy: usize) -> Result<(), String> {
    let known = known.get(copy).copied().unwrap_or_default();
    let agrees = match known {
        Known::Nothing | Known::Stale => matches!(claim, Claim::First(_)),
        Known::InFlight => matches!(claim, Claim::InFlight { .. }),
        Known::Done => claim == Claim::Done,
    };
    if agrees {
        return Ok(());
    }
    Err(format!(
        "{what}: the model says {known:?}, the guard {claim:?}"
    ))
}

fn equal<T: PartialEq + fmt::Debug>(what: &str, real: T, model: T) -> Result<(), String> {
    if real == model {
        return Ok(());
    }
    Err(format!(
        "{what}: the model says {model:?}, the real code {real:?}"
    ))
}
