//! What the reason of a failure means.

mod conversation;
pub(crate) mod meaning;
pub(crate) mod permanence;
pub(crate) mod remedy;
mod smpp;
mod sms;

pub use meaning::Meaning;
pub use permanence::Permanence;
pub use remedy::Remedy;
