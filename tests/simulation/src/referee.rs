use core::{fmt, time::Duration};
use std::{collections::HashMap, sync::Arc};

use sinch_callback::{Claim, ContentKey, DeliveryState, MemoryReplayGuard, ReplayKey, UnixSeconds};
use sinch_callback_pipeline::messages::Message;

use crate::{
    law,
    log::{Moved, Told},
    queue::{MEMORY, Sending},
    schedule::Millis,
};

/// What holds in every world, after every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Invariant {
    /// No forged or altered callback is accepted.
    NothingForged,
    /// No genuine callback is refused for good.
    NothingGenuineRefused,
    /// What was answered with 200 is in the queue or in the log.
    AnsweredIsStored,
    /// What was answered with 200 has its effect, however long it takes.
    NothingLost,
    /// No outage sets aside what would be processed after it.
    NothingSetAside,
    /// No event has its effect twice.
    ExactlyOnceEffect,
    /// No leg moves back.
    NeverBack,
    /// Each move is told to those who listen.
    EveryEventRaised,
    /// ... always under the same id, and with the same content.
    EventsOnce,
    /// A message is what the set of its reports says, in whatever order they were applied.
    SetDecides,
    /// What is told of a message is so at the version that is told, and an end that is left is told
    /// with what it corrects.
    EndsCorrected,
    /// Each attempt on a large callback that its time ends goes on behind the one before.
    CursorsAdvance,
    /// What a layer has taken and still remembers costs the layers behind it nothing.
    ReplaysAbsorbed,
    /// A claim stands until the copy that made it is done.
    ClaimsKept,
    /// A guard never holds more than its capacity.
    MemoryBounded,
    /// Nobody can drive reads of the secret.
    ReadsBounded,
}

impl Invariant {
    /// The invariant in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NothingForged => "no forged or altered callback is accepted",
            Self::NothingGenuineRefused => "no genuine callback is refused for good",
            Self::AnsweredIsStored => "what was answered with 200 is in the queue or in the log",
            Self::NothingLost => "what was answered with 200 has its effect",
            Self::NothingSetAside => "an outage of eight hours sets nothing aside",
            Self::ExactlyOnceEffect => "no event has its effect twice",
            Self::NeverBack => "no leg moves back",
            Self::EveryEventRaised => "each move is published",
            Self::EventsOnce => "an event is published under one id, with one content",
            Self::SetDecides => "a message is what the set of its reports says",
            Self::EndsCorrected => "an end that was published and is left is corrected",
            Self::CursorsAdvance => "each attempt on a large report advances it",
            Self::ReplaysAbsorbed => "what is remembered is absorbed",
            Self::ClaimsKept => "a claim stands until the copy that made it is done",
            Self::MemoryBounded => "a guard never holds more than its capacity",
            Self::ReadsBounded => "nobody can drive reads of the secret",
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A promise that broke.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which one.
    pub invariant: Invariant,
    /// The callback that it broke at, if it was one.
    pub callback: Option<usize>,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}", self.invariant)?;
        if let Some(callback) = self.callback {
            write!(f, " (callback #{callback})")?;
        }
        write!(f, ": {}", self.detail)
    }
}

pub(crate) type Verdict = Result<(), Violation>;

fn broken(
    invariant: Invariant,
    callback: impl Into<Option<usize>>,
    detail: impl Into<String>,
) -> Verdict {
    Err(Violation {
        invariant,
        callback: callback.into(),
        detail: detail.into(),
    })
}

/// Knows what Sinch has really sent, and what has become of it.
#[derive(Debug)]
pub(crate) struct Referee {
    by_content: HashMap<ContentKey, usize>,
    keys: Vec<ContentKey>,
    reads: Vec<law::Read>,
    facts: Vec<Facts>,
    messages: HashMap<String, History>,
    /// What was told under each id.
    told: HashMap<String, String>,
    /// When a delivery was handed off behind a guard.
    confirmed: HashMap<ReplayKey, Millis>,
    /// The copy that holds each claim of a guard, and when it made it.
    claims: HashMap<ReplayKey, (u64, UnixSeconds)>,
}

