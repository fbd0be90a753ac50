use core::{ops::Range, time::Duration};

use sinch_callback::{UnixSeconds, normalized_identity};
use sinch_callback_pipeline::listening::{CallbacksStopped, LastCallback, Listening};
use sinch_callback_recovery::{
    Callbacks, Channel, Identity, Intent, IntentId, Reservation, Reserve,
    ports::{Creation, Heard, Mode, SuppressedFor, SwitchState},
};

use super::{Event, Order, World};
use crate::{
    outcome::{
        Safeguard,
        ports::{Answer, Call},
        referee::Violation,
    },
    plan::is_down,
    schedule::{MINUTE, Millis, SECOND},
};

/// For how long no callback comes before it is said that they have stopped.
const STOPPED_AFTER: Duration = Duration::from_secs(600);
/// How old what was read may be, where a safeguard is missing.
const STALE: Millis = MINUTE;

impl World {
    /// A call of a port takes effect.
    pub(super) fn effect(
        &mut self,
        worker: usize,
        task: u64,
        call: Call,
    ) -> Result<Answer, Violation> {
        self.leaves_its_order(worker, task, &call);
        let now = self.schedule.now();
        Ok(match call {
            Call::Create(intent) => Answer::Created(self.create(worker, task, *intent)?),
            Call::Find(key) => {
                let found = self.keys.get(&key).and_then(|id| self.intents.get(id));
                Answer::Intent(found.cloned().map(Box::new))
            }
            Call::Read(id) => Answer::Intent(self.intents.get(&id).cloned().map(Box::new)),
            Call::Write(intent, read) => self.write(worker, task, *intent, read)?,
            Call::Due(moment) => Answer::Ids(self.take_due(moment)),
            Call::Send(call) => Answer::Sent(self.send(worker, task, &call)?),
            Call::Renew => Answer::Done,
            Call::Suppressed(to) => {
                if is_down(&self.setting.suppressions_unreadable, now) {
                    return Ok(match self.without {
                        Some(Safeguard::SuppressionsClose) => Answer::Channels(Default::default()),
                        _ => Answer::Down,
                    });
                }
                let is_suppressed = |(channel, identity): (&Channel, &Identity)| {
                    let key = (*channel, normalized_identity(identity.as_str()));
                    let why = self.suppressed.get(&key);
                    why.is_some_and(|why| !why.is_empty()).then_some(*channel)
                };
                Answer::Channels(to.iter().filter_map(is_suppressed).collect())
            }
            Call::Suppress(channel, identity, why) => {
                if self.without != Some(Safeguard::DropSuppresses) {
                    self.suppress(channel, identity.as_str(), why);
                }
                self.referee
                    .suppressed(channel, identity.as_str(), false, now);
                Answer::Done
            }
            Call::Lift(channel, identity) => {
                self.lift(channel, identity.as_str());
                Answer::Done
            }
            Call::Reserve(identity, moment) => self.reserve(worker, task, &identity, moment),
            Call::GiveBack(reservation) => self.give_back(reservation),
            Call::Switch => self.switch(worker, task),
            Call::Pause => {
                self.tell(|| "all sends pause".into());
                self.referee.paused(now);
                if self.without != Some(Safeguard::RefusalPauses) && !self.is_paused {
                    self.is_paused = true;
                    let wait = self.draw.magnitude(MINUTE, 30 * MINUTE);
                    self.schedule.after(wait, Event::Resume);
                }
                Answer::Done
            }
            Call::Heard => self.heard(),
            Call::Probe => self.probe(),
            Call::Tell(events) => {
                let is_lost = is_down(&self.setting.teller_down, now)
                    && self.without == Some(Safeguard::TellerKeeps);
                for event in events.iter().filter(|_| !is_lost) {
                    self.tell(|| format!("told: {} {}", event.id, event.reason));
                    self.stats.events += 1;
                    self.referee.told(event)?;
                }
                Answer::Done
            }
        })
    }

