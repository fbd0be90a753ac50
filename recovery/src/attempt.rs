use core::time::Duration;

use serde::{Deserialize, Serialize};
use sinch_callback::{DeliveryState, UnixSeconds};

use crate::{channel::Channel, evidence::Evidence, report::MessageFailure};

sinch_callback::named! {
    /// How far an attempt has come.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum AttemptState {
        /// To be called; nothing has left us.
        Planned = "planned",
        /// A call may be under way.
        Sending = "sending",
        /// The provider has the message.
        Sent = "sent",
        /// The provider refused the request.
        Refused = "refused",
        /// It may have been sent: the call has no known outcome.
        Unresolved = "unresolved",
        /// Its worker came too late to call.
        NotCalled = "not_called",
    }
}

/// One send on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attempt {
    pub(crate) step: usize,
    pub(crate) channel: Channel,
    pub(crate) state: AttemptState,
    pub(crate) called_at: UnixSeconds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent_at: Option<UnixSeconds>,
    pub(crate) not_before: UnixSeconds,
    /// How often its call did not leave us.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) planned_again: u32,
    /// How often it was refused for what is about us.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) about_us: u32,
    /// The provider's words about the last call that was not accepted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message_id: Option<String>,
    /// The version of the message that is known.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<DeliveryState>,
    /// Why the message failed, and since when that is known. It stays beside a success that is short of
    /// the plan's goal, which is no reason to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<(MessageFailure, UnixSeconds)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) success: Option<Evidence>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) was_unresolved: bool,
    /// The provider refused the request; a report may still tell of a message.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) was_refused: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) is_doubled: bool,
    /// Sent by somebody else.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) is_by_others: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Attempt {
    /// How long a call may be under way; after it, its outcome is unknown.
    pub const LONGEST_CALL: Duration = Duration::from_secs(30);

    pub(crate) const fn sending(step: usize, channel: Channel, now: UnixSeconds) -> Self {
        Self {
            step,
            channel,
            state: AttemptState::Sending,
            called_at: now,
            sent_at: None,
            not_before: now,
            planned_again: 0,
            about_us: 0,
            words: String::new(),
            message_id: None,
            version: 0,
            message: None,
            failure: None,
            success: None,
            was_unresolved: false,
            was_refused: false,
            is_doubled: false,
            is_by_others: false,
        }
    }

    pub(crate) fn sent_by_others(
        step: usize,
        channel: Channel,
        message_id: String,
        now: UnixSeconds,
    ) -> Self {
        let mut attempt = Self::sending(step, channel, now);
        attempt.state = AttemptState::Sent;
        attempt.sent_at = Some(now);
        attempt.message_id = Some(message_id);
        attempt.is_by_others = true;
        attempt
    }

    /// How far it has come.
    #[must_use]
    pub const fn state(&self) -> AttemptState {
        self.state
    }

    /// Where it is sent.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// The index of its step in the plan.
    #[must_use]
    pub const fn step(&self) -> usize {
        self.step
    }

    /// When its call began; of one that somebody else has sent, when that was said.
    #[must_use]
    pub const fn called_at(&self) -> UnixSeconds {
        self.called_at
    }

    /// Its message's id at the provider.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        self.message_id.as_deref()
    }

    /// What became of its message.
    #[must_use]
    pub const fn message(&self) -> Option<DeliveryState> {
        self.message
    }

    /// Why its message failed.
    #[must_use]
    pub fn failure(&self) -> Option<&MessageFailure> {
        self.failure.as_ref().map(|(failure, _)| failure)
    }

    /// The strongest evidence of it, whether or not the plan asks for more.
    #[must_use]
    pub const fn success(&self) -> Option<Evidence> {
        self.success
    }

    /// Whether its outcome is unknown, or once was.
    #[must_use]
    pub const fn was_unresolved(&self) -> bool {
        self.was_unresolved
    }

    /// Whether two messages bear its correlation id.
    #[must_use]
    pub const fn is_doubled(&self) -> bool {
        self.is_doubled
    }

    /// When the call that may be under way counts as unresolved.
    pub(crate) fn stale_at(&self) -> Option<UnixSeconds> {
        (self.state == AttemptState::Sending)
            .then(|| self.called_at.saturating_add(Self::LONGEST_CALL))
    }

    /// Whether its outcome is unknown, or once was: for good, so that a delivery short of the plan's goal
    /// never frees a step for another send.
    pub(crate) fn is_unresolved(&self, now: UnixSeconds) -> bool {
        self.was_unresolved || self.stale_at().is_some_and(|stale_at| now >= stale_at)
    }

    /// Whether it may have sent something.
    pub(crate) const fn may_have_sent(&self) -> bool {
        !matches!(self.state, AttemptState::Planned | AttemptState::NotCalled)
    }
}
