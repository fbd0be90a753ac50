use core::fmt;

use crate::Invariant;

/// Something that the product does so that a promise holds. A world can be run without it, to see
/// that the promise then breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safeguard {
    /// The signature is compared at all.
    Signature,
    /// A nonce has no dot, so that the signed string splits in one way.
    NonceGrammar,
    /// The raw bytes are verified, not what a parser makes of them.
    RawBody,
    /// What is older than the window is refused.
    WindowEnds,
    /// The window is as long as the sender's retries.
    WindowCoversRetries,
    /// What is ahead of our clock is 503.
    EarlyDefers,
    /// A changed secret's former version is still accepted.
    FormerSecret,
    /// A mismatch has the secrets read again.
    RefreshOnMismatch,
    /// ... with a pause that grows.
    RefreshPause,
    /// A mismatch is no verdict while the secrets cannot be read again.
    RefreshFailureDefers,
    /// ... nor in the pause between reads, where the callback may be of a newer secret.
    PauseDefers,
    /// ... nor while they are being read.
    ReadUnderWayDefers,
    /// A mismatch is judged again with what another one has read meanwhile.
    JudgedAgain,
    /// Who is not sure of the secret answers a mismatch with 503.
    MismatchDefers,
    /// The guard records success after the hand-off, not before.
    ConfirmAfterHandoff,
    /// A claim is released only by the copy that made it.
    TicketReleases,
    /// The guard forgets rather than grow.
    GuardCapacity,
    /// The guard stands before the queue.
    GuardBeforeHandoff,
    /// The answer waits for the queue's.
    HandoffBeforeAnswer,
    /// An internal failure is 503.
    FailureIs503,
    /// The edge records success after the origin's.
    EdgeConfirmsAfterOrigin,
    /// The edge forwards what it has no secret for.
    EdgeForwardsUnverified,
    /// Only the receiver itself refuses what the edge forwards.
    OriginMark,
    /// What cannot be applied as it is accepted is queued.
    FailureQueues,
    /// A callback's messages and its events are written in the one commit that accepts it.
    OneCommit,
    /// An event is deleted once it has been accepted, not before.
    OutboxKeeps,
    /// The queue drops an event that it accepted within five minutes.
    DeduplicationId,
    /// ... and an event is its content, not its message.
    DeduplicationByContent,
    /// A callback is acknowledged to the queue after it was processed.
    AcknowledgeLast,
    /// What fails again and again is kept among the dead letters.
    DeadLetters,
    /// What fails is tried often, with waits of its own, before it is set aside.
    PatientQueue,
    /// A message is written on condition that it is what was read.
    MessageRevision,
    /// The log tells an arrival handed out again from a repeat.
    ArrivalKnown,
    /// A large report goes on behind its cursor.
    CursorKept,
    /// A report's event has always the same id.
    EventId,
    /// An event is made from its log entry, not from the message as it is by then.
    EventOfEntry,
    /// An event tells which end, told before, it corrects.
    Corrects,
    /// A message is what all of its reports say together, not what the last one says.
    SetOfReports,
}

impl Safeguard {
    /// All of them, in the order of a callback's way.
    pub const ALL: [Self; 38] = [
        Self::Signature,
        Self::NonceGrammar,
        Self::RawBody,
        Self::WindowEnds,
        Self::WindowCoversRetries,
        Self::EarlyDefers,
        Self::FormerSecret,
        Self::RefreshOnMismatch,
        Self::RefreshPause,
        Self::RefreshFailureDefers,
        Self::PauseDefers,
        Self::ReadUnderWayDefers,
        Self::JudgedAgain,
        Self::MismatchDefers,
        Self::ConfirmAfterHandoff,
        Self::TicketReleases,
        Self::GuardCapacity,
        Self::GuardBeforeHandoff,
        Self::HandoffBeforeAnswer,
        Self::FailureIs503,
        Self::EdgeConfirmsAfterOrigin,
        Self::EdgeForwardsUnverified,
        Self::OriginMark,
        Self::FailureQueues,
        Self::OneCommit,
        Self::OutboxKeeps,
        Self::DeduplicationId,
        Self::DeduplicationByContent,
        Self::AcknowledgeLast,
        Self::DeadLetters,
        Self::PatientQueue,
        Self::MessageRevision,
        Self::ArrivalKnown,
        Self::CursorKept,
        Self::EventId,
        Self::EventOfEntry,
        Self::Corrects,
        Self::SetOfReports,
    ];

