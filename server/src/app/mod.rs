//! What the requests share.

pub(crate) mod elsewhere;
pub(crate) mod endpoints;
pub(crate) mod inbox;
pub(crate) mod state;
pub(crate) mod verdict_log;
