//! What is kept of a message, and how a callback changes it.
//!
//! A message is one aggregate: what its reports say together, its version, and its log. A callback
//! changes each of its messages once, by a pure function ([`ReadCallback::change`]) that a store runs
//! where it can be sure that nobody else changes the message meanwhile ([`Messages::update`]).

pub(crate) mod callback;
mod effect;
pub(crate) mod event;
mod fields;
mod intake;
pub(crate) mod log;
pub(crate) mod message;
pub(crate) mod notifier;
pub(crate) mod port;
mod process;
mod record;

pub use callback::ReadCallback;
pub use fields::arrival;
pub use intake::{APPLIED_AT_ONCE, Intake, Transaction, take_in};
pub use log::{LogEntry, LogLine, MessageLog};
pub use message::{Change, Changed, Due, Message, Novelty, OVERDUE_AFTER};
pub use port::{Callbacks, Cursor, KeptFor, Messages};
pub use process::{CURSOR_EVERY, ProcessError, Processed, Processor};
