//! What a receiver shows: its replies, its counts, its messages.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::Deserialize;
use sinch_callback_server::client::Answer;

use super::receiver::Receiver;
use crate::command_error::CommandError;

/// How often and how long to wait for the queue to empty.
const LOOKS: u32 = 400;
const LOOK: Duration = Duration::from_millis(25);

#[derive(Deserialize)]
pub(super) struct Summary {
    queued: u64,
    pub(super) set_aside: u64,
    pub(super) messages: u64,
    pub(super) callbacks: u64,
    pub(super) repeats: u64,
    pub(super) unrecognized: u64,
    pub(super) contradicted: u64,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    next_before: Option<i64>,
}

#[derive(Deserialize)]
struct Message {
    message_id: String,
    state: Option<String>,
}

#[derive(Deserialize)]
struct Reply {
    code: String,
}

/// The code that an answer tells; empty where it tells none.
pub(super) fn code(answer: &Answer) -> String {
    serde_json::from_slice::<Reply>(&answer.body)
        .map(|reply| reply.code)
        .unwrap_or_default()
}

/// The counts, once everything that was stored has been processed.
pub(super) async fn emptied(receiver: &Receiver) -> Result<Summary, CommandError> {
    for _ in 0..LOOKS {
        let summary: Summary = receiver.get("/api/summary").await?;
        if summary.queued == 0 {
            return Ok(summary);
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(CommandError::failed(
        "the queue does not empty",
        "stored callbacks are not processed",
    ))
}

/// Every message's state.
pub(super) async fn states(receiver: &Receiver) -> Result<BTreeMap<String, String>, CommandError> {
    let mut states = BTreeMap::new();
    let mut before = String::new();
    loop {
        let page: Page = receiver
            .get(&format!("/api/messages?limit=500{before}"))
            .await?;
        for message in page.messages {
            states.insert(message.message_id, message.state.unwrap_or_default());
        }
        match page.next_before {
            Some(next) => before = format!("&before={next}"),
            None => return Ok(states),
        }
    }
}
