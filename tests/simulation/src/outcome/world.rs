mod calls;
mod people;
mod reports;
mod sends;
mod stats;

use core::{ops::Range, time::Duration};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, atomic::AtomicU64},
};

use sinch_callback_recovery::{
    Accepted, Channel, Content, DoubleSend, Identity, Intent, IntentId, IntentKey, Plan,
    QuietHours, Request, Step, Until,
    ports::{SuppressedFor, SwitchState},
};

pub use self::stats::Stats;
use super::{
    Safeguard,
    message::{Callback, Message},
    ports::{Answer, Call},
    referee::{Referee, Verdict, Violation},
    setting::{CALM, START, Setting},
    worker::{Ended, Order, Stopped, Worker},
};
use crate::{
    Story,
    draw::Draw,
    schedule::{HOUR, MINUTE, Millis, SECOND, Schedule},
};

/// One world, made from one seed.
pub struct World {
    without: Option<Safeguard>,
    draw: Draw,
    setting: Setting,
    schedule: Schedule<Event>,
    workers: Vec<Worker>,
    tasks: u64,
    clients: Vec<Client>,
    intents: HashMap<IntentId, Intent>,
    keys: HashMap<IntentKey, IntentId>,
    due: BTreeSet<(u64, IntentId)>,
    /// When it is next looked at what is due.
    sweeps_at: Option<Millis>,
    spent: Spent,
    /// Without a safeguard, what was read of the budgets a while ago.
    spent_read: Option<(Millis, Spent)>,
    suppressed: BTreeMap<(Channel, String), BTreeSet<SuppressedFor>>,
    is_paused: bool,
    /// Without a safeguard, what the switch said a while ago.
    switch_read: Option<(Millis, SwitchState)>,
    messages: Vec<Message>,
    callbacks: Vec<Callback>,
    /// What was accepted, with the second in which it was, and is not yet where it belongs.
    waiting: BTreeSet<(u64, usize)>,
    last_callback: Option<Millis>,
    last_probe: Option<Millis>,
    /// When something last went wrong that may keep an intent from ending.
    troubled_at: Millis,
    referee: Referee,
    stats: Stats,
    story: Option<Story>,
}

/// How much of the budgets is taken, as a store counts it.
#[derive(Clone, Default)]
struct Spent {
    by_recipient: BTreeMap<(String, u64), u32>,
    by_hour: BTreeMap<u64, u32>,
}

/// Somebody who asks for an intent until it is accepted.
struct Client {
    request: Request,
    quiet: Option<Range<u64>>,
    /// The message that somebody else has sent.
    sent: Option<usize>,
    is_accepted: bool,
}

/// What happens.
enum Event {
    /// A client asks.
    Ask(usize),
    /// A call of a port takes effect.
    Effect {
        worker: usize,
        life: u32,
        task: u64,
        call: Box<Call>,
    },
    /// A task gets its answer.
    Answer {
        worker: usize,
        life: u32,
        task: u64,
        answer: Box<Answer>,
    },
    /// Somebody looks at what is due.
    Sweep,
    /// Something tells to look at an intent.
    Look(IntentId),
    /// Sinch tries a callback.
    Try(usize),
    /// An accepted callback is applied.
    Apply(usize),
    /// A message's change is told to its intent.
    Note(usize),
    /// A mail server's bounce.
    Bounce(usize),
    Cancel(usize),
    Retry(usize),
    /// A person, on a channel, wants no more messages, or wants them again.
    Opt(Channel, String, bool),
    /// An operator sets the switch anew after a pause.
    Resume,
    Start(usize),
    /// An intent should have ended.
    Check(IntentId),
}

/// What becomes of a call of a port.
enum Fate {
    Now,
    /// It takes effect later.
    Later(Millis),
    /// It takes effect now, and its answer comes later.
    AnswerLater(Millis),
    /// An error, without effect.
    Fails,
    /// An error, with effect.
    FailsLate,
    /// The process ends, without effect or with it.
    Crashes,
    CrashesLate,
}

const CONTENT: &str = "made-up content";

