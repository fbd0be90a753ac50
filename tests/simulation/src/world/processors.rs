use sinch_callback_lambda::retry_after_secs;
use sinch_callback_pipeline::messages::Cursor;

use super::{World, event::Event, tell::tell};
use crate::{
    Safeguard, Violation,
    log::{Answer, Call, Written, moves},
    plan::is_down,
    processor::{self, Trouble},
    referee::{Referee, Verdict},
    schedule::{HOUR, MINUTE, Millis, SECOND},
};

impl World<'_> {
    pub(super) fn poll_soon(&mut self) {
        let at = self.schedule.now() + self.draw.between(1, 50);
        self.poll_not_later_than(at);
    }

    pub(super) fn poll_not_later_than(&mut self, at: Millis) {
        if self.poll_at.is_none_or(|planned| at < planned) {
            self.poll_at = Some(at);
            self.schedule.at(at, Event::Poll);
        }
    }

    pub(super) fn poll(&mut self) -> Verdict {
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
                let began = self.log.cursor(item.content_key).map_or(0, |c| c.done);
                // A function's time may be up after any part of a large report.
                let has_time = !self.plan.on_aws || self.draw.chance(0.5);
                let site = &mut self.processors[place];
                site.under_way.insert(task, item.content_key);
                site.reached.insert(task, (began, 0));
                let stopped = site.host.start(task, receipt, item, has_time);
                self.processor_stopped(place, task, stopped)?;
            }
        }
        if let Some(at) = self.queue.next_ready(now) {
            // What is ready and was not handed out waits for a processor.
            self.poll_not_later_than(at.max(now + SECOND));
        }
        Ok(())
    }

    pub(super) fn processor_stopped(
        &mut self,
        place: usize,
        task: u64,
        stopped: Option<processor::Stopped>,
    ) -> Verdict {
        let now = self.schedule.now();
        match stopped {
            None => {}
            Some(processor::Stopped::AtCall(call)) => self.called(place, task, call),
            Some(processor::Stopped::Ended(receipt, outcome)) => {
                let site = &mut self.processors[place];
                let life = site.life;
                let content_key = site.under_way.remove(&task);
                let (began, reached) = site.reached.remove(&task).unwrap_or_default();
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
                    Err(Trouble::Unfinished) => {
                        tell!(self, callback, "processor {place} has no more time");
                        Referee::unfinished(callback, began, reached)?;
                        self.queue.give_back(receipt, now);
                        self.poll_soon();
                    }
                    Err(Trouble::Failed) => {
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
        Ok(())
    }

    /// A processor has called the store or the event bus.
    pub(super) fn called(&mut self, place: usize, task: u64, call: Call) {
        let now = self.schedule.now();
        let down = match &call {
            Call::Read(_)
            | Call::Write(_)
            | Call::Keep(_)
            | Call::Cursor(_)
            | Call::SetCursor(..) => is_down(&self.plan.log_down, now),
            // The embedded host only keeps them, in its one store.
            Call::Notify(_) if !self.plan.on_aws => is_down(&self.plan.log_down, now),
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

    pub(super) fn effect(&mut self, place: usize, task: u64, call: Call, told: bool) -> Verdict {
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
            Call::Cursor(content_key) => {
                let cursor = self.log.cursor(content_key);
                // An attempt that was slower may have put it back meanwhile.
                let reached = &mut self.processors[place].reached;
                let (began, _) = reached.entry(task).or_default();
                *began = (*began).min(cursor.map_or(0, |cursor| cursor.done));
                Answer::Cursor(cursor)
            }
            Call::SetCursor(content_key, cursor) => {
                if let Some(Cursor { done, .. }) = cursor {
                    self.referee.cursor_set(content_key, done)?;
                    let reached = &mut self.processors[place].reached;
                    reached.entry(task).or_default().1 = done;
                }
                self.log.set_cursor(content_key, cursor);
                Answer::Done
            }
            Call::Notify(events) => {
                let content_key = self.processors[place].under_way.get(&task).copied();
                if let Some(content_key) = content_key.filter(|_| !self.plan.on_aws) {
                    self.keep_events(content_key, events);
                } else if let Some(content_key) = content_key {
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

    pub(super) fn write(&mut self, written: &Written, now: Millis) -> Result<Answer, Violation> {
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
