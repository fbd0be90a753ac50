//! What the requests share.

pub(crate) mod elsewhere;
pub(crate) mod inbox;
pub(crate) mod paths;
pub(crate) mod state;
pub(crate) mod verdict_log;
