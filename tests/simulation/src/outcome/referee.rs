use core::{fmt, ops::Range};
use std::collections::{BTreeMap, HashMap, HashSet};

use sinch_callback::{DeliveryState, UnixSeconds};
use sinch_callback_recovery::{
    AttemptName, AttemptState, BudgetLimits, Call, CallAnswer, Channel, DoubleSend, Intent,
    IntentEvent, IntentEventKind, IntentId, IntentKey, Plan, Until,
};

use super::{
    Promise,
    message::{Callback, Message},
    setting::Setting,
};
use crate::{
    law,
    schedule::{Millis, SECOND},
};

/// A promise that broke.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which one.
    pub promise: Promise,
    /// The key of the intent that it broke at, if it was one.
    pub key: Option<String>,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}", self.promise)?;
        if let Some(key) = &self.key {
            write!(f, " ({key})")?;
        }
        write!(f, ": {}", self.detail)
    }
}

pub(super) type Verdict = Result<(), Violation>;

/// For how long what the gates said is good for a call.
const FRESH: Millis = 5 * SECOND;
/// How long a failure may be corrected; the clocks in it count whole seconds.
const SETTLE: Millis = 4 * SECOND;
/// How long no callback has to come before it is said that they have stopped; the host counts ten
/// seconds less, so that what is begun then is not judged by what comes meanwhile.
const STOPPED: Millis = 610 * SECOND;
const PROBES_APART: Millis = 590 * SECOND;
const ENOUGH: usize = 5;
const LONGEST_CALL: Millis = 30 * SECOND;

/// What a worker's clock shows past which nothing is to be judged by the second.
const WRONG: u64 = 10;

/// The referee's own books, of what was really called, made and reported, and what was asked for. It
/// believes nothing that the engine says of itself: of its writes it takes that there are attempts, and
/// when one is begun.
#[derive(Debug)]
pub(super) struct Referee {
    cases: HashMap<IntentId, Case>,
    keys: HashSet<IntentKey>,
    events: HashMap<String, IntentEvent>,
    limits: BudgetLimits,
    /// Sends by recipient and day, and by hour.
    by_recipient: BTreeMap<(String, u64), u32>,
    by_hour: BTreeMap<u64, u32>,
    suppressed: HashMap<(Channel, String), Vec<Suppression>>,
    pauses: Vec<Range<Millis>>,
    /// When a step for silence was last taken while no callback came.
    probed_at: Option<Millis>,
    /// The furthest that a clock is off, in seconds.
    skew: u64,
}

/// A time in which somebody is suppressed on a channel.
#[derive(Debug)]
struct Suppression {
    /// Whether the person asked for it; else a failure said so.
    is_asked: bool,
    during: Range<Millis>,
}

/// An intent as it was asked for, and what was done for it.
#[derive(Debug)]
struct Case {
    key: IntentKey,
    plan: Plan,
    valid_until: UnixSeconds,
    /// The quiet minutes of the day, in UTC.
    quiet: Option<Range<u64>>,
    is_rehearsal: bool,
    attempts: Vec<Entry>,
    round: usize,
    is_reached: bool,
    is_cancelled: bool,
    has_ended: bool,
    is_told: bool,
    calls_after_success: u32,
}

#[derive(Debug)]
struct Entry {
    step: usize,
    channel: Channel,
    /// When the gates were read on whose word it was last begun.
    begun_at: Millis,
    /// When the failure came for which it was begun; else it was begun for silence.
    follows_failure: Option<Millis>,
    was_called: bool,
    /// Calls that may have made a message, and that were refused for good.
    sends: u32,
    messages: Vec<usize>,
    /// What came of its call or its message is on record.
    is_settled: bool,
    was_unresolved: bool,
    /// It is on record that nothing was sent.
    is_not_sent: bool,
    state: Option<DeliveryState>,
    /// When the failure came that is on record.
    failed_at: Option<Millis>,
}

