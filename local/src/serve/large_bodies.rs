use tokio::sync::{Semaphore, SemaphorePermit};

/// Room in memory for bodies that are on their way, so that strangers cannot fill it: whoever may
/// send half a megabyte may do so over many connections.
///
/// Small bodies, as callbacks have, always have room; large ones share what there is, and wait at
/// the sender's when there is none.
pub(super) struct LargeBodies(Semaphore);

/// Bytes that a body may have without taking room. Ten times a delivery report; our own choice.
const SMALL_BYTES: usize = 8_192;
/// Kibibytes of all large bodies at once: 64 MiB; our own choice.
const ROOM_KIB: usize = 65_536;

/// Room that is taken, until it is dropped; none for a small body.
pub(super) type Room<'a> = Option<SemaphorePermit<'a>>;

impl LargeBodies {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(ROOM_KIB))
    }

    /// Takes room for a body of `bytes`; `None` where there is not enough.
    pub(super) fn take(&self, bytes: usize) -> Option<Room<'_>> {
        if bytes <= SMALL_BYTES {
            return Some(None);
        }
        // A body larger than all room takes all of it, and so goes alone.
        let kib = bytes.div_ceil(1_024).min(ROOM_KIB);
        let permits = u32::try_from(kib).ok()?;
        self.0.try_acquire_many(permits).ok().map(Some)
    }
}
