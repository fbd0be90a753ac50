use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::channel::Channel;

sinch_callback::named! {
    /// What has to be known of a step's message for the person to count as reached.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Until {
        /// It was delivered, or read.
        Delivered = "delivered",
        /// It was read; delivered where the channel does not tell.
        Read = "read",
    }
}

sinch_callback::named! {
    /// What it means to a person to get the message twice on one channel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum DoubleSend {
        /// Nothing: a step whose call has an unknown outcome may be tried again.
        Harmless = "harmless",
        /// Harm: such a step is never repeated.
        Never = "never",
    }
}

/// One channel of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Step {
    /// Where it is sent.
    pub channel: Channel,
    /// How long silence is listened to before the next step; from 30 s to 3 days.
    #[serde(with = "seconds::one")]
    pub wait: Duration,
    /// What counts as reached.
    pub until: Until,
    /// How many calls may be made that may have sent; from 1 to 5.
    pub tries: u32,
    /// How long after a failure that calls for a later retry the same step runs: after the first, the
    /// second and so on, the last for all further ones; at most 8, each of at most 3 days. Empty: at
    /// once.
    #[serde(with = "seconds::many")]
    pub backoff: Vec<Duration>,
}

/// In which order channels are tried.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use sinch_callback_recovery::{Channel, DoubleSend, Plan, Step, Until};
///
/// let step = |channel| Step {
///     channel,
///     wait: Duration::from_secs(60),
///     until: Until::Delivered,
///     tries: 1,
///     backoff: Vec::new(),
/// };
/// let plan = Plan::new(vec![step(Channel::WhatsApp), step(Channel::Sms)], DoubleSend::Never)?;
/// assert_eq!(plan.steps()[1].channel, Channel::Sms);
///
/// // One of the plans that have names: a code, on WhatsApp if it is not on the phone in 30 s.
/// let otp = Plan::otp([Channel::Sms, Channel::WhatsApp])?;
/// assert_eq!(otp.steps()[0].wait, Duration::from_secs(30));
/// # Ok::<(), sinch_callback_recovery::InvalidPlan>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Plan {
    steps: Vec<Step>,
    double: DoubleSend,
    ttl_within_wait: bool,
}

impl Plan {
    /// The most steps a plan has.
    pub const MAX_STEPS: usize = 8;
    /// The shortest wait, so that no silence is judged while a call may still be under way.
    pub const MIN_WAIT: Duration = Duration::from_secs(30);
    /// The longest wait: Sinch's own for its fallback.
    pub const MAX_WAIT: Duration = Duration::from_secs(259_200);
    /// The most tries of a step.
    pub const MAX_TRIES: u32 = 5;
    /// The most delays of a backoff.
    pub const MAX_BACKOFF: usize = 8;

    /// A plan of these steps.
    ///
    /// # Errors
    ///
    /// Names the field that is out of its range.
    pub fn new(steps: Vec<Step>, double: DoubleSend) -> Result<Self, InvalidPlan> {
        let plan = Self::of(steps, double)?;
        for (index, step) in plan.steps.iter().enumerate() {
            if step.wait < Self::MIN_WAIT || step.wait > Self::MAX_WAIT {
                return Err(InvalidPlan::Wait(index));
            }
            if step.tries == 0 || step.tries > Self::MAX_TRIES {
                return Err(InvalidPlan::Tries(index));
            }
            let too_long = step.backoff.iter().any(|delay| *delay > Self::MAX_WAIT);
            if too_long || step.backoff.len() > Self::MAX_BACKOFF {
                return Err(InvalidPlan::Backoff(index));
            }
        }
        Ok(plan)
    }

    /// Lets Sinch try no longer than the step's wait, so that a message does not arrive after its
    /// fallback was sent.
    #[must_use]
    pub fn with_ttl_within_wait(self) -> Self {
        Self {
            ttl_within_wait: true,
            ..self
        }
    }

    /// Of steps that are valid by construction.
    pub(crate) fn of(steps: Vec<Step>, double: DoubleSend) -> Result<Self, InvalidPlan> {
        if steps.is_empty() || steps.len() > Self::MAX_STEPS {
            return Err(InvalidPlan::Steps);
        }
        Ok(Self {
            steps,
            double,
            ttl_within_wait: false,
        })
    }

