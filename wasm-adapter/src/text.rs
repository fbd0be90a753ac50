use sinch_callback::{
    HeaderName, MemoryReplayGuard, Rules, SecretRing, Window, limits, secret_schedule::SecretTiming,
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::state::with;

/// Puts the name of the header at this position of [`HeaderName::CONVERSATION`] into the buffer, in lower
/// case, and gives its length; 0 beyond the last.
#[wasm_bindgen]
pub fn header_name(position: u32) -> u32 {
    with(|state| {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        HeaderName::CONVERSATION
            .get(position)
            .map_or(0, |name| state.buffer.put(name.as_str().as_bytes()))
    })
}

/// An option's default, by the position of its name in: greatest age and lead in seconds, largest
/// body in bytes, a guard's memory and its claims' life in seconds; greatest age with a log behind,
/// largest body that Lambda@Edge shows, a guard's capacity, and one at the edge; how often secrets are
/// read, patience and overlap in seconds; the most secrets that are tried, and the fewest bytes of one at a
/// host that strangers reach.
#[wasm_bindgen]
pub fn default_of(option: u32) -> u64 {
    let duration = match option {
        0 => Window::BARE.max_age,
        1 => Window::BARE.max_ahead,
        3 => Window::BARE.memory(),
        4 => MemoryReplayGuard::DEFAULT_IN_FLIGHT,
        5 => Window::LOGGED.max_age,
        9 => SecretTiming::REMOTE.refresh,
        10 => SecretTiming::REMOTE.patience,
        11 => SecretTiming::REMOTE.overlap,
        _ => {
            let number = match option {
                2 => Rules::DEFAULT_MAX_BODY_BYTES,
                6 => limits::LAMBDA_EDGE_MAX_BODY_BYTES,
                7 => limits::GUARD_CAPACITY,
                8 => limits::HOST_GUARD_CAPACITY,
                12 => SecretRing::MAX,
                _ => limits::MIN_SECRET_BYTES,
            };
            return u64::try_from(number).unwrap_or(u64::MAX);
        }
    };
    duration.as_secs()
}
