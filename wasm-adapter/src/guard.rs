use core::time::Duration;

use sinch_callback::{Claim, MemoryReplayGuard, ReplayGuard, ReplayKey, Ticket, WhenFull};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    number::{float, moment},
    slab::Item,
    state::with,
};

/// Nobody has claimed it.
const FIRST: f64 = -1.0;
/// An earlier copy has been handed off.
const DONE: f64 = -2.0;
/// The guard is full and refuses to forget.
const FULL: f64 = -3.0;
/// There is no guard of this number: it has been freed.
const NO_GUARD: f64 = -4.0;

/// Makes a guard. Its number; 0 where there is no memory for so many entries.
#[wasm_bindgen]
pub fn new_guard(
    capacity: u32,
    memory_secs: u64,
    in_flight_secs: u64,
    refuse_when_full: bool,
) -> u32 {
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
    let bytes = capacity.saturating_mul(48);
    if alloc::vec::Vec::<u8>::new()
        .try_reserve_exact(bytes)
        .is_err()
    {
        return 0;
    }
    let when_full = if refuse_when_full {
        WhenFull::Refuse
    } else {
        WhenFull::ForgetOldest
    };
    let guard = MemoryReplayGuard::new(capacity, Duration::from_secs(memory_secs))
        .with_in_flight(Duration::from_secs(in_flight_secs))
        .with_when_full(when_full);
    with(|state| state.items.insert(Item::Guard(guard)))
}

/// Claims a key, which makes `now` the moment of the ticket where nobody had: when it was claimed, for one in flight, in seconds; otherwise a negative number.
#[wasm_bindgen]
pub fn claim(
    number: u32,
    key_0: u32,
    key_1: u32,
    key_2: u32,
    key_3: u32,
    now_high: u32,
    now_low: u32,
) -> f64 {
    with(|state| {
        let Some(guard) = state.items.guard(number) else {
            return NO_GUARD;
        };
        let now = moment(now_high, now_low);
        match guard.claim(key([key_0, key_1, key_2, key_3]), now) {
            Claim::First(_) => FIRST,
            Claim::InFlight { since } => float(since.get()),
            Claim::Done => DONE,
            Claim::Full => FULL,
        }
    })
}

/// Records that the callback has been handed off. False where the guard has been freed.
#[wasm_bindgen]
pub fn confirm(
    number: u32,
    key_0: u32,
    key_1: u32,
    key_2: u32,
    key_3: u32,
    now_high: u32,
    now_low: u32,
) -> bool {
    with(|state| {
        let guard = state.items.guard(number);
        let known = guard.is_some();
        if let Some(guard) = guard {
            guard.confirm(key([key_0, key_1, key_2, key_3]), moment(now_high, now_low));
        }
        known
    })
}

/// Takes back the claim that was made of this key then, where it still stands. False where the guard
/// has been freed.
#[wasm_bindgen]
pub fn release(
    number: u32,
    key_0: u32,
    key_1: u32,
    key_2: u32,
    key_3: u32,
    claimed_high: u32,
    claimed_low: u32,
) -> bool {
    with(|state| {
        let guard = state.items.guard(number);
        let known = guard.is_some();
        if let Some(guard) = guard {
            guard.release(Ticket::new(
                key([key_0, key_1, key_2, key_3]),
                moment(claimed_high, claimed_low),
            ));
        }
        known
    })
}

/// How many callbacks a guard remembers.
#[wasm_bindgen]
pub fn guard_length(number: u32) -> u32 {
    with(|state| {
        let guard = state.items.guard(number);
        guard.map_or(0, |guard| u32::try_from(guard.len()).unwrap_or(u32::MAX))
    })
}

/// A key of its four words, each as the record's bytes read in little-endian order.
fn key(words: [u32; 4]) -> ReplayKey {
    let mut bytes = [0; 16];
    let (places, _) = bytes.as_chunks_mut::<4>();
    for (place, word) in places.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
    ReplayKey::from_bytes(bytes)
}
