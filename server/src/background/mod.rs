//! What goes on behind the requests, for as long as the receiver runs.

pub(crate) mod acting;
pub(crate) mod counting;
pub(crate) mod drain;
pub(crate) mod overdue;
pub(crate) mod retention;
