use core::fmt;

/// What holds of every intent, after every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// One key is one intent.
    OneIntent,
    /// No attempt is called twice, so far as a call may have sent.
    OneCall,
    /// A step has no more calls that may have sent than it has tries.
    WithinTries,
    /// One attempt at most may be under way.
    OneUnderWay,
    /// Nothing is begun once a success is known, and at most one call that had begun before goes out.
    NothingAfterSuccess,
    /// Nothing is begun once the intent is cancelled or has ended.
    NothingAfterEnd,
    /// Nothing is sent past `valid_until`, in quiet hours, to who is suppressed, in a dry run or what was
    /// accepted in one, in a pause, or with a switch that is off or cannot be read.
    GatesHold,
    /// No budget is ever exceeded.
    WithinBudget,
    /// A step whose call has an unknown outcome is not repeated, where a double harms.
    UnknownNotRepeated,
    /// A step for silence follows silence that was listened to: nothing that was to be said before its
    /// end is still on its way.
    SilenceHeard,
    /// While no callback comes at all, one step for silence is taken in ten minutes.
    StopNoticed,
    /// A step for a failure follows the failure of the whole message, five seconds after it was known.
    FailureSettled,
    /// What is reported with an attempt's name is recorded on that attempt.
    ReportsFindAttempts,
    /// An intent has ended, and its end is told, a minute after `valid_until`.
    EndsTold,
    /// An event id has always the same content.
    EventsOnce,
    /// An intent that has ended has no content any more.
    ContentErased,
    /// More success never leads to more sends.
    Monotone,
}

impl Promise {
    /// The promise in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneIntent => "one key is one intent",
            Self::OneCall => "no attempt is sent twice",
            Self::WithinTries => "a step has no more calls than tries",
            Self::OneUnderWay => "one attempt at most is under way",
            Self::NothingAfterSuccess => "nothing is sent once a success is known",
            Self::NothingAfterEnd => "nothing is sent once the intent has ended",
            Self::GatesHold => "nothing is sent through a closed gate",
            Self::WithinBudget => "no budget is exceeded",
            Self::UnknownNotRepeated => "what may have been sent is not sent again",
            Self::SilenceHeard => "a step for silence follows silence that was heard",
            Self::StopNoticed => "no step is taken for the silence of all callbacks",
            Self::FailureSettled => "a step for a failure follows one that has settled",
            Self::ReportsFindAttempts => "a report is recorded on the attempt that it names",
            Self::EndsTold => "every end is published in time",
            Self::EventsOnce => "an intent's event is told with one content",
            Self::ContentErased => "content is erased as its intent ends",
            Self::Monotone => "more success never leads to more sends",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
