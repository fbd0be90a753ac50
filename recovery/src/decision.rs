use sinch_callback::UnixSeconds;

use crate::{channel::Channel, evidence::Evidence};

/// The one thing to do about an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Send.
    Send(Send),
    /// Nothing before this moment, unless something is reported; then decide again.
    Wait(UnixSeconds, Hold),
    /// The person was reached.
    Done(Evidence),
    /// Nothing more is sent.
    GiveUp(GiveUp),
    /// A person has to look, until the intent's end.
    AskAPerson(Person),
}

/// A step to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Send {
    /// The step's index in the plan.
    pub step: usize,
    /// Its channel.
    pub channel: Channel,
}

sinch_callback::named! {
    /// What is waited for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Hold {
        /// A call may be under way.
        UnderWay = "under_way",
        /// A failure may be corrected within seconds.
        Settling = "settling",
        /// The step's wait, or its backoff.
        NotYet = "not_yet",
        /// The silence may be ours: reports are not applied yet, or that cannot be read.
        NotHeard = "not_heard",
        /// Callbacks have stopped coming, so that silence says nothing.
        CallbacksStopped = "callbacks_stopped",
        /// The last step was sent, and a late receipt may come.
        LastStep = "last_step",
        /// The kill switch is off, or could not be read.
        Switch = "switch",
        /// Our own credentials, project or region were refused, and all sends pause.
        Paused = "paused",
        /// A budget is used up, or could not be read.
        Budget = "budget",
        /// The suppressions could not be read.
        Suppressions = "suppressions",
        /// Quiet hours, or a wall clock that could not be read.
        QuietHours = "quiet_hours",
        /// A dry run: it would be sent.
        DryRun = "dry_run",
    }
}

sinch_callback::named! {
    /// Why nothing more is sent.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum GiveUp {
        /// Cancelled.
        Cancelled = "cancelled",
        /// Past `valid_until`.
        Expired = "expired",
        /// The person cannot or must not be reached.
        Dropped = "dropped",
        /// It was our own doing.
        OwnDoing = "own_doing",
        /// Every step failed.
        NoStepLeft = "no_step_left",
        /// The steps that are left are suppressed.
        Suppressed = "suppressed",
        /// It was accepted in a dry run: it would have been sent.
        DryRun = "dry_run",
        /// A mail server took the e-mail and it came back.
        Bounced = "bounced",
    }
}

sinch_callback::named! {
    /// What a person has to look at.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Person {
        /// The content, the account or the request is wrong.
        Request = "request",
        /// A failure whose reason is not known.
        UnknownReason = "unknown_reason",
        /// A call of unknown outcome with no step left, or a second one.
        Unresolved = "unresolved",
        /// Call after call did not leave us, or found no room.
        NotSent = "not_sent",
        /// Two messages bear one attempt's correlation id.
        Doubled = "doubled",
    }
}
