//! The listening sockets and their connections: how many there may be, and what they may hold.

pub(crate) mod address;
pub(crate) mod connections;
mod linger;
pub(crate) mod serve;
mod wire;
