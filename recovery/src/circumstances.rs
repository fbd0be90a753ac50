use std::collections::BTreeSet;

use sinch_callback::UnixSeconds;

use crate::channel::Channel;

/// Whether something lets sends pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// It does.
    Open,
    /// It does not.
    Closed,
    /// It could not be read: as if it were closed.
    Unreadable,
}

/// Whether callbacks come at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callbacks {
    /// They do.
    Heard,
    /// They have stopped: silence says nothing.
    Stopped,
    /// They have stopped, and this intent may probe whether they come.
    Probe,
}

/// What a decision depends on besides its intent, read within 5 s of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Circumstances {
    /// The moment.
    pub now: UnixSeconds,
    /// Until when everything that was reported has been applied; `None` where that could not be read.
    pub heard_until: Option<UnixSeconds>,
    /// Whether callbacks come.
    pub callbacks: Callbacks,
    /// The kill switch.
    pub switch: Gate,
    /// The pause after our own credentials were refused.
    pub fleet: Gate,
    /// The budgets, of the hour and of the recipient.
    pub budget: Gate,
    /// When a budget that is used up has room again.
    pub budget_from: Option<UnixSeconds>,
    /// On which channels the person is suppressed; `None` where that could not be read.
    pub suppressed: Option<BTreeSet<Channel>>,
    /// Whether everything is decided and nothing sent.
    pub is_dry_run: bool,
}

impl Circumstances {
    /// Nothing could be read: no send passes.
    #[must_use]
    pub const fn unreadable(now: UnixSeconds) -> Self {
        Self {
            now,
            heard_until: None,
            callbacks: Callbacks::Stopped,
            switch: Gate::Unreadable,
            fleet: Gate::Unreadable,
            budget: Gate::Unreadable,
            budget_from: None,
            suppressed: None,
            is_dry_run: true,
        }
    }

    /// Everything is well: every gate is open, and all that was reported is known.
    #[must_use]
    pub const fn open(now: UnixSeconds) -> Self {
        Self {
            now,
            heard_until: Some(now),
            callbacks: Callbacks::Heard,
            switch: Gate::Open,
            fleet: Gate::Open,
            budget: Gate::Open,
            budget_from: None,
            suppressed: Some(BTreeSet::new()),
            is_dry_run: false,
        }
    }
}
