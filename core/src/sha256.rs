use sha2::{Digest, Sha256};

/// SHA-256 of some bytes, once in a build: where bytes count, each copy of the hash would be one too many.
#[inline(never)]
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
