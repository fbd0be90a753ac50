//! Events, posted to whoever is notified.

pub(crate) mod secret;
pub(crate) mod sender;
