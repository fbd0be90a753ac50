use sinch_callback::{DeliveryState, Permanence, Remedy};
use sinch_callback_recovery::Report;

use super::{Event, Order, Verdict, World};
use crate::{
    outcome::{Safeguard, message},
    plan::{is_down, until},
    schedule::{Millis, SECOND},
    sinch::retry_after,
};

impl World {
    /// Sinch tries to tell us.
    pub(super) fn try_callback(&mut self, place: usize) {
        let now = self.schedule.now();
        let callback = &mut self.callbacks[place];
        callback.tried_at.get_or_insert(now);
        callback.tries += 1;
        let tries = callback.tries;
        if is_down(&self.setting.webhook_gone, now) {
            callback.is_beyond_us = true;
            return;
        }
        let is_lost = self.draw.chance(self.setting.trouble.loss);
        if is_lost || is_down(&self.setting.receiver_down, now) {
            let retry = retry_after(tries);
            // Of what the network loses nobody here knows.
            callback.is_beyond_us |= is_lost || retry.is_none();
            if let Some(wait) = retry {
                self.schedule.after(wait, Event::Try(place));
            }
            return;
        }
        self.last_callback = Some(now);
        self.waiting.insert((now / SECOND, place));
        let soon = self.draw.magnitude(1, 2 * SECOND);
        self.schedule.after(soon, Event::Apply(place));
        if self.draw.chance(self.setting.trouble.doubling)
            && let Some(wait) = retry_after(tries)
        {
            // The answer was lost.
            self.schedule.after(wait, Event::Try(place));
        }
    }

    /// The pipeline applies what was accepted.
    pub(super) fn apply(&mut self, place: usize) {
        let now = self.schedule.now();
        if let Some(end) = until(&self.setting.processor_down, now) {
            let late = self.draw.magnitude(1, 5 * SECOND);
            self.schedule.at(end + late, Event::Apply(place));
            return;
        }
        let message = self.callbacks[place].message;
        let body = self.callbacks[place].body.clone();
        if !self.messages[message].applied.contains(&place) {
            self.messages[message].apply(place, &body, now);
            self.stats.reports += 1;
        }
        self.tell(|| {
            let body = String::from_utf8_lossy(&body);
            format!("message {message} has report {place}: {body}")
        });
        if self.messages[message].name.is_some() {
            let soon = self.draw.magnitude(1, 500);
            self.schedule.after(soon, Event::Note(message));
        } else {
            self.waiting.retain(|(_, waiting)| *waiting != place);
        }
    }

    /// An intent is told of its message.
    pub(super) fn note(&mut self, place: usize) -> Verdict {
        let known = &self.messages[place];
        let (Some(name), Some(aggregate)) = (known.name, &known.aggregate) else {
            return Ok(());
        };
        let count = known.applied.len();
        let mut message = Box::new(aggregate.clone());
        match self.without {
            Some(Safeguard::NoteStays) => self.forget_waiting(place, count),
            Some(Safeguard::NameFinds) => {
                let intent = self.intents.get(&name.intent);
                let index = (name.number as usize).saturating_sub(1);
                let attempt = intent.and_then(|intent| intent.attempts().get(index));
                if attempt.is_none_or(|attempt| attempt.message_id().is_none()) {
                    self.forget_waiting(place, count);
                    return Ok(());
                }
            }
            Some(Safeguard::WholeMessage) => {
                let last = known.applied.last().map(|last| &self.callbacks[*last].body);
                if let Some(alone) = last.and_then(|body| message::alone(body, known.made_at)) {
                    let version = aggregate.version;
                    message = Box::new(alone);
                    message.version = version;
                }
            }
            _ => {}
        }
        self.order(Order::Reported {
            name,
            place,
            count,
            message,
        })
    }

    /// A mail server could not deliver.
    pub(super) fn bounce(&mut self, place: usize) -> Verdict {
        let message = &self.messages[place];
        let Some(name) = message.name else {
            return Ok(());
        };
        let report = Report::failed(
            &message.id,
            1,
            Remedy::TryAnotherChannel,
            Permanence::Permanent,
        );
        self.order(Order::Bounced(place, name, Box::new(report)))
    }

    /// What was reported is on record; it had come by then.
    pub(super) fn record(&mut self, order: &Order, come_at: Millis) {
        match order {
            Order::Reported {
                name,
                place,
                count,
                message,
            } => {
                let known = &mut self.messages[*place];
                if *count > known.recorded {
                    known.recorded = *count;
                    self.referee
                        .recorded(*name, message.delivery.state(), come_at);
                }
            }
            Order::Bounced(_, name, _) => {
                self.referee
                    .recorded(*name, Some(DeliveryState::Failed), come_at);
            }
            _ => {}
        }
    }

    /// So many of a message's reports are where they belong.
    pub(super) fn forget_waiting(&mut self, place: usize, count: usize) {
        let done = &self.messages[place].applied[..count];
        self.waiting.retain(|(_, waiting)| !done.contains(waiting));
    }
}
