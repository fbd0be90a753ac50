use sinch_callback::HeaderName;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::state::with;

/// Puts the name of the header at this position of [`HeaderName::ALL`] into the buffer, in lower
/// case, and gives its length; 0 beyond the last.
#[wasm_bindgen]
pub fn header_name(position: u32) -> u32 {
    with(|state| {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        HeaderName::ALL
            .get(position)
            .map_or(0, |name| state.buffer.put(name.as_str().as_bytes()))
    })
}
