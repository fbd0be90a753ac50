//! What became of a message, in the order in which it was told.

use serde::Serialize;
use sinch_callback::{Carrier, Failure, millis_between};

use crate::view::{ChannelView, DueView, LogView, MessageSummary, MessageView};

/// A message and how it came to stand where it stands.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TimelineView {
    /// The message without its log.
    pub message: TimelineMessage,
    /// What each report said and did, in the order of arrival.
    pub entries: Vec<TimelineEntry>,
}

/// A message as a timeline shows it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TimelineMessage {
    /// Where it stands.
    #[serde(flatten)]
    pub summary: MessageSummary,
    /// Where it stands on each of its channels.
    pub channels: Vec<ChannelView>,
    /// By when it has to be settled.
    pub dues: Vec<DueView>,
}

/// What one report said and did.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TimelineEntry {
    /// When it was received, in Unix seconds.
    pub at: u64,
    /// When it happened, as Sinch wrote it.
    pub occurred_at: String,
    /// Milliseconds since what the entry before tells, by Sinch's clock where both say when they
    /// happened; less than 0 where it happened before that. `None` of the first.
    pub since_previous_ms: Option<i64>,
    /// The channel that it speaks of.
    pub channel: String,
    /// The status as Sinch wrote it.
    pub status: String,
    /// Where the message stood afterwards.
    pub state: Option<String>,
    /// What it did to the message on that channel: `Step::as_str`.
    pub step: String,
    /// Why it failed or switched.
    pub reason: Option<Failure>,
    /// What the carrier said.
    pub carrier: Option<Carrier>,
    /// How often its event came again, and was absorbed.
    pub repeats: u64,
    /// The state that had been told as an end, and that this report has corrected.
    pub corrects: Option<String>,
    /// How it came: `callback`, or `poll`.
    pub source: String,
    /// The key of its event.
    pub content_key: String,
    /// `kept`, or why there is no body to show.
    pub body: &'static str,
    /// Where it can be asked for, if it is kept.
    pub body_path: Option<String>,
}

impl TimelineEntry {
    /// What [`TimelineEntry::body`] says of one that is kept.
    pub const KEPT: &str = "kept";
    /// The same of one that is not.
    pub const NOT_KEPT: &str = "not kept (Archive=off)";
}

impl TimelineView {
    /// The timeline of a message of which no body is kept.
    #[must_use]
    pub fn of(view: MessageView) -> Self {
        let mut entries: Vec<TimelineEntry> = Vec::new();
        for line in view.log {
            let since_previous_ms = entries.last().map(|last| between(last, &line));
            entries.push(TimelineEntry {
                at: line.received_at,
                occurred_at: line.occurred_at,
                since_previous_ms,
                channel: line.channel,
                status: line.status,
                state: line.state,
                step: line.step,
                reason: line.reason,
                carrier: line.carrier,
                repeats: line.repeats,
                corrects: line.corrects,
                source: line.source,
                content_key: line.content_key,
                body: TimelineEntry::NOT_KEPT,
                body_path: None,
            });
        }
        Self {
            message: TimelineMessage {
                summary: view.message,
                channels: view.channels,
                dues: view.dues,
            },
            entries,
        }
    }
}

fn between(last: &TimelineEntry, line: &LogView) -> i64 {
    millis_between(&last.occurred_at, &line.occurred_at).unwrap_or_else(|| {
        let secs = i64::try_from(line.received_at.abs_diff(last.at)).unwrap_or(i64::MAX);
        let millis = secs.saturating_mul(1_000);
        if line.received_at < last.at {
            millis.saturating_neg()
        } else {
            millis
        }
    })
}

#[cfg(test)]
mod tests {
    use sinch_callback::UnixSeconds;

    use super::*;
    use crate::{envelope::Envelope, messages::ReadCallback};

    #[test]
    fn each_entry_tells_what_it_did_and_how_long_that_took() {
        let mut message = None;
        for (at, status, event_time) in [
            (5, "QUEUED_ON_CHANNEL", "2026-01-02T03:04:05Z"),
            (7, "FAILED", "2026-01-02T03:04:06.500Z"),
            (12, "DELIVERED", ""),
            (11, "READ", "2026-01-02T03:04:09Z"),
        ] {
            let body = format!(
                r#"{{"event_time":"{event_time}","message_delivery_report":{{"message_id":"m","status":"{status}","channel_identity":{{"channel":"SMS","identity":"12025550147"}}}}}}"#
            );
            let envelope = Envelope::polled(body.as_bytes(), UnixSeconds::new(at), "r");
            message = ReadCallback::of(&envelope).change(0, message).write;
        }
        let timeline = TimelineView::of(message.unwrap().view());
        let told: Vec<_> = timeline
            .entries
            .iter()
            .map(|entry| {
                (
                    entry.since_previous_ms,
                    entry.state.as_deref(),
                    entry.corrects.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (None, Some("queued"), None),
                (Some(1_500), Some("failed"), None),
                (Some(5_000), Some("delivered"), Some("failed")),
                (Some(-1_000), Some("read"), None),
            ]
        );
    }
}
