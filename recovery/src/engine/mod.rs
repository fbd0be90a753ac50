//! Carries out what [`decide`](crate::decide()) says, over ports.

mod accept;
mod ask;
mod failure;
mod look;
mod send;

use sinch_callback_pipeline::ForgetKey;

use crate::ports::Ports;

pub use accept::Accepted;
pub use failure::{Failing, PortFailure};
pub use look::{Looked, Swept};

/// Carries out what is decided about intents: looks at those that are due, makes the calls, records what
/// came of them, and tells of it.
///
/// Any number of engines may run over the same stores. Whatever tells one to look, and however often,
/// changes when something is done, and not what.
#[derive(Clone, Debug)]
pub struct Engine<P> {
    ports: P,
    key: ForgetKey,
}

impl<P: Ports> Engine<P> {
    /// An engine over a host's ports. The key is the store's own, and the same for all engines over one
    /// store: under it the hash is made by which a request is known again.
    #[must_use]
    pub const fn new(ports: P, key: ForgetKey) -> Self {
        Self { ports, key }
    }

    /// The host's ports.
    #[must_use]
    pub const fn ports(&self) -> &P {
        &self.ports
    }
}
