//! What an origin's answer becomes on its way back to the sender.

use sinch_callback::{ANSWER_HEADER, Answer, Forwarded, OriginAnswer};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::state::with;

/// The status that a forwarded callback is answered with in place of the origin's; 0 where the
/// origin's answer goes on.
#[wasm_bindgen]
pub fn origin_refusal(status: u32, is_marked: bool, is_authentic: bool) -> u32 {
    let forwarded = if is_authentic {
        Forwarded::Authentic
    } else {
        Forwarded::Undecided
    };
    let answer = OriginAnswer {
        // What is no status at all passes as little as 0 does.
        status: u16::try_from(status).unwrap_or(0),
        is_marked,
    };
    answer
        .instead(forwarded)
        .map_or(0, |instead| instead.status().into())
}

/// Puts a text about origins into the buffer, and gives its length: by `which`, the header that
/// marks a receiver's answer, the code of a refused one, its detail.
#[wasm_bindgen]
pub fn origin_text(which: u32) -> u32 {
    let refused = Answer::ORIGIN_REFUSED;
    with(|state| match which {
        0 => state.buffer.put(ANSWER_HEADER.as_bytes()),
        1 => state.buffer.put(refused.code().as_bytes()),
        _ => state.buffer.put_pieces(&refused.pieces()),
    })
}