#[derive(Clone, Debug, Default)]
struct Facts {
    answered: bool,
    /// Whether a log has it.
    is_applied: bool,
    /// How often it has raised each message's version.
    effects: HashMap<String, u32>,
    queued_at: Option<Millis>,
    owed: usize,
    /// The id of what was told of each message, by the event's type. An arrival tells of the messages
    /// that it was the first to change: another one may tell of the rest.
    ids: HashMap<(String, &'static str), String>,
}

/// What has become of one message.
#[derive(Clone, Debug, Default)]
struct History {
    /// The callbacks whose reports were applied.
    applied: Vec<usize>,
    /// Each version, and where the message stood by then.
    states: Vec<(u64, Option<DeliveryState>)>,
}

impl History {
    /// Where the message stood at a version, and where before.
    fn at(&self, version: u64) -> Option<(Option<DeliveryState>, Option<DeliveryState>)> {
        let place = self
            .states
            .iter()
            .position(|(known, _)| *known == version)?;
        let before = place.checked_sub(1).map(|before| self.states[before].1);
        Some((before.flatten(), self.states[place].1))
    }
}

/// How long a claim without outcome holds.
const IN_FLIGHT: Duration = MemoryReplayGuard::DEFAULT_IN_FLIGHT;

/// The most reads of one host in five minutes: a re-read each half minute, and what failures and
/// the regular refresh add.
pub(crate) const MAX_READS: usize = 25;

impl Referee {
    pub(crate) fn new(bodies: impl Iterator<Item = Arc<[u8]>>) -> Self {
        let bodies: Vec<_> = bodies.collect();
        let keys = bodies.iter().map(|body| ContentKey::of_body(body));
        let keys: Vec<_> = keys.collect();
        let by_content: HashMap<_, _> = keys.iter().copied().zip(0..).collect();
        Self {
            facts: vec![Facts::default(); by_content.len()],
            by_content,
            keys,
            reads: bodies.iter().map(|body| law::Read::of(body)).collect(),
            messages: HashMap::new(),
            told: HashMap::new(),
            confirmed: HashMap::new(),
            claims: HashMap::new(),
        }
    }

    pub(crate) fn callback(&self, content_key: ContentKey) -> Option<usize> {
        self.by_content.get(&content_key).copied()
    }

    fn genuine(&self, content_key: ContentKey) -> Result<usize, Violation> {
        self.callback(content_key).ok_or_else(|| Violation {
            invariant: Invariant::NothingForged,
            callback: None,
            detail: format!("{content_key} is not of a body that Sinch has sent"),
        })
    }

    /// A sender was answered with 200.
    pub(crate) fn answered(&mut self, content_key: ContentKey, is_stored: bool) -> Verdict {
        let callback = self.genuine(content_key)?;
        self.facts[callback].answered = true;
        if is_stored {
            return Ok(());
        }
        broken(
            Invariant::AnsweredIsStored,
            callback,
            "answered 200, and neither queue nor log has it",
        )
    }

    /// Sinch was answered with 4xx.
    pub(crate) fn refused(&self, callback: usize, status: u16, code: &str) -> Verdict {
        broken(
            Invariant::NothingGenuineRefused,
            callback,
            format!("a genuine callback was answered {status} {code}"),
        )
    }

    /// The queue has taken a callback as new.
    pub(crate) fn queued(
        &mut self,
        content_key: ContentKey,
        deduplicates: bool,
        now: Millis,
    ) -> Verdict {
        let callback = self.genuine(content_key)?;
        let before = self.facts[callback].queued_at.replace(now);
        if deduplicates && before.is_some_and(|before| now < before + MEMORY) {
            return broken(
                Invariant::ReplaysAbsorbed,
                callback,
                "the queue took the same event twice within its memory",
            );
        }
        Ok(())
    }

    /// A copy of a delivery is handed off behind a guard that remembers for `memory`.
    pub(crate) fn handed_off(
        &mut self,
        sending: &Sending,
        copy: u64,
        claimed_at: UnixSeconds,
        memory: Millis,
        now: Millis,
    ) -> Verdict {
        let confirmed = self.confirmed.get(&sending.replay_key);
        if confirmed.is_some_and(|at| now < at + memory) {
            return broken(
                Invariant::ReplaysAbsorbed,
                self.callback(sending.content_key),
                "a delivery was handed off again that the guard has seen handed off",
            );
        }
        let held = self.claims.get(&sending.replay_key);
        if held.is_none_or(|(_, since)| claimed_at.since(*since) > IN_FLIGHT) {
            self.claims.insert(sending.replay_key, (copy, claimed_at));
        }
        Ok(())
    }

    /// A copy has been handed off, and a guard knows.
    pub(crate) fn confirmed(&mut self, key: ReplayKey, now: Millis) {
        self.claims.remove(&key);
        self.confirmed.entry(key).or_insert(now);
    }

