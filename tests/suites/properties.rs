//! What holds for every callback, whatever its bytes.

use core::time::Duration;
use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};
use sinch_callback::{
    Callback, Claim, HeaderName, MemoryReplayGuard, Rejection, ReplayGuard, ReplayKey, Secret,
    SecretRing, SignedHeaders, Signer, Ticket, UnixSeconds, Verifier, WhenFull, Window,
};

const NOW: u64 = 1_700_000_000;

fn nonce() -> impl Strategy<Value = String> {
    // Visible ASCII without the dot and without the comma, which is a seam of joined values.
    "[!-+\\-/-~]{1,128}"
}

fn secret() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..150)
}

type Signed = Vec<(&'static str, Vec<u8>)>;

fn sign(secret: &[u8], body: &[u8], nonce: &str, at: u64) -> Signed {
    let signer = Signer::new(Secret::verbatim(secret).unwrap());
    let signed = signer.sign(body, nonce, UnixSeconds::new(at)).unwrap();
    let headers = signed.headers();
    headers
        .into_iter()
        .map(|(name, value)| (name, value.as_bytes().to_vec()))
        .collect()
}

fn verdict(secrets: &[&[u8]], headers: &Signed, body: &[u8], now: u64) -> Result<u8, Rejection> {
    let ring = secrets.iter().map(|bytes| Secret::verbatim(bytes).unwrap());
    let verifier = Verifier::bare(SecretRing::new(ring).unwrap());
    let pairs = headers
        .iter()
        .map(|(name, value)| (*name, value.as_slice()));
    let headers = SignedHeaders::collect(pairs)?;
    let authentic = verifier.authenticate(&headers, body, UnixSeconds::new(now))?;
    Ok(authentic.secret_slot().index())
}

proptest! {
    #[test]
    fn what_is_signed_verifies_in_the_slot_of_its_secret(
        secret in secret(), other in secret(), body in vec(any::<u8>(), 0..2_000), nonce in nonce(), age in 0_u64..=300,
    ) {
        prop_assume!(secret != other);
        let headers = sign(&secret, &body, &nonce, NOW - age);
        prop_assert_eq!(verdict(&[&secret], &headers, &body, NOW), Ok(0));
        prop_assert_eq!(verdict(&[&other, &secret], &headers, &body, NOW), Ok(1));
        prop_assert_eq!(verdict(&[&other], &headers, &body, NOW), Err(Rejection::SignatureMismatch));
    }

    #[test]
    fn any_one_bit_change_of_the_body_is_refused(
        secret in secret(), mut body in vec(any::<u8>(), 1..500), nonce in nonce(), position: prop::sample::Index, bit in 0..8_u8,
    ) {
        let headers = sign(&secret, &body, &nonce, NOW);
        let at = position.index(body.len());
        body[at] ^= 1 << bit;
        prop_assert_eq!(verdict(&[&secret], &headers, &body, NOW), Err(Rejection::SignatureMismatch));
    }

    #[test]
    fn any_one_bit_change_of_a_header_is_refused(
        secret in secret(), body in vec(any::<u8>(), 0..200), nonce in nonce(), header in 0..3_usize, position: prop::sample::Index, bit in 0..8_u8,
    ) {
        let mut headers = sign(&secret, &body, &nonce, NOW);
        let (name, value) = &mut headers[header];
        let name = *name;
        let at = position.index(value.len());
        value[at] ^= 1 << bit;
        let refusal = verdict(&[&secret], &headers, &body, NOW).unwrap_err();
        let name = HeaderName::parse(name.as_bytes()).unwrap();
        let allowed = [Rejection::SignatureMismatch, Rejection::MalformedHeader(name), Rejection::RepeatedHeader(name)];
        prop_assert!(allowed.contains(&refusal), "{:?}", refusal);
    }

    #[test]
    fn the_boundary_of_an_authentic_callback_can_be_moved_nowhere(
        secret in secret(), pieces in vec("[a-z0-9]{0,12}", 1..6), nonce in nonce(),
    ) {
        let body = pieces.join(".");
        let headers = sign(&secret, body.as_bytes(), &nonce, NOW);
        let signed = format!("{body}.{nonce}.{NOW}");
        // Every way to cut the signed string at two dots, but the one that was signed.
        let dots: Vec<_> = signed.match_indices('.').map(|(at, _)| at).collect();
        for (index, first) in dots.iter().enumerate() {
            for second in &dots[index + 1..] {
                let (cut_body, rest) = (&signed[..*first], &signed[first + 1..]);
                let (cut_nonce, cut_time) = (&rest[..second - first - 1], &signed[second + 1..]);
                if cut_body == body {
                    continue;
                }
                let mut moved = headers.clone();
                moved[1].1 = cut_time.into();
                moved[2].1 = cut_nonce.into();
                let refusal = verdict(&[&secret], &moved, cut_body.as_bytes(), NOW).unwrap_err();
                prop_assert_eq!(refusal.http_status(), 400, "{:?}", refusal);
            }
        }
    }

    #[test]
    fn no_headers_and_no_body_make_anything_panic(
        values in vec((select(&[
            "x-sinch-webhook-signature", "X-Sinch-Webhook-Signature-Nonce",
            "x-sinch-webhook-signature-timestamp", "x-sinch-webhook-signature-algorithm", "host", "",
        ][..]), vec(any::<u8>(), 0..60)), 0..8),
        body in vec(any::<u8>(), 0..300), now: u64, limits: (Duration, Duration),
    ) {
        let pairs = values.iter().map(|(name, value)| (*name, value.as_slice()));
        let verifier = Verifier::bare(Secret::new("made-up").unwrap())
            .with_window(Window::new(limits.0, limits.1));
        if let Ok(headers) = SignedHeaders::collect(pairs) {
            let verdict = verifier.authenticate(&headers, &body, UnixSeconds::new(now));
            prop_assert_eq!(verdict.unwrap_err(), Rejection::SignatureMismatch);
        }
        let _ = Callback::parse(&body);
    }

    #[test]
    fn no_json_makes_the_reader_of_callbacks_panic(json in json(), key in select(&[
        "message_delivery_report", "event_delivery_report", "message", "type", "statuses",
    ][..])) {
        for body in [
            json.clone(),
            format!(r#"{{"{key}":{json}}}"#),
            format!(r#"{{"type":"delivery_report_sms","batch_id":"b","statuses":{json}}}"#),
            format!(r#"{{"message_delivery_report":{{"message_id":"m","status":"FAILED","reason":{json},"channel_identity":{json}}}}}"#),
        ] {
            let _ = Callback::parse(body.as_bytes());
        }
    }

    #[test]
    fn the_guard_is_a_map_with_an_order(
        steps in vec((0..4_u8, 0..12_u8, 0..40_u64), 0..200), capacity in 1..8_usize, refuses: bool,
    ) {
        let when_full = if refuses { WhenFull::Refuse } else { WhenFull::ForgetOldest };
        let mut guard = MemoryReplayGuard::new(capacity, Duration::from_secs(MEMORY))
            .with_in_flight(Duration::from_secs(IN_FLIGHT))
            .with_when_full(when_full);
        let mut model = Model { entries: BTreeMap::new(), claims: 0, capacity, when_full };
        let mut tickets = Vec::new();
        let mut now = 1_000;
        for (step, key, passed) in steps {
            now += passed;
            let key = ReplayKey::from_bytes([key; 16]);
            match step {
                0 | 1 => {
                    let claim = guard.claim(key, UnixSeconds::new(now));
                    prop_assert_eq!(&claim, &model.claim(key, now));
                    if let Claim::First(ticket) = claim {
                        tickets.push(ticket);
                    }
                }
                2 => { guard.confirm(key, UnixSeconds::new(now)); model.confirm(key, now); }
                // Of the oldest claim of this key, which may be no more than a memory.
                _ => if let Some(place) = tickets.iter().position(|ticket| ticket.key() == key) {
                    let ticket = tickets.remove(place);
                    model.release(key, ticket.claimed_at().get());
                    guard.release(ticket);
                }
            }
            prop_assert_eq!(guard.len(), model.entries.len());
            prop_assert!(guard.len() <= capacity);
        }
    }
}

const MEMORY: u64 = 100;
const IN_FLIGHT: u64 = 10;

/// JSON of every shape, small.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f32>()
            .prop_filter("JSON has no such numbers", |value| value.is_finite())
            .prop_map(|value| value.to_string()),
        "[a-z0-9+ ]{0,8}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(
                (
                    select(&["code", "status", "recipients", "message_id", "channel"][..]),
                    inner
                ),
                0..4
            )
            .prop_map(|fields| {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// The guard as one would write it without a care for time and memory.
struct Model {
    entries: BTreeMap<ReplayKey, Entry>,
    claims: u64,
    capacity: usize,
    when_full: WhenFull,
}

struct Entry {
    since: u64,
    order: u64,
    done: bool,
}

impl Entry {
    fn has_aged_out(&self, now: u64) -> bool {
        now - self.since > if self.done { MEMORY } else { IN_FLIGHT }
    }
}

impl Model {
    fn claim(&mut self, key: ReplayKey, now: u64) -> Claim {
        if let Some(entry) = self.entries.get(&key) {
            if !entry.has_aged_out(now) {
                return if entry.done {
                    Claim::Done
                } else {
                    Claim::InFlight {
                        since: UnixSeconds::new(entry.since),
                    }
                };
            }
            self.entries.remove(&key);
        }
        if self.entries.len() == self.capacity {
            let (oldest, entry) = self
                .entries
                .iter()
                .min_by_key(|(_, entry)| entry.order)
                .unwrap();
            if self.when_full == WhenFull::Refuse && !entry.has_aged_out(now) {
                return Claim::Full;
            }
            let oldest = *oldest;
            self.entries.remove(&oldest);
        }
        self.claims += 1;
        self.entries.insert(
            key,
            Entry {
                since: now,
                order: self.claims,
                done: false,
            },
        );
        Claim::First(Ticket::new(key, UnixSeconds::new(now)))
    }

    fn confirm(&mut self, key: ReplayKey, now: u64) {
        let _ = self.claim(key, now);
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.done = true;
        }
    }

    fn release(&mut self, key: ReplayKey, since: u64) {
        let is_its_claim = |entry: &Entry| !entry.done && entry.since == since;
        if self.entries.get(&key).is_some_and(is_its_claim) {
            self.entries.remove(&key);
        }
    }
}
