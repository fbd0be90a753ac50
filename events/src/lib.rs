#![no_std]
#![doc = include_str!("../README.md")]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[macro_use]
mod macros;

mod consent;
mod described;
mod generated;
pub mod json;
mod malformed;
#[cfg(feature = "serde")]
mod serde_traits;
mod unlisted;

pub use consent::{Consent, Evidence, Wish};
pub use described::{Described, Members, parse};
pub use generated::callback::{Callback, Kind};
pub use generated::{conversation, message, numbers, reason, sms, verification, voice, voice_v2};
pub use malformed::Malformed;
pub use unlisted::Unlisted;
