//! What is done to an intent, and by whom: each raises its version, and none does I/O.

use core::time::Duration;

use sinch_callback::{DeliveryState, UnixSeconds};

use crate::{
    attempt::{Attempt, AttemptState},
    call::{Call, CallAnswer, Effects},
    circumstances::Circumstances,
    decide::{LOOK_AGAIN, decide},
    decision::{Decision, GiveUp},
    event::{IntentEvent, IntentEventKind},
    evidence::Evidence,
    intent::{End, Intent, Owed},
    log::{DecisionLine, DecisionLog},
    report::Report,
};

/// How long a call that never left us waits before it is planned again: doubled with each time, up to
/// [`LONGEST_DELAY`].
const FIRST_DELAY: u64 = 10;
const LONGEST_DELAY: u64 = 900;
/// How long a call waits that was refused for what is about us, so that the token has been renewed.
const RENEWED_AFTER: Duration = Duration::from_secs(10);
/// How often a call may be refused for what is about us before all sends pause.
const RENEWALS: u32 = 1;
/// The most characters of a provider's words that are kept.
const MAX_WORDS: usize = 200;

/// What a cancellation found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cancel {
    /// Nothing more is sent.
    Cancelled,
    /// Nothing more is sent, and the attempt of this number is under way.
    UnderWay(u32),
    /// The intent had ended.
    HadEnded,
}

impl Intent {
    /// Begins the call that [`decide`] names. The intent is written on condition of its version, and the
    /// call is made within 5 s of that write, or [`not_called`](Self::not_called) is said.
    ///
    /// # Errors
    ///
    /// The decision, where it is not to send.
    pub fn start(&mut self, circumstances: &Circumstances) -> Result<Call, Decision> {
        self.resolve(circumstances.now);
        let send = match decide(self, circumstances) {
            Decision::Send(send) => send,
            decision => return Err(decision),
        };
        let nothing = Decision::GiveUp(GiveUp::NoStepLeft);
        let step = self.plan.steps().get(send.step).ok_or(nothing)?;
        let identity = self.to.get(&send.channel).ok_or(nothing)?.clone();
        let content = self.content.clone().ok_or(nothing)?;
        let now = circumstances.now;
        let ttl = self.plan.ttl(step, self.valid_until.since(now));
        match self.attempts.last_mut() {
            Some(last) if last.state == AttemptState::Planned && last.step == send.step => {
                last.state = AttemptState::Sending;
                last.called_at = now;
            }
            _ => self
                .attempts
                .push(Attempt::sending(send.step, send.channel, now)),
        }
        let number = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        self.changed(now, "send", send.channel.as_str(), Some(number));
        self.look_at = Some(now.saturating_add(Attempt::LONGEST_CALL));
        Ok(Call {
            attempt: self.attempt_name(number),
            channel: send.channel,
            identity,
            content,
            metadata: self.metadata.clone(),
            ttl,
        })
    }

    /// The attempt's worker came too late to call.
    pub fn not_called(&mut self, number: u32, now: UnixSeconds) -> Effects {
        let mut effects = Effects::default();
        if let Some(attempt) = self.under_way(number) {
            attempt.state = AttemptState::NotCalled;
            attempt.not_before = now.saturating_add(Duration::from_secs(FIRST_DELAY));
            effects.gives_back = true;
            self.changed(now, AttemptState::NotCalled.as_str(), "", Some(number));
        }
        effects
    }

