use core::time::Duration;

use sinch_callback::{
    ContentKey, Delivery, DeliveryLeg, DeliveryState, ReportSubject, UnixSeconds,
};

use super::{
    callback::ReadCallback,
    fields,
    log::{LogEntry, LogLine, MessageLog},
};
use crate::{
    said::Said,
    view::{ChannelView, CorrelationView, MessageSummary, MessageView},
};

/// All that is kept of a message.
///
/// What its reports say ([`Message::delivery`]) is a function of their set. Version, log and times
/// count arrivals besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message's id.
    pub message_id: String,
    /// What it is: [`ReportSubject::as_str`].
    pub subject: String,
    /// What its reports say.
    pub delivery: Delivery,
    /// How often an arrival has changed what its reports say; an arrival raises it by one at most.
    pub version: u64,
    /// How often it has been written: on what a conditional write is conditional.
    pub revision: u64,
    /// When its first callback was received, in Unix seconds.
    pub first_received_at: u64,
    /// When its last callback was received, in Unix seconds.
    pub updated_at: u64,
    /// When it is told that the report which would settle it has not come.
    pub due: Option<Due>,
    /// What each arrival did.
    pub log: MessageLog,
}

/// A moment by which a message should have been settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The moment.
    pub at: UnixSeconds,
    /// The callback since which it waits.
    pub content_key: ContentKey,
}

/// For how long the report that would settle a stuck message may be late before that is told. Our
/// own choice.
pub const OVERDUE_AFTER: Duration = Duration::from_secs(3_600);

/// What an arrival does to a message: what a store is to write, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Change {
    /// The message as it is to be written; `None` where it stays as it is.
    pub write: Option<Message>,
    /// What came of it, once that is written.
    pub changed: Changed,
}

/// What came of an arrival at one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Whether it was new.
    pub novelty: Novelty,
    /// Its entry in the message's log: now written or found there. `None` where it has none.
    pub entry: Option<LogEntry>,
    /// Whether it is this arrival that made reports disagree on how a leg ended.
    pub contradicts: bool,
}

/// Whether an arrival was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// It is new, and has been applied.
    New,
    /// The queue has handed out the same arrival again, after a crash on our side: nothing is
    /// counted, and the events follow once more, under the same ids.
    Redelivered,
    /// Sinch has delivered the same event again: the repeat has been counted.
    Repeated,
    /// The message has been forgotten: nothing is kept, and nothing follows.
    Forgotten,
}

impl Change {
    pub(super) const NOTHING: Self = Self {
        write: None,
        changed: Changed::FORGOTTEN,
    };
}

impl Changed {
    /// What comes of an arrival at a message that has been forgotten.
    pub const FORGOTTEN: Self = Self {
        novelty: Novelty::Forgotten,
        entry: None,
        contradicts: false,
    };
}

impl Message {
    /// A message of which nothing is known yet.
    #[must_use]
    pub fn new(message_id: &str, subject: ReportSubject, received_at: UnixSeconds) -> Self {
        Self {
            message_id: message_id.into(),
            subject: subject.as_str().into(),
            delivery: Delivery::default(),
            version: 0,
            revision: 0,
            first_received_at: received_at.get(),
            updated_at: received_at.get(),
            due: None,
            log: MessageLog::default(),
        }
    }

    /// Applies all reports of a callback on this message at once. An arrival that the log has changes
    /// nothing, and an event that it has is a repeat, unless this version reads more in it. What the
    /// log has let go of is applied again, and changes nothing but the log.
    pub(super) fn changed_by(mut self, callback: &ReadCallback, index: usize) -> Change {
        let received_at = callback.received_at.get();
        let known = self.log.find_mut(callback.content_key);
        if let Some(entry) = known.filter(|entry| !entry.says_less_than(callback, index)) {
            let (novelty, is_written) = if entry.is_of(&callback.request_id) {
                (Novelty::Redelivered, false)
            } else {
                let is_counted = entry.count_repeat(&callback.request_id, received_at);
                (Novelty::Repeated, is_counted)
            };
            let entry = entry.clone();
            self.revision = self.revision.saturating_add(1);
            return Change {
                write: is_written.then_some(self),
                changed: Changed {
                    novelty,
                    entry: Some(entry),
                    contradicts: false,
                },
            };
        }
        let before = self.delivery.clone();
        let entry = self.apply(&before, callback, index);
        self.log.add(entry.clone());
        self.revision = self.revision.saturating_add(1);
        self.updated_at = self.updated_at.max(received_at);
        Change {
            changed: Changed {
                novelty: Novelty::New,
                contradicts: entry.contradicted && !before.is_contradicted(),
                entry: Some(entry),
            },
            write: Some(self),
        }
    }

