/// One step. Each names the code that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A worker reads what the gates say, and what was heard.
    Look(usize),
    /// `Intent::start` on that word, and the conditional write.
    Start(usize),
    /// `Sender::send`, or `Intent::not_called` where it is too late for it.
    Call(usize, AtProvider),
    /// `Intent::answered`, and `Intent::settle`.
    Record(usize),
    /// The worker's process ends, and with it all that it knew.
    Crash(usize),
    /// A callback about a message is accepted.
    Report(usize, Reported),
    /// It is applied, and `Intent::reported` runs; of several any may be first.
    Apply(usize),
    /// `Intent::settle`, where there is an end to record.
    Settle,
    /// `Intent::cancel`.
    Cancel,
    /// `Intent::retry`.
    Retry,
    /// The kill switch turns.
    Turn,
    /// So many seconds pass.
    Pass(u8),
}

/// What a call does at the provider, and what its worker learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtProvider {
    /// A message, and its id.
    Accepts,
    /// A message, and no answer.
    AcceptsSilently,
    /// No message, and no answer.
    LosesIt,
    /// No message, and a 400.
    Refuses,
    /// No message, and a 429: later.
    Defers,
    /// The request never left.
    NeverAsked,
}

impl AtProvider {
    pub(super) const ALL: [Self; 6] = [
        Self::Accepts,
        Self::AcceptsSilently,
        Self::LosesIt,
        Self::Refuses,
        Self::Defers,
        Self::NeverAsked,
    ];

    pub(super) const fn makes_a_message(self) -> bool {
        matches!(self, Self::Accepts | Self::AcceptsSilently)
    }
}

/// What the provider says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reported {
    /// It was delivered.
    Delivered,
    /// It failed, and the same may succeed later.
    FailedForNow,
    /// It failed on this channel.
    FailedHere,
    /// It failed, and nobody knows why.
    FailedSomehow,
}

impl Reported {
    pub(super) const ALL: [Self; 4] = [
        Self::Delivered,
        Self::FailedForNow,
        Self::FailedHere,
        Self::FailedSomehow,
    ];
}
