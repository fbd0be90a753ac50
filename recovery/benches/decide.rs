//! What a decision costs: about an intent whose first step is silent, so that every question is asked.

#![allow(clippy::expect_used, missing_docs, reason = "a bench may fail loudly")]

use core::hint::black_box;
use core::time::Duration;

use criterion::Criterion;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{
    CallAnswer, Circumstances, Decision, IntentId, Request, decide, ports::Mode,
};

const NOW: UnixSeconds = UnixSeconds::new(1_795_600_811);
const REQUEST: &[u8] =
    br#"{"key": "login-7f3a", "to": {"SMS": "+15550100", "WHATSAPP": "+15550100",
    "EMAIL": "ada@example.com"}, "content": {"text": "Your code is 271828"}, "plan": "otp",
    "deadline": "PT1M"}"#;

fn main() {
    let request = Request::parse(REQUEST, NOW).expect("a request");
    let id = IntentId::new(NOW, [7; 10]);
    let mut intent = request.into_intent(id, &ForgetKey::new([7; 64]), Mode::On, NOW);
    intent.start(&Circumstances::open(NOW)).expect("a call");
    let _ = intent.answered(1, &CallAnswer::Accepted("01M".into()), NOW);
    let later = Circumstances::open(NOW.saturating_add(Duration::from_secs(31)));
    assert!(
        matches!(decide(&intent, &later), Decision::Send(_)),
        "the next step is due"
    );

    let mut criterion = Criterion::default().without_plots();
    criterion.bench_function("decide", |bench| {
        bench.iter(|| decide(black_box(&intent), black_box(&later)));
    });
    criterion.final_summary();
}