    fn apply(&mut self, before: &Delivery, callback: &ReadCallback, index: usize) -> LogEntry {
        let received_at = callback.received_at;
        let (mut lines, mut decides) = (Vec::new(), 0);
        let mut deciding = None;
        for (place, report) in callback.reports(index) {
            let state = self.delivery.state();
            let origin = u32::try_from(place).unwrap_or(u32::MAX);
            let step = self
                .delivery
                .apply(report, callback.content_key, origin, received_at);
            if deciding.is_none() || self.delivery.state() != state {
                (decides, deciding) = (lines.len(), Some(report));
            }
            lines.push(LogLine::of(report, step));
        }
        if self.version == 0 || self.delivery != *before {
            self.version = self.version.saturating_add(1);
        }
        self.set_due(before.is_stuck(), callback.content_key, received_at);
        let (from, to) = (before.state(), self.delivery.state());
        let said = (from != to)
            .then(|| Said::by_message(&self.delivery))
            .filter(|said| deciding.is_none_or(|report| *said != Said::by_report(report)));
        let seconds = |moment: UnixSeconds| i64::try_from(moment.get()).unwrap_or(i64::MAX);
        LogEntry {
            content_key: callback.content_key,
            arrival: fields::arrival(&callback.request_id),
            received_at: received_at.get(),
            age_secs: seconds(received_at).saturating_sub(seconds(callback.signed_at)),
            secret_slot: callback.secret_slot.index(),
            from,
            to,
            version: self.version,
            contradicted: self.delivery.is_contradicted(),
            reports: lines,
            decides: u64::try_from(decides).unwrap_or_default(),
            said,
            repeats: 0,
            last_repeat_at: None,
            last_repeat_by: String::new(),
        }
    }

    /// A message gets a due when it becomes stuck, and loses it when it no longer is.
    fn set_due(&mut self, was_stuck: bool, content_key: ContentKey, received_at: UnixSeconds) {
        if !self.delivery.is_stuck() {
            self.due = None;
        } else if !was_stuck {
            self.due = Some(Due {
                at: received_at.saturating_add(OVERDUE_AFTER),
                content_key,
            });
        }
    }

    /// Takes its due off, since it is told now.
    pub fn take_due(&mut self) -> Option<Due> {
        self.revision = self.revision.saturating_add(1);
        self.due.take()
    }

    /// What every host shows of it.
    #[must_use]
    pub fn view(&self) -> MessageView {
        MessageView {
            message: self.summary(),
            channels: self.channels(),
            log: self.log.view(),
        }
    }

    /// Where it stands, as a list shows it.
    #[must_use]
    pub fn summary(&self) -> MessageSummary {
        let deciding = self.delivery.shown();
        MessageSummary {
            message_id: self.message_id.clone(),
            subject: self.subject.clone(),
            state: self
                .delivery
                .state()
                .map(|state| DeliveryState::as_str(state).into()),
            version: self.version,
            channel: deciding.map_or_else(String::new, |report| report.channel.clone()),
            identity: deciding.map_or_else(String::new, |report| report.identity.clone()),
            reason: deciding.and_then(|report| report.failure.clone()),
            carrier: deciding.and_then(|report| report.carrier.spoken().cloned()),
            contradicted: self.delivery.is_contradicted(),
            correlation: CorrelationView {
                metadata: self.delivery.metadata().into(),
                correlation_id: self.delivery.correlation_id().into(),
                client_reference: self.delivery.client_reference().into(),
            },
            conversation_id: self.delivery.conversation_id().into(),
            contact_id: self.delivery.contact_id().into(),
            first_received_at: self.first_received_at,
            updated_at: self.updated_at,
        }
    }

    /// Where it stands on each of its legs, in the order in which it got there.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelView> {
        let legs = self.delivery.legs().iter();
        let mut channels: Vec<_> = legs.map(channel).collect();
        channels.sort_by_key(|channel| channel.updated_at);
        channels
    }
}

fn channel(leg: &DeliveryLeg) -> ChannelView {
    ChannelView {
        channel: leg.deciding.channel.clone(),
        identity: leg.deciding.identity.clone(),
        state: leg.leg.as_str().into(),
        reason: leg.deciding.failure.clone(),
        carrier: leg.deciding.carrier.spoken().cloned(),
        contradicted: leg.is_contradicted(),
        occurred_at: leg.deciding.occurred_at.clone(),
        updated_at: leg.deciding.received_at.get(),
    }
}
