//! What an operator may ask.

pub(crate) mod api;
mod csv;
pub(crate) mod gate;
pub(crate) mod intents;
mod json_body;
pub(crate) mod login;
pub(crate) mod router;
pub(crate) mod showing;
mod shows;
mod stream;
mod watches;