    /// The safeguard's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::NonceGrammar => "nonce-grammar",
            Self::RawBody => "raw-body",
            Self::WindowEnds => "window-ends",
            Self::WindowCoversRetries => "window-covers-retries",
            Self::EarlyDefers => "early-defers",
            Self::FormerSecret => "former-secret",
            Self::RefreshOnMismatch => "refresh-on-mismatch",
            Self::RefreshPause => "refresh-pause",
            Self::RefreshFailureDefers => "refresh-failure-defers",
            Self::PauseDefers => "pause-defers",
            Self::ReadUnderWayDefers => "read-under-way-defers",
            Self::JudgedAgain => "judged-again",
            Self::MismatchDefers => "mismatch-defers",
            Self::ConfirmAfterHandoff => "confirm-after-handoff",
            Self::TicketReleases => "ticket-releases",
            Self::GuardCapacity => "guard-capacity",
            Self::GuardBeforeHandoff => "guard-before-handoff",
            Self::HandoffBeforeAnswer => "handoff-before-answer",
            Self::FailureIs503 => "failure-is-503",
            Self::EdgeConfirmsAfterOrigin => "edge-confirms-after-origin",
            Self::EdgeForwardsUnverified => "edge-forwards-unverified",
            Self::OriginMark => "origin-mark",
            Self::FailureQueues => "failure-queues",
            Self::OneCommit => "one-commit",
            Self::OutboxKeeps => "outbox-keeps",
            Self::DeduplicationId => "deduplication-id",
            Self::DeduplicationByContent => "deduplication-by-content",
            Self::AcknowledgeLast => "acknowledge-last",
            Self::DeadLetters => "dead-letters",
            Self::PatientQueue => "patient-queue",
            Self::MessageRevision => "message-revision",
            Self::ArrivalKnown => "arrival-known",
            Self::CursorKept => "cursor-kept",
            Self::EventId => "event-id",
            Self::EventOfEntry => "event-of-entry",
            Self::Corrects => "corrects",
            Self::SetOfReports => "set-of-reports",
        }
    }

    /// The safeguard of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|safeguard| safeguard.as_str() == name)
    }

    /// What it is, in words.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Signature => "the signature is compared",
            Self::NonceGrammar => "a nonce has no dot, so the signed string splits in one way",
            Self::RawBody => "the raw bytes are verified, not what a parser leaves of them",
            Self::WindowEnds => "what is older than the window is refused",
            Self::WindowCoversRetries => "the window is as long as the sender's retries",
            Self::EarlyDefers => "what is ahead of our clock is 503",
            Self::FormerSecret => "a changed secret's former version is still accepted",
            Self::RefreshOnMismatch => "a mismatch has the secrets read again",
            Self::RefreshPause => "at most once in half a minute, and ever less often in vain",
            Self::RefreshFailureDefers => {
                "a mismatch is 503 while the secrets cannot be read again"
            }
            Self::PauseDefers => "and between two reads, unless signed well before the last one",
            Self::ReadUnderWayDefers => "and while they are being read",
            Self::JudgedAgain => "it is judged again with what another one has had read",
            Self::MismatchDefers => "with `503` set, a mismatch outlasts a late secret",
            Self::ConfirmAfterHandoff => "the guard records success after the hand-off",
            Self::TicketReleases => "a copy in flight that fails releases nothing",
            Self::GuardCapacity => "a full guard forgets rather than grow",
            Self::GuardBeforeHandoff => "the guard stands before the queue",
            Self::HandoffBeforeAnswer => "the answer waits for the queue's",
            Self::FailureIs503 => "an internal failure is 503",
            Self::EdgeConfirmsAfterOrigin => "the edge records success after the origin's",
            Self::EdgeForwardsUnverified => "the edge forwards what it has no secret for",
            Self::OriginMark => "of what the edge forwards, only the receiver's own word goes on",
            Self::FailureQueues => "what cannot be applied as it is accepted is queued",
            Self::OneCommit => "messages and events are written in the commit that accepts",
            Self::OutboxKeeps => "an event is deleted once it has been accepted",
            Self::DeduplicationId => {
                "the queue drops an event that it accepted within five minutes"
            }
            Self::DeduplicationByContent => "its deduplication id is the content's",
            Self::AcknowledgeLast => "a queued callback is deleted after it was processed",
            Self::DeadLetters => "what fails again and again is kept",
            Self::PatientQueue => "what fails is tried a thousand times, with waits between",
            Self::MessageRevision => "a message is written only if it is what was read",
            Self::ArrivalKnown => "an arrival handed out again is told from a repeat",
            Self::CursorKept => "a large report goes on behind its cursor",
            Self::EventId => "a report's event has always the same id",
            Self::EventOfEntry => "an event is made from its log entry",
            Self::Corrects => "an event says which end it corrects",
            Self::SetOfReports => "a message is what all its reports say together",
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn stands_in(self) -> &'static str {
        match self {
            Self::Signature | Self::RawBody => "core `Rules::authenticate`",
            Self::NonceGrammar => "core `SignedHeaders`",
            Self::WindowEnds | Self::WindowCoversRetries => "core `Window::LOGGED`",
            Self::EarlyDefers => "core `RejectionClass::Early`",
            Self::FormerSecret => "`SsmSecrets`, core `SecretRing`",
            Self::RefreshOnMismatch => "core `Next::Refresh`",
            Self::MismatchDefers => "core `OnMismatch::Defer`",
            Self::RefreshPause => "core `SecretSchedule`",
            Self::RefreshFailureDefers | Self::EdgeForwardsUnverified => "core `Undecided`",
            Self::PauseDefers | Self::ReadUnderWayDefers => "core `OpenMismatch`",
            Self::JudgedAgain => "core `AwaitRefresh::newer`",
            Self::ConfirmAfterHandoff
            | Self::HandoffBeforeAnswer
            | Self::EdgeConfirmsAfterOrigin => "core `OpenHandOff`",
            Self::TicketReleases => "core `Ticket`",
            Self::GuardCapacity => "core `MemoryReplayGuard`",
            Self::GuardBeforeHandoff => "`serve`",
            Self::FailureIs503 => "core `Answer`",
            Self::OriginMark => "core `OriginAnswer`",
            Self::FailureQueues => "pipeline `take_in`",
            Self::OneCommit => "pipeline `ReadCallback::apply`, `serve`'s store",
            Self::OutboxKeeps => "`serve`'s outbox",
            Self::DeduplicationId | Self::DeduplicationByContent => "`SqsQueue`",
            Self::AcknowledgeLast => "`serve`'s drain, SQS",
            Self::DeadLetters => "the template's queues",
            Self::PatientQueue => "`ProcessorFunction`, the template's queue",
            Self::MessageRevision => "both stores",
            Self::ArrivalKnown => "pipeline `Message`",
            Self::CursorKept => "pipeline `Processor`, both stores",
            Self::EventId | Self::Corrects => "pipeline `DeliveryEvent`",
            Self::EventOfEntry => "pipeline `LogEntry`",
            Self::SetOfReports => "core `Delivery`",
        }
    }

    /// The invariant that it upholds.
    #[must_use]
    pub const fn upholds(self) -> Invariant {
        match self {
            Self::Signature | Self::NonceGrammar => Invariant::NothingForged,
            Self::RawBody
            | Self::WindowCoversRetries
            | Self::EarlyDefers
            | Self::FormerSecret
            | Self::RefreshOnMismatch
            | Self::RefreshFailureDefers
            | Self::PauseDefers
            | Self::ReadUnderWayDefers
            | Self::JudgedAgain
            | Self::MismatchDefers
            | Self::FailureIs503
            | Self::EdgeForwardsUnverified
            | Self::OriginMark => Invariant::NothingGenuineRefused,
            Self::WindowEnds => Invariant::ExactlyOnceEffect,
            Self::RefreshPause => Invariant::ReadsBounded,
            Self::ConfirmAfterHandoff
            | Self::HandoffBeforeAnswer
            | Self::EdgeConfirmsAfterOrigin
            | Self::DeduplicationByContent
            | Self::FailureQueues
            | Self::AcknowledgeLast => Invariant::AnsweredIsStored,
            Self::TicketReleases => Invariant::ClaimsKept,
            Self::GuardCapacity => Invariant::MemoryBounded,
            Self::GuardBeforeHandoff | Self::DeduplicationId => Invariant::ReplaysAbsorbed,
            Self::PatientQueue => Invariant::NothingSetAside,
            Self::DeadLetters => Invariant::NothingLost,
            Self::MessageRevision | Self::SetOfReports => Invariant::NeverBack,
            Self::ArrivalKnown | Self::OneCommit | Self::OutboxKeeps => Invariant::EveryEventRaised,
            Self::CursorKept => Invariant::CursorsAdvance,
            Self::EventId | Self::EventOfEntry => Invariant::EventsOnce,
            Self::Corrects => Invariant::EndsCorrected,
        }
    }
}

impl fmt::Display for Safeguard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
