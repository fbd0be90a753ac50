//! What hosts show of an intent: the same whatever it is stored in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    attempt::{Attempt, AttemptState},
    channel::Channel,
    identity::Identity,
    intent::{End, Intent},
    log::DecisionLine,
    report::MessageFailure,
};

sinch_callback::named! {
    /// Where an intent stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum IntentState {
        /// Something is waited for: the log's last line says what.
        Waiting = "waiting",
        /// A call may be under way.
        Sending = "sending",
        /// A person has to look.
        NeedsPerson = "needs_person",
        /// The person was reached.
        Done = "done",
        /// Nothing more is sent.
        GivenUp = "given_up",
    }
}

/// An intent as it is shown: without its content, and with identities masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IntentView {
    /// Where it stands.
    #[serde(flatten)]
    pub intent: IntentSummary,
    /// The channels of its plan, in the order in which they are tried.
    pub plan: Vec<Channel>,
    /// Its sends.
    pub attempts: Vec<AttemptView>,
    /// What was decided and why, oldest first.
    pub log: Vec<DecisionLine>,
}

/// An intent in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IntentSummary {
    /// The business's key.
    pub key: String,
    /// Its own id.
    pub intent_id: String,
    /// How often it has changed.
    pub version: u64,
    /// Where it stands.
    pub state: IntentState,
    /// Why: the evidence, why it was given up, what a person has to look at, or what is waited for.
    pub reason: String,
    /// Nothing is sent for it: it was accepted in a dry run.
    pub dry_run: bool,
    /// Somebody has cancelled it.
    pub cancelled: bool,
    /// How to reach the person, masked.
    pub to: BTreeMap<Channel, String>,
    /// When it was accepted, in Unix seconds.
    pub accepted_at: u64,
    /// When it is told that the person is not known to be reached; `None` once that is settled.
    pub deadline: Option<u64>,
    /// When nothing more is sent.
    pub valid_until: u64,
    /// When it is looked at again, without a report before.
    pub look_at: Option<u64>,
}

/// An attempt as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttemptView {
    /// Its number, from 1.
    pub number: u32,
    /// Where.
    pub channel: Channel,
    /// How far it has come.
    pub state: AttemptState,
    /// When its call began.
    pub called_at: u64,
    /// Its message.
    pub message_id: Option<String>,
    /// Where its message stands.
    pub message_state: Option<String>,
    /// Why its message failed.
    pub failure: Option<MessageFailure>,
    /// What the provider said of a call that was not accepted.
    pub words: String,
    /// Whether its outcome is unknown, or once was.
    pub unresolved: bool,
    /// Whether two messages bear its correlation id.
    pub doubled: bool,
    /// Whether somebody else has sent it.
    pub by_others: bool,
}

impl Intent {
    /// What every host shows of it.
    #[must_use]
    pub fn view(&self) -> IntentView {
        IntentView {
            intent: self.summary(),
            plan: self.plan.steps().iter().map(|step| step.channel).collect(),
            attempts: (1..).zip(&self.attempts).map(attempt).collect(),
            log: self.log.lines().to_vec(),
        }
    }

    /// Where it stands, as a list shows it.
    #[must_use]
    pub fn summary(&self) -> IntentSummary {
        let waits_for = || self.log.lines().last().map_or("", |line| &line.why);
        let is_sending = |attempt: &Attempt| attempt.state == AttemptState::Sending;
        let (state, reason) = match (self.end, self.asked) {
            (Some(End::Done(evidence)), _) => (IntentState::Done, evidence.as_str()),
            (Some(End::GivenUp(why)), _) => (IntentState::GivenUp, why.as_str()),
            (None, Some((person, _))) => (IntentState::NeedsPerson, person.as_str()),
            (None, None) if self.attempts.iter().any(is_sending) => (IntentState::Sending, ""),
            (None, None) => (IntentState::Waiting, waits_for()),
        };
        let masked = |(channel, identity): (&Channel, &Identity)| (*channel, identity.masked());
        IntentSummary {
            key: self.key.to_string(),
            intent_id: self.id.to_string(),
            version: self.version,
            state,
            reason: reason.to_owned(),
            dry_run: self.is_rehearsal,
            cancelled: self.is_cancelled,
            to: self.to.iter().map(masked).collect(),
            accepted_at: self.accepted_at.get(),
            deadline: self.deadline.map(u64::from),
            valid_until: self.valid_until.get(),
            look_at: self.look_at.map(u64::from),
        }
    }
}

fn attempt((number, attempt): (u32, &Attempt)) -> AttemptView {
    AttemptView {
        number,
        channel: attempt.channel,
        state: attempt.state,
        called_at: attempt.called_at.get(),
        message_id: attempt.message_id.clone(),
        message_state: attempt.message.map(|state| state.as_str().to_owned()),
        failure: attempt.failure().cloned(),
        words: attempt.words.clone(),
        unresolved: attempt.was_unresolved,
        doubled: attempt.is_doubled,
        by_others: attempt.is_by_others,
    }
}
