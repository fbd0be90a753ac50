//! What the world may reach: it takes callbacks, and tells nothing.

pub(crate) mod inbox;
pub(crate) mod paths;
mod receive;
pub(crate) mod router;
pub(crate) mod verdict_log;
