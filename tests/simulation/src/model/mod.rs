//! The protocol of claim, hand-off, confirm and release, of deduplication and of the log, as a small
//! state machine that is explored whole: one genuine callback, a sender of either habit, two edges,
//! a receiver, a queue with its memory, a processor, an attacker with one copy, and a crash at every
//! step.

mod action;
mod properties;
mod protocol;
mod real;
mod state;

pub use action::Action;
pub use protocol::Protocol;
pub use real::{Mismatch, follow};
pub use state::State;
