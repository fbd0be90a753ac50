//! Fuzz targets: what has to hold whatever the bytes. Each target also runs as a replay, of its seeds,
//! of what was found before, and of mutations of both.

#[cfg(feature = "aws")]
mod aws;
mod classification;
mod corpus;
mod document;
mod envelope;
mod headers;
mod mutator;
mod oracle;
mod reader;
mod replay;
mod scheme;
mod seed;
mod target;
mod typed;
mod verifier;

#[cfg(feature = "aws")]
mod function_url;
#[cfg(feature = "aws")]
mod sqs;

pub use corpus::corpus;
pub use mutator::{DICTIONARY, Mutator};
pub use replay::{Failure, Replayed, replay, survives};
pub use seed::Seed;
pub use target::{TARGETS, Target, run};
