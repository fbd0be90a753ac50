use sinch_callback::{ContentKey, SecretRing, Verifier};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    buffer::take,
    number::{float, moment, negative},
    reception::{headers, rules},
    slab::Item,
    state::with,
    verdict,
};

/// Adds the secret that lies in the buffer to those of the next verifier. 0 where it is taken;
/// otherwise the length of the reason, which then lies in the buffer.
#[wasm_bindgen]
pub fn add_secret(length: u32, is_verbatim: bool, is_strong: bool) -> u32 {
    with(|state| {
        match state.buffer.take_secret(length, is_verbatim, is_strong) {
            Ok(secret) => {
                // Beyond the last place it is one too many anyway.
                if let Some(place) = state.secrets.iter_mut().find(|place| place.is_none()) {
                    *place = Some(secret);
                }
                0
            }
            Err(reason) => {
                state.secrets = [const { None }; SecretRing::MAX + 1];
                state.buffer.put(reason.as_str().as_bytes())
            }
        }
    })
}

/// Makes a verifier of the secrets that were added. Its number; or, negative, the length of the
/// reason why there is none.
#[wasm_bindgen]
pub fn new_verifier(
    max_age_secs: u64,
    max_ahead_secs: u64,
    max_body_bytes: u32,
    needs_algorithm: bool,
) -> i32 {
    with(|state| {
        let secrets = state.secrets.iter_mut().filter_map(Option::take);
        let ring = match SecretRing::new(secrets) {
            Ok(ring) => ring,
            Err(reason) => return negative(state.buffer.put(reason.as_str().as_bytes())),
        };
        let rules = rules(
            max_age_secs,
            max_ahead_secs,
            max_body_bytes,
            needs_algorithm,
        );
        let verifier = Verifier::of(ring, rules);
        i32::try_from(state.items.insert(Item::Verifier(verifier))).unwrap_or_default()
    })
}

/// How long a guard in front of a verifier, or one by these rules, has to remember, in seconds.
#[wasm_bindgen]
pub fn memory_secs(number: u32) -> f64 {
    with(|state| {
        let of_verifier = state.items.verifier(number).map(Verifier::window);
        #[cfg(feature = "schemes")]
        let of_verifier = of_verifier.or_else(|| {
            let verifier = state.items.verifier_of(number)?;
            Some(verifier.rules().window)
        });
        let window = of_verifier.or_else(|| Some(state.items.rules(number)?.window));
        window.map_or(0.0, |window| float(window.memory().as_secs()))
    })
}

/// Drops the verifier, the rules or the guard of this number; secrets are overwritten.
#[wasm_bindgen]
pub fn free(number: u32) {
    with(|state| state.items.remove(number));
}

/// Judges the callback that lies in the buffer: the values of the four headers one after the other,
/// in the order of `HeaderName::CONVERSATION`, then the body. A header that is absent has a negative length;
/// one that came several times has its values joined with commas, as HTTP does it.
///
/// Gives the verdict as a number; the record of an authentic callback lies in the buffer.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "numbers are what crosses the boundary without a copy"
)]
pub fn verify(
    number: u32,
    signature_length: i32,
    timestamp_length: i32,
    nonce_length: i32,
    algorithm_length: i32,
    body_length: u32,
    now_high: u32,
    now_low: u32,
) -> u32 {
    with(|state| {
        let Some(verifier) = state.items.verifier(number) else {
            return verdict::NO_VERIFIER;
        };
        let now = moment(now_high, now_low);
        let mut rest = state.buffer.all();
        let lengths = [
            signature_length,
            timestamp_length,
            nonce_length,
            algorithm_length,
        ];
        let headers = headers(&mut rest, lengths);
        let body = take(&mut rest, body_length);
        let judged = headers.and_then(|headers| verifier.authenticate(&headers, body, now));
        match judged {
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

/// The key of the event whose raw body lies in the buffer: 16 bytes at its start.
#[wasm_bindgen]
pub fn content_key(body_length: u32) {
    with(|state| {
        let key = ContentKey::of_body(take(&mut state.buffer.all(), body_length));
        state.buffer.put(key.as_bytes());
    });
}
