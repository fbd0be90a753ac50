//! What has become of the messages, against what must have.

use std::collections::BTreeMap;

use super::{
    day::Day,
    receiver::Receiver,
    report::Report,
    shown::{emptied, states},
};
use crate::command_error::CommandError;

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
        expected.unrecognized,
        summary.unrecognized,
    );
    count("set aside as not processable", 0, summary.set_aside);
    Ok(())
}