/// What a promise is held against that is not the referee's own.
pub(super) struct Scene<'w> {
    pub(super) now: Millis,
    pub(super) setting: &'w Setting,
    pub(super) messages: &'w [Message],
    pub(super) callbacks: &'w [Callback],
    /// When a callback last came, and since when they would.
    pub(super) last_callback: Option<Millis>,
    pub(super) listening_since: Option<Millis>,
}

impl Referee {
    pub(super) fn new(setting: &Setting) -> Self {
        let skew = setting.skews.iter().map(|skew| skew.unsigned_abs()).max();
        Self {
            cases: HashMap::new(),
            keys: HashSet::new(),
            events: HashMap::new(),
            limits: setting.limits,
            by_recipient: BTreeMap::new(),
            by_hour: BTreeMap::new(),
            suppressed: HashMap::new(),
            pauses: Vec::new(),
            probed_at: None,
            skew: skew.unwrap_or_default(),
        }
    }

    pub(super) fn created(
        &mut self,
        intent: &Intent,
        quiet: Option<Range<u64>>,
        is_rehearsal: bool,
        sent: Option<usize>,
        asked_at: Millis,
    ) -> Verdict {
        let key = intent.key().clone();
        if !self.keys.insert(key.clone()) {
            return broken(Promise::OneIntent, &key, "it is there twice");
        }
        let mut case = Case {
            key,
            plan: intent.plan().clone(),
            valid_until: intent.valid_until(),
            quiet,
            is_rehearsal,
            attempts: Vec::new(),
            round: 0,
            is_reached: false,
            is_cancelled: false,
            has_ended: false,
            is_told: false,
            calls_after_success: 0,
        };
        if let (Some(message), Some(attempt)) = (sent, intent.attempts().first()) {
            let mut entry = Entry::new(attempt.step(), attempt.channel(), asked_at);
            entry.is_settled = true;
            entry.messages.push(message);
            case.attempts.push(entry);
        }
        self.cases.insert(intent.id(), case);
        Ok(())
    }

    /// A write took effect. What begins with it is judged.
    pub(super) fn written(
        &mut self,
        old: &Intent,
        new: &Intent,
        now: Millis,
        looked_at: Millis,
    ) -> Verdict {
        let tolerance = self.skew * 2 * SECOND;
        let Some(case) = self.cases.get_mut(&new.id()) else {
            return Ok(());
        };
        for (index, attempt) in new.attempts().iter().enumerate() {
            let before = old.attempts().get(index);
            let was_sending = before.is_some_and(|old| old.state() == AttemptState::Sending);
            if attempt.state() == AttemptState::Sending && !was_sending {
                let entry = Entry::new(attempt.step(), attempt.channel(), looked_at);
                case.begins(index, entry, now, tolerance)?;
            }
        }
        if new.end().is_some() {
            case.has_ended = true;
            if new.has_content() {
                return broken(
                    Promise::ContentErased,
                    &case.key,
                    "it has ended with content",
                );
            }
        }
        Ok(())
    }

    /// What came of a call is on record.
    pub(super) fn answered(&mut self, name: AttemptName, answer: &CallAnswer) {
        let Some((case, index)) = self.case(name) else {
            return;
        };
        let entry = &mut case.attempts[index];
        if let CallAnswer::Accepted(_) = answer {
            // A mail server tells no more.
            case.is_reached |= entry.channel == Channel::Email && entry.failed_at.is_none();
        }
        if entry.is_settled {
            return;
        }
        entry.is_settled = true;
        match answer {
            CallAnswer::Accepted(_) => {}
            CallAnswer::Unresolved(_) => entry.was_unresolved = true,
            _ => entry.is_not_sent = true,
        }
    }

    /// It is on record that a call came too late to be made.
    pub(super) fn not_called(&mut self, intent: &Intent) {
        let Some(case) = self.cases.get_mut(&intent.id()) else {
            return;
        };
        for (entry, attempt) in case.attempts.iter_mut().zip(intent.attempts()) {
            if attempt.state() == AttemptState::NotCalled && entry.sends == 0 {
                entry.is_settled = true;
                entry.is_not_sent = true;
            }
        }
    }

