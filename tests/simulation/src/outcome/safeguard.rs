use core::fmt;

use super::Promise;

/// Something that the engine, or a host around it, does so that a promise holds. A world can be run
/// without it, to see that the promise then breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safeguard {
    /// An intent is created on condition that its key has none.
    ConditionalCreate,
    /// An intent is written on condition that it is what was read.
    IntentVersion,
    /// A call that comes late is not made.
    FreshGates,
    /// The kill switch is read for each call.
    SwitchRead,
    /// A switch that cannot be read is off.
    SwitchCloses,
    /// Suppressions that cannot be read suppress.
    SuppressionsClose,
    /// A budget that cannot be read is used up.
    BudgetCloses,
    /// Budgets are counted up on condition of their limit.
    BudgetCondition,
    /// What cannot be heard is no silence.
    HearingCloses,
    /// What was accepted and not applied is no silence.
    OldestWaiting,
    /// An outage of ours is no silence, nor the time in which Sinch makes good for it.
    OutageCounts,
    /// That no callback comes is no silence of a message.
    CallbacksStopped,
    /// One probe is sent in ten minutes.
    OneProbe,
    /// A failure that says so suppresses the recipient.
    DropSuppresses,
    /// An opt-in lifts an opt-out, and nothing else.
    OptInLifts,
    /// Refused credentials pause all sends.
    RefusalPauses,
    /// The sender never retries by itself.
    OneRequest,
    /// A report is known by the attempt's name, whether or not its call was answered.
    NameFinds,
    /// What is judged is the message, not its last report.
    WholeMessage,
    /// A failure may be corrected for five seconds.
    FailureSettles,
    /// An event is deleted once it has been accepted.
    TellerKeeps,
    /// What is due stays so until it was looked at to the end.
    DueStays,
    /// A changed message is reported until the intent has it.
    NoteStays,
    /// What was accepted in a dry run is never sent.
    RehearsalStays,
}

