use core::time::Duration;

use sinch_callback::{
    ContentKey, Delivery, DeliveryLeg, DeliveryState, DeliveryStatus, ReportSubject, UnixSeconds,
};

use super::{
    attempt::AttemptName,
    callback::ReadCallback,
    due::{Due, DueCause, Dues, Overdue, Telling},
    event::DeliveryEvent,
    fields,
    log::{LogEntry, LogLine, MessageLog},
    watch::Watched,
};
use crate::{
    said::Said,
    view::{ChannelView, CorrelationView, MessageSummary, MessageView},
};

/// All that is kept of a message.
///
/// What its reports say ([`Message::delivery`]) is a function of their set. Version, log and times
/// count arrivals besides.
///
/// # Examples
/// ```
/// use sinch_callback::{ContentKey, DeliveryReport, DeliveryStatus, ReportSubject, UnixSeconds};
/// use sinch_callback_pipeline::messages::Message;
///
/// let now = UnixSeconds::new(1_700_000_000);
/// let mut message = Message::new("msg-1", ReportSubject::Message, now);
/// let report = DeliveryReport::new("msg-1", DeliveryStatus::Delivered);
/// message.delivery.apply(&report, ContentKey::of_body(b"{}"), 0, now);
/// // What hosts show of it.
/// let view = serde_json::to_value(message.view())?;
/// assert_eq!(view["message_id"], "msg-1");
/// assert_eq!(view["state"], "delivered");
/// # Ok::<(), serde_json::Error>(())
/// ```
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
    /// When its first callback was received, or somebody asked about it before, in Unix seconds.
    pub first_received_at: u64,
    /// When its last callback was received, in Unix seconds.
    pub updated_at: u64,
    /// By when it has to be settled.
    pub dues: Dues,
    /// The attempt of an intent that it was sent by, where it bears no correlation id of ours and
    /// somebody has said so.
    pub attempt: Option<AttemptName>,
    /// What each arrival did.
    pub log: MessageLog,
}

/// For how long the report that would settle a stuck message may be late before that is told, and,
/// unless set otherwise, what would end a submitted one. Our own choice: receipts come within seconds
/// where the phone is on, and an hour of silence is worth a look.
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

/// What came of an arrival at one message. By default nothing, because the message has been forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Whether it was new.
    pub novelty: Novelty,
    /// Its entry in the message's log: now written or found there. `None` where it has none.
    pub entry: Option<LogEntry>,
    /// Whether it is this arrival that made reports disagree on how a leg ended.
    pub contradicts: bool,
    /// The attempts of intents that it concerns: those whose intents are to be looked at. Told again
    /// with an arrival that is redelivered.
    pub attempts: Vec<AttemptName>,
    /// What came of a [`Watch`](super::Watch); `None` where it was none.
    pub watched: Option<Watched>,
    /// What is overdue and to be told: of [`Message::begin_overdue`] alone.
    pub overdue: Vec<Due>,
}

/// Whether an arrival was new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Novelty {
    /// It is new, and has been applied.
    New,
    /// The queue has handed out the same arrival again, after a crash on our side: nothing is
    /// counted, and the events follow once more, under the same ids.
    Redelivered,
    /// Sinch has delivered the same event again: the repeat has been counted.
    Repeated,
    /// The message has been forgotten: nothing is kept, and nothing follows.
    #[default]
    Forgotten,
}

