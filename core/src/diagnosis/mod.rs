//! Why a signature does not match.

mod body_variants;
#[cfg(feature = "schemes")]
mod by_scheme;
mod cause;
#[cfg(feature = "rsa")]
mod engage;
mod evidence;
#[cfg(feature = "schemes")]
mod header_values;
mod header_variants;
mod key_variants;
#[cfg(feature = "schemes")]
mod request_variants;
mod respace;
mod search;
#[cfg(feature = "schemes")]
mod signed_string;
#[cfg(feature = "schemes")]
mod tag_variants;
#[cfg(test)]
mod tests;
mod variant;

#[cfg(feature = "schemes")]
pub use by_scheme::diagnose_by;
pub use cause::Diagnosis;
pub use evidence::Evidence;
pub use search::diagnose;
#[cfg(feature = "schemes")]
pub use signed_string::{SignedPart, SignedPartName, SignedString};