    /// A copy was not handed off. `guard` tells what is known of the key at a moment.
    pub(crate) fn not_handed_off(
        &mut self,
        key: ReplayKey,
        copy: u64,
        guard: impl FnOnce(UnixSeconds) -> Claim,
    ) -> Verdict {
        let Some((holder, since)) = self.claims.get(&key) else {
            return Ok(());
        };
        if *holder == copy {
            self.claims.remove(&key);
            return Ok(());
        }
        if matches!(guard(*since), Claim::First(_)) {
            return broken(
                Invariant::ClaimsKept,
                None,
                format!("copy {copy} took back the claim of copy {holder}, which is under way"),
            );
        }
        Ok(())
    }

    /// A guard has lost its memory.
    pub(crate) fn forget_guard(&mut self) {
        self.confirmed.clear();
        self.claims.clear();
    }

    /// A callback's body was kept, and all of its messages have been written.
    pub(crate) fn kept(&mut self, content_key: ContentKey) -> Verdict {
        let callback = self.genuine(content_key)?;
        self.facts[callback].is_applied = true;
        Ok(())
    }

    /// A message was written for a callback.
    pub(crate) fn written(
        &mut self,
        content_key: ContentKey,
        before: Option<&Message>,
        message: &Message,
        moved: &[Moved],
    ) -> Verdict {
        let callback = self.genuine(content_key)?;
        let entry_of = |message: &Message| {
            let mut log = message.log.entries().iter();
            log.find(|entry| entry.content_key == content_key).cloned()
        };
        let version = before.map_or(0, |before| before.version);
        if message.version > version.saturating_add(1) {
            return broken(
                Invariant::ExactlyOnceEffect,
                callback,
                format!("{} rose by more than one version", message.message_id),
            );
        }
        let facts = &mut self.facts[callback];
        facts.is_applied = true;
        if message.version != version {
            let effects = facts.effects.entry(message.message_id.clone()).or_default();
            *effects += 1;
            if *effects > 1 {
                return broken(
                    Invariant::ExactlyOnceEffect,
                    callback,
                    format!("its effect number {effects} on {}", message.message_id),
                );
            }
        }
        let is_new = before.and_then(entry_of).is_none();
        if let Some(entry) = entry_of(message).filter(|_| is_new)
            && entry.moved_to().is_some()
        {
            facts.owed += 1;
        }
        for step in moved {
            if step.after < step.before {
                return broken(
                    Invariant::NeverBack,
                    callback,
                    format!(
                        "{} on {} went from {:?} to {:?}",
                        step.message_id, step.channel, step.before, step.after
                    ),
                );
            }
        }
        if before.is_none() {
            // It is its first, or the one before has expired.
            self.messages.remove(&message.message_id);
        }
        self.is_what_its_reports_say(callback, message)
    }

    /// Compares a message with what a plain reading of all its reports gives.
    fn is_what_its_reports_say(&mut self, callback: usize, message: &Message) -> Verdict {
        let history = self.messages.entry(message.message_id.clone()).or_default();
        history.applied.push(callback);
        let state = message.delivery.state();
        match history.states.last_mut() {
            Some((version, before)) if *version == message.version => {
                if *before != state {
                    return broken(
                        Invariant::SetDecides,
                        callback,
                        format!("{} changed within a version", message.message_id),
                    );
                }
            }
            _ => history.states.push((message.version, state)),
        }
        let reads = history.applied.iter().map(|applied| &self.reads[*applied]);
        let expected = law::of(&message.message_id, reads);
        let found = law::Standing::of(message);
        if found == expected {
            return Ok(());
        }
        broken(
            Invariant::SetDecides,
            callback,
            format!(
                "{} is {found:?}, and its reports say {expected:?}",
                message.message_id
            ),
        )
    }

    /// The event bus has taken a callback's events.
    pub(crate) fn told(&mut self, content_key: ContentKey, told: &[Told]) -> Verdict {
        let callback = self.genuine(content_key)?;
        for event in told {
            let content = self
                .told
                .entry(event.id.clone())
                .or_insert(event.content.clone());
            if *content != event.content {
                return broken(
                    Invariant::EventsOnce,
                    callback,
                    format!("{} was told again with another content", event.id),
                );
            }
            self.is_so(callback, event)?;
        }
        let facts = &mut self.facts[callback];
        for event in told {
            let about = (event.message_id.clone(), event.kind);
            let id = facts.ids.entry(about).or_insert(event.id.clone());
            if *id != event.id {
                return broken(
                    Invariant::EventsOnce,
                    callback,
                    "the same events were told under other ids",
                );
            }
        }
        Ok(())
    }

