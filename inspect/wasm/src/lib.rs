//! The inspector's exports: a message of JSON in, an answer of JSON out, through one buffer.
#![cfg(target_family = "wasm")]
#![no_std]

extern crate alloc;

use alloc::{vec, vec::Vec};

use spin::Mutex;
use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// Ends the call as an exception of the page's, which then makes a new instance.
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// What crosses. Messages hold secrets: what was there is erased when something else takes its place.
static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn put(bytes: Vec<u8>) -> *const u8 {
    let mut buffer = BUFFER.lock();
    buffer.zeroize();
    *buffer = bytes;
    buffer.as_ptr()
}

/// Makes room for a message of so many bytes, and tells where it lies.
#[wasm_bindgen]
#[must_use]
pub fn room(length: u32) -> *const u8 {
    put(vec![0; usize::try_from(length).unwrap_or_default()])
}

/// Answers the message that lies there, and puts the answer in its place: where it lies.
#[wasm_bindgen]
pub fn answer() -> *const u8 {
    let mut message = core::mem::take(&mut *BUFFER.lock());
    let answer = sinch_callback_inspect::answer(&message);
    message.zeroize();
    put(answer.into_bytes())
}

/// How long the answer is.
#[wasm_bindgen]
pub fn length() -> u32 {
    u32::try_from(BUFFER.lock().len()).unwrap_or_default()
}
