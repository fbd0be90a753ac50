//! The described types. Made by scripts/make-events from events/types; not to be edited.

pub(crate) mod callback;
pub mod conversation;
pub mod message;
pub mod numbers;
pub mod reason;
pub mod sms;
pub mod verification;
pub mod voice;
pub mod voice_v2;