    /// A processor has set a large callback's cursor: what lies before it has been written.
    pub(crate) fn cursor_set(&self, content_key: ContentKey, done: usize) -> Verdict {
        let callback = self.genuine(content_key)?;
        let is_written = |message_id: &&str| {
            let history = self.messages.get(*message_id);
            history.is_some_and(|history| history.applied.contains(&callback))
        };
        let written = self.reads[callback].messages().filter(is_written).count();
        if written >= done {
            return Ok(());
        }
        broken(
            Invariant::CursorsAdvance,
            callback,
            format!("the cursor stands behind {done} messages, of which {written} were written"),
        )
    }

    /// A processor's time was up, in the middle of a large callback.
    pub(crate) fn unfinished(callback: Option<usize>, began_at: usize, reached: usize) -> Verdict {
        if reached > began_at {
            return Ok(());
        }
        broken(
            Invariant::CursorsAdvance,
            callback,
            format!("an attempt began behind {began_at} messages and ended behind {reached}"),
        )
    }

    /// The queue has set a callback aside although it had been tried for a short while only.
    pub(crate) fn set_aside(&self, content_key: ContentKey) -> Verdict {
        broken(
            Invariant::NothingSetAside,
            self.callback(content_key),
            "set aside before it had been tried for eight hours",
        )
    }

    /// Something has crashed: what was promised before it is still there.
    pub(crate) fn crashed(
        &self,
        is_stored: impl Fn(ContentKey) -> bool,
        waits: impl Fn(ContentKey) -> bool,
    ) -> Verdict {
        for (callback, (facts, key)) in self.facts.iter().zip(&self.keys).enumerate() {
            if facts.answered && !is_stored(*key) {
                return broken(
                    Invariant::AnsweredIsStored,
                    callback,
                    "answered 200, and neither queue nor log has it after a crash",
                );
            }
            if facts.ids.len() < facts.owed && !waits(*key) {
                return broken(
                    Invariant::EveryEventRaised,
                    callback,
                    "a change was not told before a crash, and nothing tells it after",
                );
            }
        }
        Ok(())
    }

    /// Compares an event with where its message stood at its version.
    fn is_so(&self, callback: usize, event: &Told) -> Verdict {
        let history = self.messages.get(&event.message_id);
        let Some((before, state)) = history.and_then(|history| history.at(event.version)) else {
            return broken(
                Invariant::EndsCorrected,
                callback,
                format!("{} has no version {}", event.message_id, event.version),
            );
        };
        let kind = state.map(|state| format!("delivery.{state}"));
        let corrects = before
            .filter(|_| before != state)
            .filter(|before| matches!(before, DeliveryState::Failed | DeliveryState::Unconfirmed))
            .map(DeliveryState::as_str);
        if kind.as_deref() == Some(event.kind) && event.corrects == corrects {
            return Ok(());
        }
        broken(
            Invariant::EndsCorrected,
            callback,
            format!(
                "{} {} corrects {:?}: it went from {before:?} to {state:?}",
                event.message_id, event.kind, event.corrects
            ),
        )
    }

    /// The world has come to rest.
    pub(crate) fn at_rest(&self, queue_is_empty: bool) -> Verdict {
        for (callback, facts) in self.facts.iter().enumerate() {
            if facts.answered && !facts.is_applied {
                return broken(
                    Invariant::NothingLost,
                    callback,
                    "answered 200, and without effect to the end",
                );
            }
            let told = facts.ids.len();
            if told != facts.owed {
                return broken(
                    Invariant::EveryEventRaised,
                    callback,
                    format!("{} events follow from it, {told} were told", facts.owed),
                );
            }
        }
        if queue_is_empty {
            return Ok(());
        }
        broken(
            Invariant::NothingLost,
            None,
            "something stays in the queue to the end",
        )
    }

    pub(crate) fn guard(held: usize, capacity: usize) -> Verdict {
        if held <= capacity {
            return Ok(());
        }
        broken(
            Invariant::MemoryBounded,
            None,
            format!("a guard for {capacity} callbacks holds {held}"),
        )
    }

    pub(crate) fn reads(reads: usize) -> Verdict {
        if reads <= MAX_READS {
            return Ok(());
        }
        broken(
            Invariant::ReadsBounded,
            None,
            format!("a host read the secret {reads} times in five minutes"),
        )
    }
}
