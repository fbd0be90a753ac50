//! Verifiers, rules and receptions of any scheme. The scheme is set first, and what is made then is its.
//!
//! A request lies in the buffer as method, target (path and query, as the sender sent it) and body, then
//! the headers: name and value, each after its length as a little-endian `u32`.

use core::str;

use sinch_callback::{
    HeaderName, InvalidSecret, Ring, UnixSeconds,
    reception::Reception,
    scheme::{AnyScheme, Request, Scheme, SchemeName, SchemeVerifier},
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    answer,
    buffer::take,
    number::{moment, negative},
    reception::{GO_ON, NO_ITEM, on_mismatch, rules},
    slab::{Item, Slab},
    state::with,
    verdict,
};

/// Sets the scheme of this name, with the id of the key that its callbacks name; both lie in the buffer.
/// A negative length is an id that is not given. 0; otherwise the length of the reason, which then lies in
/// the buffer.
#[wasm_bindgen]
pub fn set_scheme(name_length: u32, key_length: i32) -> u32 {
    with(|state| {
        let mut rest = state.buffer.all();
        let name = take(&mut rest, name_length);
        let key = u32::try_from(key_length)
            .ok()
            .map(|length| text(take(&mut rest, length)));
        match AnyScheme::new(named(name), key) {
            Ok(scheme) => {
                state.scheme = scheme;
                0
            }
            Err(reason) => state.buffer.put_detail(&reason.detail()),
        }
    })
}

/// A text of the host's; what is none is the empty one.
pub(crate) fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

/// Puts a sentence about the scheme of the name that lies in the buffer there, and gives its length: what
/// it promises, or what it does not cover.
#[wasm_bindgen]
pub fn scheme_text(name_length: u32, is_not_covered: bool) -> u32 {
    with(|state| {
        let name = named(take(&mut state.buffer.all(), name_length));
        let sentence = if is_not_covered {
            name.not_covered()
        } else {
            name.promise()
        };
        state.buffer.put(sentence.as_bytes())
    })
}

/// The scheme of this name. The host knows the names, and gives no other.
fn named(name: &[u8]) -> SchemeName {
    text(name).parse().unwrap_or(SchemeName::Conversation)
}

/// The same as `header_name`, of the headers of all schemes.
#[wasm_bindgen]
pub fn scheme_header_name(position: u32) -> u32 {
    with(|state| {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        HeaderName::ALL
            .get(position)
            .map_or(0, |name| state.buffer.put(name.as_str().as_bytes()))
    })
}

/// Adds the key whose text lies in the buffer to those of the next verifier of the scheme that was set.
/// 0 where it is taken; otherwise the length of the reason, which then lies in the buffer: negative where
/// it is no mistake, and only too short for a host that strangers reach (`is_strong`).
#[wasm_bindgen]
pub fn add_key(length: u32, is_verbatim: bool, is_strong: bool) -> i32 {
    with(|state| {
        let text = take(&mut state.buffer.all(), length);
        let scheme = state.scheme;
        let key = if is_verbatim {
            scheme.verbatim_key(text)
        } else {
            scheme.key(text)
        };
        let short = is_strong
            .then(|| InvalidSecret::of_length(scheme.key_bytes(text)))
            .flatten();
        let key = key.and_then(|key| short.map_or(Ok(key), Err));
        state.buffer.erase();
        match key {
            Ok(key) => {
                if let Some(place) = state.keys.iter_mut().find(|place| place.is_none()) {
                    *place = Some(key);
                }
                0
            }
            Err(reason) => {
                state.keys.fill(None);
                let length = negative(state.buffer.put(reason.as_str().as_bytes()));
                if reason == InvalidSecret::Short {
                    length
                } else {
                    length.wrapping_neg()
                }
            }
        }
    })
}

/// Makes a verifier of the scheme that was set and of the keys that were added. Its number; or, negative,
/// the length of the reason why there is none.
#[wasm_bindgen]
pub fn new_verifier_of(max_age_secs: u64, max_ahead_secs: u64, max_body_bytes: u32) -> i32 {
    with(|state| {
        let ring = match Ring::new(state.keys.iter_mut().filter_map(Option::take)) {
            Ok(ring) => ring,
            Err(reason) => return negative(state.buffer.put(reason.as_str().as_bytes())),
        };
        let rules = rules(max_age_secs, max_ahead_secs, max_body_bytes, false);
        let verifier = Item::VerifierOf(SchemeVerifier::of(state.scheme, ring, rules));
        i32::try_from(state.items.insert(verifier)).unwrap_or_default()
    })
}

