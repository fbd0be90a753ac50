//! The body of an authentic callback as types.

pub(crate) mod body;
mod conversation;
mod json;
pub(crate) mod kind;
mod sms;
pub(crate) mod unrecognized;

pub use body::Callback;
pub use kind::CallbackKind;
pub use unrecognized::Unrecognized;
