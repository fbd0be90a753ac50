use sinch_callback_recovery::{Channel, ports::SuppressedFor};

use super::{Event, Order, Verdict, World, identity};
use crate::schedule::{HOUR, MINUTE, Millis, SECOND};

impl World {
    /// What people will do about an intent.
    pub(super) fn plan_people(&mut self, client: usize, person: u64, at: Millis) {
        let meddling = self.setting.meddling;
        if self.draw.chance(meddling / 2.0) {
            let later = self.draw.magnitude(10, HOUR);
            self.schedule.at(at + later, Event::Cancel(client));
        }
        // Again and again: most of the time nobody has been asked.
        let mut later = 0;
        while self.draw.chance(meddling) && later < 10 * HOUR {
            later += self.draw.magnitude(SECOND, 2 * HOUR);
            self.schedule.at(at + later, Event::Retry(client));
        }
        if self.draw.chance(meddling / 4.0) {
            let channels = [
                Channel::Sms,
                Channel::Rcs,
                Channel::WhatsApp,
                Channel::Email,
            ];
            let channel = *self.draw.one_of(&channels);
            let identity = identity(channel, person);
            let mut later = self.draw.magnitude(10, HOUR);
            let out = Event::Opt(channel, identity.clone(), true);
            self.schedule.at(at + later, out);
            if self.draw.chance(0.5) {
                later += self.draw.magnitude(MINUTE, HOUR);
                self.schedule
                    .at(at + later, Event::Opt(channel, identity, false));
            }
        }
    }

    pub(super) fn cancel(&mut self, client: usize) -> Verdict {
        let key = self.clients[client].request.key().clone();
        self.order(Order::Cancel(key))
    }

    pub(super) fn retry(&mut self, client: usize) -> Verdict {
        let key = self.clients[client].request.key().clone();
        self.order(Order::Retry(key))
    }

    pub(super) fn opt(&mut self, channel: Channel, identity: &str, is_out: bool) {
        let now = self.schedule.now();
        if is_out {
            self.suppress(channel, identity, SuppressedFor::OptedOut);
            self.referee.suppressed(channel, identity, true, now);
        } else {
            self.lift(channel, identity);
            self.referee.lifted(channel, identity, now);
        }
    }
}
