use core::time::Duration;

use crate::{
    channel::Channel,
    plan::{DoubleSend, InvalidPlan, Plan, Step, Until},
};

sinch_callback::named! {
    /// The plans that come along.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum PlanName {
        /// [`Plan::otp`].
        Otp = "otp",
        /// [`Plan::notification`].
        Notification = "notification",
        /// [`Plan::receipt_only`].
        ReceiptOnly = "receipt-only",
    }
}

impl PlanName {
    /// The plan in a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Otp => {
                "One-time passwords: after 30 s without a receipt another channel, then e-mail; a message \
                 that was not delivered by then expires at Sinch, and a second code does no harm."
            }
            Self::Notification => {
                "Notifications: each channel has four hours, and up to four tries where a later one may \
                 help; quiet hours are kept, and nothing is ever sent twice."
            }
            Self::ReceiptOnly => {
                "Receipts only: a message that you have sent yourself is watched, and nothing is sent."
            }
        }
    }
}

/// How long a step waits that is tried later: 5 min, 30 min, 2 h.
pub(crate) const BACKOFF: [Duration; 3] = [
    Duration::from_secs(300),
    Duration::from_secs(1_800),
    Duration::from_secs(7_200),
];

impl Plan {
    /// [`PlanName::Otp`] over these channels, in their order: at most two, and then e-mail.
    ///
    /// # Errors
    ///
    /// Where there is no channel.
    pub fn otp(channels: impl IntoIterator<Item = Channel>) -> Result<Self, InvalidPlan> {
        let (others, email) = email_apart(channels);
        let chosen = others.into_iter().take(2).chain(email);
        let step = |channel| step(channel, Duration::from_secs(30), 1);
        Self::of(chosen.map(step).collect(), DoubleSend::Harmless).map(Self::with_ttl_within_wait)
    }

    /// [`PlanName::Notification`] over these channels, in their order, e-mail last.
    ///
    /// # Errors
    ///
    /// Where there is no channel.
    pub fn notification(channels: impl IntoIterator<Item = Channel>) -> Result<Self, InvalidPlan> {
        let (others, email) = email_apart(channels);
        let room = Self::MAX_STEPS.saturating_sub(email.len());
        let chosen = others.into_iter().take(room).chain(email);
        let step = |channel| step(channel, Duration::from_secs(14_400), 4);
        Self::of(chosen.map(step).collect(), DoubleSend::Never)
    }

    /// [`PlanName::ReceiptOnly`] on this channel. It has no tries, so [`Plan::new`] refuses its step.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn receipt_only(channel: Channel) -> Result<Self, InvalidPlan> {
        Self::of(vec![step(channel, Self::MAX_WAIT, 0)], DoubleSend::Never)
    }
}

/// The other channels, and e-mail, once.
fn email_apart(channels: impl IntoIterator<Item = Channel>) -> (Vec<Channel>, Vec<Channel>) {
    let (mut email, others): (Vec<_>, Vec<_>) = channels
        .into_iter()
        .partition(|channel| *channel == Channel::Email);
    email.truncate(1);
    (others, email)
}

fn step(channel: Channel, wait: Duration, tries: u32) -> Step {
    Step {
        channel,
        wait,
        until: Until::Delivered,
        tries,
        backoff: BACKOFF.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(plan: Result<Plan, InvalidPlan>) -> Vec<Channel> {
        let plan = plan.unwrap();
        plan.steps().iter().map(|step| step.channel).collect()
    }

    #[test]
    fn e_mail_is_last_wherever_it_stands_and_never_left_out() {
        use Channel as C;
        let all = [C::Email, C::Sms, C::WhatsApp, C::Rcs];
        assert_eq!(channels(Plan::otp(all)), [C::Sms, C::WhatsApp, C::Email]);
        assert_eq!(
            channels(Plan::notification(all)),
            [C::Sms, C::WhatsApp, C::Rcs, C::Email]
        );
        assert_eq!(channels(Plan::otp([C::Email])), [C::Email]);
        let many = channels(Plan::notification(C::ALL.iter().copied()));
        assert_eq!((many.len(), many[7]), (Plan::MAX_STEPS, C::Email));
    }

    #[test]
    fn a_plan_without_a_channel_is_none() {
        assert_eq!(Plan::otp([]), Err(InvalidPlan::Steps));
        assert_eq!(Plan::notification([]), Err(InvalidPlan::Steps));
    }

    #[test]
    fn the_plans_keep_the_ranges_of_a_plan() {
        let channels = || Channel::ALL.iter().copied();
        for plan in [Plan::otp(channels()), Plan::notification(channels())] {
            let plan = plan.unwrap();
            let again = Plan::new(plan.steps().to_vec(), plan.double());
            assert_eq!(again.unwrap().steps(), plan.steps());
        }
    }
}
