use sinch_callback::{
    AlgorithmHeader, ContentKey, Secret, SecretRing, SignedHeaders, UnixSeconds, Verifier, Window,
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    buffer::take,
    number::{float, negative, whole, whole_or},
    slab::Item,
    state::with,
    verdict,
};

/// Adds the secret that lies in the buffer to those of the next verifier. 0 where it is taken;
/// otherwise the length of the reason, which then lies in the buffer.
#[wasm_bindgen]
pub fn add_secret(length: u32, verbatim: bool) -> u32 {
    with(|state| {
        let bytes = take(&mut state.buffer.all(), length);
        let secret = if verbatim {
            Secret::verbatim(bytes)
        } else {
            Secret::new(bytes)
        };
        state.buffer.erase();
        match secret {
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

/// Makes a verifier of the secrets that were added; NaN stands for an option's default. Its number;
/// or, negative, the length of the reason why there is none.
#[wasm_bindgen]
pub fn new_verifier(
    max_age_secs: f64,
    max_ahead_secs: f64,
    max_body_bytes: f64,
    needs_algorithm: bool,
) -> i32 {
    with(|state| {
        let secrets = state.secrets.iter_mut().filter_map(Option::take);
        let ring = match SecretRing::new(secrets) {
            Ok(ring) => ring,
            Err(reason) => return negative(state.buffer.put(reason.as_str().as_bytes())),
        };
        let algorithm = if needs_algorithm {
            AlgorithmHeader::Required
        } else {
            AlgorithmHeader::Optional
        };
        let mut verifier = Verifier::new(ring)
            .with_window(window(max_age_secs, max_ahead_secs))
            .with_algorithm_header(algorithm);
        if !max_body_bytes.is_nan() {
            let bytes = usize::try_from(whole(max_body_bytes)).unwrap_or(usize::MAX);
            verifier = verifier.with_max_body_bytes(bytes);
        }
        i32::try_from(state.items.insert(Item::Verifier(verifier))).unwrap_or_default()
    })
}

pub(crate) fn window(max_age_secs: f64, max_ahead_secs: f64) -> Window {
    Window {
        max_age_secs: whole_or(Window::BARE.max_age_secs, max_age_secs),
        max_ahead_secs: whole_or(Window::BARE.max_ahead_secs, max_ahead_secs),
    }
}

/// The largest body that a verifier accepts, in bytes.
#[wasm_bindgen]
pub fn max_body_bytes(number: u32) -> f64 {
    with(|state| {
        let limit = state.items.verifier(number).map(Verifier::max_body_bytes);
        limit.map_or(0.0, |bytes| float(u64::try_from(bytes).unwrap_or(u64::MAX)))
    })
}

/// How long a guard in front of a verifier has to remember, in seconds.
#[wasm_bindgen]
pub fn memory_secs(number: u32) -> f64 {
    with(|state| {
        let window = state.items.verifier(number).map(Verifier::window);
        window.map_or(0.0, |window| float(window.memory_secs()))
    })
}

/// Drops the verifier or guard of this number; secrets are overwritten.
#[wasm_bindgen]
pub fn free(number: u32) {
    with(|state| state.items.remove(number));
}

/// Judges the callback that lies in the buffer: the values of the four headers one after the other,
/// in the order of `HeaderName::ALL`, then the body. A header that is absent has a negative length;
/// one that came several times has its values joined with commas, as HTTP does it.
///
/// Gives a [`Verdict`] as a number; for an authentic callback its record lies in the buffer.
#[wasm_bindgen]
pub fn verify(
    number: u32,
    signature_length: i32,
    timestamp_length: i32,
    nonce_length: i32,
    algorithm_length: i32,
    body_length: u32,
    now_secs: f64,
) -> u32 {
    with(|state| {
        let Some(verifier) = state.items.verifier(number) else {
            return verdict::NO_VERIFIER;
        };
        let now = UnixSeconds::new(whole(now_secs));
        let lengths = [
            signature_length,
            timestamp_length,
            nonce_length,
            algorithm_length,
        ];
        let mut rest = state.buffer.all();
        let values = lengths.map(|length| Some(take(&mut rest, u32::try_from(length).ok()?)));
        let body = take(&mut rest, body_length);
        let judged = SignedHeaders::from_values(values)
            .and_then(|headers| verifier.authenticate(&headers, body, now));
        match judged {
            Ok(authentic) => {
                let record = verdict::record(&authentic, now);
                state.buffer.put(&record);
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
