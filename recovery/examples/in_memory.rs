//! A code that fails on SMS and is read on WhatsApp: `cargo run -p sinch-callback-recovery --example in_memory`
use core::{error::Error, time::Duration};

use sinch_callback::{DeliveryState, Permanence, Remedy, UnixSeconds};
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{
    Accepted, Call, CallAnswer, End, Engine, Evidence, Report, Request, memory::Memory,
    ports::Sender,
};

/// Prints in place of calling. A real one calls once, and gives every failure as an answer.
struct Printer;

impl Sender for Printer {
    async fn send(&self, call: &Call) -> CallAnswer {
        println!("{} to {:?}: {}", call.channel, call.identity, call.attempt);
        CallAnswer::Accepted(format!("message of {}", call.channel))
    }
}

const INTENT: &[u8] = br#"{
    "key": "login-7f3a",
    "to": {"SMS": "+15550100", "WHATSAPP": "+15550100", "EMAIL": "ada@example.com"},
    "content": {"text": "Your code is 271828"},
    "plan": "otp",
    "deadline": "PT2M"
}"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let start = UnixSeconds::new(1_795_600_811);
    let at = |secs| start.saturating_add(Duration::from_secs(secs));
    let engine = Engine::new(
        Memory::new(Printer, start),
        ForgetKey::new([7; ForgetKey::LEN]),
    );

    let Accepted::Created(intent) = engine.accept(Request::parse(INTENT, start)?).await? else {
        return Err("its key is in use".into());
    };
    engine.look(intent.id()).await?;

    // A host takes this from the message that the callbacks are about: `Report::of`.
    let unreachable = (Remedy::TryAnotherChannel, Permanence::Permanent);
    let failed = Report::failed("message of SMS", 1, unreachable.0, unreachable.1);
    engine.reported_of(intent.attempt_name(1), failed).await?;

    // 5 s later nothing has corrected the failure. A host has a timer that sweeps.
    engine.ports().set_now(at(5));
    assert_eq!(engine.sweep(100).await?.calls, 1);

    let read = Report::new("message of WHATSAPP", 2, DeliveryState::Read);
    engine.reported_of(intent.attempt_name(2), read).await?;

    let ended = engine.find(intent.key()).await?.ok_or("it is kept")?;
    assert_eq!(ended.end(), Some(End::Done(Evidence::Read)));
    for line in ended.log().lines() {
        println!(
            "{} {} {}",
            line.at.since(start).as_secs(),
            line.what,
            line.why
        );
    }
    Ok(())
}