    /// What came of an attempt's call. Nothing, where a report told it first.
    pub fn answered(&mut self, number: u32, answer: &CallAnswer, now: UnixSeconds) -> Effects {
        let mut effects = Effects::default();
        if let CallAnswer::Accepted(message_id) = answer {
            self.sent(number, message_id, now);
            return effects;
        }
        let Some(attempt) = self.under_way(number) else {
            return effects;
        };
        attempt.was_unresolved = attempt.is_unresolved(now);
        let (state, words) = match answer {
            CallAnswer::Accepted(words) | CallAnswer::NotSent(words) => {
                attempt.planned_again = attempt.planned_again.saturating_add(1);
                let doublings = attempt.planned_again.saturating_sub(1).min(16);
                let delay = FIRST_DELAY.saturating_mul(2_u64.saturating_pow(doublings));
                let delay = Duration::from_secs(delay.min(LONGEST_DELAY));
                attempt.not_before = now.saturating_add(delay);
                (AttemptState::Planned, words)
            }
            CallAnswer::AboutUs(words) => {
                attempt.about_us = attempt.about_us.saturating_add(1);
                attempt.not_before = now.saturating_add(RENEWED_AFTER);
                if attempt.about_us > RENEWALS {
                    effects.pauses = Some(words.clone());
                } else {
                    effects.renews = true;
                }
                (AttemptState::Planned, words)
            }
            CallAnswer::Refused(words) => {
                attempt.was_refused = true;
                (AttemptState::Refused, words)
            }
            CallAnswer::Unresolved(words) => {
                attempt.was_unresolved = true;
                (AttemptState::Unresolved, words)
            }
        };
        effects.gives_back = state != AttemptState::Unresolved;
        attempt.state = state;
        attempt.words = words.chars().take(MAX_WORDS).collect();
        let words = attempt.words.clone();
        // Of calls that do not get through, the first is told.
        let is_repeat = attempt.planned_again.saturating_add(attempt.about_us) > 1;
        if state == AttemptState::Planned && is_repeat {
            self.changed(now, state.as_str(), &words, Some(number));
        } else {
            self.told_attempt(state.as_str(), &words, number, now);
        }
        effects
    }

    /// What is reported of the message that bears an attempt's name, whatever was recorded of the attempt
    /// before. `false` where it says nothing that was not known.
    pub fn reported(&mut self, number: u32, report: &Report, now: UnixSeconds) -> bool {
        let mut is_news = self.sent(number, &report.message_id, now);
        let suppressions: Vec<_> = report
            .dropped
            .iter()
            .map(|(channel, identity)| Owed::Suppress(*channel, identity.clone()))
            .collect();
        let Some(attempt) = self.attempt_mut(number) else {
            return false;
        };
        let success = match report.state {
            Some(DeliveryState::Delivered) => Some(Evidence::Delivered),
            Some(DeliveryState::Read) => Some(Evidence::Read),
            _ => None,
        };
        let is_first_message = attempt.message_id.as_deref() == Some(&report.message_id);
        let is_newer = is_first_message && report.version > attempt.version;
        is_news |= success > attempt.success || is_newer;
        if !is_news {
            return false;
        }
        let is_first_success = attempt.success.is_none() && success.is_some();
        attempt.success = attempt.success.max(success);
        let channel = attempt.channel;
        if is_newer {
            attempt.version = report.version;
            attempt.message = report.state;
            match report.state {
                Some(DeliveryState::Failed) => {
                    let since = attempt.failure.as_ref().map_or(now, |(_, since)| *since);
                    attempt.failure = Some((report.failure.clone(), since));
                    for owed in suppressions {
                        if !self.owed.contains(&owed) {
                            self.owed.push(owed);
                        }
                    }
                }
                // Beside a success it stays: decide() says why.
                Some(DeliveryState::Delivered | DeliveryState::Read) => {}
                _ => attempt.failure = None,
            }
        }
        let state = report.state.map_or("known", DeliveryState::as_str);
        let code = if report.state == Some(DeliveryState::Failed) {
            report.failure.code.as_str()
        } else {
            channel.as_str()
        };
        self.changed(now, state, code, Some(number));
        // The person has it twice: a first message that came late, beside its fallback.
        let has_arrived = |it: &&Attempt| it.success.is_some() || self.evidence_of(it).is_some();
        let arrived = self.attempts.iter().filter(has_arrived).count();
        if is_first_success && arrived > 1 {
            self.changed(now, "doubled", "late", Some(number));
            self.tell(IntentEventKind::Doubled, "late", Some(number), now);
        }
        // Its mail server had it, and it came back.
        if self.end == Some(End::Done(Evidence::Accepted)) && self.evidence().is_none() {
            self.end = Some(End::GivenUp(GiveUp::Bounced));
            self.tell(
                IntentEventKind::Corrected,
                GiveUp::Bounced.as_str(),
                Some(number),
                now,
            );
        }
        self.look_at = Some(now);
        true
    }

