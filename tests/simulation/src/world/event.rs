use sinch_callback::OriginAnswer;

use crate::{
    attacker::Attack,
    log::{Answer, Call},
    outbox::Row,
    queue::{Receipt, Sending},
    receiver::Way,
};

/// What is going to happen.
#[derive(Debug)]
pub(super) enum Event {
    Report(usize),
    Attempt(usize),
    Timeout(usize),
    AtEdge(u64, usize),
    AtReceiver(u64),
    Taken {
        receiver: usize,
        task: u64,
        way: Way,
        sending: Box<Sending>,
    },
    /// Only without a safeguard: the second commit of what one should have written.
    Completed(usize),
    HandedOff {
        receiver: usize,
        task: u64,
        taken: bool,
    },
    Reply(u64, OriginAnswer),
    Answered(u64, u16),
    Crash(Host),
    Put(usize),
    Switch,
    Poll,
    Effect {
        processor: usize,
        task: u64,
        call: Box<Call>,
        told: bool,
    },
    Answer {
        processor: usize,
        task: u64,
        answer: Box<Answer>,
    },
    Acknowledge {
        processor: usize,
        life: u64,
        receipt: Receipt,
    },
    /// The embedded host's outbox.
    Tell,
    Posted {
        life: u64,
        number: u64,
        row: Box<Row>,
    },
    TakenByListener {
        life: u64,
        number: u64,
    },
    Redrive,
    Attack(usize, Attack),
    Forge,
    /// Something that waits may go on.
    Wake,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Host {
    Edge(usize),
    Receiver(usize),
    Processor(usize),
}
