//! The reception of a callback, step by step. A host that waits for secrets or for its guard keeps
//! numbers in place of a step, and comes back with them.

use core::time::Duration;

use sinch_callback::{
    AlgorithmHeader, Answer, Claim, Forwarded, HeaderName, OnMismatch, OriginAnswer, Rejection,
    ReplayKey, Rules, SignedHeaders, Ticket, UnixSeconds, Window,
    reception::{AwaitClaim, Next, OpenHandOff, OpenMismatch, Reception, Settle},
    scheme::{Conversation, Scheme},
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    answer,
    buffer::take,
    number::moment,
    slab::{Item, Slab},
    state::with,
    verdict,
};

/// Go on: read the body, or hand the callback off.
pub(crate) const GO_ON: u32 = 0;
/// The signature matches none of the secrets; when it was made lies in the buffer, as `f64`.
pub(crate) const REFRESH: u32 = 256;
/// There are no secrets that could judge it.
pub(crate) const UNDECIDED: u32 = 257;
/// There are no rules or no verifier of this number: they have been freed.
pub(crate) const NO_ITEM: u32 = verdict::NO_VERIFIER;

/// What a guard says of a callback, by number. Nobody has asked it, or it has failed.
pub(crate) const UNKNOWN: u8 = 0;
const FIRST: u8 = 1;
const IN_FLIGHT: u8 = 2;
const FULL: u8 = 3;
const DONE: u8 = 4;

pub(crate) const fn number_of(claim: &Claim) -> u8 {
    match claim {
        Claim::First(_) => FIRST,
        Claim::InFlight { .. } => IN_FLIGHT,
        Claim::Full => FULL,
        Claim::Done => DONE,
    }
}

/// Makes rules. Their number.
#[wasm_bindgen]
pub fn new_rules(
    max_age_secs: u64,
    max_ahead_secs: u64,
    max_body_bytes: u32,
    needs_algorithm: bool,
    defers_mismatch: bool,
) -> u32 {
    let rules = rules(
        max_age_secs,
        max_ahead_secs,
        max_body_bytes,
        needs_algorithm,
    );
    with(|state| {
        let rules = rules.with_on_mismatch(on_mismatch(defers_mismatch));
        state.items.insert(Item::Rules(rules))
    })
}

pub(crate) const fn on_mismatch(defers: bool) -> OnMismatch {
    if defers {
        OnMismatch::Defer
    } else {
        OnMismatch::Refuse
    }
}

/// A window of numbers.
pub(crate) const fn window(max_age_secs: u64, max_ahead_secs: u64) -> Window {
    Window::new(
        Duration::from_secs(max_age_secs),
        Duration::from_secs(max_ahead_secs),
    )
}

/// Rules of numbers.
pub(crate) fn rules(
    max_age_secs: u64,
    max_ahead_secs: u64,
    max_body_bytes: u32,
    needs_algorithm: bool,
) -> Rules {
    Rules::BARE
        .with_window(window(max_age_secs, max_ahead_secs))
        .with_max_body_bytes(usize::try_from(max_body_bytes).unwrap_or(usize::MAX))
        .with_algorithm_header(AlgorithmHeader::required_if(needs_algorithm))
}

/// The lengths of the four headers' values; negative for one that is absent.
pub(crate) type Lengths = [i32; 4];

/// Takes the values of the four headers off the front of the buffer.
pub(crate) fn headers<'a>(
    rest: &mut &'a [u8],
    lengths: Lengths,
) -> Result<SignedHeaders<'a>, Rejection> {
    let values = lengths.map(|length| Some(take(rest, u32::try_from(length).ok()?)));
    let [signature, timestamp, nonce, algorithm] = values;
    SignedHeaders::lookup(|name| match name {
        HeaderName::Signature => signature,
        HeaderName::Timestamp => timestamp,
        HeaderName::Nonce => nonce,
        HeaderName::Algorithm => algorithm,
        _ => None,
    })
}

/// Judges the headers that lie in the buffer, as for `verify`, before the body is read: 0, or the
/// number of the answer.
#[wasm_bindgen]
pub fn begin(
    rules: u32,
    signature_length: i32,
    timestamp_length: i32,
    nonce_length: i32,
    algorithm_length: i32,
) -> u32 {
    with(|state| {
        let Some(rules) = state.items.rules(rules) else {
            return NO_ITEM;
        };
        let lengths = [
            signature_length,
            timestamp_length,
            nonce_length,
            algorithm_length,
        ];
        let headers = headers(&mut state.buffer.all(), lengths);
        // The moment has no part in the form.
        let begun = Reception::begin(&rules, headers, UnixSeconds::new(0));
        match begun.map(|_| ()) {
            Ok(()) => GO_ON,
            Err(answer) => answer::number_of(&answer, state),
        }
    })
}

