use core::time::Duration;

use sinch_callback::UnixSeconds;

use crate::{
    attempt::Attempt,
    channel::Channel,
    circumstances::{Callbacks, Circumstances, Gate},
    consequence::{Consequence, consequence},
    decision::{Decision, GiveUp, Hold, Person, Send},
    intent::{End, Intent},
    plan::{DoubleSend, Step},
};

/// How long a failure may be corrected before the next step: reports of one message overtake each other.
pub const SETTLE: Duration = Duration::from_secs(5);
/// How soon one looks again at what is closed or cannot be read.
pub const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// How often a step is planned again whose calls never left us.
pub const MAX_PLANNED_AGAIN: u32 = 20;

/// What to do about an intent: pure, total, and monotone, so that more success never leads to more sends.
///
/// A delivery that is short of the plan's goal, `read`, is no reason to send: what failed or had no known
/// outcome before it still counts, and the step's wait has to pass besides.
///
/// # Examples
/// ```
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_pipeline::ForgetKey;
/// use sinch_callback_recovery::{Circumstances, Decision, IntentId, Request, decide, ports::Mode};
///
/// let now = UnixSeconds::new(1_795_600_811);
/// let request = br#"{
///     "key": "login-7f3a",
///     "to": {"SMS": "+15550100"},
///     "content": {"text": "Your code is 271828"},
///     "plan": "otp",
///     "deadline": "PT2M"
/// }"#;
/// let request = Request::parse(request, now)?;
/// let key = ForgetKey::new([7; ForgetKey::LEN]);
/// let intent = request.into_intent(IntentId::new(now, [0; 10]), &key, Mode::On, now);
///
/// assert!(matches!(decide(&intent, &Circumstances::open(now)), Decision::Send(_)));
/// // Where nothing can be read, nothing is sent.
/// assert!(matches!(decide(&intent, &Circumstances::unreadable(now)), Decision::Wait(..)));
/// # Ok::<(), sinch_callback_recovery::InvalidRequest>(())
/// ```
#[must_use]
pub fn decide(intent: &Intent, circumstances: &Circumstances) -> Decision {
    let now = circumstances.now;
    if let Some(evidence) = intent.evidence() {
        return Decision::Done(evidence);
    }
    match intent.end {
        Some(End::Done(evidence)) => return Decision::Done(evidence),
        Some(End::GivenUp(why)) => return Decision::GiveUp(why),
        None => {}
    }
    let stale_at = intent.attempts.iter().filter_map(Attempt::stale_at).max();
    if let Some(stale_at) = stale_at.filter(|stale_at| now < *stale_at) {
        return Decision::Wait(stale_at, Hold::UnderWay);
    }
    if intent.is_cancelled {
        return Decision::GiveUp(GiveUp::Cancelled);
    }
    if now >= intent.valid_until {
        return Decision::GiveUp(GiveUp::Expired);
    }
    let looking = Looking {
        intent,
        circumstances,
    };
    match looking.next() {
        Ok(index) => looking.gates(index),
        Err(Decision::Wait(until, hold)) => Decision::Wait(until.min(intent.valid_until), hold),
        Err(decision) => decision,
    }
}

struct Looking<'a> {
    intent: &'a Intent,
    circumstances: &'a Circumstances,
}

/// A step that may run, or what is decided in its place.
type Next<T> = Result<T, Decision>;

