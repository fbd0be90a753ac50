//! What the verdict on a callback costs beside the HMAC that it cannot do without.
//!
//! A machine's speed moves from minute to minute, so the two are measured in alternating rounds,
//! and `scripts/bench core` reports the median of the rounds' ratios.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::std_instead_of_core,
    missing_docs,
    reason = "a bench may fail loudly"
)]

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, measurement::WallTime};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sinch_callback::{
    Claim, MemoryReplayGuard, ReplayGuard, ReplayKey, Secret, SignedHeaders, Signer, UnixSeconds,
    Verifier, Window,
};

const SECRET: &str = "made-up-webhook-secret";
const SIGNED_AT: UnixSeconds = UnixSeconds::new(1_773_480_419);
const ROUNDS: usize = 9;
const GUARD_CAPACITY: usize = 1_000_000;
/// Callbacks signed beforehand. Enough for the guard's work on them to miss the nearest cache.
const POOL: usize = 4_096;

/// A delivery report of the Conversation API, as long as one is in the middle.
const BODY: &str = concat!(
    r#"{"app_id":"01JB2V7Q3M5XK8N4T6W9Y1Z0AC","accepted_time":"2026-03-14T09:26:53.589Z","#,
    r#""event_time":"2026-03-14T09:26:58.979323Z","#,
    r#""project_id":"5f0c9a7e-3b21-4d86-9c4f-7a1e2d3c4b5a","#,
    r#""message_delivery_report":{"message_id":"01JPA3Z8R5G7H2KDMQW4T9XBVE","#,
    r#""conversation_id":"01JN6Y4B0C3D8FQ7S2V5XHGKPT","status":"DELIVERED","#,
    r#""channel_identity":{"channel":"WHATSAPP","identity":"4799999999","app_id":""},"#,
    r#""contact_id":"01JK9W2E6R4T8Y1P5S7D3FGHJM","metadata":"order-2026-0031415:invoice","#,
    r#""processing_mode":"CONVERSATION"},"message_metadata":"","#,
    r#""correlation_id":"order-2026-0031415"}"#,
);
const _: () = assert!(BODY.len() == 568);

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .nresamples(2_000)
        .configure_from_args();
    verdict(&mut criterion);
    guard(&mut criterion);
    criterion.final_summary();
}

fn verdict(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verdict");
    for round in 1..=ROUNDS {
        bare(&mut group, round);
        full(&mut group, round);
    }
    group.finish();
}

/// The HMAC alone, keyed once, over a signed string that lies ready in one piece.
fn bare(group: &mut BenchmarkGroup<'_, WallTime>, round: usize) {
    let keyed = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
    let signed = format!("{BODY}.{}.{SIGNED_AT}", nonce(0));
    group.bench_function(BenchmarkId::new("bare", round), |bencher| {
        bencher.iter(|| {
            let mut mac = keyed.clone();
            mac.update(black_box(signed.as_bytes()));
            mac.finalize().into_bytes()
        });
    });
}

/// The whole verdict: headers, signature, window and replay, each callback new to a guard that is
/// full and forgets its oldest for it. What a guard too large for the caches costs is measured by
/// itself.
fn full(group: &mut BenchmarkGroup<'_, WallTime>, round: usize) {
    let pool = signed_pool();
    let verifier =
        Verifier::bare(secret()).with_window(Window::BARE.with_max_age(Window::UNLIMITED));
    // Of a pool that goes round, half has always been forgotten.
    let mut guard = MemoryReplayGuard::covering(Window::BARE, POOL / 2);
    let mut pairs = request_headers();
    let mut position = 0;
    group.bench_function(BenchmarkId::new("full", round), |bencher| {
        bencher.iter(|| {
            let callback = &pool[position];
            pairs[SIGNATURE].1 = &callback.signature;
            pairs[NONCE].1 = &callback.nonce;
            let headers = SignedHeaders::collect(black_box(&pairs).iter().copied())
                .expect("well-formed headers");
            let authentic = verifier
                .authenticate(&headers, black_box(BODY.as_bytes()), SIGNED_AT)
                .expect("an authentic callback");
            let key = authentic.replay_key();
            assert!(
                matches!(guard.claim(key, SIGNED_AT), Claim::First(_)),
                "a callback twice"
            );
            guard.confirm(key, SIGNED_AT);
            position = (position + 1) % pool.len();
            authentic
        });
    });
}

