//! What is kept of a message, and how a callback changes it.
//!
//! A message is one aggregate: what its reports say together, its version, and its log. A callback
//! changes each of its messages once, by a pure function ([`ReadCallback::change`]) that a store runs
//! where it can be sure that nobody else changes the message meanwhile ([`Messages::update`]).

mod attempt;
pub(crate) mod callback;
mod due;
mod effect;
pub(crate) mod event;
mod facets;
mod fields;
mod intake;
pub(crate) mod log;
pub(crate) mod message;
pub(crate) mod notifier;
mod overdue;
pub(crate) mod port;
mod process;
mod record;
mod watch;
mod watch_request;

pub use attempt::AttemptName;
pub use callback::ReadCallback;
pub use due::{Due, DueCause, Dues, Overdue, Telling};
pub use facets::Facets;
pub use fields::arrival;
pub use intake::{APPLIED_AT_ONCE, Intake, Transaction, take_in};
pub use log::{LogEntry, LogLine, MessageLog};
pub use message::{Change, Changed, Message, Novelty, OVERDUE_AFTER};
pub use overdue::tell_overdue;
pub use port::{Callbacks, Cursor, KeptFor, Messages};
pub use process::{Attempted, CURSOR_EVERY, ProcessError, Processed, Processor};
pub use watch::{Watch, Watched};
pub use watch_request::InvalidWatch;
