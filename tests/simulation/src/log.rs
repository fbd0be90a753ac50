use core::fmt;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sinch_callback::{ContentKey, DeliveryReport, DeliveryState, DeliveryStatus, Leg, Step};
use sinch_callback_pipeline::{
    Applied, CallbackRecord, Change, DeliveryEvent, DeliveryLog, Notifier, Novelty,
};

use crate::{Safeguard, board::Board, schedule::Millis};

/// What a processor asks of the store and of the event bus.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Read {
        content_key: ContentKey,
        messages: Vec<String>,
    },
    Write(Transaction),
    Notify(Vec<Told>),
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Read(Snapshot),
    Done,
    Conflict,
    Down,
}

/// An event as its receivers see it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) message_id: String,
    pub(crate) kind: &'static str,
}

/// What is known of a callback and its messages at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    known: Option<Known>,
    messages: HashMap<String, Message>,
}

#[derive(Clone, Debug)]
struct Known {
    request_id: String,
    changes: Vec<Change>,
    at: Millis,
}

#[derive(Clone, Debug, Default)]
struct Message {
    legs: Vec<(String, Leg)>,
    version: u64,
}

/// All that a callback changes, and on what condition.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) content_key: ContentKey,
    request_id: String,
    pub(crate) changes: Vec<Change>,
    messages: Vec<(String, Message)>,
    /// Whether the callback is entered, and whether the states are written.
    enters: bool,
    pub(crate) writes: bool,
}

/// What a transaction did to one leg.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) message_id: String,
    pub(crate) channel: String,
    pub(crate) before: Option<Leg>,
    pub(crate) after: Leg,
}

/// The store behind the log port.
#[derive(Debug)]
pub(crate) struct Log {
    without: Option<Safeguard>,
    retention: Millis,
    callbacks: HashMap<ContentKey, Known>,
    messages: HashMap<String, Message>,
}

impl Log {
    pub(crate) fn new(retention: Millis, without: Option<Safeguard>) -> Self {
        Self {
            without,
            retention,
            callbacks: HashMap::new(),
            messages: HashMap::new(),
        }
    }

    pub(crate) fn read(
        &self,
        content_key: ContentKey,
        messages: &[String],
        now: Millis,
    ) -> Snapshot {
        let known = self.callbacks.get(&content_key);
        Snapshot {
            known: known
                .filter(|known| now < known.at.saturating_add(self.retention))
                .cloned(),
            messages: messages
                .iter()
                .map(|id| {
                    let message = self.messages.get(id).cloned();
                    (id.clone(), message.unwrap_or_default())
                })
                .collect(),
        }
    }

    /// Writes all of it or nothing; what it did to each leg, or `None` where a condition fails.
    pub(crate) fn write(&mut self, transaction: &Transaction, now: Millis) -> Option<Vec<Moved>> {
        let conditional = self.without != Some(Safeguard::ConditionalWrite);
        let versioned = self.without != Some(Safeguard::MessageVersion);
        if transaction.enters && conditional {
            let known = self.callbacks.get(&transaction.content_key);
            if known.is_some_and(|known| now < known.at.saturating_add(self.retention)) {
                return None;
            }
        }
        let mut moved = Vec::new();
        for (id, message) in &transaction.messages {
            let found = self.messages.get(id);
            let version = found.map_or(0, |found| found.version);
            if versioned && transaction.writes && version != message.version {
                return None;
            }
        }
        if transaction.writes {
            for (id, message) in &transaction.messages {
                let before = self.messages.remove(id).unwrap_or_default();
                // A write replaces the whole item.
                for (channel, leg) in &before.legs {
                    if !message.legs.iter().any(|(other, _)| other == channel) {
                        moved.push(Moved {
                            message_id: id.clone(),
                            channel: channel.clone(),
                            before: Some(*leg),
                            after: Leg::Queued,
                        });
                    }
                }
                for (channel, after) in &message.legs {
                    let known = before.legs.iter().find(|(other, _)| other == channel);
                    let before = known.map(|(_, leg)| *leg);
                    if before != Some(*after) {
                        moved.push(Moved {
                            message_id: id.clone(),
                            channel: channel.clone(),
                            before,
                            after: *after,
                        });
                    }
                }
                self.messages.insert(
                    id.clone(),
                    Message {
                        legs: message.legs.clone(),
                        version: before.version.saturating_add(1),
                    },
                );
            }
        }
        if transaction.enters {
            self.callbacks.insert(
                transaction.content_key,
                Known {
                    request_id: transaction.request_id.clone(),
                    changes: transaction.changes.clone(),
                    at: now,
                },
            );
        }
        Some(moved)
    }

    pub(crate) fn knows(&self, content_key: ContentKey) -> bool {
        self.callbacks.contains_key(&content_key)
    }
}

/// The port that a processor sees.
#[derive(Clone, Debug)]
pub(crate) struct LogPort {
    pub(crate) board: Board<Call, Answer>,
    pub(crate) without: Option<Safeguard>,
}

