//! Answers as numbers: the same number, the same texts, but for those that have numbers of their own.

use sinch_callback::{ANSWER_HEADER, Answer};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    state::{State, with},
    verdict,
};

/// The number of an answer: its place in [`Answer::ALL`]; that of its rejection, where it is not
/// there. What is then asked of it is that of the last rejection.
pub(crate) fn number_of(answer: &Answer, state: &mut State) -> u32 {
    if let (0, Some(rejection)) = (answer.place(), answer.rejection()) {
        state.rejection = Some(rejection);
        return verdict::of_rejection(&rejection);
    }
    answer.place().into()
}

fn answer(number: u32, state: &State) -> Option<Answer> {
    let place = usize::try_from(number.checked_sub(1)?).ok()?;
    let of_rejection = || state.rejection.map(Answer::of_rejection);
    Answer::ALL.get(place).copied().or_else(of_rejection)
}

/// The HTTP status of an answer.
#[wasm_bindgen]
pub fn answer_status(number: u32) -> u32 {
    with(|state| answer(number, state).map_or(0, |answer| answer.status().into()))
}

/// Puts a text of an answer into the buffer, and gives its length: by `which`, its code, the name of
/// its kind, its detail, the header at fault, the class of its rejection. 0 where it has none.
#[wasm_bindgen]
pub fn answer_text(number: u32, which: u32) -> u32 {
    with(|state| {
        let Some(answer) = answer(number, state) else {
            return 0;
        };
        let rejection = answer.rejection();
        let text = match which {
            0 => answer.code(),
            1 => answer.kind().as_str(),
            2 => return state.buffer.put_detail(&answer.detail()),
            3 => rejection
                .and_then(|rejection| rejection.header())
                .map_or("", |header| header.as_str()),
            _ => rejection.map_or("", |rejection| rejection.class().as_str()),
        };
        state.buffer.put(text.as_bytes())
    })
}

/// Puts the name of the header that marks a receiver's answer into the buffer, and gives its length.
#[wasm_bindgen]
pub fn answer_header() -> u32 {
    with(|state| state.buffer.put(ANSWER_HEADER.as_bytes()))
}