    /// A message's reports are on record, by which it is in this state; they had come by then.
    pub(super) fn recorded(
        &mut self,
        name: AttemptName,
        state: Option<DeliveryState>,
        come_at: Millis,
    ) {
        let Some((case, index)) = self.case(name) else {
            return;
        };
        let entry = &mut case.attempts[index];
        entry.is_settled = true;
        entry.is_not_sent = false;
        entry.state = state;
        entry.failed_at = match state {
            Some(DeliveryState::Failed) => entry.failed_at.or(Some(come_at)),
            _ => None,
        };
        let step = &case.plan.steps()[entry.step];
        let needs_read = step.until == Until::Read && step.channel.tells_read();
        case.is_reached |= match state {
            Some(DeliveryState::Read) => true,
            Some(DeliveryState::Delivered) => !needs_read,
            _ => false,
        };
    }

    /// A person's word is on record.
    pub(super) fn cancelled(&mut self, id: IntentId) {
        if let Some(case) = self.cases.get_mut(&id) {
            case.is_cancelled = true;
        }
    }

    pub(super) fn retried(&mut self, id: IntentId) {
        if let Some(case) = self.cases.get_mut(&id) {
            case.round = case.attempts.len();
        }
    }

    /// A call leaves us. Whoever asked the gates for it asked by this clock, which shows this now.
    pub(super) fn called(&mut self, call: &Call, clock: u64, scene: &Scene<'_>) -> Verdict {
        let now = scene.now;
        let suppressions = self
            .suppressed
            .get(&(call.channel, digits(call.identity.as_str())));
        let mut shut: Vec<&Range<Millis>> = self.pauses.iter().collect();
        shut.extend(
            suppressions
                .into_iter()
                .flatten()
                .map(|known| &known.during),
        );
        let setting = scene.setting;
        shut.extend(&setting.switch_off);
        shut.extend(&setting.dry_run);
        shut.extend(&setting.switch_unreadable);
        shut.extend(&setting.suppressions_unreadable);
        let was_open = was_open(&shut, now);
        let (skew, name) = (self.skew, call.attempt);
        let Some((case, index)) = self.case(name) else {
            return Ok(());
        };
        if !was_open {
            return broken(Promise::GatesHold, &case.key, format!("{name} is called"));
        }
        if case.is_rehearsal {
            return broken(
                Promise::GatesHold,
                &case.key,
                "it was accepted in a dry run",
            );
        }
        if clock >= case.valid_until.get() + FRESH / SECOND {
            return broken(Promise::GatesHold, &case.key, "it is not valid any more");
        }
        let is_quiet = |at: u64| {
            let minute = at / 60 % 1_440;
            case.quiet
                .as_ref()
                .is_some_and(|quiet| quiet.contains(&minute))
        };
        if call.channel != Channel::Email && is_quiet(clock) && is_quiet(clock - FRESH / SECOND) {
            return broken(Promise::GatesHold, &case.key, "it is quiet");
        }
        case.calls_after_success += u32::from(case.is_reached);
        if case.calls_after_success > 1 {
            return broken(
                Promise::NothingAfterSuccess,
                &case.key,
                format!("{name} is called, and one before it"),
            );
        }
        if case.attempts[index].sends > 0 {
            return broken(
                Promise::OneCall,
                &case.key,
                format!("{name} is called again"),
            );
        }
        // What never left is called again for the reason for which it was begun.
        let is_first = !core::mem::replace(&mut case.attempts[index].was_called, true);
        if is_first && index > case.round && skew <= WRONG {
            let promise = case.follows(index, scene, skew * 2 * SECOND);
            if promise == Some(Promise::StopNoticed) {
                let last = self.probed_at.replace(now);
                if last.is_none_or(|last| now.saturating_sub(last) >= PROBES_APART) {
                    return Ok(());
                }
            }
            if let Some(promise) = promise {
                let key = self.cases[&name.intent].key.clone();
                return broken(promise, &key, format!("{name} is called"));
            }
        }
        Ok(())
    }