    fn create(&mut self, worker: usize, task: u64, intent: Intent) -> Result<Creation, Violation> {
        let known = self
            .keys
            .get(intent.key())
            .and_then(|id| self.intents.get(id));
        if let Some(known) = known
            && self.without != Some(Safeguard::ConditionalCreate)
        {
            return Ok(Creation::Exists(Box::new(known.clone())));
        }
        let id = intent.id();
        let Some(known) = self.workers[worker].task(task) else {
            return Ok(Creation::Created);
        };
        let Order::Accept(client, _) = known.order else {
            return Ok(Creation::Created);
        };
        let (is_rehearsal, asked_at) = (known.saw_dry_run, known.started_at);
        let (quiet, sent) = (
            self.clients[client].quiet.clone(),
            self.clients[client].sent,
        );
        self.referee
            .created(&intent, quiet, is_rehearsal, sent, asked_at)?;
        if let Some(place) = sent {
            self.messages[place].name = Some(intent.attempt_name(1));
            // What is known of it already is the intent's from this write on.
            let known = self.messages[place].applied.clone();
            for callback in known {
                let tried_at = self.callbacks[callback].tried_at.unwrap_or_default();
                self.waiting.insert((tried_at / SECOND, callback));
                self.schedule.after(SECOND, Event::Note(place));
            }
        }
        let skew = self
            .setting
            .skews
            .iter()
            .map(|skew| skew.unsigned_abs())
            .max();
        let late = (65 + 2 * skew.unwrap_or_default()) * SECOND + self.setting.period;
        self.schedule
            .at(intent.valid_until().get() * SECOND + late, Event::Check(id));
        let mut extra = self.setting.extra_looks;
        while extra > 0.0 && self.draw.chance(extra.min(0.9)) {
            let later = self.draw.magnitude(10, 10 * MINUTE);
            self.schedule.after(later, Event::Look(id));
            extra -= 0.3;
        }
        self.tell(|| format!("{} is {id}", intent.key()));
        self.keys.insert(intent.key().clone(), id);
        self.put(intent);
        Ok(Creation::Created)
    }

    fn write(
        &mut self,
        worker: usize,
        task: u64,
        intent: Intent,
        read: u64,
    ) -> Result<Answer, Violation> {
        let now = self.schedule.now();
        let Some(known) = self.intents.get(&intent.id()) else {
            return Ok(Answer::Written(false));
        };
        if known.version() != read {
            self.stats.conflicts += 1;
            if self.without != Some(Safeguard::IntentVersion) {
                return Ok(Answer::Written(false));
            }
        }
        let doing = self.workers[worker].task(task);
        let looked_at = doing.as_ref().map_or(now, |doing| doing.looked_at);
        self.referee.written(known, &intent, now, looked_at)?;
        if let Some(doing) = doing {
            if let Some((name, answer)) =
                doing.answer.take_if(|(name, _)| name.intent == intent.id())
            {
                self.referee.answered(name, &answer);
            }
            if doing.is_at_its_order {
                doing.is_at_its_order = false;
                let (order, come_at) = (doing.order.clone(), doing.started_at);
                match order {
                    Order::Reported { .. } | Order::Bounced(..) => self.record(&order, come_at),
                    Order::Cancel(_) => self.referee.cancelled(intent.id()),
                    Order::Retry(_) => {
                        self.stats.retries += 1;
                        self.referee.retried(intent.id());
                    }
                    Order::Accept(..) | Order::Look(_) | Order::Sweep => {}
                }
            }
        }
        self.referee.not_called(&intent);
        let line = intent.log().lines().last().cloned();
        self.tell(|| {
            line.map_or_else(String::new, |line| {
                format!(
                    "{} {}: {} {}",
                    intent.key(),
                    intent.version(),
                    line.what,
                    line.why
                )
            })
        });
        self.put(intent);
        self.sweep_soon(now);
        Ok(Answer::Written(true))
    }

