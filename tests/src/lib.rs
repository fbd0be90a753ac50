//! Test vectors as data, for every host of the verifier.

mod vector;

pub use vector::{Expected, Vector};