/// A guard at one million live entries: a claim that makes it forget its oldest one, and a
/// confirmation of any of them. Both wait for memory more than they work, and how long memory takes
/// differs by machine and by minute: so a bare read of it is measured beside them.
fn guard(criterion: &mut Criterion) {
    let mut guard = MemoryReplayGuard::covering(Window::BARE, GUARD_CAPACITY);
    let mut keys = Keys(0);
    for _ in 0..GUARD_CAPACITY {
        let key = keys.next_key();
        let _ = guard.claim(key, SIGNED_AT);
        guard.confirm(key, SIGNED_AT);
    }
    let scattered = Scattered::over(guard.memory_bytes(), &mut keys.clone());
    let mut place = 0;
    let mut group = criterion.benchmark_group("guard");
    for round in 1..=ROUNDS {
        group.bench_function(BenchmarkId::new("read", round), |bencher| {
            bencher.iter(|| place = scattered.after(place));
        });
        group.bench_function(BenchmarkId::new("claim", round), |bencher| {
            bencher.iter(|| guard.claim(keys.next_key(), SIGNED_AT));
        });
        assert_eq!(guard.len(), GUARD_CAPACITY, "a guard that is not full");
        let mut live = keys.one_before(GUARD_CAPACITY);
        let mut left = GUARD_CAPACITY;
        group.bench_function(BenchmarkId::new("confirm", round), |bencher| {
            bencher.iter(|| {
                if left == 0 {
                    (live, left) = (keys.one_before(GUARD_CAPACITY), GUARD_CAPACITY);
                }
                left -= 1;
                guard.confirm(live.next_key(), SIGNED_AT);
            });
        });
    }
    group.finish();
}

fn secret() -> Secret {
    Secret::new(SECRET).expect("a good secret")
}

fn nonce(number: usize) -> String {
    format!("01JPA40{number:0>19}")
}

struct Signed {
    nonce: String,
    signature: String,
}

fn signed_pool() -> Vec<Signed> {
    let signer = Signer::new(secret());
    (0..POOL)
        .map(|number| {
            let nonce = nonce(number);
            let signed = signer
                .sign(BODY.as_bytes(), &nonce, SIGNED_AT)
                .expect("a good nonce");
            let [(_, signature), ..] = signed.headers();
            Signed {
                signature: signature.into(),
                nonce,
            }
        })
        .collect()
}

/// Positions in [`request_headers`].
const NONCE: usize = 7;
const SIGNATURE: usize = 9;

/// The headers of a request behind a proxy: four of ours among ten.
fn request_headers<'a>() -> [(&'static str, &'a str); 10] {
    [
        ("host", "callbacks.example.com"),
        ("user-agent", "Apache-HttpClient/5.2.1 (Java/17.0.9)"),
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", "568"),
        ("accept", "*/*"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-sinch-webhook-signature-timestamp", "1773480419"),
        ("x-sinch-webhook-signature-nonce", ""),
        ("x-sinch-webhook-signature-algorithm", "HmacSHA256"),
        ("x-sinch-webhook-signature", ""),
    ]
}

/// Cache lines that name each other in a ring without order, so that each read of one has to wait for
/// the read before it, and no cache guesses the next.
struct Scattered(Vec<[usize; 8]>);

impl Scattered {
    fn over(bytes: usize, keys: &mut Keys) -> Self {
        let mut lines = vec![[0; 8]; bytes / size_of::<[usize; 8]>()];
        for (place, line) in lines.iter_mut().enumerate() {
            line[0] = place;
        }
        // Sattolo's algorithm: a permutation of one cycle.
        for last in (1..lines.len()).rev() {
            let other = usize::try_from(keys.next_word()).expect("64 bits") % last;
            lines.swap(last, other);
        }
        Self(lines)
    }

    fn after(&self, place: usize) -> usize {
        self.0[place][0]
    }
}

/// Keys without order and without end, by splitmix64 of a counter.
#[derive(Clone, Copy)]
struct Keys(u64);

impl Keys {
    fn next_key(&mut self) -> ReplayKey {
        let (high, low) = (self.next_word(), self.next_word());
        ReplayKey::from_bytes((u128::from(high) << 64 | u128::from(low)).to_ne_bytes())
    }

    fn next_word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(Self::STEP);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// The same keys, from that many before.
    fn one_before(self, count: usize) -> Self {
        let words = u64::try_from(count).unwrap_or_default() * 2;
        Self(self.0.wrapping_sub(words.wrapping_mul(Self::STEP)))
    }
}
