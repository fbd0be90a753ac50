//! [`Request`](crate::Request) as JSON, as `schema/intent.schema.json` has it.

mod fault;
mod parse;
mod plan;
mod reader;

pub use fault::{Fault, InvalidRequest};

/// The JSON Schema of a request.
///
/// It says all that [`Request::parse`](crate::Request::parse) expects, but for what depends on the
/// moment, on a time zone's name, and on two fields together: the bounds of durations, and that a plan's
/// channels stand in `to`.
pub const SCHEMA: &str = include_str!("../../schema/intent.schema.json");
