//! What an operator may ask.

pub(crate) mod api;
pub(crate) mod gate;
pub(crate) mod intents;
mod json_body;
mod watches;
