use sinch_callback::{AnswerKind, OriginAnswer, Rules, Window};
use sinch_callback_pipeline::Verdict as Received;

use super::{
    World,
    answers::is_final,
    event::{Event, Host},
    site::ReceiverSite,
    tell::tell,
};
use crate::{
    Safeguard,
    commit::Commit,
    guard::Guard,
    plan::is_down,
    queue::Sending,
    receiver::{self, ReceiverHost, Way},
    referee::{Referee, Verdict},
    schedule::{MINUTE, SECOND},
    secrets::Secrets,
};

impl World<'_> {
    pub(super) fn new_receiver(&self) -> ReceiverSite {
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
            host: ReceiverHost::new(
                secrets,
                guard.clone(),
                rules,
                !self.plan.on_aws,
                self.without,
            ),
            guard,
            left: Vec::new(),
            store,
        }
    }

    /// Whether there is one guard before the queue, and it has room for all that happens.
    pub(super) fn remembers_all(&self) -> bool {
        !self.plan.on_aws && self.plan.guard_capacity > self.callbacks.len() * 100
    }

    pub(super) fn at_receiver(&mut self, number: u64) -> Verdict {
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

    pub(super) fn receiver_stopped(
        &mut self,
        place: usize,
        task: u64,
        stopped: Option<receiver::Stopped>,
    ) -> Verdict {
        match stopped {
            None => Ok(()),
            Some(receiver::Stopped::AtHandoff(way, sending)) => {
                self.hand_off(place, task, way, sending)
            }
            Some(receiver::Stopped::Ended(received)) => self.received(place, task, &received),
        }
    }

    pub(super) fn hand_off(
        &mut self,
        place: usize,
        task: u64,
        way: Way,
        sending: Sending,
    ) -> Verdict {
        let now = self.schedule.now();
        let remembers_all = self.remembers_all();
        let exchange = self.exchanges.get_mut(&task);
        let callback = exchange.as_ref().and_then(|e| e.callback);
        if let Some(exchange) = exchange {
            let is_first = exchange.replay_key.replace(sending.replay_key).is_none();
            if remembers_all && is_first {
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
        let is_down = is_down(&self.plan.queue_down, now)
            || (way == Way::Applied && is_down(&self.plan.log_down, now));
        let answers_early = self.without == Some(Safeguard::HandoffBeforeAnswer);
        // An answer may be lost on its way back, and then nobody knows.
        let doubtful = self.draw.chance(self.plan.loss / 4.0);
        if !is_down {
            self.schedule.after(
                to,
                Event::Taken {
                    receiver: place,
                    task,
                    way,
                    sending: Box::new(sending),
                },
            );
        }
        let taken = answers_early || (!is_down && !doubtful);
        if !taken {
            tell!(
                self,
                callback,
                "receiver {place} cannot hand it off ({way:?}), as far as it knows"
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

    /// A callback is taken in.
    pub(super) fn taken(
        &mut self,
        place: usize,
        task: u64,
        way: Way,
        sending: &Sending,
    ) -> Verdict {
        // The embedded host's queue is of the same process, and dies with it.
        if !self.plan.on_aws && !self.receivers[place].host.has(task) {
            return Ok(());
        }
        if way == Way::Applied {
            return self.accept(place, sending);
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

    /// The embedded host commits a callback together with what it changes.
    fn accept(&mut self, place: usize, sending: &Sending) -> Verdict {
        let now = self.schedule.now();
        let content_key = sending.content_key;
        let callback = self.referee.callback(content_key);
        let of =
            |world: &Self| Commit::of(sending, &world.log, now, world.without, &world.event_ids);
        if self.draw.chance(0.1) {
            // Undone with another one of the same commit, and run again by itself.
            let _undone = of(self);
        }
        let commit = of(self);
        tell!(self, callback, "receiver {place} accepts and applies it");
        for written in &commit.writes {
            self.write(written, now)?;
        }
        if commit.has_body {
            self.log.keep(content_key);
            self.referee.kept(content_key)?;
        }
        if self.without == Some(Safeguard::OneCommit) {
            let site = &mut self.receivers[place];
            site.left.push((content_key, commit.events));
            let wait = self.draw.magnitude(1, 100);
            self.schedule.after(wait, Event::Completed(place));
        } else {
            self.keep_events(content_key, commit.events);
        }
        Ok(())
    }

    /// The second commit of what one should have written.
    pub(super) fn completed(&mut self, place: usize) {
        for (content_key, events) in core::mem::take(&mut self.receivers[place].left) {
            self.keep_events(content_key, events);
        }
    }

    pub(super) fn received(&mut self, place: usize, task: u64, received: &Received) -> Verdict {
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
}