    /// What the call has done, or may have. Its place in the budgets was taken at this moment of its
    /// worker's clock.
    pub(super) fn sent(
        &mut self,
        call: &Call,
        answer: &CallAnswer,
        message: Option<usize>,
        reserved_at: u64,
    ) -> Verdict {
        let Some((case, index)) = self.case(call.attempt) else {
            return Ok(());
        };
        let key = case.key.clone();
        let entry = &mut case.attempts[index];
        entry.messages.extend(message);
        let nothing = matches!(answer, CallAnswer::NotSent(_) | CallAnswer::AboutUs(_));
        entry.sends += u32::from(!nothing);
        if nothing || matches!(answer, CallAnswer::Refused(_)) {
            return Ok(());
        }
        let step = entry.step;
        let round = case.attempts.iter().skip(case.round);
        let of_step = round.filter(|entry| entry.step == step);
        let sends: u32 = of_step.map(|entry| entry.sends).sum();
        if sends > case.plan.steps()[step].tries {
            return broken(
                Promise::WithinTries,
                &key,
                format!("{sends} calls of step {step}"),
            );
        }
        let (day, hour) = (reserved_at / 86_400, reserved_at / 3_600);
        let recipient = (digits(call.identity.as_str()), day);
        let of_recipient = self.by_recipient.entry(recipient).or_default();
        let of_hour = self.by_hour.entry(hour).or_default();
        (*of_recipient, *of_hour) = (*of_recipient + 1, *of_hour + 1);
        if *of_recipient > self.limits.per_recipient_and_day || *of_hour > self.limits.per_hour {
            let detail = format!("{of_recipient} to the recipient, {of_hour} in the hour");
            return broken(Promise::WithinBudget, &key, detail);
        }
        Ok(())
    }

    /// Somebody is suppressed from now on, because the person asked for it or a failure said so.
    pub(super) fn suppressed(
        &mut self,
        channel: Channel,
        identity: &str,
        is_asked: bool,
        now: Millis,
    ) {
        let of_identity = self
            .suppressed
            .entry((channel, digits(identity)))
            .or_default();
        let is_same =
            |known: &Suppression| known.is_asked == is_asked && known.during.end == Millis::MAX;
        if !of_identity.iter().any(is_same) {
            of_identity.push(Suppression {
                is_asked,
                during: now..Millis::MAX,
            });
        }
    }

    /// A person asks for messages again.
    pub(super) fn lifted(&mut self, channel: Channel, identity: &str, now: Millis) {
        let of_identity = self.suppressed.get_mut(&(channel, digits(identity)));
        for suppression in of_identity.into_iter().flatten() {
            if suppression.is_asked {
                suppression.during.end = suppression.during.end.min(now);
            }
        }
    }

    pub(super) fn paused(&mut self, now: Millis) {
        if self.pauses.last().is_none_or(|pause| pause.end <= now) {
            self.pauses.push(now..Millis::MAX);
        }
    }

