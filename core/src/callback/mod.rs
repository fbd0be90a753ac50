//! The body of an authentic callback as types.

pub(crate) mod body;
mod conversation;
pub(crate) mod kind;
mod sms;
pub(crate) mod unrecognized;

pub use body::Callback;
pub use kind::CallbackKind;
pub use unrecognized::Unrecognized;
