//! A whole receiver in memory: `cargo run -p sinch-callback-pipeline --example in_memory`
use core::{convert::Infallible, error::Error};
use std::{collections::HashMap, sync::Arc};

use sinch_callback::{
    Answer, DeliveryState, MemoryReplayGuard, Rules, Secret, SignedHeaders, Signer, UnixSeconds,
};
use sinch_callback_pipeline::{
    Arrival, Envelope, FixedSecrets, Handoff, NoNotifier, Receiver,
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
    async fn keep(&self, envelope: &Envelope<'_>, why: KeptFor) -> Result<Novelty, Infallible> {
        let body = why.is_kept().then(|| envelope.body().to_vec());
        self.kept.lock().await.extend(body);
        Ok(Novelty::New)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let memory = Arc::new(Memory::default());
    let secrets = FixedSecrets::new(Secret::new("made-up")?);
    let guard = MemoryReplayGuard::covering(Rules::LOGGED.window, 10_000);
    let receiver = Receiver::new(secrets, memory.clone(), Rules::LOGGED).with_guard(guard);
    let processor = Processor::new(memory.clone(), NoNotifier, 1);
    let body = br#"{"message_delivery_report":{"message_id":"msg-1","status":"DELIVERED"}}"#;
    let now = UnixSeconds::new(1_700_000_000);
    let signed = Signer::new(Secret::new("made-up")?).sign(body, "a-nonce", now)?;
    for expected in [Answer::ACCEPTED, Answer::DUPLICATE] {
        let headers = SignedHeaders::collect(signed.headers());
        let arrival = Arrival::new(headers, body, now, "request-1");
        assert_eq!(receiver.receive(arrival).await.answer, expected);
    }
    for text in memory.queue.lock().await.iter() {
        drop(processor.process(&Envelope::decode(text)?, || true).await?);
    }
    let messages = memory.messages.lock().await;
    let state = messages.get("msg-1").and_then(|it| it.delivery.state());
    assert_eq!(state, Some(DeliveryState::Delivered));
    Ok(())
}
