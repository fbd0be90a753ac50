use serde::{Deserialize, Serialize};
use sinch_callback::{
    Carrier, ContentKey, DeliveryReport, DeliveryState, DeliveryStatus, Failure, Step,
};

use super::{callback::ReadCallback, event::corrected, fields};
use crate::{said::Said, view::LogView};

/// What each arrival did to its message, in the order of arrival.
///
/// What moved a leg or the message stays for good: there are at most six moves of a leg. Of all else
/// the newest [`MessageLog::OTHERS`] stay, and what only repeated something known goes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageLog(Vec<LogEntry>);

/// What one arrival did to its message: what its events are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The key of the event.
    #[serde(rename = "key", with = "fields::key")]
    pub content_key: ContentKey,
    /// The first half of a hash of the arrival's name.
    #[serde(rename = "by")]
    pub arrival: String,
    /// When it was received, in Unix seconds.
    #[serde(rename = "at")]
    pub received_at: u64,
    /// How many seconds before that it was signed; less than 0 where it came from ahead of our clock.
    #[serde(rename = "age", default, skip_serializing_if = "fields::is_zero")]
    pub age_secs: i64,
    /// Which secret signed it, 0 being the current one.
    #[serde(rename = "slot", default, skip_serializing_if = "fields::is_zero")]
    pub secret_slot: u8,
    /// Whether it is what Sinch answered when it was asked, and no callback.
    #[serde(rename = "poll", default, skip_serializing_if = "fields::is_false")]
    pub polled: bool,
    /// Where the message stood before.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "fields::state"
    )]
    pub from: Option<DeliveryState>,
    /// Where the message stands since.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "fields::state"
    )]
    pub to: Option<DeliveryState>,
    /// The message's version since.
    #[serde(rename = "v")]
    pub version: u64,
    /// Whether reports have disagreed by then on how a leg ended.
    #[serde(default, skip_serializing_if = "fields::is_false")]
    pub contradicted: bool,
    /// What each of its reports did.
    pub reports: Vec<LogLine>,
    /// Which of them brought the message to where it stands since.
    #[serde(default, skip_serializing_if = "fields::is_zero")]
    pub decides: u64,
    /// What is told of the message, where that is not what the deciding report says itself.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "fields::lean"
    )]
    pub said: Option<Said>,
    /// How often its event came again: for people.
    #[serde(default, skip_serializing_if = "fields::is_zero")]
    pub repeats: u64,
    /// When it came last, in Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_repeat_at: Option<u64>,
    /// By which arrival it came last, as [`LogEntry::arrival`] has it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_repeat_by: String,
}

/// What one report did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The channel that it speaks of.
    #[serde(rename = "on", default, skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// The status as Sinch wrote it.
    pub status: String,
    /// What it did to its leg.
    #[serde(with = "fields::step")]
    pub step: Step,
    /// When it happened, as Sinch wrote it.
    #[serde(rename = "at", default, skip_serializing_if = "String::is_empty")]
    pub occurred_at: String,
    /// Why it failed or switched.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "fields::lean"
    )]
    pub reason: Option<Failure>,
    /// What the carrier said.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "fields::lean"
    )]
    pub carrier: Option<Carrier>,
}

impl MessageLog {
    /// How many entries stay that moved nothing. Our own choice: Sinch sends fewer reports on a message.
    pub const OTHERS: usize = 64;

