//! What the world may reach: it takes callbacks, and tells nothing.

mod gathered;
mod receive;
pub(crate) mod router;
