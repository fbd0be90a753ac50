use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::Subject;

use crate::{
    attempt::{Attempt, AttemptState},
    channel::Channel,
    content::Content,
    decision::{GiveUp, Person},
    event::IntentEvent,
    evidence::Evidence,
    id::{AttemptName, IntentId},
    identity::Identity,
    key::IntentKey,
    log::DecisionLog,
    plan::{Plan, Until},
    quiet_hours::QuietHours,
};

/// What is to be said to one person by when, and what was done about it: all that is kept of an intent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Intent {
    pub(crate) id: IntentId,
    pub(crate) key: IntentKey,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) to: BTreeMap<Channel, Identity>,
    /// `None` once the intent has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<Content>,
    pub(crate) plan: Plan,
    pub(crate) accepted_at: UnixSeconds,
    /// When it is told that the person is not known to be reached; `None` once that was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<UnixSeconds>,
    pub(crate) valid_until: UnixSeconds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quiet_hours: Option<QuietHours>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) metadata: String,
    /// Accepted in a dry run: never sent, not even when the switch is on later.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) is_rehearsal: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attempts: Vec<Attempt>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) is_cancelled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<End>,
    /// What a person was asked last, and after how many attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) asked: Option<(Person, usize)>,
    /// How many attempts lie before the last retry by a person.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) pardoned: usize,
    /// The step with which that retry began.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) round_step: usize,
    pub(crate) version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) look_at: Option<UnixSeconds>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) owed: Vec<Owed>,
    pub(crate) log: DecisionLog,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A keyed hash of an intent's request, by which the same request is known after the content is gone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(pub(crate) [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::str::FromStr for Fingerprint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        let fits = text.len() == 64 && text.is_ascii();
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            let digits = text.get(at..).and_then(|rest| rest.get(..2));
            let parsed = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            *byte = parsed
                .filter(|_| fits)
                .ok_or("expected 64 hexadecimal digits")?;
        }
        Ok(Self(bytes))
    }
}

sinch_callback::serde_as_text! { Fingerprint, |fingerprint| fingerprint }

/// What is still to be done outside the store because of what was decided. It is written with what it
/// follows from, and taken off once it is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// Tell it.
    Tell(IntentEvent),
    /// Suppress this identity on this channel: a failure says to drop the recipient.
    Suppress(Channel, Identity),
}

/// How an intent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The person was reached.
    Done(Evidence),
    /// Nothing more is sent.
    GivenUp(GiveUp),
}

impl Intent {
    /// Its own id.
    #[must_use]
    pub const fn id(&self) -> IntentId {
        self.id
    }

    /// The business's key.
    #[must_use]
    pub const fn key(&self) -> &IntentKey {
        &self.key
    }

    /// Whether the other was requested by the same request, but for its `valid_until`.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }

    /// How to reach the person.
    #[must_use]
    pub const fn to(&self) -> &BTreeMap<Channel, Identity> {
        &self.to
    }

    /// In which order channels are tried.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether it is about this person or message: what is forgotten with them.
    #[must_use]
    pub fn is_about(&self, subject: &Subject) -> bool {
        let is_person = |identity: &Identity| subject.is_person(identity.as_str());
        let message = subject.message_id();
        let is_message =
            |attempt: &Attempt| message.is_some() && attempt.message_id.as_deref() == message;
        self.to.values().any(is_person) || self.attempts.iter().any(is_message)
    }

    /// Whether its content is still kept.
    #[must_use]
    pub const fn has_content(&self) -> bool {
        self.content.is_some()
    }

    /// Whether its deadline has passed and that has not been told.
    #[must_use]
    pub fn is_overdue(&self, now: UnixSeconds) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// The moment after which nothing is sent.
    #[must_use]
    pub const fn valid_until(&self) -> UnixSeconds {
        self.valid_until
    }

    /// The attempts, first to last; the first has number 1.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// How it ended, if it has.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        self.end
    }

    /// Raised by every change: what a conditional write compares.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// When it is to be looked at: what a store keeps an index of. `None`: not before something is
    /// reported.
    #[must_use]
    pub const fn look_at(&self) -> Option<UnixSeconds> {
        self.look_at
    }

    /// What is still to be done outside the store.
    #[must_use]
    pub fn owed(&self) -> &[Owed] {
        &self.owed
    }

    /// What was decided and why.
    #[must_use]
    pub const fn log(&self) -> &DecisionLog {
        &self.log
    }

    /// The name of an attempt: what every callback about its message bears.
    #[must_use]
    pub const fn attempt_name(&self, number: u32) -> AttemptName {
        AttemptName {
            intent: self.id,
            number,
        }
    }

    /// The strongest evidence that the person was reached, as the plan defines it.
    #[must_use]
    pub fn evidence(&self) -> Option<Evidence> {
        self.attempts
            .iter()
            .filter_map(|attempt| self.evidence_of(attempt))
            .max()
    }

    /// What it says by itself that the person was reached, as the plan defines it.
    pub(crate) fn evidence_of(&self, attempt: &Attempt) -> Option<Evidence> {
        let step = self.plan.steps().get(attempt.step)?;
        let needs_read = step.until == Until::Read && step.channel.tells_read();
        let goal = if needs_read {
            Evidence::Read
        } else {
            Evidence::Delivered
        };
        // Our own mail server has taken it. What somebody else has sent is known by reports alone.
        let is_accepted = attempt.channel == Channel::Email
            && attempt.state == AttemptState::Sent
            && attempt.failure.is_none()
            && !attempt.is_by_others;
        let accepted = is_accepted.then_some(Evidence::Accepted);
        attempt
            .success
            .filter(|success| *success >= goal)
            .or(accepted)
    }

    /// The attempts since a person last let a step run again.
    pub(crate) fn round(&self) -> &[Attempt] {
        self.attempts.get(self.pardoned..).unwrap_or_default()
    }

    /// How many calls of a step may have sent.
    pub(crate) fn calls(&self, step: usize) -> u32 {
        let calls = self
            .round()
            .iter()
            .filter(|attempt| attempt.step == step && attempt.may_have_sent());
        u32::try_from(calls.count()).unwrap_or(u32::MAX)
    }

    /// How often a step's call did not leave us.
    pub(crate) fn planned_again(&self, step: usize) -> u32 {
        let of_step = self.round().iter().filter(|attempt| attempt.step == step);
        of_step.fold(0, |sum, attempt| {
            let not_called = u32::from(attempt.state == AttemptState::NotCalled);
            sum.saturating_add(attempt.planned_again)
                .saturating_add(not_called)
        })
    }
}
