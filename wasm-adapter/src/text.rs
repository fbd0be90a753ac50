use sinch_callback::{
    HeaderName, MemoryReplayGuard, Rules, SecretRing, Window, limits, secret_schedule::SecretTiming,
};
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
/// body in bytes, a guard's memory and its claims' life in seconds; greatest age with a log behind,
/// largest body that Lambda@Edge shows, a guard's capacity, and one at the edge; how often secrets are
/// read, patience and overlap in seconds, and the most secrets that are tried.
#[wasm_bindgen]
pub fn default_of(option: u32) -> u64 {
    let number = match option {
        0 => return Window::BARE.max_age_secs,
        1 => return Window::BARE.max_ahead_secs,
        2 => Rules::DEFAULT_MAX_BODY_BYTES,
        3 => return Window::BARE.memory_secs(),
        4 => return MemoryReplayGuard::DEFAULT_IN_FLIGHT_SECS,
        5 => return Window::LOGGED.max_age_secs,
        6 => limits::LAMBDA_EDGE_MAX_BODY_BYTES,
        7 => limits::GUARD_CAPACITY,
        8 => limits::HOST_GUARD_CAPACITY,
        9 => return SecretTiming::REMOTE.refresh_secs,
        10 => return SecretTiming::REMOTE.patience_secs,
        11 => return SecretTiming::REMOTE.overlap_secs,
        _ => SecretRing::MAX,
    };
    u64::try_from(number).unwrap_or(u64::MAX)
}
