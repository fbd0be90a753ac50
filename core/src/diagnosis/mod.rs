//! Why a signature does not match.

mod base64;
mod body_variants;
mod cause;
mod evidence;
mod header_variants;
mod key_variants;
mod respace;
mod search;
#[cfg(test)]
mod tests;
mod variant;

pub use cause::Diagnosis;
pub use evidence::Evidence;
pub use search::diagnose;