    pub(super) fn resumed(&mut self, now: Millis) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.end = pause.end.min(now);
        }
    }

    pub(super) fn told(&mut self, event: &IntentEvent) -> Verdict {
        let key = event.key.clone();
        if let Some(known) = self.events.get(&event.id)
            && known != event
        {
            let detail = format!("{} was told otherwise", event.id);
            return broken(Promise::EventsOnce, &key, detail);
        }
        let is_end = matches!(event.kind, IntentEventKind::Done | IntentEventKind::GivenUp);
        if let Some(case) = self.cases.get_mut(&event.intent_id) {
            case.is_told |= is_end;
        }
        self.events.insert(event.id.clone(), event.clone());
        Ok(())
    }

    /// After a minute without trouble behind its `valid_until`.
    pub(super) fn should_have_ended(&self, id: IntentId) -> Verdict {
        match self.cases.get(&id) {
            Some(case) if !case.has_ended => broken(Promise::EndsTold, &case.key, "it has no end"),
            Some(case) if !case.is_told => broken(Promise::EndsTold, &case.key, "it is not told"),
            _ => Ok(()),
        }
    }

    /// The intent has this message's reports.
    pub(super) fn is_found(&self, message: &Message, intent: &Intent) -> Verdict {
        let Some(name) = message.name else {
            return Ok(());
        };
        let attempt = (name.number as usize)
            .checked_sub(1)
            .and_then(|index| intent.attempts().get(index));
        let is_known = attempt.is_some_and(|attempt| {
            attempt.is_doubled() || attempt.message_id() == Some(message.id.as_str())
        });
        if is_known {
            return Ok(());
        }
        let detail = format!("{} of {name} is not known", message.id);
        broken(Promise::ReportsFindAttempts, intent.key(), detail)
    }

    /// Whether an intent's person was reached by more than one message.
    pub(super) fn is_doubled(&self, id: IntentId, messages: &[Message]) -> bool {
        let attempts = self.cases.get(&id).map(|case| &case.attempts);
        let made = attempts
            .into_iter()
            .flatten()
            .flat_map(|entry| &entry.messages);
        made.filter(|message| messages[**message].reaches).count() > 1
    }

    fn case(&mut self, name: AttemptName) -> Option<(&mut Case, usize)> {
        let index = (name.number as usize).checked_sub(1)?;
        let case = self.cases.get_mut(&name.intent)?;
        (index < case.attempts.len()).then_some((case, index))
    }
}

impl Case {
    fn begins(&mut self, index: usize, begun: Entry, now: Millis, tolerance: Millis) -> Verdict {
        let key = &self.key;
        let (number, step) = (index + 1, begun.step);
        if self.is_reached {
            let detail = format!("attempt {number} is begun");
            return broken(Promise::NothingAfterSuccess, key, detail);
        }
        if self.is_cancelled || self.has_ended {
            let detail = format!("attempt {number} is begun");
            return broken(Promise::NothingAfterEnd, key, detail);
        }
        let round = self.attempts.iter().enumerate().skip(self.round);
        for (other, entry) in round.filter(|(other, _)| *other != index) {
            let age = now - entry.begun_at + tolerance + SECOND;
            if !entry.is_settled && age < LONGEST_CALL {
                let detail = format!("attempt {number} is begun beside {}", other + 1);
                return broken(Promise::OneUnderWay, key, detail);
            }
            let is_open = entry.sends > 0 && !entry.is_settled;
            let may_arrive = entry.was_unresolved || is_open;
            if self.plan.double() == DoubleSend::Never && entry.step == step && may_arrive {
                let detail = format!("attempt {number} repeats {}", other + 1);
                return broken(Promise::UnknownNotRepeated, key, detail);
            }
        }
        match self.attempts.get_mut(index) {
            // It never left.
            Some(entry) => {
                entry.begun_at = begun.begun_at;
                entry.is_settled = false;
                entry.is_not_sent = false;
            }
            None => {
                let before = index.checked_sub(1).map(|before| &self.attempts[before]);
                let follows_failure = before.and_then(|before| before.failed_at);
                self.attempts.push(Entry {
                    follows_failure,
                    ..begun
                });
            }
        }
        Ok(())
    }

