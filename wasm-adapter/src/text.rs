use sinch_callback::{HeaderName, MemoryReplayGuard, Verifier, Window};
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

/// An option's default, by the position of its name in: greatest age and lead in seconds, largest
/// body in bytes, a guard's memory and its claims' life in seconds.
#[wasm_bindgen]
pub fn default_of(option: u32) -> u64 {
    match option {
        0 => Window::BARE.max_age_secs,
        1 => Window::BARE.max_ahead_secs,
        2 => u64::try_from(Verifier::DEFAULT_MAX_BODY_BYTES).unwrap_or(u64::MAX),
        3 => Window::BARE.memory_secs(),
        _ => MemoryReplayGuard::DEFAULT_IN_FLIGHT_SECS,
    }
}