/// The store did not do it.
#[derive(Debug)]
pub(crate) struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

impl DeliveryLog for LogPort {
    type Error = Down;

    /// Reads, decides, writes on condition, and begins again where somebody was faster: as the
    /// DynamoDB table does it.
    async fn apply(&self, record: CallbackRecord<'_>) -> Result<Applied, Down> {
        let envelope = record.envelope;
        let reports = record.content.map_or(&[][..], |callback| &callback.reports);
        let ids: HashSet<&String> = reports.iter().map(|report| &report.message_id).collect();
        let mut ids: Vec<String> = ids.into_iter().cloned().collect();
        ids.sort_unstable();
        loop {
            let read = Call::Read {
                content_key: envelope.content_key,
                messages: ids.clone(),
            };
            let Answer::Read(snapshot) = self.board.call(read).await else {
                return Err(Down);
            };
            if let Some(known) = snapshot.known
                && self.without != Some(Safeguard::ConditionalWrite)
            {
                return Ok(self.known(known, &envelope.request_id));
            }
            let (changes, messages) = self.decide(snapshot.messages, reports);
            let transaction = Transaction {
                content_key: envelope.content_key,
                request_id: envelope.request_id.to_string(),
                changes: changes.clone(),
                messages,
                enters: true,
                writes: true,
            };
            match self.write(transaction).await {
                Answer::Done => {
                    return Ok(Applied {
                        novelty: Novelty::New,
                        changes,
                    });
                }
                Answer::Conflict => {}
                Answer::Down | Answer::Read(_) => return Err(Down),
            }
        }
    }
}

impl LogPort {
    fn known(&self, known: Known, request_id: &str) -> Applied {
        if known.request_id == request_id && self.without != Some(Safeguard::ArrivalKnown) {
            return Applied {
                novelty: Novelty::Redelivered,
                changes: known.changes,
            };
        }
        Applied {
            novelty: Novelty::Repeated,
            changes: Vec::new(),
        }
    }

    fn decide(
        &self,
        mut messages: HashMap<String, Message>,
        reports: &[DeliveryReport],
    ) -> (Vec<Change>, Vec<(String, Message)>) {
        let mut changes = Vec::with_capacity(reports.len());
        for report in reports {
            let message = messages.entry(report.message_id.clone()).or_default();
            let legs = message
                .legs
                .iter()
                .map(|(channel, leg)| (channel.as_str(), *leg));
            let mut change = Change::decide(legs, report);
            if self.without == Some(Safeguard::LegOrder)
                && let Some(leg) = leg_of(report.status)
            {
                change.step = Step::Moved(leg);
            }
            if let Step::Moved(leg) = change.step {
                message
                    .legs
                    .retain(|(channel, _)| *channel != report.channel);
                message.legs.push((report.channel.clone(), leg));
                change.state = DeliveryState::of(message.legs.iter().map(|(_, leg)| *leg));
            }
            changes.push(change);
        }
        let mut messages: Vec<_> = messages.into_iter().collect();
        messages.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        (changes, messages)
    }

    async fn write(&self, transaction: Transaction) -> Answer {
        if self.without != Some(Safeguard::OneTransaction) {
            return self.board.call(Call::Write(transaction)).await;
        }
        let entry = Transaction {
            writes: false,
            ..transaction.clone()
        };
        match self.board.call(Call::Write(entry)).await {
            Answer::Done => {
                let states = Transaction {
                    enters: false,
                    ..transaction
                };
                self.board.call(Call::Write(states)).await
            }
            answer => answer,
        }
    }
}

fn leg_of(status: DeliveryStatus) -> Option<Leg> {
    match status {
        DeliveryStatus::Queued => Some(Leg::Queued),
        DeliveryStatus::Delivered => Some(Leg::Delivered),
        DeliveryStatus::Read => Some(Leg::Read),
        DeliveryStatus::Failed => Some(Leg::Failed),
        DeliveryStatus::Switching => Some(Leg::Switched),
        _ => None,
    }
}

/// The event bus that a processor sees.
#[derive(Clone, Debug)]
pub(crate) struct BusPort {
    pub(crate) board: Board<Call, Answer>,
    pub(crate) without: Option<Safeguard>,
    pub(crate) ids: Arc<AtomicU64>,
}

impl Notifier for BusPort {
    type Error = Down;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Down> {
        let told = events
            .iter()
            .map(|event| Told {
                id: match self.without {
                    Some(Safeguard::EventId) => {
                        self.ids.fetch_add(1, Ordering::Relaxed).to_string()
                    }
                    _ => event.id.clone(),
                },
                message_id: event.message_id.to_owned(),
                kind: event.kind,
            })
            .collect();
        match self.board.call(Call::Notify(told)).await {
            Answer::Done => Ok(()),
            _ => Err(Down),
        }
    }
}