    /// Sends nothing more. What is under way ends as it does, and is recorded.
    pub fn cancel(&mut self, now: UnixSeconds) -> Cancel {
        if self.end.is_some() {
            return Cancel::HadEnded;
        }
        if !self.is_cancelled {
            self.is_cancelled = true;
            self.changed(now, "cancelled", "", None);
            self.look_at = Some(now);
        }
        let fresh = |attempt: &Attempt| attempt.stale_at().is_some_and(|stale_at| now < stale_at);
        let under_way = (1..)
            .zip(&self.attempts)
            .find(|(_, attempt)| fresh(attempt));
        under_way.map_or(Cancel::Cancelled, |(number, _)| Cancel::UnderWay(number))
    }

    /// A person lets the last step run again, with all its tries; `false` where the decision is not to
    /// ask one.
    pub fn retry(&mut self, circumstances: &Circumstances) -> bool {
        if !matches!(decide(self, circumstances), Decision::AskAPerson(_)) {
            return false;
        }
        self.round_step = self.attempts.last().map_or(0, |last| last.step);
        self.pardoned = self.attempts.len();
        self.asked = None;
        self.changed(circumstances.now, "retried", "", None);
        self.look_at = Some(circumstances.now);
        true
    }

    /// Records what [`decide`] says: the end, with which the content is erased, what is told of it, and
    /// when to look again. It begins no call: [`start`](Self::start) does.
    pub fn settle(&mut self, circumstances: &Circumstances) -> Decision {
        let now = circumstances.now;
        self.resolve(now);
        let decision = decide(self, circumstances);
        let until = match decision {
            Decision::Done(evidence) => {
                self.end_as(End::Done(evidence), now);
                None
            }
            Decision::GiveUp(why) => {
                self.end_as(End::GivenUp(why), now);
                None
            }
            Decision::AskAPerson(person) => {
                let asked = Some((person, self.attempts.len()));
                if self.asked != asked {
                    self.asked = asked;
                    self.changed(now, "ask_a_person", person.as_str(), None);
                    self.tell(IntentEventKind::NeedsPerson, person.as_str(), None, now);
                }
                Some(self.valid_until)
            }
            Decision::Wait(until, hold) => {
                let why = hold.as_str();
                let last = self.log.lines().last();
                if last.is_none_or(|last| last.what != DecisionLog::WAIT || last.why != why) {
                    self.changed(now, DecisionLog::WAIT, why, None);
                }
                Some(until)
            }
            Decision::Send(_) => Some(now),
        };
        let until = until.map(|until| {
            self.overdue(circumstances)
                .map_or(until, |due| until.min(due))
        });
        let look_at = if self.owed.is_empty() {
            until
        } else {
            Some(now)
        };
        if self.look_at != look_at {
            self.look_at = look_at;
            self.version = self.version.saturating_add(1);
        }
        decision
    }

    /// A call that has been under way for too long is unresolved: its worker has crashed, or its answer
    /// was not written.
    fn resolve(&mut self, now: UnixSeconds) {
        let stale = |attempt: &Attempt| attempt.stale_at().is_some_and(|stale_at| now >= stale_at);
        let found = (1..)
            .zip(&mut self.attempts)
            .find(|(_, attempt)| stale(attempt));
        if let Some((number, attempt)) = found {
            attempt.state = AttemptState::Unresolved;
            attempt.was_unresolved = true;
            self.told_attempt(AttemptState::Unresolved.as_str(), "no_answer", number, now);
        }
    }

    /// Logs what came of an attempt, and tells of it.
    fn told_attempt(&mut self, what: &str, why: &str, number: u32, now: UnixSeconds) {
        self.changed(now, what, why, Some(number));
        self.tell(IntentEventKind::Attempt, what, Some(number), now);
    }

    /// Takes off what was owed and is done.
    pub fn paid(&mut self, done: &[Owed], now: UnixSeconds) {
        let count = self.owed.len();
        self.owed.retain(|owed| !done.contains(owed));
        if self.owed.len() == count {
            return;
        }
        self.version = self.version.saturating_add(1);
        self.look_at = if self.owed.is_empty() && self.end.is_some() {
            None
        } else {
            Some(now)
        };
    }