impl World {
    /// The world of this seed, perhaps without a safeguard.
    #[must_use]
    pub fn new(seed: u64, without: Option<Safeguard>) -> Self {
        let mut draw = Draw::new(seed);
        let setting = Setting::draw(&mut draw);
        let drawn = Arc::new(AtomicU64::new(0));
        let skews = setting.skews.iter();
        let workers = skews.map(|skew| Worker::new(*skew, Arc::clone(&drawn)));
        let mut world = Self {
            without,
            workers: workers.collect(),
            schedule: Schedule::starting_at(START),
            tasks: 0,
            clients: Vec::new(),
            intents: HashMap::new(),
            keys: HashMap::new(),
            due: BTreeSet::new(),
            sweeps_at: None,
            spent: Spent::default(),
            spent_read: None,
            suppressed: BTreeMap::new(),
            is_paused: false,
            switch_read: None,
            messages: Vec::new(),
            callbacks: Vec::new(),
            waiting: BTreeSet::new(),
            last_callback: None,
            last_probe: None,
            troubled_at: START,
            referee: Referee::new(&setting),
            stats: Stats::default(),
            story: None,
            draw,
            setting,
        };
        for number in 0..world.setting.intents {
            world.plan_client(number);
        }
        world
    }

    /// The same world, which keeps its story.
    #[must_use]
    pub fn telling(mut self) -> Self {
        let mut story = Story::default();
        let setting = format!("a world of {:?}", self.setting);
        story.tell(START, None, setting);
        self.story = Some(story);
        self
    }

    /// Lets the world take its course.
    ///
    /// # Errors
    /// The first promise that breaks.
    pub fn run(&mut self) -> Result<Stats, Violation> {
        while let Some(event) = self.schedule.next() {
            self.happen(event)?;
        }
        for message in &self.messages {
            if let Some(intent) = message.name.and_then(|name| self.intents.get(&name.intent))
                && !message.applied.is_empty()
            {
                self.referee.is_found(message, intent)?;
            }
        }
        let ids: Vec<_> = self.intents.keys().copied().collect();
        for id in ids {
            self.referee.should_have_ended(id)?;
            let is_doubled = self.referee.is_doubled(id, &self.messages);
            self.stats.late_doubles += u64::from(is_doubled);
            self.stats.count_end(&self.intents[&id]);
        }
        Ok(self.stats)
    }

    /// What happened so far.
    #[must_use]
    pub fn into_story(self) -> Story {
        self.story.unwrap_or_default()
    }

