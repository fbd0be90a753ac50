use wasm_bindgen::prelude::wasm_bindgen;

use crate::state::with;

/// Makes room in the buffer for `length` bytes and tells where they lie; null where there is no
/// memory left. The place holds until the next call of `reserve`.
#[wasm_bindgen]
pub fn reserve(length: u32) -> *const u8 {
    with(|state| state.buffer.reserve(length))
}