    /// Tells that the deadline has passed in silence, once what was reported until then is known. When
    /// it is next to be asked; `None` where it is settled.
    fn overdue(&mut self, circumstances: &Circumstances) -> Option<UnixSeconds> {
        let (now, deadline) = (circumstances.now, self.deadline?);
        if now < deadline {
            return Some(deadline);
        }
        let is_heard = circumstances
            .heard_until
            .is_some_and(|heard_until| heard_until >= deadline);
        if !is_heard {
            return Some(now.saturating_add(LOOK_AGAIN));
        }
        self.deadline = None;
        self.changed(now, "overdue", "", None);
        self.tell(IntentEventKind::Overdue, "deadline", None, now);
        None
    }

    fn end_as(&mut self, end: End, now: UnixSeconds) {
        if self.end == Some(end) {
            return;
        }
        let (kind, what, why) = match end {
            End::Done(evidence) => (IntentEventKind::Done, "done", evidence.as_str()),
            End::GivenUp(why) => (IntentEventKind::GivenUp, "given_up", why.as_str()),
        };
        let kind = match (self.end, end) {
            (None, _) => Some(kind),
            (Some(End::GivenUp(_)), End::Done(_)) => Some(IntentEventKind::Corrected),
            // Better evidence of the same end.
            (Some(_), _) => None,
        };
        self.end = Some(end);
        self.content = None;
        self.deadline = None;
        self.changed(now, what, why, None);
        if let Some(kind) = kind {
            let number = self
                .attempts
                .iter()
                .rposition(|attempt| attempt.success.is_some());
            let number =
                number.map(|index| u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX));
            self.tell(kind, why, number, now);
        }
    }

    fn tell(&mut self, kind: IntentEventKind, reason: &str, number: Option<u32>, at: UnixSeconds) {
        let attempt = number.and_then(|number| self.attempt(number));
        let of_attempt = number.map_or_else(String::new, |number| format!(":{number}"));
        self.owed.push(Owed::Tell(IntentEvent {
            id: format!("{}:{}:{kind}{of_attempt}", self.id, self.version),
            kind,
            key: self.key.clone(),
            intent_id: self.id,
            version: self.version,
            reason: reason.to_owned(),
            attempt: number,
            channel: attempt.map(|attempt| attempt.channel),
            message_id: attempt.and_then(|attempt| attempt.message_id.clone()),
            at,
        }));
    }

    /// The attempt's message exists. Whether that is news.
    fn sent(&mut self, number: u32, message_id: &str, now: UnixSeconds) -> bool {
        let Some(attempt) = self.attempt_mut(number) else {
            return false;
        };
        match &attempt.message_id {
            Some(known) if known != message_id => {
                if attempt.is_doubled {
                    return false;
                }
                attempt.is_doubled = true;
                self.changed(now, "doubled", "", Some(number));
                self.tell(IntentEventKind::Doubled, "two_messages", Some(number), now);
                true
            }
            Some(_) => false,
            None => {
                attempt.was_unresolved = attempt.is_unresolved(now);
                attempt.state = AttemptState::Sent;
                attempt.sent_at = Some(now);
                attempt.message_id = Some(message_id.to_owned());
                let channel = attempt.channel;
                self.told_attempt(AttemptState::Sent.as_str(), channel.as_str(), number, now);
                true
            }
        }
    }

    fn changed(&mut self, at: UnixSeconds, what: &str, why: &str, attempt: Option<u32>) {
        self.version = self.version.saturating_add(1);
        self.log.add(DecisionLine {
            at,
            what: what.to_owned(),
            why: why.to_owned(),
            attempt,
        });
    }

    fn attempt(&self, number: u32) -> Option<&Attempt> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.attempts.get(index)
    }

    fn attempt_mut(&mut self, number: u32) -> Option<&mut Attempt> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.attempts.get_mut(index)
    }

    fn under_way(&mut self, number: u32) -> Option<&mut Attempt> {
        self.attempt_mut(number)
            .filter(|attempt| attempt.state == AttemptState::Sending)
    }
}
