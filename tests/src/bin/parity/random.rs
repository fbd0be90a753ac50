//! Bytes and choices, of a generator with a seed.

use fastrand::Rng;

pub(crate) fn random_bytes(rng: &mut Rng, length: usize) -> Vec<u8> {
    (0..length).map(|_| rng.u8(..)).collect()
}

/// Visible ASCII of which a nonce may be made.
pub(crate) fn visible(rng: &mut Rng, length: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(length);
    while text.len() < length {
        let byte = rng.u8(b'!'..=b'~');
        if !matches!(byte, b'.' | b',') {
            text.push(byte);
        }
    }
    text
}

pub(crate) fn ulid_digit(rng: &mut Rng) -> u8 {
    pick(rng, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
}

pub(crate) fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