/// Receives the callback that lies in the buffer, as for `verify`, up to its hand-off: judges it with
/// the secrets of a verifier (0: there are none), and claims it in a guard (0: no guard in memory).
/// `is_part` says that only the beginning of the body is there, `refreshes` how many newer secrets it
/// was judged with before.
///
/// 0 where it is to be handed off: the record lies in the buffer, and after it what the guard said.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "numbers are what crosses the boundary without a copy"
)]
pub fn receive(
    rules: u32,
    verifier: u32,
    guard: u32,
    signature_length: i32,
    timestamp_length: i32,
    nonce_length: i32,
    algorithm_length: i32,
    body_length: u32,
    is_part: bool,
    refreshes: u32,
    now_high: u32,
    now_low: u32,
) -> u32 {
    with(|state| {
        let Some(rules) = state.items.rules(rules) else {
            return NO_ITEM;
        };
        let now = moment(now_high, now_low);
        let lengths = [
            signature_length,
            timestamp_length,
            nonce_length,
            algorithm_length,
        ];
        let mut rest = state.buffer.all();
        let headers = headers(&mut rest, lengths);
        let body = take(&mut rest, body_length);
        let begun = Reception::begin(&rules, headers, now);
        let host = (verifier, guard, is_part, refreshes, now);
        receive_with!(state, begun, body, host, Conversation, Slab::ring)
    })
}

/// What follows from what a guard has said; from none, where nobody was asked.
pub(crate) fn claimed_by<S: Scheme>(
    wanted: AwaitClaim<'_, S::Promise>,
    claim: Option<Claim>,
) -> Next<'_, S> {
    match claim {
        Some(claim) => wanted.claimed(claim),
        None => wanted.unguarded(),
    }
}

/// What a mismatch means that was signed then, where there are no newer secrets: by `outcome`, they
/// are unchanged, were read recently, are being read, cannot be read. The number of the answer, or
/// that it is undecided.
#[wasm_bindgen]
pub fn refreshed(
    rules: u32,
    outcome: u32,
    signed_at_high: u32,
    signed_at_low: u32,
    read_at_high: u32,
    read_at_low: u32,
) -> u32 {
    with(|state| {
        let Some(rules) = state.items.rules(rules) else {
            return NO_ITEM;
        };
        let signed_at = moment(signed_at_high, signed_at_low);
        let mismatch = OpenMismatch::new(signed_at, rules.on_mismatch);
        let answer = match outcome {
            1 => mismatch.unchanged(),
            2 => mismatch.recent(moment(read_at_high, read_at_low)),
            3 => mismatch.under_way(),
            _ => return UNDECIDED,
        };
        answer::number_of(&answer, state)
    })
}

/// What follows from what a guard said that is no guard in memory: 0 for a hand-off, or the number of
/// the answer.
#[wasm_bindgen]
pub fn claimed(said: u32) -> u32 {
    if said == u32::from(DONE) {
        with(|state| answer::number_of(&Answer::DUPLICATE, state))
    } else {
        GO_ON
    }
}

/// The guard is told nothing, to confirm, or to release.
const CONFIRM: u8 = 1;
const RELEASE: u8 = 2;

/// What becomes of a hand-off to an origin, which has answered with this status; 0 where it has not.
/// In the lowest byte the number of the answer in place of the origin's, 0 where that goes on; in the
/// next one what the guard is told.
#[wasm_bindgen]
pub fn handoff_ended(status: u32, is_marked: bool, is_authentic: bool, has_ticket: bool) -> u32 {
    let origin = OriginAnswer {
        // What is no status at all passes as little as 0 does.
        status: u16::try_from(status).unwrap_or(0),
        is_marked,
    };
    // Whose key and moment they are makes no difference to what becomes of them.
    let key = ReplayKey::from_bytes([0; 16]);
    let ticket = has_ticket.then(|| Ticket::new(key, UnixSeconds::new(0)));
    let open = OpenHandOff::new(key, ticket);
    let (guard, instead) = if status == 0 {
        let settled = open.failed();
        (settled.guard, Some(settled.answer))
    } else if is_authentic {
        let relayed = open.answered(origin);
        (relayed.guard, relayed.instead)
    } else {
        (Settle::Nothing, origin.instead(Forwarded::Undecided))
    };
    let guard = match guard {
        Settle::Nothing => 0,
        Settle::Confirm(_) => CONFIRM,
        Settle::Release(_) => RELEASE,
    };
    let number = with(|state| instead.map_or(0, |answer| answer::number_of(&answer, state)));
    number | u32::from(guard).wrapping_shl(8)
}
