//! What the full build has beyond verifier and guard.

use alloc::vec::Vec;

use sinch_callback::{
    Callback, Decimal, DeliveryReport, Detail, Evidence, HeaderName, Signer, Unrecognized,
    diagnose as find_causes,
    scheme::{SchemeSigner, ToSign},
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    buffer::take,
    number::{moment, negative},
    reception::window,
    schemes::{request, take_sized, text},
    slab::Item,
    state::with,
};

/// Texts in an order that both sides know, each after its length as a little-endian `u32`.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    count: u32,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.push_with(|bytes| bytes.extend_from_slice(text.as_bytes()));
    }

    fn push_detail(&mut self, detail: &Detail) {
        self.push_with(|bytes| detail.write_to(|part| bytes.extend_from_slice(part)));
    }

    /// Appends what `write` does, after its length.
    fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let length_at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        let start = self.bytes.len();
        write(&mut self.bytes);
        let length = self.bytes.len().saturating_sub(start);
        let place = self.bytes.get_mut(length_at..);
        if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
            *place = u32::try_from(length).unwrap_or_default().to_le_bytes();
        }
        self.count = self.count.wrapping_add(1);
    }
}

/// Reads the body that lies in the buffer. How many texts then lie there: two, reason and detail,
/// where it is not understood; otherwise kind, app, project, why a part of it is not understood, and the
/// fields of each report.
#[wasm_bindgen]
pub fn read_callback(body_length: u32) -> u32 {
    with(|state| {
        let mut texts = Texts::default();
        match Callback::parse(take(&mut state.buffer.all(), body_length)) {
            Ok(callback) => {
                texts.push(callback.kind.as_str());
                texts.push(&callback.app_id);
                texts.push(&callback.project_id);
                texts.push(callback.unread.map_or("", Unrecognized::as_str));
                for report in &callback.reports {
                    push_report(&mut texts, report);
                }
            }
            Err(reason) => {
                texts.push(reason.as_str());
                texts.push(reason.detail());
            }
        }
        state.buffer.put_whole(&texts.bytes);
        texts.count
    })
}

/// Twenty-five texts: of the report, of its reason (empty where nothing failed), of its carrier.
fn push_report(texts: &mut Texts, report: &DeliveryReport) {
    for text in [
        report.subject.as_str(),
        &report.message_id,
        &report.conversation_id,
        &report.contact_id,
        report.status.as_str(),
        &report.status_text,
        &report.channel,
        &report.identity,
        &report.occurred_at,
        &report.correlation.metadata,
        &report.correlation.correlation_id,
        &report.correlation.client_reference,
    ] {
        texts.push(text);
    }
    let failure = report.failure.as_ref();
    let remedy = failure.map(|failure| failure.remedy);
    for text in [
        failure.map(|failure| failure.code.as_str()),
        failure.map(|failure| failure.sub_code.as_str()),
        failure.map(|failure| failure.description.as_str()),
        failure.map(|failure| failure.channel_code.as_str()),
        failure.map(|failure| failure.status_message.as_str()),
        failure.map(|failure| failure.permanence.as_str()),
        remedy.map(sinch_callback::Remedy::as_str),
        remedy.map(sinch_callback::Remedy::advice),
    ] {
        texts.push(text.unwrap_or_default());
    }
    let carrier = &report.carrier;
    texts.push(&carrier.channel_code);
    texts.push(&carrier.status_message);
    texts.push(&carrier.operator);
    texts.push_with(|bytes| {
        if let Some(parts) = carrier.parts {
            bytes.extend_from_slice(Decimal::new(parts).as_bytes());
        }
    });
    texts.push(&carrier.encoding);
}

/// Looks for what makes the signature of a refused callback match. In the buffer lie the values of
/// the headers and the body as for `verify`, then the secrets in use, then those retired, each after
/// its length as a little-endian `u32`. How many causes
/// there are; for each, its code and its text then lie in the buffer.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "numbers are what crosses the boundary without a copy"
)]
pub fn diagnose(
    signature_length: i32,
    timestamp_length: i32,
    nonce_length: i32,
    algorithm_length: i32,
    body_length: u32,
    secrets: u32,
    retired_secrets: u32,
    now_high: u32,
    now_low: u32,
    max_age_secs: u64,
    max_ahead_secs: u64,
) -> u32 {
    with(|state| {
        let mut rest = state.buffer.all();
        let lengths = [
            signature_length,
            timestamp_length,
            nonce_length,
            algorithm_length,
        ];
        let values = lengths.map(|length| Some(take(&mut rest, u32::try_from(length).ok()?)));
        let names = HeaderName::CONVERSATION.iter().map(|name| name.as_str());
        let headers = names
            .zip(values)
            .filter_map(|(name, value)| Some((name, value?)));
        let body = take(&mut rest, body_length);
        let secrets = take_list(&mut rest, secrets);
        let retired_secrets = take_list(&mut rest, retired_secrets);
        let evidence = Evidence::new(body, &secrets, moment(now_high, now_low))
            .with_retired_secrets(&retired_secrets)
            .with_window(window(max_age_secs, max_ahead_secs));
        let causes = find_causes(headers, &evidence);
        let mut texts = Texts::default();
        for cause in &causes {
            texts.push(cause.code());
            texts.push_detail(&cause.detail());
        }
        state.buffer.erase();
        state.buffer.put_whole(&texts.bytes);
        u32::try_from(causes.len()).unwrap_or_default()
    })
}