impl Safeguard {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::ConditionalCreate,
        Self::IntentVersion,
        Self::FreshGates,
        Self::SwitchRead,
        Self::SwitchCloses,
        Self::SuppressionsClose,
        Self::BudgetCloses,
        Self::BudgetCondition,
        Self::HearingCloses,
        Self::OldestWaiting,
        Self::OutageCounts,
        Self::CallbacksStopped,
        Self::OneProbe,
        Self::DropSuppresses,
        Self::OptInLifts,
        Self::RefusalPauses,
        Self::OneRequest,
        Self::NameFinds,
        Self::WholeMessage,
        Self::FailureSettles,
        Self::TellerKeeps,
        Self::DueStays,
        Self::NoteStays,
        Self::RehearsalStays,
    ];

    /// The safeguard's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConditionalCreate => "conditional-create",
            Self::IntentVersion => "intent-version",
            Self::FreshGates => "fresh-gates",
            Self::SwitchRead => "switch-read",
            Self::SwitchCloses => "switch-closes",
            Self::SuppressionsClose => "suppressions-close",
            Self::BudgetCloses => "budget-closes",
            Self::BudgetCondition => "budget-condition",
            Self::HearingCloses => "hearing-closes",
            Self::OldestWaiting => "oldest-waiting",
            Self::OutageCounts => "outage-counts",
            Self::CallbacksStopped => "callbacks-stopped",
            Self::OneProbe => "one-probe",
            Self::DropSuppresses => "drop-suppresses",
            Self::OptInLifts => "opt-in-lifts",
            Self::RefusalPauses => "refusal-pauses",
            Self::OneRequest => "one-request",
            Self::NameFinds => "name-finds",
            Self::WholeMessage => "whole-message",
            Self::FailureSettles => "failure-settles",
            Self::TellerKeeps => "teller-keeps",
            Self::DueStays => "due-stays",
            Self::NoteStays => "note-stays",
            Self::RehearsalStays => "rehearsal-stays",
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
            Self::ConditionalCreate => "an intent is created only if its key has none",
            Self::IntentVersion => "an intent is written only if it is what was read",
            Self::FreshGates => "a call five seconds behind its gates is not made",
            Self::SwitchRead => "the kill switch is read for each call",
            Self::SwitchCloses => "a switch that cannot be read is off",
            Self::SuppressionsClose => "suppressions that cannot be read suppress",
            Self::BudgetCloses => "a budget that cannot be read is used up",
            Self::BudgetCondition => "a budget is counted up only below its limit",
            Self::HearingCloses => "what cannot be heard is no silence",
            Self::OldestWaiting => "nor is what was accepted and not yet applied",
            Self::OutageCounts => "nor an outage of ours, and the retries that follow it",
            Self::CallbacksStopped => "nor that no callback comes at all",
            Self::OneProbe => "then one probe is sent in ten minutes",
            Self::DropSuppresses => "a failure that drops the recipient suppresses",
            Self::OptInLifts => "an opt-in lifts an opt-out alone",
            Self::RefusalPauses => "refused credentials pause all sends",
            Self::OneRequest => "the sender makes one request a call",
            Self::NameFinds => "a report is known by the attempt's name",
            Self::WholeMessage => "what is judged is the message, not its last report",
            Self::FailureSettles => "a failure may be corrected for five seconds",
            Self::TellerKeeps => "an intent's event is deleted once it has been accepted",
            Self::DueStays => "what is due stays so until it was looked at to the end",
            Self::NoteStays => "a changed message is reported until its intent has it",
            Self::RehearsalStays => "what was accepted in a dry run is never sent",
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn stands_in(self) -> &'static str {
        match self {
            Self::ConditionalCreate => "`Intents::create`, `serve`'s store",
            Self::IntentVersion => "`Intents::update`, `serve`'s store",
            Self::FreshGates => "recovery `Engine::send`",
            Self::SwitchRead
            | Self::SwitchCloses
            | Self::SuppressionsClose
            | Self::HearingCloses => "recovery `Engine::circumstances`",
            Self::BudgetCloses => "recovery `Engine::send`",
            Self::BudgetCondition => "`Budgets::reserve`, `serve`'s store",
            Self::OldestWaiting | Self::OutageCounts => "pipeline `Listening`",
            Self::CallbacksStopped | Self::OneProbe => "pipeline `CallbacksStopped`",
            Self::DropSuppresses => "recovery `Owed::Suppress`",
            Self::OptInLifts => "`Suppressions::lift`, `serve`'s store",
            Self::RefusalPauses => "recovery `Effects`",
            Self::OneRequest => "recovery `Sender`",
            Self::NameFinds => "recovery `AttemptName`",
            Self::WholeMessage => "recovery `Report::of`",
            Self::FailureSettles => "recovery `decide`",
            Self::TellerKeeps => "recovery `Owed::Tell`",
            Self::DueStays => "recovery `Intent::look_at`",
            Self::NoteStays => "`serve`'s looks",
            Self::RehearsalStays => "recovery `Engine::accept`",
        }
    }

    /// The promise that it upholds.
    #[must_use]
    pub const fn upholds(self) -> Promise {
        match self {
            Self::ConditionalCreate => Promise::OneIntent,
            Self::IntentVersion => Promise::NothingAfterSuccess,
            Self::FreshGates
            | Self::SwitchRead
            | Self::SwitchCloses
            | Self::SuppressionsClose
            | Self::DropSuppresses
            | Self::OptInLifts
            | Self::RefusalPauses
            | Self::RehearsalStays => Promise::GatesHold,
            Self::BudgetCloses | Self::BudgetCondition => Promise::WithinBudget,
            Self::HearingCloses | Self::OldestWaiting | Self::OutageCounts => Promise::SilenceHeard,
            Self::CallbacksStopped | Self::OneProbe => Promise::StopNoticed,
            Self::OneRequest => Promise::OneCall,
            Self::NameFinds | Self::NoteStays => Promise::ReportsFindAttempts,
            Self::WholeMessage | Self::FailureSettles => Promise::FailureSettled,
            Self::TellerKeeps | Self::DueStays => Promise::EndsTold,
        }
    }
}

impl fmt::Display for Safeguard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
