//! When a host reads its secrets, and what its callbacks do meanwhile.

use core::time::Duration;

use sinch_callback::secret_schedule::{
    ReadOutcome, SecretNext, SecretSchedule, SecretTiming, SecretWait,
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    number::{float, moment},
    slab::Item,
    state::with,
};

/// There is no schedule of this number: it has been freed.
const NO_SCHEDULE: u32 = u32::MAX;

/// Of what is asked: a signature has matched no secret; else the callback has not been judged.
const IS_MISMATCH: u32 = 1;
/// Whether the secrets that it was judged with are those at hand.
const IS_AT_HAND: u32 = 2;
/// It has waited, and gives its place back.
const HAS_WAITED: u32 = 4;
/// The read that it waited for has ended.
const HAS_ENDED: u32 = 8;

/// Of what is answered: the read under way has been given up.
const GAVE_UP: u32 = 16;
/// The read is to be begun whose number lies in the buffer.
const BEGIN: u32 = 32;

/// Makes a schedule. Its number.
#[wasm_bindgen]
pub fn new_schedule(
    refresh_secs: u64,
    patience_secs: u64,
    overlap_secs: u64,
    has_pause: bool,
) -> u32 {
    let timing = SecretTiming::REMOTE
        .with_refresh(Duration::from_secs(refresh_secs))
        .with_patience(Duration::from_secs(patience_secs))
        .with_overlap(Duration::from_secs(overlap_secs))
        .with_pause(has_pause);
    let schedule = SecretSchedule::new(timing);
    with(|state| state.items.insert(Item::Schedule(schedule)))
}

/// What a callback does that needs secrets: 0 uses those at hand, 1 waits, 2 to 5 are unchanged,
/// recent, under way, unavailable; with `GAVE_UP` and `BEGIN`; above 16 bits, for how many
/// milliseconds it waits at most. In the buffer lie when those at hand were read, as `f64`, then
/// `since` of a wait and the number of the last read that was begun, four bytes each.
#[wasm_bindgen]
pub fn secret_step(schedule: u32, ask: u32, since: u32, now_high: u32, now_low: u32) -> u32 {
    with(|state| {
        let Some(schedule) = state.items.schedule(schedule) else {
            return NO_SCHEDULE;
        };
        let now = moment(now_high, now_low);
        let is = |flag| ask & flag != 0;
        let step = if is(HAS_WAITED) {
            schedule.leave();
            let wait = SecretWait {
                limit: Duration::ZERO,
                since,
                is_mismatch: is(IS_MISMATCH),
            };
            schedule.waited(wait, is(HAS_ENDED), is(IS_AT_HAND), now)
        } else if is(IS_MISMATCH) {
            schedule.refresh(is(IS_AT_HAND), now)
        } else {
            schedule.current(now)
        };
        let mut read_at = 0;
        let mut since = 0;
        let next = match step.next {
            SecretNext::Use => 0,
            SecretNext::Wait(wait) => {
                since = wait.since;
                let limit_ms = u32::try_from(wait.limit.as_millis()).unwrap_or(u32::MAX);
                limit_ms.wrapping_shl(16) | 1
            }
            SecretNext::Unchanged => 2,
            SecretNext::Recent(at) => {
                read_at = at.get();
                3
            }
            SecretNext::UnderWay => 4,
            SecretNext::Unavailable => 5,
        };
        let [since, read] = [since, step.begin.unwrap_or(0)].map(u64::from);
        let words = [float(read_at).to_bits(), since | read.wrapping_shl(32)];
        state.buffer.put(words.map(u64::to_le_bytes).as_flattened());
        next | if step.gave_up { GAVE_UP } else { 0 } | if read > 0 { BEGIN } else { 0 }
    })
}

/// Whether what a read has brought counts: by `outcome`, 0 the same secrets, 1 others, 2 none.
#[wasm_bindgen]
pub fn secret_read_ended(schedule: u32, read: u32, outcome: u32) -> bool {
    let outcome = match outcome {
        0 => ReadOutcome::Same,
        1 => ReadOutcome::Other,
        _ => ReadOutcome::Failed,
    };
    with(|state| {
        let schedule = state.items.schedule(schedule);
        schedule.is_some_and(|schedule| schedule.ended(read, outcome))
    })
}

/// Whether a secret is still accepted that was replaced at this moment.
#[wasm_bindgen]
pub fn is_within_overlap(
    schedule: u32,
    replaced_high: u32,
    replaced_low: u32,
    now_high: u32,
    now_low: u32,
) -> bool {
    with(|state| {
        state.items.schedule(schedule).is_some_and(|schedule| {
            let replaced_at = moment(replaced_high, replaced_low);
            let timing = schedule.timing();
            timing.is_within_overlap(replaced_at, moment(now_high, now_low))
        })
    })
}
