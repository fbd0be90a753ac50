use sinch_callback::ContentKey;

use super::{World, event::Event, tell::tell};
use crate::{
    Safeguard,
    log::Told,
    outbox::Row,
    plan::is_down,
    referee::Verdict,
    schedule::{MINUTE, SECOND},
};

// The embedded host keeps its events in an outbox, and posts them one after the other.
impl World<'_> {
    /// Keeps events, in the commit that there is.
    pub(super) fn keep_events(&mut self, content_key: ContentKey, events: Vec<Told>) {
        if !events.is_empty() {
            self.outbox.keep(content_key, events);
            let wait = self.draw.between(1, 50);
            self.schedule.after(wait, Event::Tell);
        }
    }

    /// Posts the event that has waited longest, unless one is on its way.
    pub(super) fn tell_next(&mut self) {
        let Some((number, row)) = self.outbox.first().filter(|_| !self.is_telling) else {
            return;
        };
        let now = self.schedule.now();
        let life = self.processors[0].life;
        if self.without == Some(Safeguard::OutboxKeeps) {
            self.outbox.remove(number);
        }
        if is_down(&self.plan.bus_down, now) || self.draw.chance(self.plan.loss / 4.0) {
            let wait = self.draw.magnitude(SECOND, 10 * MINUTE);
            self.schedule.after(wait, Event::Tell);
            return;
        }
        self.is_telling = true;
        let wait = self.draw.magnitude(1, 200);
        self.may_crash(0, wait);
        let row = Box::new(row);
        self.schedule
            .after(wait, Event::Posted { life, number, row });
    }

    /// The listener has an event; perhaps nobody is left to hear that.
    pub(super) fn posted(&mut self, life: u64, number: u64, row: &Row) -> Verdict {
        let Row { content_key, told } = row;
        let callback = self.referee.callback(*content_key);
        tell!(self, callback, "told: {} {}", told.message_id, told.kind);
        self.referee
            .told(*content_key, core::slice::from_ref(told))?;
        let wait = self.draw.magnitude(1, 100);
        self.may_crash(0, wait);
        self.schedule
            .after(wait, Event::TakenByListener { life, number });
        Ok(())
    }

    pub(super) fn taken_by_listener(&mut self, life: u64, number: u64) {
        if self.processors[0].life == life {
            self.is_telling = false;
            self.outbox.remove(number);
            self.schedule.after(1, Event::Tell);
        }
    }
}
