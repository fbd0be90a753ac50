/// One step of the protocol. Each names the code that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Sinch sends, or retries by this edge: after a failure, out of patience, or because the
    /// answer was lost. Whatever is under way may also stay so for ever, that is, be lost.
    Send {
        /// The edge, if there is one.
        edge: Option<u8>,
    },
    /// The attacker sends a copy again.
    Replay {
        /// Which signature it carries.
        copy: u8,
        /// The edge that they try.
        edge: Option<u8>,
    },
    /// `Verifier::authenticate` and `ReplayGuard::claim` at the edge, which forwards or answers.
    EdgeDecides(u8),
    /// `Receiver::receive` up to `Handoff::send`, or to its answer.
    Receive(u8),
    /// `Intake::accept` takes effect: the messages and their events are written.
    Accepts(u8),
    /// Only without a safeguard: the events are written in a second commit.
    KeepsEvents(u8),
    /// `Handoff::send` takes effect on the queue; at the embedded host, because it cannot be known that
    /// `Intake::accept` has.
    QueueTakes(u8),
    /// `Handoff::send` returns `Ok`: `ReplayGuard::confirm`, 200.
    HandedOff(u8),
    /// `Handoff::send` returns `Err`, whether it took effect or not: `ReplayGuard::release`, 503.
    NotHandedOff(u8),
    /// The origin's answer passes the edge that forwarded: `ReplayGuard::confirm` or `release`.
    EdgeLearns(u8),
    /// ... or another one, which knows nothing of it.
    EdgeMisses(u8),
    /// The receiver's process ends, and with it all that it was at.
    CrashReceiver,
    /// An edge's environment ends.
    CrashEdge(u8),
    /// Five minutes pass: claims without outcome have aged out, and the queue's deduplication has
    /// forgotten.
    TimePasses,
    /// The queue hands a callback out.
    QueueHands,
    /// `Messages::update`.
    Apply,
    /// `Notifier::notify`; at the embedded host, into its outbox.
    Notify,
    /// The queue deletes what was processed.
    Acknowledge,
    /// The processor ends; what it had is handed out again.
    CrashProcessor,
}
