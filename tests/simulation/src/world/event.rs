use sinch_callback::OriginAnswer;

use crate::{
    attacker::Attack,
    log::{Answer, Call},
    queue::{Receipt, Sending},
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
        sending: Box<Sending>,
    },
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