/// Makes rules for callbacks of the scheme that was set. Their number.
#[wasm_bindgen]
pub fn new_rules_of(
    max_age_secs: u64,
    max_ahead_secs: u64,
    max_body_bytes: u32,
    defers_mismatch: bool,
) -> u32 {
    let rules = rules(max_age_secs, max_ahead_secs, max_body_bytes, false)
        .with_on_mismatch(on_mismatch(defers_mismatch));
    with(|state| state.items.insert(Item::RulesOf(rules, state.scheme)))
}

/// Takes a request off the front of the buffer: its first line, body and headers.
pub(crate) fn request<'a>(
    mut rest: &'a [u8],
    method_length: u32,
    target_length: u32,
    body_length: u32,
    headers: u32,
) -> (
    Request<'a>,
    &'a [u8],
    impl Iterator<Item = (&'a [u8], &'a [u8])>,
) {
    let method = text(take(&mut rest, method_length));
    let target = text(take(&mut rest, target_length));
    let body = take(&mut rest, body_length);
    let headers = (0..headers).map(move |_| (take_sized(&mut rest), take_sized(&mut rest)));
    (Request::new(method, target), body, headers)
}

/// Takes bytes off that lie after their length.
pub(crate) fn take_sized<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let length = take(rest, 4).try_into().map_or(0, u32::from_le_bytes);
    take(rest, length)
}

/// Judges the request that lies in the buffer: the verdict as `verify` gives it.
#[wasm_bindgen]
pub fn verify_by(
    number: u32,
    method_length: u32,
    target_length: u32,
    body_length: u32,
    headers: u32,
    now_high: u32,
    now_low: u32,
) -> u32 {
    with(|state| {
        let Some(verifier) = state.items.verifier_of(number) else {
            return verdict::NO_VERIFIER;
        };
        let now = moment(now_high, now_low);
        let buffer = state.buffer.all();
        let (request, body, headers) =
            request(buffer, method_length, target_length, body_length, headers);
        match verifier.authenticate(request, headers, body, now) {
            Ok(authentic) => {
                let record = verdict::record(&authentic, now, 0);
                state.buffer.put(record.as_flattened());
                verdict::ACCEPTED
            }
            Err(rejection) => {
                state.rejection = Some(rejection);
                verdict::of_rejection(&rejection)
            }
        }
    })
}

/// The same as `begin`, by rules of any scheme: judges the head of the request that lies in the buffer.
#[wasm_bindgen]
pub fn begin_by(number: u32, method_length: u32, target_length: u32, headers: u32) -> u32 {
    with(|state| {
        let Some((rules, scheme)) = state.items.rules_of(number) else {
            return NO_ITEM;
        };
        let buffer = state.buffer.all();
        let (request, _, headers) = request(buffer, method_length, target_length, 0, headers);
        let head = scheme.head(request, headers);
        let begun = Reception::begin_by(&rules, &scheme, head, UnixSeconds::new(0));
        match begun.map(|_| ()) {
            Ok(()) => GO_ON,
            Err(answer) => answer::number_of(&answer, state),
        }
    })
}

/// The same as `receive`, by rules of any scheme: receives the request that lies in the buffer.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "numbers are what crosses the boundary without a copy"
)]
pub fn receive_by(
    number: u32,
    verifier: u32,
    guard: u32,
    method_length: u32,
    target_length: u32,
    body_length: u32,
    headers: u32,
    is_part: bool,
    refreshes: u32,
    now_high: u32,
    now_low: u32,
) -> u32 {
    with(|state| {
        let Some((rules, scheme)) = state.items.rules_of(number) else {
            return NO_ITEM;
        };
        let now = moment(now_high, now_low);
        let buffer = state.buffer.all();
        let (request, body, headers) =
            request(buffer, method_length, target_length, body_length, headers);
        let head = scheme.head(request, headers);
        let begun = Reception::begin_by(&rules, &scheme, head, now);
        let host = (verifier, guard, is_part, refreshes, now);
        receive_with!(state, begun, body, host, AnyScheme, Slab::ring_of)
    })
}
