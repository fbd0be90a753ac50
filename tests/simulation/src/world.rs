use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
};

use sinch_callback::{
    Answer as Told, AnswerKind, ContentKey, Forwarded, OnMismatch, OriginAnswer, Rejection,
    ReplayKey, Rules, UnixSeconds, Window,
};
use sinch_callback_lambda::retry_after_secs;
use sinch_callback_pipeline::Verdict as Received;
use tokio::runtime::Runtime;

use crate::{
    Safeguard, Story, Violation,
    attacker::{self, Attack, Capture},
    draw::Draw,
    edge_host::{EdgeHost, Mark, Passage},
    guard::Guard,
    log::{Answer, Call, Log, Written, moves},
    parameter_store::Store,
    plan::{END, Plan, START, is_down, until},
    processor::{self, ProcessorHost},
    queue::{Queue, Receipt, Sending},
    receiver::{self, ReceiverHost},
    referee::{Referee, Verdict},
    schedule::{DAY, HOUR, MINUTE, Millis, SECOND, Schedule},
    secrets::Secrets,
    shim,
    sinch::{self, Callback, Request},
};

/// What happened in a world, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Events that Sinch reported.
    pub callbacks: u64,
    /// Times that Sinch sent one.
    pub attempts: u64,
    /// Requests of the attacker's.
    pub attacks: u64,
    /// Answers of 200.
    pub accepted: u64,
    /// Answers of 4xx.
    pub refused: u64,
    /// Answers of 503.
    pub deferred: u64,
    /// Copies that a guard answered.
    pub absorbed: u64,
    /// Crashes of hosts.
    pub crashes: u64,
    /// Callbacks that Sinch gave up on.
    pub given_up: u64,
}

impl Stats {
    /// Adds another world's numbers.
    pub fn add(&mut self, other: &Self) {
        self.callbacks += other.callbacks;
        self.attempts += other.attempts;
        self.attacks += other.attacks;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.deferred += other.deferred;
        self.absorbed += other.absorbed;
        self.crashes += other.crashes;
        self.given_up += other.given_up;
    }
}

/// What is going to happen.
#[derive(Debug)]
enum Event {
    Report(usize),
    Attempt(usize),
    Timeout(usize),
    AtEdge(u64, usize),
    AtReceiver(u64),
    Taken {
        receiver: usize,
        task: u64,
        sending: Box<Sending>,
    },
    HandedOff {
        receiver: usize,
        task: u64,
        taken: bool,
    },
    Reply(u64, OriginAnswer),
    Answered(u64, u16),
    Crash(Host),
    Put(usize),
    Switch,
    Poll,
    Effect {
        processor: usize,
        task: u64,
        call: Box<Call>,
        told: bool,
    },
    Answer {
        processor: usize,
        task: u64,
        answer: Box<Answer>,
    },
    Acknowledge {
        processor: usize,
        life: u64,
        receipt: Receipt,
    },
    Redrive,
    Attack(usize, Attack),
    Forge,
    /// Something that waits may go on.
    Wake,
}

#[derive(Clone, Copy, Debug)]
enum Host {
    Edge(usize),
    Receiver(usize),
    Processor(usize),
}

/// A callback on its way to one webhook.
#[derive(Debug)]
struct Delivery {
    callback: usize,
    attempts: u32,
    settled: bool,
    first: Option<Arc<Request>>,
}

#[derive(Debug)]
struct Attempt {
    delivery: usize,
    settled: bool,
}

/// A request that is under way.
#[derive(Clone, Debug)]
struct Exchange {
    request: Arc<Request>,
    callback: Option<usize>,
    /// Of Sinch's; the attacker waits for no answer.
    attempt: Option<usize>,
    via: Option<Via>,
    receiver: usize,
    /// When it came to the receiver, by that one's clock.
    received_at: UnixSeconds,
    /// Its key, once the receiver has verified it.
    replay_key: Option<ReplayKey>,
}

/// The edge that an exchange came through, and its mark where that edge has verified it.
#[derive(Clone, Copy, Debug)]
struct Via {
    edge: usize,
    life: u64,
    mark: Option<Mark>,
}

struct EdgeSite {
    edge: EdgeHost,
    store: Store,
    life: u64,
}

struct ReceiverSite {
    host: ReceiverHost,
    guard: Guard,
    store: Store,
}

struct ProcessorSite {
    host: ProcessorHost,
    life: u64,
    under_way: HashMap<u64, ContentKey>,
}

/// One world, made from one seed.
pub struct World<'r> {
    runtime: &'r Runtime,
    without: Option<Safeguard>,
    draw: Draw,
    plan: Plan,
    schedule: Schedule<Event>,
    callbacks: Vec<Callback>,
    deliveries: Vec<Delivery>,
    attempts: Vec<Attempt>,
    exchanges: HashMap<u64, Exchange>,
    captures: Vec<Capture>,
    next: u64,
    /// All that Sinch has signed with or will, the present one at `signing`.
    secrets: Vec<String>,
    signing: usize,
    /// The newest that the parameter store has.
    known: usize,
    store: Store,
    edges: Vec<EdgeSite>,
    receivers: Vec<ReceiverSite>,
    queue: Queue,
    log: Log,
    processors: Vec<ProcessorSite>,
    poll_at: Option<Millis>,
    redrives: u32,
    referee: Referee,
    stats: Stats,
    story: Option<Story>,
}