impl Change {
    pub(super) fn nothing() -> Self {
        Self {
            write: None,
            changed: Changed::default(),
        }
    }
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
            dues: Dues::default(),
            attempt: None,
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
            let attempts = match novelty {
                Novelty::Redelivered => self.attempts(),
                _ => Vec::new(),
            };
            self.revision = self.revision.saturating_add(1);
            return Change {
                write: is_written.then_some(self),
                changed: Changed {
                    novelty,
                    entry: Some(entry),
                    attempts,
                    ..Changed::default()
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
                attempts: self.attempts(),
                ..Changed::default()
            },
            write: Some(self),
        }
    }

    fn apply(&mut self, before: &Delivery, callback: &ReadCallback, index: usize) -> LogEntry {
        let received_at = callback.received_at;
        let (mut lines, mut decides) = (Vec::new(), 0);
        let mut deciding = None;
        let mut is_submitted = false;
        for (place, report) in callback.reports(index) {
            if self.version == 0 && lines.is_empty() {
                // Whoever has asked about it before did not know what it is.
                self.subject = report.subject.as_str().into();
            }
            is_submitted |= report.status == DeliveryStatus::Submitted;
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
        self.set_dues(
            before.is_stuck(),
            callback,
            is_submitted.then_some(callback.overdue_after).flatten(),
        );
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
            polled: callback.polled,
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

    /// A message gets a due when it becomes stuck or was submitted, and loses all when it ends.
    fn set_dues(
        &mut self,
        was_stuck: bool,
        callback: &ReadCallback,
        submitted_for: Option<Duration>,
    ) {
        if self.has_ended() {
            self.dues.end();
            return;
        }
        let due = |cause, wait| Due {
            at: callback.received_at.saturating_add(wait),
            since: callback.received_at,
            cause,
            key: callback.content_key,
            telling: Telling::Waits,
        };
        if let Some(wait) = submitted_for {
            self.dues.submitted(due(DueCause::Submitted, wait));
        }
        let is_stuck = self.delivery.is_stuck();
        if is_stuck != was_stuck {
            let due = is_stuck.then(|| due(DueCause::Stuck, OVERDUE_AFTER));
            self.dues.set_stuck(due);
        }
    }

    /// Whether nothing more is expected of it, by all that has been reported.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.delivery.state().is_some_and(DeliveryState::is_final)
    }

    /// Since when a report is waited for that would end it, where somebody has said that it was sent: by
    /// a submission, a watch, or as an attempt of an intent. What
    /// [`CallbacksStopped`](crate::listening::CallbacksStopped) counts.
    #[must_use]
    pub fn waits_since(&self) -> Option<UnixSeconds> {
        if self.has_ended() {
            return None;
        }
        let is_attempt = !self.attempts().is_empty();
        let attempt = is_attempt.then_some(UnixSeconds::new(self.first_received_at));
        self.dues.waits_since().into_iter().chain(attempt).min()
    }

    /// The attempts of intents that it concerns: that which it bears as its correlation id, and that
    /// which somebody has said sent it.
    #[must_use]
    pub fn attempts(&self) -> Vec<AttemptName> {
        let mut attempts = Vec::new();
        attempts.extend(AttemptName::parse(self.delivery.correlation_id()));
        let said = self.attempt.clone();
        attempts.extend(said.filter(|said| attempts.first() != Some(said)));
        attempts
    }

    /// Begins to tell what is overdue by then, in listening time: gives the dues to be told
    /// ([`DeliveryEvent::overdue`]) in [`Changed::overdue`]. They stay to be told, with the same words,
    /// until [`Message::end_overdue`]; so whoever tells may crash and begin again.
    pub fn begin_overdue(found: Option<Self>, heard_until: UnixSeconds) -> Change {
        let Some(mut message) = found else {
            return Change::nothing();
        };
        let before = message.dues.clone();
        let overdue = message.dues.begin(heard_until, &message.overdue());
        let is_written = message.dues != before;
        message.revision = message.revision.saturating_add(1);
        Change {
            write: is_written.then_some(message),
            changed: Changed {
                overdue,
                ..Changed::default()
            },
        }
    }

    /// What was overdue under these keys has been told.
    pub fn end_overdue(found: Option<Self>, keys: &[ContentKey]) -> Change {
        let Some(mut message) = found else {
            return Change::nothing();
        };
        let is_written = message.dues.done(keys);
        message.revision = message.revision.saturating_add(1);
        Change {
            write: is_written.then_some(message),
            changed: Changed::default(),
        }
    }

    /// For a store that keeps events in the commit that changes a message: what is overdue by then, in
    /// listening time, which is told by that commit.
    pub fn take_overdue(&mut self, heard_until: UnixSeconds) -> Vec<DeliveryEvent<'static>> {
        let overdue = self.overdue();
        let due = self.dues.begin(heard_until, &overdue);
        let keys: Vec<_> = due.iter().map(|due| due.key).collect();
        self.dues.done(&keys);
        self.revision = self.revision.saturating_add(1);
        let events = due
            .iter()
            .filter_map(|due| DeliveryEvent::overdue(&self.message_id, due));
        events.map(DeliveryEvent::into_owned).collect()
    }

    fn overdue(&self) -> Overdue {
        let said = Said::by_message(&self.delivery);
        Overdue {
            version: self.version,
            state: self.delivery.state(),
            contradicted: self.delivery.is_contradicted(),
            said: (said != Said::default()).then_some(said),
            updated_at: self.updated_at,
        }
    }

    /// What every host shows of it.
    #[must_use]
    pub fn view(&self) -> MessageView {
        MessageView {
            message: self.summary(),
            channels: self.channels(),
            dues: self.dues.view(),
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