impl Looking<'_> {
    /// The step that is due, or why none is.
    fn next(&self) -> Next<usize> {
        let now = self.circumstances.now;
        let round = self.intent.round();
        let mut only_email = false;
        let mut person = None;
        for attempt in round {
            if attempt.is_doubled {
                person = Some(Person::Doubled);
            }
            if attempt.was_refused {
                person = Some(Person::Request);
            }
            let Some((failure, failed_at)) = &attempt.failure else {
                continue;
            };
            let settled_at = failed_at.saturating_add(SETTLE);
            if now < settled_at {
                return Err(Decision::Wait(settled_at, Hold::Settling));
            }
            match consequence(failure.remedy, failure.permanence) {
                Consequence::Suppress => return Err(Decision::GiveUp(GiveUp::Dropped)),
                Consequence::Stop => return Err(Decision::GiveUp(GiveUp::OwnDoing)),
                Consequence::Person => person = Some(Person::Request),
                Consequence::EmailOrPerson => only_email = true,
                Consequence::SameChannelLater | Consequence::NextStep => {}
            }
        }
        let unresolved = round.iter().filter(|attempt| attempt.is_unresolved(now));
        if unresolved.count() > 1 {
            person = person.or(Some(Person::Unresolved));
        }
        if let Some(person) = person {
            return Err(Decision::AskAPerson(person));
        }
        let Some(last) = round.last() else {
            let none_left = Decision::GiveUp(GiveUp::NoStepLeft);
            return self.step_from(self.intent.round_step, false, none_left);
        };
        self.after(last, only_email)
    }

    fn after(&self, last: &Attempt, only_email: bool) -> Next<usize> {
        let now = self.circumstances.now;
        let following = last.step.saturating_add(1);
        let Some(step) = self.intent.plan.steps().get(last.step) else {
            return Err(Decision::GiveUp(GiveUp::NoStepLeft));
        };
        let failed = if only_email {
            Decision::AskAPerson(Person::UnknownReason)
        } else {
            Decision::GiveUp(GiveUp::NoStepLeft)
        };
        if !last.may_have_sent() {
            not_before(now, last.not_before)?;
            if self.intent.planned_again(last.step) > MAX_PLANNED_AGAIN {
                let person = Decision::AskAPerson(Person::NotSent);
                return self.step_from(following, only_email, person);
            }
            return self.step_from(last.step, only_email, failed);
        }
        let may_repeat =
            !last.is_unresolved(now) || self.intent.plan.double() == DoubleSend::Harmless;
        if let Some((failure, failed_at)) = &last.failure {
            if last.success.is_some() {
                self.silence(last, step)?;
            }
            let consequence = consequence(failure.remedy, failure.permanence);
            let later = consequence == Consequence::SameChannelLater;
            let calls = self.intent.calls(last.step);
            if later && may_repeat && calls < step.tries && !only_email {
                not_before(now, failed_at.saturating_add(self.backoff(step, calls)))?;
                return self.step_from(last.step, false, failed);
            }
            return self.step_from(following, only_email, failed);
        }
        self.silence(last, step)?;
        let is_unresolved = last.is_unresolved(now);
        let none_left = if is_unresolved {
            Decision::AskAPerson(Person::Unresolved)
        } else {
            Decision::Wait(self.intent.valid_until, Hold::LastStep)
        };
        let from = if is_unresolved && may_repeat {
            last.step
        } else {
            following
        };
        self.step_from(from, only_email, none_left)
    }

    /// Silence for the step's wait, counted in the time in which we were listening.
    fn silence(&self, last: &Attempt, step: &Step) -> Next<()> {
        let now = self.circumstances.now;
        let sent_at = last.sent_at.unwrap_or(last.called_at);
        let due = sent_at.saturating_add(step.wait);
        not_before(now, due)?;
        let again = now.saturating_add(LOOK_AGAIN);
        let heard_until = self.circumstances.heard_until;
        if heard_until.is_none_or(|heard_until| heard_until < due) {
            return Err(Decision::Wait(again, Hold::NotHeard));
        }
        if self.circumstances.callbacks == Callbacks::Stopped {
            return Err(Decision::Wait(again, Hold::CallbacksStopped));
        }
        Ok(())
    }

    fn backoff(&self, step: &Step, calls: u32) -> Duration {
        let index = usize::try_from(calls.saturating_sub(1)).unwrap_or(usize::MAX);
        let delay = step.backoff.get(index).or(step.backoff.last()).copied();
        self.intent.id.jitter().spread(delay.unwrap_or_default())
    }

    /// The first step from this one on that has tries left and is not suppressed.
    fn step_from(&self, from: usize, only_email: bool, none_left: Decision) -> Next<usize> {
        let Some(suppressed) = &self.circumstances.suppressed else {
            let again = self.circumstances.now.saturating_add(LOOK_AGAIN);
            return Err(Decision::Wait(again, Hold::Suppressions));
        };
        let mut is_suppressed = false;
        for (index, step) in self.intent.plan.steps().iter().enumerate().skip(from) {
            let passes = self.intent.calls(index) < step.tries
                && self.intent.to.contains_key(&step.channel)
                && (!only_email || step.channel == Channel::Email);
            if passes && !suppressed.contains(&step.channel) {
                return Ok(index);
            }
            is_suppressed |= passes;
        }
        // What was sent may still arrive, and a person may still be asked; else it was this.
        let gives_up = none_left == Decision::GiveUp(GiveUp::NoStepLeft);
        Err(if is_suppressed && gives_up {
            Decision::GiveUp(GiveUp::Suppressed)
        } else {
            none_left
        })
    }

    fn gates(&self, index: usize) -> Decision {
        let (intent, circumstances) = (self.intent, self.circumstances);
        let now = circumstances.now;
        let wait = |until: UnixSeconds, hold| Decision::Wait(until.min(intent.valid_until), hold);
        let again = now.saturating_add(LOOK_AGAIN);
        let Some(step) = intent.plan.steps().get(index) else {
            return Decision::GiveUp(GiveUp::NoStepLeft);
        };
        if intent.is_rehearsal {
            return Decision::GiveUp(GiveUp::DryRun);
        }
        if intent.content.is_none() {
            return Decision::GiveUp(GiveUp::NoStepLeft);
        }
        if circumstances.switch != Gate::Open {
            return wait(again, Hold::Switch);
        }
        if circumstances.fleet != Gate::Open {
            return wait(again, Hold::Paused);
        }
        let quiet_for = match &intent.quiet_hours {
            Some(hours) if step.channel != Channel::Email => hours.quiet_for(now),
            _ => None,
        };
        if let Some(quiet_for) = quiet_for {
            return wait(now.saturating_add(quiet_for), Hold::QuietHours);
        }
        if circumstances.budget != Gate::Open {
            let from = circumstances.budget_from.filter(|from| *from > now);
            return wait(from.unwrap_or(again), Hold::Budget);
        }
        if circumstances.is_dry_run {
            return wait(again, Hold::DryRun);
        }
        Decision::Send(Send {
            step: index,
            channel: step.channel,
        })
    }
}

fn not_before(now: UnixSeconds, moment: UnixSeconds) -> Next<()> {
    if now < moment {
        Err(Decision::Wait(moment, Hold::NotYet))
    } else {
        Ok(())
    }
}