    /// Once a task asks for anything but the intent, what it was told to do is done.
    pub(super) fn leaves_its_order(&mut self, worker: usize, task: u64, call: &Call) {
        let is_of_order = matches!(
            call,
            Call::Find(_) | Call::Read(_) | Call::Write(..) | Call::Suppressed(_)
        );
        let Some(doing) = self.workers[worker].task(task).filter(|_| !is_of_order) else {
            return;
        };
        if core::mem::take(&mut doing.is_at_its_order) {
            let (order, come_at) = (doing.order.clone(), doing.started_at);
            self.record(&order, come_at);
        }
    }

    fn put(&mut self, intent: Intent) {
        let id = intent.id();
        let before = self.intents.get(&id).and_then(Intent::look_at);
        if let Some(before) = before {
            self.due.remove(&(before.get(), id));
        }
        if let Some(look_at) = intent.look_at() {
            self.due.insert((look_at.get(), id));
        }
        self.intents.insert(id, intent);
    }

    fn take_due(&mut self, moment: UnixSeconds) -> Vec<IntentId> {
        let due = self.due.iter().take_while(|(at, _)| *at <= moment.get());
        let due: Vec<_> = due.take(16).copied().collect();
        if self.without == Some(Safeguard::DueStays) {
            for entry in &due {
                self.due.remove(entry);
            }
        }
        due.into_iter().map(|(_, id)| id).collect()
    }

    fn reserve(
        &mut self,
        worker: usize,
        task: u64,
        identity: &Identity,
        moment: UnixSeconds,
    ) -> Answer {
        let now = self.schedule.now();
        let reservation = Reservation::of(identity, moment);
        if let Some(task) = self.workers[worker].task(task) {
            task.reserved_at = moment.get();
        }
        if is_down(&self.setting.budgets_unreadable, now) {
            return match self.without {
                Some(Safeguard::BudgetCloses) => Answer::Reserved(Reserve::Reserved(reservation)),
                _ => Answer::Down,
            };
        }
        let limits = self.setting.limits;
        let of_recipient = (reservation.recipient.clone(), reservation.day);
        let spent = if self.without == Some(Safeguard::BudgetCondition) {
            let read = self.spent_read.take();
            let read = read.filter(|(read_at, _)| *read_at + STALE >= now);
            let read = read.unwrap_or_else(|| (now, self.spent.clone()));
            &self.spent_read.insert(read).1
        } else {
            &self.spent
        };
        let of = |count: Option<&u32>| count.copied().unwrap_or_default();
        if of(spent.by_hour.get(&reservation.hour)) >= limits.per_hour {
            return Answer::Reserved(Reserve::Full(reservation.next_hour()));
        }
        if of(spent.by_recipient.get(&of_recipient)) >= limits.per_recipient_and_day {
            return Answer::Reserved(Reserve::Full(reservation.next_day()));
        }
        *self.spent.by_recipient.entry(of_recipient).or_default() += 1;
        *self.spent.by_hour.entry(reservation.hour).or_default() += 1;
        Answer::Reserved(Reserve::Reserved(reservation))
    }

    fn give_back(&mut self, reservation: Reservation) -> Answer {
        if is_down(&self.setting.budgets_unreadable, self.schedule.now()) {
            return Answer::Down;
        }
        let of_hour = self.spent.by_hour.get_mut(&reservation.hour);
        let key = (reservation.recipient, reservation.day);
        let of_recipient = self.spent.by_recipient.get_mut(&key);
        for count in of_hour.into_iter().chain(of_recipient) {
            *count = count.saturating_sub(1);
        }
        Answer::Done
    }

