//! What has become of the messages, against what must have.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::{day::Day, receiver::Receiver, report::Report};
use crate::command_error::CommandError;

/// How often and how long to wait for the queue to empty.
const LOOKS: u32 = 400;
const LOOK: Duration = Duration::from_millis(25);

#[derive(Deserialize)]
pub(super) struct Summary {
    queued: u64,
    set_aside: u64,
    messages: u64,
    callbacks: u64,
    repeats: u64,
    unrecognised: u64,
    contradicted: u64,
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

pub(super) async fn check(
    receiver: &Receiver,
    day: &Day,
    report: &mut Report,
) -> Result<(), CommandError> {
    let summary = emptied(receiver).await?;
    let got = states(receiver).await?;
    report.section(
        "What the receiver has made of it",
        ["deliveries", "must be", "are"],
    );
    let mut by_end: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (message_id, end) in &day.deliveries {
        let (expected, right) = by_end.entry(end).or_default();
        *expected = expected.saturating_add(1);
        if got.get(message_id).is_some_and(|state| state == end) {
            *right = right.saturating_add(1);
        }
    }
    for (end, (expected, right)) in by_end {
        let what = format!("messages {end}");
        report.row(what, expected, expected.to_string(), right.to_string());
    }
    let known = u64::try_from(day.deliveries.len()).unwrap_or(u64::MAX);
    let mut count = |what: &str, expected: u64, got: u64| {
        report.row(what, expected, expected.to_string(), got.to_string());
    };
    let expected = &day.expected;
    count(
        "messages in all: none missing, none invented",
        known,
        summary.messages,
    );
    count(
        "events in the log, each once",
        expected.callbacks,
        summary.callbacks,
    );
    count(
        "stored again and counted as repeats",
        expected.repeats,
        summary.repeats,
    );
    count(
        "contradictions to look at",
        expected.contradicted,
        summary.contradicted,
    );
    count(
        "bodies not understood, kept",
        expected.unrecognised,
        summary.unrecognised,
    );
    count("set aside as not processable", 0, summary.set_aside);
    Ok(())
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
