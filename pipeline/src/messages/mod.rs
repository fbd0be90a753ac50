//! What is kept of a message, and how a callback changes it.
//!
//! A message is one aggregate: what its reports say together, its version, and its log. A callback
//! changes each of its messages once, by a pure function ([`ReadCallback::change`]) that a store runs
//! where it can be sure that nobody else changes the message meanwhile ([`Messages::update`]).

mod callback;
mod intake;
mod log;
mod message;
mod port;
mod process;
mod record;

pub use callback::ReadCallback;
pub use intake::{APPLIED_AT_ONCE, Intake, Transaction, take_in};
pub use log::{LogEntry, LogLine, MessageLog};
pub use message::{Change, Changed, Due, Message, Novelty, OVERDUE_AFTER};
pub use port::{Callbacks, Cursor, Messages};
pub use process::{CURSOR_EVERY, ProcessError, Processed, Processor};
pub use record::arrival;
