use core::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::collections::hash_map::DefaultHasher;

use sinch_callback_recovery::{CallAnswer, Circumstances, Intent};

use super::Reported;
use crate::outcome::Promise;

/// Everything that a step can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Seconds.
    pub now: u64,
    /// How often time may still pass.
    pub passes: u8,
    /// How often something may still crash.
    pub crashes: u8,
    /// How many reports may still come.
    pub reports: u8,
    /// How often a person may still do something.
    pub people: u8,
    /// Since when the kill switch is off, if it is.
    pub off_since: Option<u64>,
    /// The intent as the store has it.
    pub intent: Intent,
    /// The workers.
    pub workers: [Worker; 2],
    /// The messages at the provider.
    pub messages: Vec<Message>,
    /// What was accepted and not yet applied.
    pub waiting: Vec<Waiting>,
    /// What the referee knows.
    pub books: Books,
}

impl Hash for State {
    /// Of the intent all that decides what may follow: not how often it was written, nor its log. The
    /// workers are alike.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let times = (self.now, self.off_since);
        let left = (self.passes, self.crashes, self.reports, self.people);
        (times, left).hash(state);
        (self.intent.attempts(), self.intent.end()).hash(state);
        (&self.messages, &self.waiting, &self.books).hash(state);
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut workers = self
            .workers
            .each_ref()
            .map(|worker| hasher.hash_one(worker));
        workers.sort_unstable();
        workers.hash(state);
    }
}

/// What a worker is at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Worker {
    /// Nothing.
    Idle,
    /// It has read what the gates say. Without a safeguard it goes on with the intent as it read it.
    HasLooked(Box<Circumstances>, Option<Box<Intent>>),
    /// It has written that this attempt is called, on the word of gates that were read then.
    MayCall(u32, u64),
    /// It has called this attempt, and this came of it.
    Knows(u32, CallAnswer),
}

/// A message at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// The attempt that its correlation id names.
    pub attempt: u32,
    /// What was reported of it so far.
    pub reported: Vec<Reported>,
}

/// A report on its way into the intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// The message.
    pub message: usize,
    /// How many of its reports are told at once: what the message is by then.
    pub version: usize,
    /// When it was accepted.
    pub received_at: u64,
}

/// The referee's own books: what was really called, made and reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Books {
    /// By attempt.
    pub attempts: Vec<Entry>,
    /// From which attempt on a person lets steps run again.
    pub round: usize,
    /// Whether a success has been recorded.
    pub is_reached: bool,
    /// Whether a person has cancelled the intent.
    pub is_cancelled: bool,
    /// Whether an end has been recorded.
    pub has_ended: bool,
    /// Calls begun since a success was recorded.
    pub calls_after_success: u8,
    /// A promise that a step has broken.
    pub broken: Option<Promise>,
}

/// What the referee knows of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Its step.
    pub step: usize,
    /// When the gates were read on whose word it was last begun: it is called within five seconds of
    /// that, or not at all.
    pub begun_at: u64,
    /// When it was known to be sent.
    pub sent_at: Option<u64>,
    /// How many calls reached the provider and were not put off.
    pub calls: u8,
    /// How many of them may have made a message.
    pub risky_calls: u8,
    /// Whether what came of its call is on record.
    pub is_settled: bool,
    /// Whether its outcome was unknown at some time, and was not found to be that nothing was sent.
    pub was_unknown: bool,
    /// Whether it is on record that it failed, or that nothing was sent.
    pub has_failed: bool,
}
