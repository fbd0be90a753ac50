//! Overwriting what a secret leaves on the stack, where nothing else erases it.
//!
//! Keying an HMAC lays the padded key out on the stack, and a copy of the keyed state may lie there
//! too. Whoever has called such a function calls one of these next. Neither is inlined, so their frames
//! begin at the same place, and what lay in the first is overwritten by the second.
//!
//! That is as far as safe code reaches: a register that was spilled elsewhere, a deeper frame, and
//! what the operating system has swapped out are not covered. `tests/suites/memory.rs` searches the
//! memory of another process for what a dropped secret may have left there.

use zeroize::Zeroize;

/// After keying or copying.
#[inline(never)]
pub(super) fn wipe_stack() {
    // 2 KiB: deeper than keying goes, whatever the build.
    let mut frames = [0_u64; 256];
    frames.zeroize();
}

/// The same, as deep as a verification goes.
#[cfg(feature = "alloc")]
#[inline(never)]
pub(super) fn wipe_stack_below_work() {
    // 8 KiB, where there is an allocator and so a stack of more than that.
    let mut frames = [0_u64; 1_024];
    frames.zeroize();
}