    fn switch(&mut self, worker: usize, task: u64) -> Answer {
        let now = self.schedule.now();
        let setting = &self.setting;
        let is = |times: &[Range<Millis>]| is_down(times, now);
        let on = SwitchState {
            mode: Mode::On,
            paused: None,
        };
        if is(&setting.switch_unreadable) {
            return match self.without {
                Some(Safeguard::SwitchCloses) => Answer::Switch(on),
                _ => Answer::Down,
            };
        }
        let mode = if is(&setting.switch_off) {
            Mode::Off
        } else if is(&setting.dry_run) {
            Mode::DryRun
        } else {
            Mode::On
        };
        let paused = self.is_paused.then(|| "refused".to_owned());
        let mut state = SwitchState { mode, paused };
        if let Some(task) = self.workers[worker].task(task)
            && matches!(task.order, Order::Accept(..))
        {
            task.saw_dry_run |= mode == Mode::DryRun;
            if self.without == Some(Safeguard::RehearsalStays) {
                state.mode = Mode::On;
            }
        } else if self.without == Some(Safeguard::SwitchRead) {
            let read = self.switch_read.take();
            let read = read.filter(|(read_at, _)| *read_at + STALE >= now);
            let (read_at, read) = read.unwrap_or((now, state));
            self.switch_read = Some((read_at, read.clone()));
            state = read;
        }
        Answer::Switch(state)
    }

    /// What a host remembers of the outages that there have been so far.
    pub(super) fn listening(&self) -> Listening {
        let now = self.schedule.now();
        let mut outages: Vec<_> = self.setting.receiver_down.iter().collect();
        outages.sort_by_key(|outage| outage.start);
        let mut listening = Listening::default();
        let seconds = |at: Millis| UnixSeconds::new(at / SECOND);
        for outage in outages.iter().filter(|outage| outage.start <= now) {
            listening.missed(seconds(outage.start), seconds(outage.end.min(now)));
        }
        listening
    }

    fn heard(&mut self) -> Answer {
        let now = self.schedule.now();
        let moment = UnixSeconds::new(now / SECOND);
        if is_down(&self.setting.hearing_unreadable, now) {
            return match self.without {
                Some(Safeguard::HearingCloses) => Answer::Heard(Heard {
                    until: moment,
                    callbacks: Callbacks::Heard,
                }),
                _ => Answer::Down,
            };
        }
        let oldest = self.waiting.first().map(|(at, _)| UnixSeconds::new(*at));
        let oldest = oldest.filter(|_| self.without != Some(Safeguard::OldestWaiting));
        let listening = match self.without {
            Some(Safeguard::OutageCounts) => Listening::default(),
            _ => self.listening(),
        };
        let callbacks = match self.stopped() {
            Some(_) if self.without != Some(Safeguard::CallbacksStopped) => Callbacks::Stopped,
            _ => Callbacks::Heard,
        };
        Answer::Heard(Heard {
            until: listening.heard_until(moment, oldest),
            callbacks,
        })
    }

    fn stopped(&self) -> Option<CallbacksStopped> {
        let now = self.schedule.now();
        let is_old = |made_at: Millis| made_at + STOPPED_AFTER.as_secs() * SECOND <= now;
        let messages = self.messages.iter();
        let waiting = messages.filter(|message| is_old(message.made_at) && message.is_waited_for());
        let last = LastCallback {
            received_at: self.last_callback.map(|at| UnixSeconds::new(at / SECOND)),
            listening_since: self.listening().since(),
        };
        let moment = UnixSeconds::new(now / SECOND);
        CallbacksStopped::look(moment, STOPPED_AFTER, last, waiting.count())
    }

    fn probe(&mut self) -> Answer {
        let now = self.schedule.now();
        let Some(stopped) = self.stopped() else {
            return Answer::Probe(true);
        };
        let last = self.last_probe.map(|at| UnixSeconds::new(at / SECOND));
        let may = stopped.may_probe(UnixSeconds::new(now / SECOND), last)
            || self.without == Some(Safeguard::OneProbe);
        if may {
            self.last_probe = Some(now);
        }
        Answer::Probe(may)
    }

    pub(super) fn suppress(&mut self, channel: Channel, identity: &str, why: SuppressedFor) {
        let key = (channel, normalized_identity(identity));
        self.suppressed.entry(key).or_default().insert(why);
    }

    pub(super) fn lift(&mut self, channel: Channel, identity: &str) {
        let key = (channel, normalized_identity(identity));
        if let Some(why) = self.suppressed.get_mut(&key) {
            why.remove(&SuppressedFor::OptedOut);
            if self.without == Some(Safeguard::OptInLifts) {
                why.clear();
            }
        }
    }
}
