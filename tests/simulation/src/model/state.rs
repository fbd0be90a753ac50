/// Everything that a step can change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// Attempts that the sender has left.
    pub attempts: u8,
    /// What the attacker may still send.
    pub attacks: u8,
    /// How often something may still crash.
    pub crashes: u8,
    /// Whether time has passed.
    pub has_aged: bool,
    /// Signatures that have been on the line: one, or one for each attempt.
    pub copies: u8,
    /// Whether anybody has been answered with 200.
    pub is_answered: bool,
    /// Requests so far, which gives the next one its number.
    pub numbered: u8,
    /// Requests under way.
    pub requests: Vec<Request>,
    /// What each edge's guard knows of each copy.
    pub edges: [Vec<Known>; 2],
    /// What the receiver's guard knows of each copy.
    pub guard: Vec<Known>,
    /// Arrivals in the queue, the one that is handed out first.
    pub queue: Vec<u8>,
    /// Whether the queue still knows the event's deduplication id.
    pub remembers: bool,
    /// What the processor is at.
    pub processor: Option<Work>,
    /// The arrival that the log has recorded.
    pub log: Option<u8>,
    /// How often the callback has had its effect.
    pub effects: u8,
    /// Whether its event was told, or is kept in the embedded host's outbox until it is.
    pub is_told: bool,
}

/// What a guard knows of a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// It was claimed, and the outcome is open.
    InFlight,
    /// It was claimed so long ago that the claim holds up nobody; its outcome still counts.
    Stale,
    /// It was handed off.
    Done,
}

/// A request under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Its number, which is its request id.
    pub number: u8,
    /// Which signature it carries.
    pub copy: u8,
    /// The edge that it came through.
    pub via: Option<u8>,
    /// Whether it holds the ticket of a claim of that edge's guard.
    pub edge_ticket: bool,
    /// Whether it holds the ticket of a claim of the receiver's guard.
    pub ticket: bool,
    /// Where it is.
    pub stage: Stage,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// On its way to an edge.
    ToEdge(u8),
    /// On its way to the receiver.
    ToReceiver,
    /// At the receiver, which waits for the queue or the store.
    HandingOff(Taken),
    /// The receiver's answer is on its way to the edge.
    Replying {
        /// Whether it is 200.
        is_ok: bool,
    },
}

/// How far a hand-off is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Taken {
    /// Nobody has it yet.
    No,
    /// Its messages are written, and their events are not: only without a safeguard.
    Half,
    /// It was applied in the commit that accepts it.
    Applied,
    /// The queue has it.
    Queued,
}

/// What the processor is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Work {
    /// The arrival.
    pub number: u8,
    /// How far it is.
    pub step: WorkStep,
}

/// How far the processor is with an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkStep {
    /// The queue has handed it out.
    Handed,
    /// The log has it; its event is to be told.
    Applied,
    /// All is done but the acknowledgement.
    Finished,
}

impl State {
    /// The request of this number.
    #[must_use]
    pub fn request(&self, number: u8) -> Option<Request> {
        self.requests
            .iter()
            .find(|request| request.number == number)
            .copied()
    }

    /// Whether nothing acknowledged can be lost any more: the queue or the log has it.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.log.is_some() || !self.queue.is_empty()
    }
}
