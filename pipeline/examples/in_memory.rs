//! A whole receiver in memory: `cargo run -p sinch-callback-pipeline --example in_memory`
use core::{convert::Infallible, error::Error};
use std::collections::HashMap;

use sinch_callback::{
    Answer, DeliveryState, MemoryReplayGuard, Rules, Secret, SignedHeaders, Signer, UnixSeconds,
};
use sinch_callback_pipeline::{
    Arrival, DeliveryEvent, Envelope, FixedSecrets, Handoff, Notifier, Receiver,
    messages::{Callbacks, Change, Changed, KeptFor, Message, Messages, Novelty, Processor},
};
use tokio::sync::Mutex;

/// All that a host keeps. A real one keeps it on a disk.
#[derive(Default)]
struct Memory {
    queue: Mutex<Vec<String>>,
    messages: Mutex<HashMap<String, Message>>,
    kept: Mutex<Vec<Vec<u8>>>,
}

impl Handoff for Memory {
    type Error = Infallible;
    async fn send(&self, envelope: Envelope<'_>) -> Result<(), Infallible> {
        self.queue.lock().await.push(envelope.encode());
        Ok(())
    }
}

impl Messages for Memory {
    type Error = Infallible;
    async fn update(
        &self,
        id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, Infallible> {
        let mut messages = self.messages.lock().await;
        let Change { write, changed } = change(messages.get(id).cloned());
        messages.extend(write.map(|message| (id.to_owned(), message)));
        Ok(changed)
    }
}

impl Callbacks for Memory {
    async fn keep(&self, envelope: &Envelope<'_>, _why: KeptFor) -> Result<Novelty, Infallible> {
        self.kept.lock().await.push(envelope.body().to_vec());
        Ok(Novelty::New)
    }
}

impl Notifier for Memory {
    type Error = Infallible;
    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Infallible> {
        println!("{events:#?}");
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let memory = &Memory::default();
    let secrets = FixedSecrets::new(Secret::new("made-up")?);
    let guard = MemoryReplayGuard::covering(Rules::LOGGED.window, 10_000);
    let receiver = Receiver::new(secrets, memory, Rules::LOGGED).with_guard(guard);
    let processor = Processor::new(memory, memory, 1);
    let body = br#"{"message_delivery_report":{"message_id":"msg-1","status":"DELIVERED"}}"#;
    let now = UnixSeconds::new(1_700_000_000);
    let signed = Signer::new(Secret::new("made-up")?).sign(body, "a-nonce", now)?;
    let headers = SignedHeaders::collect(signed.headers());
    let arrival = Arrival::new(headers, body, now, "request-1");
    assert_eq!(receiver.receive(arrival).await.answer, Answer::ACCEPTED);
    assert_eq!(receiver.receive(arrival).await.answer, Answer::DUPLICATE);
    for text in memory.queue.lock().await.iter() {
        drop(processor.process(&Envelope::decode(text)?, || true).await?);
    }
    let messages = memory.messages.lock().await;
    let state = messages.get("msg-1").and_then(|it| it.delivery.state());
    assert_eq!(state, Some(DeliveryState::Delivered));
    Ok(())
}
