#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test may fail loudly"
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod asked;
mod curl;
mod header_line;
mod inspection;
mod message;
mod request;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

pub use asked::Asked;
pub use header_line::{HeaderLine, header_of, pairs};
pub use inspection::{Inspection, inspect};
pub use message::answer;
pub use request::{Form, Request, RequestLine, Unreadable, names_the_signature};
pub use verdict::{Cause, Report, accepted, causes_of, rejected, without_cause};
