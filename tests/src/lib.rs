//! Test vectors as data, for every host of the verifier.

mod scheme_vector;
mod vector;

pub use scheme_vector::{SchemeExpected, SchemeVector};
pub use vector::{Expected, Vector};
