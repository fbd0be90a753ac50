use alloc::vec::Vec;

use sinch_callback::{Detail, InvalidSecret, Secret};
use zeroize::Zeroize;

/// The memory through which bytes go in and come out. The host writes from its start; what comes
/// out replaces what went in.
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Makes room for `length` bytes and tells where they lie; null where there is no memory left.
    pub(crate) fn reserve(&mut self, length: u32) -> *const u8 {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let missing = length.saturating_sub(self.0.len());
        if self.0.try_reserve_exact(missing).is_err() {
            return core::ptr::null();
        }
        self.0.extend(core::iter::repeat_n(0, missing));
        self.0.as_ptr()
    }

    /// All of it: what the host wrote, then what lay there before.
    pub(crate) fn all(&self) -> &[u8] {
        &self.0
    }

    /// Puts the bytes at the start, and gives their length; nothing where the host has not reserved
    /// room for them.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> u32 {
        self.put_at(0, bytes)
    }

    /// Puts all the bytes at the start, and makes the buffer larger where they need it: the host has
    /// to ask again where it lies.
    #[cfg(feature = "full")]
    pub(crate) fn put_whole(&mut self, bytes: &[u8]) -> u32 {
        if bytes.len() > self.0.len() {
            self.0.resize(bytes.len(), 0);
        }
        self.put(bytes)
    }

    /// Puts a detail at the start, and gives its length.
    pub(crate) fn put_detail(&mut self, detail: &Detail) -> u32 {
        let mut end = 0;
        detail.write_to(|part| end = self.put_at(end, part));
        end
    }

    /// Puts the bytes at `start` and gives their end; nothing where there is no room.
    fn put_at(&mut self, start: u32, bytes: &[u8]) -> u32 {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let end = start.saturating_add(length);
        let [from, to] = [start, end].map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        match self.0.get_mut(from..to) {
            Some(place) => {
                place.copy_from_slice(bytes);
                end
            }
            None => start,
        }
    }

    /// Reads the secret that lies at the start, and overwrites it. A strong one is not too short for a
    /// host that strangers reach.
    pub(crate) fn take_secret(
        &mut self,
        length: u32,
        is_verbatim: bool,
        is_strong: bool,
    ) -> Result<Secret, InvalidSecret> {
        let bytes = take(&mut self.all(), length);
        let secret = match InvalidSecret::of_length(bytes.len()) {
            Some(short) if is_strong && !bytes.is_empty() => Err(short),
            _ if is_verbatim => Secret::verbatim(bytes),
            _ => Secret::new(bytes),
        };
        self.erase();
        secret
    }

    /// Overwrites everything.
    pub(crate) fn erase(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

/// Takes the first `length` bytes off; all there are where the host wrote fewer.
pub(crate) fn take<'a>(rest: &mut &'a [u8], length: u32) -> &'a [u8] {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (taken, left) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    *rest = left;
    taken
}
