//! The verifier's exports for JavaScript hosts. They convert values and decide nothing: numbers go
//! as arguments and results, bytes through one shared buffer.
#![cfg(target_family = "wasm")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::float_cmp,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test may fail loudly"
    )
)]
#![expect(
    unreachable_pub,
    reason = "what is exported is called by the host, not by another crate"
)]

extern crate alloc;

#[macro_use]
mod receive_with;

mod answer;
mod buffer;
#[cfg(feature = "full")]
mod full;
mod guard;
mod machine;
mod number;
mod reception;
mod room;
mod schedule;
#[cfg(feature = "schemes")]
mod schemes;
mod slab;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod verifier;
