use std::sync::Arc;

use sinch_callback_recovery::{
    Call, CallAnswer, Channel,
    ports::{Mode, Sender},
};

use super::{config::RecoveryConfig, host::RecoveryError};
use crate::metrics::Metrics;

/// What makes calls, and counts them.
pub(crate) struct ChannelSender {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) by: By,
}

/// By what calls are made.
pub(crate) enum By {
    /// By nothing: there is no account to send with, as in a dry run.
    Nobody,
}

impl By {
    /// What a receiver is set up with.
    ///
    /// # Errors
    /// Where something is to be sent, and nothing is there to send with.
    pub(crate) fn of(config: &RecoveryConfig) -> Result<Self, RecoveryError> {
        if config.mode == Mode::On && config.sinch.is_none() && config.email.is_none() {
            return Err(RecoveryError::NoAccount);
        }
        Ok(Self::Nobody)
    }
}

impl By {
    /// Whether there is anything to send on this channel with.
    pub(crate) const fn can_send(&self, _channel: Channel) -> bool {
        match self {
            Self::Nobody => false,
        }
    }
}

impl Sender for ChannelSender {
    async fn send(&self, call: &Call) -> CallAnswer {
        let answer = match &self.by {
            By::Nobody => CallAnswer::NotSent(format!("nothing sends on {}", call.channel)),
        };
        self.metrics.called(call.channel, &answer);
        answer
    }
}
