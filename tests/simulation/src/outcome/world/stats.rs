use sinch_callback_recovery::{End, Intent};

/// What was seen in worlds that took their course.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Intents.
    pub intents: u64,
    /// Of which the person was reached.
    pub done: u64,
    /// Calls that reached the provider.
    pub calls: u64,
    /// Calls of unknown outcome.
    pub unresolved: u64,
    /// Intents whose person got more than one message: a late first one beside its fallback, or one
    /// after a call of unknown outcome whose plan says that a double is harmless.
    pub late_doubles: u64,
    /// Callbacks that were applied.
    pub reports: u64,
    /// Processes that ended.
    pub crashes: u64,
    /// Writes that came second.
    pub conflicts: u64,
    /// Times that a person let a step run again.
    pub retries: u64,
    /// Events that were told.
    pub events: u64,
}

impl Stats {
    /// Adds another world's numbers.
    pub fn add(&mut self, other: &Self) {
        self.intents += other.intents;
        self.done += other.done;
        self.calls += other.calls;
        self.unresolved += other.unresolved;
        self.late_doubles += other.late_doubles;
        self.reports += other.reports;
        self.crashes += other.crashes;
        self.conflicts += other.conflicts;
        self.retries += other.retries;
        self.events += other.events;
    }

    pub(super) fn count_end(&mut self, intent: &Intent) {
        self.intents += 1;
        self.done += u64::from(matches!(intent.end(), Some(End::Done(_))));
    }
}
