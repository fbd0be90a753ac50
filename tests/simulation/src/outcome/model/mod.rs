//! One intent, two workers, a provider that sends or not and tells or not, a person, and a crash at every
//! step, explored whole. The steps of an intent are the real ones: the model has none of its own.

mod action;
mod properties;
mod protocol;
mod state;

pub use action::{Action, AtProvider, Reported};
pub use protocol::{Protocol, Without};
pub use state::{Books, State, Worker};