/// Tells the story, where somebody listens.
macro_rules! tell {
    ($world:expr, $callback:expr, $($text:tt)*) => {
        if let Some(story) = &mut $world.story {
            story.tell($world.schedule.now(), $callback.into(), format!($($text)*));
        }
    };
}

impl<'r> World<'r> {
    /// The world of this seed, perhaps without a safeguard, in whose hosts' code this runtime is found.
    #[must_use]
    pub fn new(seed: u64, without: Option<Safeguard>, runtime: &'r Runtime) -> Self {
        let mut draw = Draw::new(seed);
        let plan = Plan::draw(&mut draw);
        let callbacks = sinch::callbacks(&mut draw, &plan);
        let secrets: Vec<String> = (0..=plan.rotations.len())
            .map(|number| format!("made-up-secret-{seed}-{number}"))
            .collect();
        // A day before, so that nothing is left of how the first one came there.
        let store = Store::new(START - 48 * HOUR, &secrets[0], plan.store_latency, seed);
        let bodies = callbacks.iter().map(|callback| Arc::clone(&callback.body));
        let event_ids = Arc::new(AtomicU64::new(0));
        let mut world = Self {
            runtime,
            without,
            referee: Referee::new(bodies),
            schedule: Schedule::starting_at(START),
            deliveries: Vec::new(),
            attempts: Vec::new(),
            exchanges: HashMap::new(),
            captures: Vec::new(),
            next: 0,
            signing: 0,
            known: 0,
            edges: Vec::new(),
            receivers: Vec::new(),
            queue: Queue::new(plan.on_aws, without),
            log: Log::new(plan.retention, without),
            processors: (0..if plan.on_aws { 2 } else { 1 })
                .map(|_| ProcessorSite {
                    host: ProcessorHost::new(without, Arc::clone(&event_ids)),
                    life: 0,
                    under_way: HashMap::new(),
                })
                .collect(),
            poll_at: None,
            redrives: 0,
            stats: Stats {
                callbacks: callbacks.len() as u64,
                ..Stats::default()
            },
            story: None,
            draw,
            plan,
            callbacks,
            secrets,
            store,
        };
        for _ in 0..world.plan.edges {
            let site = world.new_edge(0);
            world.edges.push(site);
        }
        for _ in 0..world.plan.receivers {
            let site = world.new_receiver();
            world.receivers.push(site);
        }
        world
    }

    /// The same world, which keeps its story.
    #[must_use]
    pub fn telling(mut self) -> Self {
        self.story = Some(Story::default());
        self
    }

    /// Lets the world take its course.
    ///
    /// # Errors
    /// The first promise that breaks.
    pub fn run(&mut self) -> Result<Stats, Violation> {
        let runtime = self.runtime;
        let _context = runtime.enter();
        self.prepare();
        while let Some(event) = self.schedule.next() {
            let now = self.schedule.now();
            let is_down = is_down(&self.plan.store_down, now);
            self.store
                .set(now, is_down, until(&self.plan.store_hangs, now));
            self.happen(event)?;
            self.go_on()?;
            if self.queue.has_dead() && now > END && self.redrives < 100 {
                self.redrives += 1;
                self.schedule.after(MINUTE, Event::Redrive);
            }
        }
        self.referee.at_rest(self.queue.is_empty())?;
        Ok(self.stats)
    }

    /// What happened so far.
    #[must_use]
    pub fn into_story(self) -> Story {
        self.story.unwrap_or_default()
    }

    fn prepare(&mut self) {
        if self.story.is_some() {
            let plan = format!("{:?}", self.plan);
            tell!(self, None, "a world of {plan}");
        }
        for callback in 0..self.callbacks.len() {
            self.schedule
                .at(self.callbacks[callback].at, Event::Report(callback));
        }
        for number in 0..self.plan.rotations.len() {
            let rotation = self.plan.rotations[number];
            self.schedule.at(rotation.put_at, Event::Put(number + 1));
            self.schedule.at(rotation.switched_at, Event::Switch);
        }
        for rotation in self.plan.rotations.clone() {
            if self.plan.forged_before {
                // What takes the turn to read before there is anything new, and what comes behind.
                for _ in 0..self.draw.between(1, 4) {
                    let before = self.draw.magnitude(SECOND, 2 * MINUTE);
                    self.schedule.at(rotation.put_at - before, Event::Forge);
                    let between = self.draw.magnitude(1, MINUTE);
                    self.schedule
                        .at(rotation.switched_at + between, Event::Forge);
                }
            }
        }
        self.schedule
            .at(self.plan.last_outage() + 10 * MINUTE, Event::Redrive);
        // The operator looks once a day: SQS keeps dead letters for fourteen at most.
        for day in 1..=(END - START) / DAY {
            self.schedule.at(START + day * DAY, Event::Redrive);
        }
    }