fn take_list<'a>(rest: &mut &'a [u8], count: u32) -> Vec<&'a [u8]> {
    (0..count).map(|_| take_sized(rest)).collect()
}

/// Makes a signer of the scheme that was set and of the key that lies in the buffer. Its number; or,
/// negative, the length of the reason why there is none.
#[wasm_bindgen]
pub fn new_signer_of(length: u32) -> i32 {
    with(|state| {
        let signer = SchemeSigner::new(state.scheme, take(&mut state.buffer.all(), length));
        state.buffer.erase();
        match signer {
            Ok(signer) => {
                let number = state.items.insert(Item::SignerOf(signer));
                i32::try_from(number).unwrap_or_default()
            }
            Err(reason) => negative(state.buffer.put(reason.as_str().as_bytes())),
        }
    })
}

/// Signs the request that lies in the buffer as for `verify_by`, with a content type and a nonce as its
/// only headers. How many texts then lie there: the name and the value of each header, then the body to
/// send. Negative, the length of the reason why there are none; 0 where the signer has been freed.
#[wasm_bindgen]
pub fn sign_by(
    number: u32,
    method_length: u32,
    target_length: u32,
    body_length: u32,
    at_high: u32,
    at_low: u32,
) -> i32 {
    with(|state| {
        let Some(signer) = state.items.signer_of(number) else {
            return 0;
        };
        let buffer = state.buffer.all();
        let (request, body, mut headers) =
            request(buffer, method_length, target_length, body_length, 1);
        let (content_type, nonce) = headers.next().unwrap_or_default();
        drop(headers);
        let what = ToSign::new(request, body, text(nonce), moment(at_high, at_low))
            .with_content_type(text(content_type));
        match signer.sign(&what) {
            Ok(signed) => {
                let mut texts = Texts::default();
                for (name, value) in &signed.headers {
                    texts.push(name);
                    texts.push(value);
                }
                texts.push_with(|bytes| bytes.extend_from_slice(&signed.body));
                state.buffer.put_whole(&texts.bytes);
                i32::try_from(texts.count).unwrap_or_default()
            }
            Err(reason) => negative(state.buffer.put(reason.as_str().as_bytes())),
        }
    })
}

/// Makes a signer of the secret that lies in the buffer. Its number; or, negative, the length of the
/// reason why there is none.
#[wasm_bindgen]
pub fn new_signer(length: u32, verbatim: bool) -> i32 {
    with(
        |state| match state.buffer.take_secret(length, verbatim, false) {
            Ok(secret) => {
                let number = state.items.insert(Item::Signer(Signer::new(secret)));
                i32::try_from(number).unwrap_or_default()
            }
            Err(reason) => negative(state.buffer.put(reason.as_str().as_bytes())),
        },
    )
}

/// Signs the body that lies in the buffer after its nonce. How many headers there are; for each, its
/// name and its value then lie in the buffer. Negative, the length of the reason why there are none; 0
/// where the signer has been freed.
#[wasm_bindgen]
pub fn sign(number: u32, nonce_length: u32, body_length: u32, at_high: u32, at_low: u32) -> i32 {
    with(|state| {
        let Some(signer) = state.items.signer(number) else {
            return 0;
        };
        let mut rest = state.buffer.all();
        // A nonce that is no text is none that may be signed.
        let nonce = str::from_utf8(take(&mut rest, nonce_length)).unwrap_or_default();
        let body = take(&mut rest, body_length);
        let mut texts = Texts::default();
        match signer.sign(body, nonce, moment(at_high, at_low)) {
            Ok(signed) => {
                let mut count = 0;
                for (name, value) in signed.headers() {
                    texts.push(name);
                    texts.push(value);
                    count = i32::saturating_add(count, 1);
                }
                state.buffer.put_whole(&texts.bytes);
                count
            }
            Err(reason) => negative(state.buffer.put(reason.as_str().as_bytes())),
        }
    })
}