    /// The entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[LogEntry] {
        &self.0
    }

    /// Takes entries as they are: what a store of an earlier version had kept.
    #[must_use]
    pub const fn taken_over(entries: Vec<LogEntry>) -> Self {
        Self(entries)
    }

    pub(super) fn find_mut(&mut self, content_key: ContentKey) -> Option<&mut LogEntry> {
        self.0
            .iter_mut()
            .find(|entry| entry.content_key == content_key)
    }

    /// Adds an entry, in place of the one of the same event, and lets go of what is too much.
    pub(super) fn add(&mut self, mut entry: LogEntry) {
        if let Some(place) = self
            .0
            .iter()
            .position(|known| known.content_key == entry.content_key)
        {
            let known = self.0.remove(place);
            entry.repeats = known.repeats;
            entry.last_repeat_at = known.last_repeat_at;
            entry.last_repeat_by = known.last_repeat_by;
        }
        if self.0.iter().filter(|entry| !entry.has_moved()).count() >= Self::OTHERS {
            let first = |goes: fn(&LogEntry) -> bool| {
                self.0
                    .iter()
                    .position(|entry| !entry.has_moved() && goes(entry))
            };
            if let Some(place) = first(LogEntry::is_repeat).or_else(|| first(|_| true)) {
                self.0.remove(place);
            }
        }
        self.0.push(entry);
    }

    /// What each report did, for people.
    pub(super) fn view(&self) -> Vec<LogView> {
        self.0.iter().flat_map(LogEntry::view).collect()
    }
}

impl LogEntry {
    /// Whether it is of this arrival.
    #[must_use]
    pub fn is_of(&self, request_id: &str) -> bool {
        // A store of an earlier version had the name itself.
        self.arrival == request_id || self.arrival == fields::arrival(request_id)
    }

    /// The state that the message changed to.
    #[must_use]
    pub fn moved_to(&self) -> Option<DeliveryState> {
        self.to.filter(|_| self.from != self.to)
    }

    fn has_moved(&self) -> bool {
        let has_moved_a_leg = self
            .reports
            .iter()
            .any(|line| matches!(line.step, Step::Moved(_)));
        has_moved_a_leg || self.from != self.to
    }

    fn is_repeat(&self) -> bool {
        self.reports.iter().all(|line| line.step == Step::Repeated)
    }

    /// Whether these reports say what it did not know how to read: its status was unknown then.
    pub(super) fn says_less_than(&self, callback: &ReadCallback, index: usize) -> bool {
        let read = callback.reports(index);
        let known = read.filter(|(_, report)| report.status != DeliveryStatus::Unknown);
        let was_known = self
            .reports
            .iter()
            .filter(|line| line.step != Step::Unknown);
        known.count() > was_known.count()
    }

    /// Counts that its event came again, once for each arrival; whether it had not been counted.
    pub(super) fn count_repeat(&mut self, request_id: &str, received_at: u64) -> bool {
        let by = fields::arrival(request_id);
        if self.last_repeat_by == by {
            return false;
        }
        self.repeats = self.repeats.saturating_add(1);
        self.last_repeat_at = self.last_repeat_at.max(Some(received_at));
        self.last_repeat_by = by;
        true
    }

    fn view(&self) -> impl Iterator<Item = LogView> {
        let corrects = self.moved_to().and(self.from).and_then(corrected);
        (0..).zip(&self.reports).map(move |(place, line)| LogView {
            received_at: self.received_at,
            signed_at: self
                .received_at
                .saturating_add_signed(self.age_secs.saturating_neg()),
            occurred_at: line.occurred_at.clone(),
            channel: line.channel.clone(),
            status: line.status.clone(),
            step: line.step.as_str().into(),
            state: self.to.map(|state| state.as_str().into()),
            version: self.version,
            reason: line.reason.clone(),
            carrier: line.carrier.clone(),
            content_key: self.content_key.to_string(),
            secret_slot: self.secret_slot,
            source: if self.polled { "poll" } else { "callback" }.into(),
            repeats: self.repeats,
            last_repeat_at: self.last_repeat_at,
            corrects: corrects
                .filter(|_| place == self.decides)
                .map(str::to_owned),
        })
    }
}

impl LogLine {
    pub(super) fn of(report: &DeliveryReport, step: Step) -> Self {
        Self {
            channel: report.channel.clone(),
            status: report.status_text.clone(),
            step,
            occurred_at: report.occurred_at.clone(),
            reason: report.failure.clone(),
            carrier: report.carrier.spoken().cloned(),
        }
    }
}