    fn happen(&mut self, event: Event) -> Verdict {
        match event {
            Event::Report(callback) => self.report(callback),
            Event::Attempt(delivery) => self.attempt(delivery),
            Event::Timeout(attempt) => {
                self.settle(attempt, None);
                Ok(())
            }
            Event::AtEdge(exchange, edge) => self.at_edge(exchange, edge),
            Event::AtReceiver(exchange) => self.at_receiver(exchange),
            Event::Taken {
                receiver,
                task,
                sending,
            } => self.taken(receiver, task, &sending),
            Event::HandedOff {
                receiver,
                task,
                taken,
            } => {
                let stopped = self.receivers[receiver].host.resume(task, taken);
                self.receiver_stopped(receiver, task, stopped)
            }
            Event::Reply(exchange, answer) => self.reply(exchange, answer),
            Event::Answered(exchange, status) => {
                let attempt = self.exchanges.remove(&exchange).and_then(|e| e.attempt);
                if let Some(attempt) = attempt {
                    self.settle(attempt, Some(status));
                }
                Ok(())
            }
            Event::Crash(host) => {
                self.crash(host);
                Ok(())
            }
            Event::Put(number) => {
                let secret = self.secrets[number].clone();
                self.known = number;
                self.store.put(&secret);
                tell!(self, None, "the operator puts secret {number}");
                Ok(())
            }
            Event::Switch => {
                self.signing += 1;
                tell!(self, None, "Sinch signs with secret {}", self.signing);
                Ok(())
            }
            Event::Poll => self.poll(),
            Event::Effect {
                processor,
                task,
                call,
                told,
            } => self.effect(processor, task, *call, told),
            Event::Answer {
                processor,
                task,
                answer,
            } => {
                let stopped = self.processors[processor].host.resume(task, *answer);
                self.processor_stopped(processor, task, stopped);
                Ok(())
            }
            Event::Acknowledge {
                processor,
                life,
                receipt,
            } => {
                if self.processors[processor].life == life {
                    self.queue.acknowledge(receipt);
                    self.poll_soon();
                }
                Ok(())
            }
            Event::Redrive => {
                let now = self.schedule.now();
                let count = self.queue.redrive(now);
                if count > 0 {
                    tell!(self, None, "the operator moves {count} dead letters back");
                    self.poll_soon();
                }
                Ok(())
            }
            Event::Attack(capture, attack) => {
                self.attack(capture, attack);
                Ok(())
            }
            Event::Forge => {
                self.forge();
                Ok(())
            }
            Event::Wake => Ok(()),
        }
    }

    /// Goes on with what waits for secrets, as far as it can.
    fn go_on(&mut self) -> Verdict {
        for place in 0..self.edges.len() {
            for (exchange, passage) in self.edges[place].edge.go_on() {
                self.passed(exchange, place, passage)?;
            }
        }
        for place in 0..self.receivers.len() {
            for (task, stopped) in self.receivers[place].host.go_on() {
                self.receiver_stopped(place, task, Some(stopped))?;
            }
        }
        for moment in self.store.time.take_wanted() {
            self.schedule.at(moment, Event::Wake);
        }
        Ok(())
    }

    /// The request as the hosts of this world take it.
    fn pass(&self, request: &Arc<Request>) -> Arc<Request> {
        shim::pass(request, self.without, &self.secrets, self.known)
    }