    /// The promise that breaks where this attempt is called now, by what became of the one before it.
    fn follows(&self, index: usize, scene: &Scene<'_>, tolerance: Millis) -> Option<Promise> {
        let now = scene.now;
        let before = &self.attempts[index - 1];
        if before.is_not_sent {
            return None;
        }
        if let Some(failed_at) = self.attempts[index].follows_failure {
            let is_settled = now + tolerance >= failed_at + SETTLE;
            // What was reported since it was begun comes too late for it.
            let is_corrected = before.state != Some(DeliveryState::Failed);
            let has_failed = before.messages.iter().any(|message| {
                let message = &scene.messages[*message];
                message.channel == Channel::Email || has_failed(message, scene.callbacks)
            });
            let holds = is_settled && (is_corrected || has_failed);
            return (!holds).then_some(Promise::FailureSettled);
        }
        let wait = &self.plan.steps()[before.step].wait;
        let due = before.begun_at + wait.as_secs() * SECOND;
        if now + tolerance + SECOND < due {
            return Some(Promise::SilenceHeard);
        }
        let said_before = |place: &usize| {
            let callback = &scene.callbacks[*place];
            let is_before = |tried_at| tried_at + tolerance + SECOND < due;
            !callback.is_beyond_us && callback.tried_at.is_some_and(is_before)
        };
        let is_heard = self
            .attempts
            .iter()
            .flat_map(|entry| &entry.messages)
            .all(|message| {
                let recorded = scene.messages[*message].recorded;
                let mut said = scene.of_message(*message);
                said.all(|place| {
                    let applied = &scene.messages[*message].applied[..recorded];
                    !said_before(&place) || applied.contains(&place)
                })
            });
        let readable = was_open(
            &scene.setting.hearing_unreadable.iter().collect::<Vec<_>>(),
            now,
        );
        if !is_heard || !readable {
            return Some(Promise::SilenceHeard);
        }
        scene.has_stopped().then_some(Promise::StopNoticed)
    }
}

impl Entry {
    const fn new(step: usize, channel: Channel, now: Millis) -> Self {
        Self {
            step,
            channel,
            begun_at: now,
            follows_failure: None,
            was_called: false,
            sends: 0,
            messages: Vec::new(),
            is_settled: false,
            was_unresolved: false,
            is_not_sent: false,
            state: None,
            failed_at: None,
        }
    }
}

impl Scene<'_> {
    /// The places of a message's reports.
    fn of_message(&self, message: usize) -> impl Iterator<Item = usize> {
        let places = self.callbacks.iter().enumerate();
        places
            .filter(move |(_, callback)| callback.message == message)
            .map(|(place, _)| place)
    }

    /// Whether at least five messages have waited for long, no callback has come for as long, and we
    /// have listened.
    fn has_stopped(&self) -> bool {
        let since = self
            .last_callback
            .max(self.listening_since)
            .unwrap_or_default();
        let waiting = self.messages.iter().filter(|message| {
            let is_old = message.made_at + STOPPED <= self.now;
            is_old && message.is_waited_for()
        });
        since + STOPPED <= self.now && waiting.take(ENOUGH).count() == ENOUGH
    }
}

impl Message {
    /// Whether a callback about it is expected still.
    pub(super) fn is_waited_for(&self) -> bool {
        let state = self
            .aggregate
            .as_ref()
            .and_then(|known| known.delivery.state());
        let has_ended = matches!(
            state,
            Some(DeliveryState::Failed | DeliveryState::Delivered | DeliveryState::Read)
        );
        self.name.is_some() && self.channel != Channel::Email && !has_ended
    }
}

/// Whether none of these holds at some moment of the last five seconds.
fn was_open(shut: &[&Range<Millis>], now: Millis) -> bool {
    let start = now.saturating_sub(FRESH);
    let ends = shut.iter().map(|during| during.end);
    let moments = ends.filter(|end| (start..=now).contains(end));
    moments
        .chain([start, now])
        .any(|moment| !shut.iter().any(|during| during.contains(&moment)))
}

/// Whether the message has failed by all of its reports that the intent knows, read without the core.
fn has_failed(message: &Message, callbacks: &[Callback]) -> bool {
    let applied = message.applied.iter().take(message.recorded);
    let bodies: Vec<_> = applied
        .map(|place| law::Read::of(&callbacks[*place].body))
        .collect();
    law::of(&message.id, bodies.iter()).state() == Some("failed")
}

/// A recipient, however it is spelt: these worlds have numbers, and addresses of one spelling.
fn digits(identity: &str) -> String {
    identity.replace('+', "")
}

fn broken(promise: Promise, key: &IntentKey, detail: impl Into<String>) -> Verdict {
    Err(Violation {
        promise,
        key: Some(key.to_string()),
        detail: detail.into(),
    })
}
