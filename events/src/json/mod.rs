//! JSON as values that lose nothing: numbers stay as they were written.

pub(crate) mod number;
pub(crate) mod read;
pub(crate) mod value;
mod write;

pub use number::Number;
pub use read::{MAX_DEPTH, parse};
pub use value::{Object, Value};