    fn unix(&self, skew: i64) -> UnixSeconds {
        UnixSeconds::new((self.schedule.now() / SECOND).saturating_add_signed(skew))
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    // Sinch

    fn report(&mut self, callback: usize) -> Verdict {
        for _ in 0..self.plan.webhooks {
            self.deliveries.push(Delivery {
                callback,
                attempts: 0,
                settled: false,
                first: None,
            });
            let delivery = self.deliveries.len() - 1;
            self.attempt(delivery)?;
        }
        Ok(())
    }

    fn attempt(&mut self, number: usize) -> Verdict {
        if self.deliveries[number].settled {
            return Ok(());
        }
        let callback = self.deliveries[number].callback;
        let again = self.deliveries[number].first.clone();
        let request = match again.filter(|_| !self.plan.resigns) {
            Some(first) => first,
            None => {
                let nonce = self.draw.nonce();
                let body = Arc::clone(&self.callbacks[callback].body);
                let at = self.unix(self.plan.sinch_skew);
                let secret = &self.secrets[self.signing];
                Arc::new(Request::signed(body, secret, &nonce, at))
            }
        };
        self.deliveries[number].first = Some(Arc::clone(&request));
        self.attempts.push(Attempt {
            delivery: number,
            settled: false,
        });
        let attempt = self.attempts.len() - 1;
        self.stats.attempts += 1;
        tell!(
            self,
            callback,
            "Sinch sends it, attempt {}, signed with secret {}",
            self.deliveries[number].attempts + 1,
            self.signing
        );
        self.schedule.after(
            self.draw.between(10 * SECOND, 30 * SECOND),
            Event::Timeout(attempt),
        );
        if self.draw.chance(self.plan.attack) {
            self.capture(&request, callback);
        }
        let edge = (self.plan.edges > 0).then(|| self.draw.index(self.plan.edges));
        self.send(request, Some(callback), Some(attempt), edge);
        Ok(())
    }

    /// Puts a request on the line: it may be lost, late, or doubled.
    fn send(
        &mut self,
        request: Arc<Request>,
        callback: Option<usize>,
        attempt: Option<usize>,
        edge: Option<usize>,
    ) {
        let copies = 1 + u32::from(self.draw.chance(self.plan.duplication));
        for _ in 0..copies {
            if self.draw.chance(self.plan.loss) {
                tell!(self, callback, "... lost on its way");
                continue;
            }
            let number = self.number();
            let receiver = self.draw.index(self.plan.receivers);
            self.exchanges.insert(
                number,
                Exchange {
                    request: Arc::clone(&request),
                    callback,
                    attempt,
                    via: None,
                    receiver,
                    received_at: UnixSeconds::new(0),
                    replay_key: None,
                },
            );
            let wait = self.line();
            self.schedule.after(
                wait,
                match edge {
                    Some(edge) => Event::AtEdge(number, edge),
                    None => Event::AtReceiver(number),
                },
            );
        }
    }

    fn line(&mut self) -> Millis {
        if self.draw.chance(0.01) {
            return self.draw.between(SECOND, 8 * SECOND);
        }
        self.draw.magnitude(5, 400)
    }

    /// Sinch has an answer, or has waited long enough. The first of them counts.
    fn settle(&mut self, number: usize, status: Option<u16>) {
        let attempt = &mut self.attempts[number];
        if core::mem::replace(&mut attempt.settled, true) {
            return;
        }
        let delivery = attempt.delivery;
        let callback = self.deliveries[delivery].callback;
        match status {
            Some(status @ 200..300) => {
                tell!(self, callback, "Sinch is answered {status}");
                self.deliveries[delivery].settled = true;
            }
            Some(status @ 400..500) if status != 429 => {
                tell!(self, callback, "Sinch is answered {status}, and gives up");
                self.deliveries[delivery].settled = true;
                self.stats.given_up += 1;
            }
            failure => {
                let what = failure.map_or("nothing".to_owned(), |status| status.to_string());
                self.deliveries[delivery].attempts += 1;
                let retry = sinch::retry_after(self.deliveries[delivery].attempts);
                match retry {
                    Some(wait) => {
                        tell!(
                            self,
                            callback,
                            "Sinch is answered {what}, and retries in {} s",
                            wait / SECOND
                        );
                        self.schedule.after(wait, Event::Attempt(delivery));
                        self.attack_now(delivery);
                    }
                    None => {
                        tell!(self, callback, "Sinch is answered {what}, and gives up");
                        self.deliveries[delivery].settled = true;
                        self.stats.given_up += 1;
                    }
                }
            }
        }
    }

    // The attacker

    fn capture(&mut self, request: &Arc<Request>, callback: usize) {
        self.captures.push(Capture {
            request: Arc::clone(request),
            callback,
        });
        let capture = self.captures.len() - 1;
        for _ in 0..self.draw.between(1, 3) {
            let attack = Attack::draw(&mut self.draw);
            let wait = attacker::wait(&mut self.draw);
            let at = (self.schedule.now() + wait).min(END);
            self.schedule.at(at, Event::Attack(capture, attack));
        }
    }

    /// Sends a captured callback between its failure and its retry.
    fn attack_now(&mut self, delivery: usize) {
        if !self.draw.chance(self.plan.attack) {
            return;
        }
        let delivery = &self.deliveries[delivery];
        let Some(request) = delivery.first.clone() else {
            return;
        };
        self.captures.push(Capture {
            request,
            callback: delivery.callback,
        });
        let attack = Attack::draw(&mut self.draw);
        self.schedule.after(
            self.draw.between(0, 4 * SECOND),
            Event::Attack(self.captures.len() - 1, attack),
        );
    }

    fn attack(&mut self, number: usize, attack: Attack) {
        let capture = self.captures[number].clone();
        for _ in 0..attack.requests() {
            let other = self.draw.index(self.captures.len());
            let other = Arc::clone(&self.captures[other].request);
            let now = self.unix(0);
            let request = attacker::request(&mut self.draw, attack, &capture.request, &other, now);
            let edge = (self.plan.edges > 0 && self.draw.chance(0.7))
                .then(|| self.draw.index(self.plan.edges));
            self.stats.attacks += 1;
            tell!(self, capture.callback, "the attacker: {attack:?}");
            self.send(Arc::new(request), None, None, edge);
        }
    }

    /// Sends a forgery to each host.
    fn forge(&mut self) {
        for place in 0..self.plan.edges.max(1) {
            let now = self.unix(0);
            let request = attacker::forged(&mut self.draw, now);
            let edge = (self.plan.edges > 0).then_some(place);
            self.stats.attacks += 1;
            tell!(self, None, "the attacker forges");
            self.send(Arc::new(request), None, None, edge);
        }
    }

    // The edge

    fn new_edge(&self, life: u64) -> EdgeSite {
        let store = self.store.for_other_host();
        let memory = Window::LOGGED.memory();
        let without = match self.without {
            // The edge's guard is not what these are about.
            Some(Safeguard::GuardBeforeHandoff | Safeguard::ConfirmAfterHandoff) => None,
            without => without,
        };
        let guard = Guard::new(self.plan.guard_capacity, memory, without);
        let on_mismatch = self.on_mismatch();
        let secrets = Secrets::new(&store, self.without);
        EdgeSite {
            edge: EdgeHost::new(secrets, guard, on_mismatch, self.without),
            store,
            life,
        }
    }

    fn on_mismatch(&self) -> OnMismatch {
        match self.without {
            Some(Safeguard::MismatchDefers) => OnMismatch::Refuse,
            _ => self.plan.on_mismatch,
        }
    }

    fn at_edge(&mut self, number: u64, place: usize) -> Verdict {
        let Some(exchange) = self.exchanges.get(&number) else {
            return Ok(());
        };
        let request = self.pass(&exchange.request);
        let now = self.unix(self.plan.edge_clocks[place].off_by(self.schedule.now()));
        let since = self.schedule.now().saturating_sub(5 * MINUTE);
        let site = &mut self.edges[place];
        let passage = site.edge.start(number, request, now);
        Referee::reads(site.store.reads_since(since))?;
        passage.map_or(Ok(()), |passage| self.passed(number, place, passage))
    }

    /// The edge has decided about a request.
    fn passed(&mut self, number: u64, place: usize, passage: Passage) -> Verdict {
        let Some(exchange) = self.exchanges.get(&number) else {
            return Ok(());
        };
        let request = self.pass(&exchange.request);
        let callback = exchange.callback;
        let is_genuine = exchange.attempt.is_some();
        let site = &self.edges[place];
        let life = site.life;
        Referee::guard(site.edge.guard.len(), self.plan.guard_capacity)?;
        match passage {
            Passage::Answered(answer) => {
                let code = answer.code();
                let status = match self.without {
                    Some(Safeguard::EdgeForwardsUnverified)
                        if answer == Told::SECRET_UNAVAILABLE =>
                    {
                        401
                    }
                    _ => self.status(&answer),
                };
                tell!(self, callback, "edge {place} answers {status} {code}");
                self.count(status);
                if answer.kind() == AnswerKind::Absorbed {
                    self.stats.absorbed += 1;
                    self.answered_with_200(&request)?;
                }
                if is_genuine && is_final(status) {
                    self.referee
                        .refused(callback.unwrap_or_default(), status, code)?;
                }
                self.answer(number, status);
            }
            Passage::Forwarded(mark) => {
                let verified = if mark.is_some() { "" } else { " unverified" };
                tell!(self, callback, "edge {place} forwards it{verified}");
                if let Some(exchange) = self.exchanges.get_mut(&number) {
                    exchange.via = Some(Via {
                        edge: place,
                        life,
                        mark,
                    });
                }
                if self.draw.chance(self.plan.loss / 4.0) {
                    tell!(self, callback, "... lost between edge and receiver");
                } else {
                    let wait = self.line();
                    self.schedule.after(wait, Event::AtReceiver(number));
                }
            }
        }
        Ok(())
    }

    /// The origin's answer comes by the edge, most times by the environment that forwarded.
    fn reply(&mut self, number: u64, answer: OriginAnswer) -> Verdict {
        let Some(exchange) = self.exchanges.get(&number) else {
            return Ok(());
        };
        let (via, callback) = (exchange.via, exchange.callback);
        let is_genuine = exchange.attempt.is_some();
        let forwarded = match via.and_then(|via| via.mark) {
            Some(_) => Forwarded::Authentic,
            None => Forwarded::Undecided,
        };
        let status = match answer.instead(forwarded) {
            Some(instead) if self.without != Some(Safeguard::OriginMark) => instead.status(),
            _ => answer.status,
        };
        if let Some(Via {
            edge,
            life,
            mark: Some(mark),
        }) = via
            && self.draw.chance(0.9)
        {
            // Where the environment has ended meanwhile, the one in its place learns of it.
            let is_the_one = self.edges[edge].life == life;
            let mark = if is_the_one {
                mark
            } else {
                mark.without_ticket()
            };
            let now = self.unix(self.plan.edge_clocks[edge].off_by(self.schedule.now()));
            self.edges[edge].edge.learn(mark, answer, now);
        }
        if is_genuine
            && is_final(status)
            && let Some(callback) = callback
        {
            self.referee.refused(callback, status, "as the origin")?;
        }
        self.answer(number, status);
        Ok(())
    }

    /// Sends an answer to whoever waits for it.
    fn answer(&mut self, number: u64, status: u16) {
        if self.draw.chance(self.plan.loss) {
            let callback = self.exchanges.remove(&number).and_then(|e| e.callback);
            tell!(self, callback, "... the answer is lost");
            return;
        }
        let wait = self.line();
        self.schedule.after(wait, Event::Answered(number, status));
    }

    /// The status of an answer, perhaps without a safeguard.
    fn status(&self, answer: &Told) -> u16 {
        let is_early = matches!(answer.rejection(), Some(Rejection::FromFuture { .. }));
        if is_early && self.without == Some(Safeguard::EarlyDefers) {
            return 401;
        }
        answer.status()
    }

    /// Whether there is one guard before the queue, and it has room for all that happens.
    fn remembers_all(&self) -> bool {
        !self.plan.on_aws && self.plan.guard_capacity > self.callbacks.len() * 100
    }

    fn count(&mut self, status: u16) {
        match status {
            200 => self.stats.accepted += 1,
            500.. => self.stats.deferred += 1,
            _ => self.stats.refused += 1,
        }
    }

    fn answered_with_200(&mut self, request: &Request) -> Verdict {
        let content_key = ContentKey::of_body(&request.body);
        let is_stored = self.queue.holds(content_key) || self.log.knows(content_key);
        self.referee.answered(content_key, is_stored)
    }

    // The receiver

    fn new_receiver(&self) -> ReceiverSite {
        let store = self.store.for_other_host();
        let window = match self.without {
            Some(Safeguard::WindowEnds) => Window::LOGGED.with_max_age(Window::UNLIMITED),
            Some(Safeguard::WindowCoversRetries) => Window::BARE,
            _ => Window::LOGGED,
        };
        let guard = if self.plan.on_aws {
            Guard::none()
        } else {
            Guard::new(self.plan.guard_capacity, window.memory(), self.without)
        };
        let rules = Rules::LOGGED
            .with_window(window)
            .with_on_mismatch(self.on_mismatch());
        let secrets = Secrets::new(&store, self.without);
        ReceiverSite {
            host: ReceiverHost::new(secrets, guard.clone(), rules),
            guard,
            store,
        }
    }

    fn at_receiver(&mut self, number: u64) -> Verdict {
        let Some(exchange) = self.exchanges.get(&number) else {
            return Ok(());
        };
        let place = exchange.receiver;
        let callback = exchange.callback;
        let request = self.pass(&exchange.request);
        if exchange.via.is_some() && is_down(&self.plan.in_between, self.schedule.now()) {
            let status = *self.draw.one_of(&[403, 404, 413]);
            tell!(
                self,
                callback,
                "something before receiver {place} answers {status}"
            );
            let answer = OriginAnswer {
                status,
                is_marked: false,
            };
            let wait = self.line();
            self.schedule.after(wait, Event::Reply(number, answer));
            return Ok(());
        }
        let now = self.unix(self.plan.receiver_clocks[place].off_by(self.schedule.now()));
        if let Some(exchange) = self.exchanges.get_mut(&number) {
            exchange.received_at = now;
        }
        let stopped = self.receivers[place].host.start(number, request, now);
        let since = self.schedule.now().saturating_sub(5 * MINUTE);
        let site = &self.receivers[place];
        Referee::guard(site.guard.len(), self.plan.guard_capacity)?;
        Referee::reads(site.store.reads_since(since))?;
        self.receiver_stopped(place, number, stopped)
    }

    fn receiver_stopped(
        &mut self,
        place: usize,
        task: u64,
        stopped: Option<receiver::Stopped>,
    ) -> Verdict {
        match stopped {
            None => Ok(()),
            Some(receiver::Stopped::AtHandoff(sending)) => self.hand_off(place, task, sending),
            Some(receiver::Stopped::Ended(received)) => self.received(place, task, &received),
        }
    }

    fn hand_off(&mut self, place: usize, task: u64, sending: Sending) -> Verdict {
        let now = self.schedule.now();
        let remembers_all = self.remembers_all();
        let exchange = self.exchanges.get_mut(&task);
        let callback = exchange.as_ref().and_then(|e| e.callback);
        if let Some(exchange) = exchange {
            exchange.replay_key = Some(sending.replay_key);
            if remembers_all {
                let memory = Window::LOGGED.memory().as_secs() * SECOND;
                let claimed_at = exchange.received_at;
                self.referee
                    .handed_off(&sending, task, claimed_at, memory, now)?;
            }
        }
        let (to, back) = (self.draw.magnitude(1, 100), self.draw.magnitude(1, 100));
        if self.draw.chance(self.plan.crash) {
            let wait = self.draw.between(0, to + back + 50);
            self.schedule
                .after(wait, Event::Crash(Host::Receiver(place)));
        }
        let is_down = is_down(&self.plan.queue_down, now);
        let answers_early = self.without == Some(Safeguard::HandoffBeforeAnswer);
        // An answer may be lost on its way back, and then nobody knows.
        let doubtful = self.draw.chance(self.plan.loss / 4.0);
        if !is_down {
            self.schedule.after(
                to,
                Event::Taken {
                    receiver: place,
                    task,
                    sending: Box::new(sending),
                },
            );
        }
        let taken = answers_early || (!is_down && !doubtful);
        if !taken {
            tell!(
                self,
                callback,
                "receiver {place} cannot hand it off, as far as it knows"
            );
        }
        let wait = if answers_early { 0 } else { to + back };
        self.schedule.after(
            wait,
            Event::HandedOff {
                receiver: place,
                task,
                taken,
            },
        );
        Ok(())
    }

    /// The queue takes a callback.
    fn taken(&mut self, place: usize, task: u64, sending: &Sending) -> Verdict {
        // The embedded host's queue is of the same process, and dies with it.
        if !self.plan.on_aws && !self.receivers[place].host.has(task) {
            return Ok(());
        }
        let now = self.schedule.now();
        let callback = self.referee.callback(sending.content_key);
        if self.queue.send(sending, now) {
            tell!(self, callback, "the queue takes it");
            self.referee
                .queued(sending.content_key, self.plan.on_aws, now)?;
            self.poll_soon();
        } else {
            tell!(self, callback, "the queue drops it: it was taken before");
        }
        Ok(())
    }

    fn received(&mut self, place: usize, task: u64, received: &Received) -> Verdict {
        let Some(exchange) = self.exchanges.get(&task).cloned() else {
            return Ok(());
        };
        let answer = &received.answer;
        let (status, code) = match self.without {
            Some(Safeguard::FailureIs503) if answer.status() == 503 => (400, answer.code()),
            _ => (self.status(answer), answer.code()),
        };
        tell!(
            self,
            exchange.callback,
            "receiver {place} answers {status} {code}"
        );
        self.count(status);
        match answer.kind() {
            AnswerKind::Accepted => {
                let request = self.pass(&exchange.request);
                self.answered_with_200(&request)?;
            }
            AnswerKind::Absorbed => {
                self.stats.absorbed += 1;
                self.answered_with_200(&exchange.request)?;
            }
            _ => {}
        }
        if let Some(key) = exchange.replay_key
            && self.remembers_all()
        {
            if answer.kind() == AnswerKind::Accepted {
                self.referee.confirmed(key, self.schedule.now());
            } else {
                let guard = &self.receivers[place].guard;
                self.referee
                    .not_handed_off(key, task, |at| guard.peek(key, at))?;
            }
        }
        if exchange.via.is_none()
            && is_final(status)
            && exchange.attempt.is_some()
            && let Some(callback) = exchange.callback
        {
            self.referee.refused(callback, status, code)?;
        }
        if exchange.via.is_some() {
            let answer = OriginAnswer {
                status,
                is_marked: true,
            };
            if self.draw.chance(self.plan.loss / 4.0) {
                tell!(self, exchange.callback, "... the answer is lost");
            } else {
                let wait = self.line();
                self.schedule.after(wait, Event::Reply(task, answer));
            }
        } else {
            self.answer(task, status);
        }
        Ok(())
    }

    fn crash(&mut self, host: Host) {
        self.stats.crashes += 1;
        tell!(self, None, "{host:?} crashes");
        match host {
            Host::Edge(place) => {
                let life = self.edges[place].life + 1;
                self.edges[place] = self.new_edge(life);
            }
            Host::Receiver(place) => {
                self.receivers[place] = self.new_receiver();
                if !self.plan.on_aws {
                    self.referee.forget_guard();
                    self.crash_processor(0);
                    let restarted = self.schedule.now() + self.draw.magnitude(SECOND, 10 * MINUTE);
                    self.queue.give_all_back(restarted);
                    self.poll_not_later_than(restarted);
                }
            }
            Host::Processor(place) if self.plan.on_aws => self.crash_processor(place),
            Host::Processor(_) => self.crash(Host::Receiver(0)),
        }
        // Whoever crashes may take an environment at the edge along.
        if !matches!(host, Host::Edge(_)) && self.plan.edges > 0 && self.draw.chance(0.3) {
            let edge = self.draw.index(self.plan.edges);
            self.crash(Host::Edge(edge));
        }
    }

    fn crash_processor(&mut self, place: usize) {
        let site = &mut self.processors[place];
        site.life += 1;
        site.host.crash();
        if !self.plan.on_aws {
            site.under_way.clear();
        }
    }

    // The processor

    fn poll_soon(&mut self) {
        let at = self.schedule.now() + self.draw.between(1, 50);
        self.poll_not_later_than(at);
    }

    fn poll_not_later_than(&mut self, at: Millis) {
        if self.poll_at.is_none_or(|planned| at < planned) {
            self.poll_at = Some(at);
            self.schedule.at(at, Event::Poll);
        }
    }

    fn poll(&mut self) -> Verdict {
        let now = self.schedule.now();
        if self.poll_at.is_none_or(|planned| planned > now) {
            return Ok(());
        }
        self.poll_at = None;
        for place in 0..self.processors.len() {
            for _ in 0..4 {
                // The embedded host processes one after the other.
                if !self.plan.on_aws && !self.processors[place].host.is_idle() {
                    break;
                }
                let received = self.queue.receive(now);
                if let Some(content_key) = self.queue.take_hasty() {
                    self.referee.set_aside(content_key)?;
                }
                let Some((receipt, item)) = received else {
                    break;
                };
                if self.without == Some(Safeguard::AcknowledgeLast) {
                    self.queue.acknowledge(receipt);
                }
                let task = self.number();
                let callback = self.referee.callback(item.content_key);
                tell!(self, callback, "processor {place} is handed it");
                let site = &mut self.processors[place];
                site.under_way.insert(task, item.content_key);
                let stopped = site.host.start(task, receipt, item);
                self.processor_stopped(place, task, stopped);
            }
        }
        if let Some(at) = self.queue.next_ready(now) {
            // What is ready and was not handed out waits for a processor.
            self.poll_not_later_than(at.max(now + SECOND));
        }
        Ok(())
    }

    fn processor_stopped(&mut self, place: usize, task: u64, stopped: Option<processor::Stopped>) {
        let now = self.schedule.now();
        match stopped {
            None => {}
            Some(processor::Stopped::AtCall(call)) => self.called(place, task, call),
            Some(processor::Stopped::Ended(receipt, outcome)) => {
                let site = &mut self.processors[place];
                let life = site.life;
                let content_key = site.under_way.remove(&task);
                let callback = content_key.and_then(|key| self.referee.callback(key));
                match outcome {
                    Ok(novelty) => {
                        tell!(
                            self,
                            callback,
                            "processor {place} is done with it: {novelty:?}"
                        );
                        let wait = self.draw.magnitude(1, 100);
                        self.may_crash(place, wait);
                        self.schedule.after(
                            wait,
                            Event::Acknowledge {
                                processor: place,
                                life,
                                receipt,
                            },
                        );
                    }
                    Err(()) => {
                        tell!(self, callback, "processor {place} fails at it");
                        let wait = match self.without {
                            // The queue's own time.
                            Some(Safeguard::PatientQueue) if self.plan.on_aws => None,
                            _ if self.plan.on_aws => {
                                let random = self.draw.between(0, 1_000);
                                Some(SECOND * u64::from(retry_after_secs(receipt.receive, random)))
                            }
                            _ => Some((SECOND << receipt.receive.min(12)).min(HOUR)),
                        };
                        if let Some(wait) = wait {
                            self.queue.give_back(receipt, now + wait);
                            self.poll_not_later_than(now + wait);
                        }
                        self.poll_soon();
                    }
                }
            }
        }
    }

    fn may_crash(&mut self, place: usize, within: Millis) {
        if self.draw.chance(self.plan.crash) {
            let wait = self.draw.between(0, within + 20);
            self.schedule
                .after(wait, Event::Crash(Host::Processor(place)));
        }
    }

    /// A processor has called the store or the event bus.
    fn called(&mut self, place: usize, task: u64, call: Call) {
        let now = self.schedule.now();
        let down = match &call {
            Call::Read(_) | Call::Write(_) | Call::Keep(_) => is_down(&self.plan.log_down, now),
            Call::Notify(_) => is_down(&self.plan.bus_down, now),
        };
        let mut wait = self.draw.magnitude(1, 200);
        // So slow that the queue hands the callback out again meanwhile.
        if self.plan.on_aws && self.draw.chance(0.005) {
            wait = self.draw.between(MINUTE, 10 * MINUTE);
        }
        if down {
            self.schedule.after(
                wait,
                Event::Answer {
                    processor: place,
                    task,
                    answer: Box::new(Answer::Down),
                },
            );
            return;
        }
        self.may_crash(place, wait);
        // Whether the answer comes back.
        let told = !self.draw.chance(self.plan.loss / 4.0);
        self.schedule.after(
            wait,
            Event::Effect {
                processor: place,
                task,
                call: Box::new(call),
                told,
            },
        );
    }

    fn effect(&mut self, place: usize, task: u64, call: Call, told: bool) -> Verdict {
        // The embedded host's store is of the same process, and dies with it.
        if !self.plan.on_aws && !self.processors[place].host.has(task) {
            return Ok(());
        }
        let now = self.schedule.now();
        let answer = match call {
            Call::Read(message_id) => Answer::Read(self.log.read(&message_id, now).map(Box::new)),
            Call::Write(written) => self.write(&written, now)?,
            Call::Keep(content_key) => {
                self.log.keep(content_key);
                self.referee.kept(content_key)?;
                Answer::Done
            }
            Call::Notify(events) => {
                let content_key = self.processors[place].under_way.get(&task).copied();
                if let Some(content_key) = content_key {
                    let callback = self.referee.callback(content_key);
                    tell!(
                        self,
                        callback,
                        "told: {}",
                        events
                            .iter()
                            .map(|event| format!("{} {}", event.message_id, event.kind))
                            .collect::<Vec<_>>()
                            .join(", ")
                    );
                    self.referee.told(content_key, &events)?;
                }
                Answer::Done
            }
        };
        let wait = self.draw.magnitude(1, 100);
        self.may_crash(place, wait);
        self.schedule.after(
            wait,
            Event::Answer {
                processor: place,
                task,
                answer: Box::new(if told { answer } else { Answer::Down }),
            },
        );
        Ok(())
    }

    fn write(&mut self, written: &Written, now: Millis) -> Result<Answer, Violation> {
        let callback = self.referee.callback(written.content_key);
        let Ok(before) = self.log.write(written, now) else {
            tell!(self, callback, "the log refuses: somebody was faster");
            return Ok(Answer::Conflict);
        };
        let moved = moves(before.as_ref(), &written.message);
        tell!(
            self,
            callback,
            "the log has it: {}",
            moved
                .iter()
                .map(|step| format!("{} {} {:?}", step.message_id, step.channel, step.after))
                .collect::<Vec<_>>()
                .join(", ")
        );
        self.referee.written(
            written.content_key,
            before.as_ref(),
            &written.message,
            &moved,
        )?;
        Ok(Answer::Done)
    }
}

/// Whether Sinch takes a status for the last word.
fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && status != 429
}
