use sinch_callback_recovery::{Call, CallAnswer, Channel};

use super::{Event, World};
use crate::{
    outcome::{
        Safeguard,
        message::{self, Callback, Message, Said},
        referee::{Scene, Violation},
    },
    plan::is_down,
    schedule::{HOUR, Millis, SECOND},
};

impl World {
    /// A call leaves its worker, and does what it does at the provider.
    pub(super) fn send(
        &mut self,
        worker: usize,
        task: u64,
        call: &Call,
    ) -> Result<CallAnswer, Violation> {
        let mut answer = self.request(worker, task, call)?;
        // A client that does what many do.
        if self.without == Some(Safeguard::OneRequest)
            && matches!(answer, CallAnswer::Unresolved(_))
        {
            answer = self.request(worker, task, call)?;
        }
        self.stats.unresolved += u64::from(matches!(answer, CallAnswer::Unresolved(_)));
        if let Some(task) = self.workers[worker].task(task) {
            task.answer = Some((call.attempt, answer.clone()));
        }
        Ok(answer)
    }

    fn request(&mut self, worker: usize, task: u64, call: &Call) -> Result<CallAnswer, Violation> {
        let now = self.schedule.now();
        let clock = (now / SECOND).saturating_add_signed(self.workers[worker].skew);
        let listening_since = self.listening().since().map(|at| at.get() * SECOND);
        let scene = Scene {
            now,
            setting: &self.setting,
            messages: &self.messages,
            callbacks: &self.callbacks,
            last_callback: self.last_callback,
            listening_since,
        };
        self.stats.calls += 1;
        self.referee.called(call, clock, &scene)?;
        let (answer, message) = self.at_provider(call);
        self.tell(|| {
            let (name, channel) = (call.attempt, call.channel);
            let made = message.map_or(String::new(), |place| format!(", message {place}"));
            format!("{name} is called on {channel}: {answer:?}{made}")
        });
        let reserved_at = self.workers[worker].task(task).map(|task| task.reserved_at);
        let reserved_at = reserved_at.unwrap_or_default();
        self.referee.sent(call, &answer, message, reserved_at)?;
        Ok(answer)
    }

    /// What the provider answers, and the message that it makes, if it makes one.
    fn at_provider(&mut self, call: &Call) -> (CallAnswer, Option<usize>) {
        let now = self.schedule.now();
        let words = String::new;
        let trouble = &self.setting.trouble;
        if call.channel != Channel::Email && is_down(&self.setting.refused, now) {
            return (CallAnswer::AboutUs(words()), None);
        }
        if self.draw.chance(trouble.unreachable) || self.draw.chance(trouble.too_fast) {
            return (CallAnswer::NotSent(words()), None);
        }
        if self.draw.chance(trouble.bad_request) {
            return (CallAnswer::Refused(words()), None);
        }
        let no_answer = self.draw.chance(trouble.no_answer);
        if no_answer || self.draw.chance(trouble.server_error) {
            let makes_one = self.draw.chance(if no_answer { 0.7 } else { 0.5 });
            let message = makes_one.then(|| self.make(call));
            return (CallAnswer::Unresolved(words()), message);
        }
        let message = self.make(call);
        let id = self.messages[message].id.clone();
        (CallAnswer::Accepted(id), Some(message))
    }

    fn make(&mut self, call: &Call) -> usize {
        let now = self.schedule.now();
        let place = self.messages.len();
        let mut message = Message {
            id: format!("m-{place}"),
            name: Some(call.attempt),
            channel: call.channel,
            identity: call.identity.as_str().to_owned(),
            made_at: now,
            reaches: true,
            aggregate: None,
            applied: Vec::new(),
            recorded: 0,
        };
        if call.channel == Channel::Email {
            message.reaches = !self.draw.chance(self.setting.trouble.failure);
            if !message.reaches {
                let later = self.draw.magnitude(SECOND, HOUR);
                self.schedule.after(later, Event::Bounce(place));
            }
            self.messages.push(message);
            return place;
        }
        let (course, reaches) =
            message::course(&mut self.draw, &self.setting.trouble, call.channel);
        message.reaches = reaches;
        self.messages.push(message);
        self.will_say(place, now, &course);
        place
    }

    /// A message that somebody else sends.
    pub(super) fn sent_by_others(
        &mut self,
        at: Millis,
        channel: Channel,
        person: u64,
        is_of_batch: bool,
    ) -> usize {
        let place = self.messages.len();
        let trouble = &self.setting.trouble;
        let (course, reaches) = if is_of_batch && channel == Channel::Sms {
            message::course_of_batch(&mut self.draw, trouble)
        } else {
            message::course(&mut self.draw, trouble, channel)
        };
        let identity = super::identity(channel, person);
        let id = if is_of_batch && channel == Channel::Sms {
            format!("b-{place}:{}", identity.replace('+', ""))
        } else {
            format!("other-{place}")
        };
        self.messages.push(Message {
            id,
            name: None,
            channel,
            identity,
            made_at: at,
            reaches,
            aggregate: None,
            applied: Vec::new(),
            recorded: 0,
        });
        self.will_say(place, at, &course);
        place
    }

    fn will_say(&mut self, message: usize, at: Millis, course: &[Said]) {
        for said in course {
            if self.draw.chance(self.setting.trouble.loss) {
                continue;
            }
            let at = at + said.after;
            self.callbacks.push(Callback {
                message,
                body: self.messages[message].body(said, at),
                tried_at: None,
                tries: 0,
                is_beyond_us: false,
            });
            self.schedule.at(at, Event::Try(self.callbacks.len() - 1));
        }
    }
}