    /// The steps, first to last.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What a double means.
    #[must_use]
    pub const fn double(&self) -> DoubleSend {
        self.double
    }

    /// For how long Sinch may try to deliver a message of this step that is sent `left` before its end.
    #[must_use]
    pub fn ttl(&self, step: &Step, left: Duration) -> Duration {
        if self.ttl_within_wait {
            left.min(step.wait)
        } else {
            left
        }
    }
}

/// A field of a plan is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum InvalidPlan {
    /// No step, or too many.
    #[error("expected 1 to {} steps", Plan::MAX_STEPS)]
    Steps,
    /// The wait of this step.
    #[error("expected {} s to {} s", Plan::MIN_WAIT.as_secs(), Plan::MAX_WAIT.as_secs())]
    Wait(usize),
    /// The tries of this step.
    #[error("expected 1 to {}", Plan::MAX_TRIES)]
    Tries(usize),
    /// The backoff of this step.
    #[error("expected at most {} delays of at most {} s", Plan::MAX_BACKOFF, Plan::MAX_WAIT.as_secs())]
    Backoff(usize),
}

impl InvalidPlan {
    /// The path of the field, as an intent's JSON has it.
    #[must_use]
    pub fn field(self) -> String {
        match self {
            Self::Steps => "plan.steps".into(),
            Self::Wait(step) => format!("plan.steps[{step}].wait"),
            Self::Tries(step) => format!("plan.steps[{step}].tries"),
            Self::Backoff(step) => format!("plan.steps[{step}].backoff"),
        }
    }
}

/// Durations as whole seconds.
mod seconds {
    pub(super) mod one {
        use core::time::Duration;

        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub(in crate::plan) fn serialize<S: Serializer>(
            duration: &Duration,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            duration.as_secs().serialize(serializer)
        }

        pub(in crate::plan) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Duration, D::Error> {
            u64::deserialize(deserializer).map(Duration::from_secs)
        }
    }

    pub(super) mod many {
        use core::time::Duration;

        use serde::{Deserialize, Deserializer, Serializer};

        pub(in crate::plan) fn serialize<S: Serializer>(
            durations: &[Duration],
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(durations.iter().map(Duration::as_secs))
        }

        pub(in crate::plan) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Vec<Duration>, D::Error> {
            let seconds = Vec::<u64>::deserialize(deserializer)?;
            Ok(seconds.into_iter().map(Duration::from_secs).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_field_and_the_range() {
        let step = |wait, tries| Step {
            channel: Channel::Sms,
            wait: Duration::from_secs(wait),
            until: Until::Delivered,
            tries,
            backoff: Vec::new(),
        };
        let late = Step {
            backoff: vec![Duration::from_secs(259_201)],
            ..step(30, 1)
        };
        let often = Step {
            backoff: vec![Duration::ZERO; 9],
            ..step(30, 1)
        };
        for (steps, field, range) in [
            (vec![], "plan.steps", "expected 1 to 8 steps"),
            (vec![step(30, 1); 9], "plan.steps", "expected 1 to 8 steps"),
            (
                vec![step(30, 1), step(29, 1)],
                "plan.steps[1].wait",
                "expected 30 s to 259200 s",
            ),
            (
                vec![step(259_201, 1)],
                "plan.steps[0].wait",
                "expected 30 s to 259200 s",
            ),
            (vec![step(30, 0)], "plan.steps[0].tries", "expected 1 to 5"),
            (vec![step(30, 6)], "plan.steps[0].tries", "expected 1 to 5"),
            (
                vec![late],
                "plan.steps[0].backoff",
                "expected at most 8 delays of at most 259200 s",
            ),
            (
                vec![often],
                "plan.steps[0].backoff",
                "expected at most 8 delays of at most 259200 s",
            ),
        ] {
            let found = Plan::new(steps, DoubleSend::Never).unwrap_err();
            assert_eq!(
                (found.field().as_str(), found.to_string().as_str()),
                (field, range)
            );
        }
        assert!(Plan::new(vec![step(30, 1), step(259_200, 5)], DoubleSend::Never).is_ok());
    }
}
