use hmac::{
    EagerHash, KeyInit,
    block_api::HmacCore,
    digest::{
        Output,
        block_api::{Block, Buffer, FixedOutputCore, UpdateCore},
    },
};
use sha2::Sha256;

use super::wipe::wipe_stack;
use crate::sha256::sha256;

/// The keyed state of an HMAC, in place of the key: overwritten when it is dropped.
///
/// With an allocator the state lies in one place, wherever the key is moved. Without, each move may
/// leave a copy behind, as moves do.
pub(crate) struct HmacKey<H: Hash>(Held<H>);

/// HMAC by blocks: a callback's state is copied without a buffer, and the body is hashed where it
/// lies.
type Keyed<H> = HmacCore<H>;

#[cfg(feature = "alloc")]
type Held<H> = alloc::boxed::Box<Keyed<H>>;
#[cfg(not(feature = "alloc"))]
type Held<H> = Keyed<H>;

#[cfg(feature = "alloc")]
fn hold<H: Hash>(keyed: Keyed<H>) -> Held<H> {
    Held::<H>::new(keyed)
}
#[cfg(not(feature = "alloc"))]
const fn hold<H: Hash>(keyed: Keyed<H>) -> Held<H> {
    keyed
}

/// A hash that an HMAC is made of.
pub(crate) trait Hash: EagerHash {
    /// A key that is longer than a block counts as its hash (RFC 2104, section 2). `hmac` would hash it
    /// with a copy of its own.
    fn of_long_key(key: &[u8]) -> impl IntoIterator<Item = u8>;
}

impl Hash for Sha256 {
    fn of_long_key(key: &[u8]) -> impl IntoIterator<Item = u8> {
        sha256(key)
    }
}

#[cfg(feature = "schemes")]
impl Hash for sha1::Sha1 {
    fn of_long_key(key: &[u8]) -> impl IntoIterator<Item = u8> {
        <[u8; 20]>::from(<Self as sha1::Digest>::digest(key))
    }
}

impl<H: Hash> HmacKey<H> {
    /// The state for this key.
    pub(crate) fn new(key: &[u8]) -> Self {
        let keyed = keyed::<H>(key);
        wipe_stack();
        Self(keyed)
    }

    /// HMAC over the parts, one after the other.
    #[inline(always)]
    pub(crate) fn mac<const PARTS: usize>(&self, parts: [&[u8]; PARTS]) -> Output<Keyed<H>> {
        let mut mac = Keyed::<H>::clone(&self.0);
        let mut buffer = Buffer::<Keyed<H>>::default();
        for part in parts {
            buffer.digest_blocks(part, |blocks| mac.update_blocks(blocks));
        }
        let mut tag = Output::<Keyed<H>>::default();
        mac.finalize_fixed_core(&mut buffer, &mut tag);
        tag
    }
}

impl<H: Hash> Clone for HmacKey<H> {
    fn clone(&self) -> Self {
        let copy = copy::<H>(&self.0);
        wipe_stack();
        Self(copy)
    }
}

#[cfg(feature = "alloc")]
impl<H: Hash> Drop for HmacKey<H> {
    /// The state erases itself where it lies. What verifying and signing may have left of it on the
    /// stack lies below here, or is deeper than this goes.
    fn drop(&mut self) {
        super::wipe::wipe_stack_below_work();
    }
}

/// Keys the HMAC. Leaves the key's padded blocks, of which the key is easily had, on the stack.
#[inline(never)]
fn keyed<H: Hash>(key: &[u8]) -> Held<H> {
    let mut block = Block::<Keyed<H>>::default();
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block
            .iter_mut()
            .zip(H::of_long_key(key))
            .for_each(|(place, byte)| *place = byte),
    }
    hold::<H>(Keyed::<H>::new(&block))
}

/// Copies the state. May leave it on the stack too.
#[inline(never)]
fn copy<H: Hash>(keyed: &Keyed<H>) -> Held<H> {
    hold::<H>(keyed.clone())
}
