mod answers;
mod attacks;
mod crashes;
mod edges;
mod event;
mod exchange;
mod notices;
mod processors;
mod receivers;
mod sinch_side;
mod site;
mod stats;
mod tell;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
};

use sinch_callback::UnixSeconds;
use tokio::runtime::Runtime;

pub use self::stats::Stats;
use self::{
    event::Event,
    exchange::{Attempt, Delivery, Exchange},
    site::{EdgeSite, ProcessorSite, ReceiverSite},
    tell::tell,
};
use crate::{
    Safeguard, Story, Violation,
    attacker::Capture,
    draw::Draw,
    log::Log,
    outbox::Outbox,
    parameter_store::Store,
    plan::{END, Plan, START, is_down, until},
    processor::ProcessorHost,
    queue::Queue,
    referee::{Referee, Verdict},
    schedule::{DAY, HOUR, MINUTE, Millis, SECOND, Schedule},
    shim,
    sinch::{self, Callback, Request},
};

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
    outbox: Outbox,
    /// Whether an event of the outbox is on its way.
    is_telling: bool,
    event_ids: Arc<AtomicU64>,
    processors: Vec<ProcessorSite>,
    poll_at: Option<Millis>,
    redrives: u32,
    referee: Referee,
    stats: Stats,
    story: Option<Story>,
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
            outbox: Outbox::default(),
            is_telling: false,
            event_ids: Arc::clone(&event_ids),
            processors: (0..if plan.on_aws { 2 } else { 1 })
                .map(|_| ProcessorSite {
                    host: ProcessorHost::new(without, Arc::clone(&event_ids)),
                    life: 0,
                    under_way: HashMap::new(),
                    reached: HashMap::new(),
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
        self.referee
            .at_rest(self.queue.is_empty() && self.outbox.is_empty())?;
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
                way,
                sending,
            } => self.taken(receiver, task, way, &sending),
            Event::Completed(receiver) => {
                self.completed(receiver);
                Ok(())
            }
            Event::Tell => {
                self.tell_next();
                Ok(())
            }
            Event::Posted { life, number, row } => self.posted(life, number, &row),
            Event::TakenByListener { life, number } => {
                self.taken_by_listener(life, number);
                Ok(())
            }
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
                let (queue, log, outbox) = (&self.queue, &self.log, &self.outbox);
                self.referee.crashed(
                    |key| queue.holds(key) || log.knows(key),
                    |key| queue.holds(key) || outbox.holds(key),
                )
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
                self.processor_stopped(processor, task, stopped)
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
}