    fn tell(&mut self, text: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.tell(self.schedule.now(), None, text());
        }
    }

    fn happen(&mut self, event: Event) -> Verdict {
        let now = self.schedule.now();
        match event {
            Event::Ask(client) => self.ask(client),
            Event::Effect {
                worker,
                life,
                task,
                call,
            } => {
                if self.workers[worker].life != life {
                    return Ok(());
                }
                let answer = self.effect(worker, task, *call)?;
                self.resume(worker, task, answer)
            }
            Event::Answer {
                worker,
                life,
                task,
                answer,
            } => {
                if self.workers[worker].life != life {
                    return Ok(());
                }
                self.resume(worker, task, *answer)
            }
            Event::Sweep => {
                // An earlier one was planned since, and plans the next.
                if self.sweeps_at != Some(now) {
                    return Ok(());
                }
                self.sweeps_at = None;
                let result = self.order(Order::Sweep);
                self.sweep_soon(now + SECOND);
                result
            }
            Event::Look(id) => self.order(Order::Look(id)),
            Event::Try(callback) => {
                self.try_callback(callback);
                Ok(())
            }
            Event::Apply(callback) => {
                self.apply(callback);
                Ok(())
            }
            Event::Note(message) => self.note(message),
            Event::Bounce(message) => self.bounce(message),
            Event::Cancel(client) => self.cancel(client),
            Event::Retry(client) => self.retry(client),
            Event::Opt(channel, identity, is_out) => {
                self.opt(channel, &identity, is_out);
                Ok(())
            }
            Event::Resume => {
                self.is_paused = false;
                self.referee.resumed(now);
                Ok(())
            }
            Event::Start(worker) => {
                self.workers[worker].is_up = true;
                self.sweep_soon(now);
                Ok(())
            }
            Event::Check(id) => self.check(id),
        }
    }

    /// Gives an order to a worker that is up; where none is, later.
    fn order(&mut self, order: Order) -> Verdict {
        let up: Vec<_> = (0..self.workers.len())
            .filter(|worker| self.workers[*worker].is_up)
            .collect();
        if up.is_empty() {
            self.again(order);
            return Ok(());
        }
        let worker = *self.draw.one_of(&up);
        self.tasks += 1;
        let task = self.tasks;
        self.tell(|| format!("worker {worker}, task {task}: {}", told(&order)));
        let now = self.schedule.now();
        let clock = self.clock(worker, Some(&order));
        let stopped = self.workers[worker].start(task, order, now, clock);
        self.go_on(worker, task, stopped)
    }

    fn resume(&mut self, worker: usize, task: u64, answer: Answer) -> Verdict {
        let stopped = self.step(worker, task, answer);
        self.go_on(worker, task, stopped)
    }

    fn step(&mut self, worker: usize, task: u64, answer: Answer) -> Stopped {
        let mut clock = self.clock(worker, None);
        if let Some(known) = self.workers[worker].task(task) {
            if self.without == Some(Safeguard::FreshGates) {
                let begun = known.started_at / SECOND;
                clock = begun.saturating_add_signed(self.workers[worker].skew);
            } else if self.without == Some(Safeguard::FailureSettles)
                && known.is_at_its_order
                && matches!(known.order, Order::Reported { .. })
            {
                clock -= 6;
            }
        }
        self.workers[worker].resume(task, answer, clock)
    }

    /// What a worker's clock shows.
    fn clock(&self, worker: usize, order: Option<&Order>) -> u64 {
        let seconds = self.schedule.now() / SECOND;
        let is_early = self.without == Some(Safeguard::FailureSettles)
            && matches!(order, Some(Order::Reported { .. }));
        let clock = seconds.saturating_add_signed(self.workers[worker].skew);
        if is_early { clock - 6 } else { clock }
    }

    /// Lets a task go on from call to call, for as long as nothing takes time.
    fn go_on(&mut self, worker: usize, task: u64, mut stopped: Stopped) -> Verdict {
        loop {
            let call = match stopped {
                Stopped::AtCall(call) => call,
                Stopped::Ended(order, ended) => return self.ended(order, ended),
            };
            let now = self.schedule.now();
            if let (Call::Switch, Some(known)) = (&call, self.workers[worker].task(task)) {
                known.looked_at = now;
            }
            let life = self.workers[worker].life;
            let answer = match self.fate(&call) {
                Fate::Now => self.effect(worker, task, call)?,
                Fate::Later(wait) => {
                    self.leaves_its_order(worker, task, &call);
                    let call = Box::new(call);
                    let effect = Event::Effect {
                        worker,
                        life,
                        task,
                        call,
                    };
                    self.schedule.after(wait, effect);
                    return Ok(());
                }
                Fate::AnswerLater(wait) => {
                    let answer = Box::new(self.effect(worker, task, call)?);
                    let answered = Event::Answer {
                        worker,
                        life,
                        task,
                        answer,
                    };
                    self.schedule.after(wait, answered);
                    return Ok(());
                }
                Fate::Fails => Answer::Down,
                Fate::FailsLate => {
                    self.effect(worker, task, call)?;
                    Answer::Down
                }
                Fate::Crashes => return self.crash(worker),
                Fate::CrashesLate => {
                    self.effect(worker, task, call)?;
                    return self.crash(worker);
                }
            };
            stopped = self.step(worker, task, answer);
        }
    }

    fn ended(&mut self, order: Order, ended: Ended) -> Verdict {
        match (order, ended) {
            (Order::Accept(client, _), Ended::Accepted(accepted)) => {
                self.clients[client].is_accepted = true;
                match accepted {
                    Accepted::Created(intent) | Accepted::Same(intent) => {
                        self.order(Order::Look(intent.id()))
                    }
                    Accepted::Conflict => Ok(()),
                }
            }
            (order @ Order::Reported { place, count, .. }, Ended::Done) => {
                self.record(&order, self.schedule.now());
                self.forget_waiting(place, count);
                Ok(())
            }
            (order, Ended::Failed) => {
                self.again(order);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What could not be done is done again, by whoever wanted it.
    fn again(&mut self, order: Order) {
        let now = self.schedule.now();
        self.troubled_at = now;
        let wait = self.draw.magnitude(500, 5 * SECOND);
        match order {
            Order::Accept(client, _) => self.schedule.after(wait, Event::Ask(client)),
            Order::Reported { place, .. } if self.without != Some(Safeguard::NoteStays) => {
                self.schedule.after(wait, Event::Note(place));
            }
            Order::Bounced(place, ..) => self.schedule.after(wait, Event::Bounce(place)),
            _ => {}
        }
        self.sweep_soon(now + SECOND);
    }

    fn crash(&mut self, worker: usize) -> Verdict {
        self.tell(|| format!("worker {worker} crashes"));
        self.stats.crashes += 1;
        for order in self.workers[worker].crash() {
            self.again(order);
        }
        let wait = self.draw.magnitude(SECOND, 2 * MINUTE);
        self.schedule.after(wait, Event::Start(worker));
        Ok(())
    }

    fn fate(&mut self, call: &Call) -> Fate {
        let now = self.schedule.now();
        if now >= CALM {
            return match call {
                Call::Send(_) => Fate::AnswerLater(100),
                _ => Fate::Now,
            };
        }
        if self.draw.chance(self.setting.crash) {
            self.troubled_at = now;
            return if self.draw.chance(0.5) {
                Fate::Crashes
            } else {
                Fate::CrashesLate
            };
        }
        if let Call::Send(_) = call {
            // A call takes ten seconds at most, whether its answer comes or not.
            return Fate::AnswerLater(self.draw.magnitude(20, 10 * SECOND));
        }
        let is_of_store = matches!(
            call,
            Call::Create(_) | Call::Find(_) | Call::Read(_) | Call::Write(..) | Call::Due(_)
        );
        let down = |outages: &[Range<Millis>]| crate::plan::is_down(outages, now);
        let is_down = match call {
            _ if is_of_store => down(&self.setting.store_down),
            Call::Tell(_) => {
                self.without != Some(Safeguard::TellerKeeps) && down(&self.setting.teller_down)
            }
            _ => false,
        };
        if is_down || self.draw.chance(self.setting.failure) {
            self.troubled_at = now;
            let is_read = matches!(
                call,
                Call::Find(_) | Call::Read(_) | Call::Switch | Call::Suppressed(_) | Call::Heard
            );
            let has_effect = !is_down && !is_read && self.draw.chance(0.5);
            return if has_effect {
                Fate::FailsLate
            } else {
                Fate::Fails
            };
        }
        let stalls = self.draw.chance(self.setting.stall);
        if stalls || self.draw.chance(self.setting.slow) {
            self.troubled_at = now;
            let wait = if stalls {
                self.draw.magnitude(4 * SECOND, 2 * MINUTE)
            } else {
                self.draw.magnitude(1, 3 * SECOND)
            };
            // In a transaction what is read is written before anybody else comes.
            let is_whole =
                self.setting.is_atomic && matches!(call, Call::Read(_) | Call::Write(..));
            return match (is_whole, call) {
                (true, Call::Read(_)) => Fate::Now,
                (true, _) => Fate::AnswerLater(wait),
                _ if self.draw.chance(0.5) => Fate::Later(wait),
                _ => Fate::AnswerLater(wait),
            };
        }
        Fate::Now
    }

    /// Lets what is due be looked at, not before this moment.
    fn sweep_soon(&mut self, earliest: Millis) {
        let Some((first, _)) = self.due.first() else {
            return;
        };
        let late = self.draw.between(0, self.setting.period);
        let at = (first * SECOND).max(earliest) + late;
        if self.sweeps_at.is_none_or(|planned| at < planned) {
            self.sweeps_at = Some(at);
            self.schedule.at(at, Event::Sweep);
        }
    }

    fn check(&mut self, id: IntentId) -> Verdict {
        let now = self.schedule.now();
        let calm_for = MINUTE + self.setting.lateness();
        let is_disturbed = now < CALM + 2 * HOUR
            && (self.setting.is_disturbed(now) || now - self.troubled_at < calm_for);
        if is_disturbed {
            let wait = if self.setting.is_disturbed(now) {
                10 * MINUTE
            } else {
                MINUTE
            };
            self.schedule.after(wait, Event::Check(id));
            return Ok(());
        }
        self.referee.should_have_ended(id)
    }

    /// What a client asks for.
    fn plan_client(&mut self, number: usize) {
        let draw = &mut self.draw;
        let person = draw.between(1, self.setting.people as u64);
        let at = START + draw.between(0, self.setting.accepting);
        let mut channels = vec![
            Channel::Sms,
            Channel::Rcs,
            Channel::WhatsApp,
            Channel::Email,
        ];
        while channels.len() > 1 && draw.chance(0.4) {
            channels.remove(draw.index(channels.len()));
        }
        let is_of_batch = channels[0] == Channel::Sms && draw.chance(0.15);
        let was_sent = is_of_batch || (channels[0] != Channel::Email && draw.chance(0.1));
        let to: BTreeMap<_, _> = channels
            .iter()
            .map(|channel| (*channel, Identity::new(identity(*channel, person))))
            .collect();
        let plan = match draw.between(0, 3) {
            0 => Plan::otp(channels.clone()).expect("there is a channel"),
            1 => Plan::notification(channels.clone()).expect("there is a channel"),
            _ => plan(draw, &channels),
        };
        let valid_for = draw.magnitude(MINUTE, 26 * HOUR) / SECOND;
        let key: IntentKey = format!("intent-{number}").parse().expect("it is a key");
        let deadline = draw.magnitude(10 * SECOND, HOUR) / SECOND;
        let valid_until = sinch_callback::UnixSeconds::new(at / SECOND + valid_for);
        let first = plan.steps().first().map(|step| step.channel);
        let mut request = Request::new(key, to, Content::text(CONTENT), plan, deadline)
            .with_valid_until(valid_until);
        let quiet = draw.chance(0.1).then(|| {
            let from = draw.between(0, 1_000);
            from..from + draw.between(1, 400)
        });
        if let Some(quiet) = &quiet {
            let minute = |minutes: u64| {
                format!("{:02}:{:02}", minutes / 60, minutes % 60)
                    .parse()
                    .expect("it is a minute of a day")
            };
            request = request.with_quiet_hours(QuietHours {
                from: minute(quiet.start),
                to: minute(quiet.end),
                zone: "UTC".parse().expect("it is a zone"),
            });
        }
        let sent = was_sent.then(|| {
            let channel = first.unwrap_or(Channel::Sms);
            let before = self.draw.magnitude(10, 20 * SECOND);
            self.sent_by_others(at.saturating_sub(before), channel, person, is_of_batch)
        });
        if let (Some(place), Some(channel)) = (sent, first) {
            request = request.with_sent(self.messages[place].id.clone(), channel);
        }
        self.clients.push(Client {
            request,
            quiet,
            sent,
            is_accepted: false,
        });
        self.schedule.at(at, Event::Ask(number));
        if self.draw.chance(0.05) {
            let later = self.draw.magnitude(1, 5 * MINUTE);
            self.schedule.at(at + later, Event::Ask(number));
        }
        self.plan_people(number, person, at);
    }

    fn ask(&mut self, client: usize) -> Verdict {
        let request = self.clients[client].request.clone();
        self.order(Order::Accept(client, Box::new(request)))
    }
}

/// A plan of somebody's own.
fn plan(draw: &mut Draw, channels: &[Channel]) -> Plan {
    let steps = channels.iter().map(|channel| Step {
        channel: *channel,
        wait: Duration::from_secs(draw.magnitude(30, 3_600)),
        until: if draw.chance(0.3) {
            Until::Read
        } else {
            Until::Delivered
        },
        tries: draw.between(1, 3) as u32,
        backoff: (0..draw.between(0, 2))
            .map(|_| Duration::from_secs(draw.magnitude(1, 1_800)))
            .collect(),
    });
    let steps = steps.collect();
    let double = if draw.chance(0.3) {
        DoubleSend::Harmless
    } else {
        DoubleSend::Never
    };
    Plan::new(steps, double).expect("it is within a plan's bounds")
}

fn identity(channel: Channel, person: u64) -> String {
    match channel {
        Channel::Email => format!("person{person}@example.com"),
        // Two spellings of one number.
        Channel::Sms => format!("+1555{person:04}"),
        _ => format!("1555{person:04}"),
    }
}

fn told(order: &Order) -> String {
    match order {
        Order::Accept(client, _) => format!("client {client} asks"),
        Order::Look(id) => format!("looks at {id}"),
        Order::Sweep => "looks at what is due".into(),
        Order::Reported { name, count, .. } => format!("{count} reports of {name}"),
        Order::Bounced(_, name, _) => format!("{name} bounces"),
        Order::Cancel(key) => format!("{key} is cancelled"),
        Order::Retry(key) => format!("{key} is tried again"),
    }
}
