use core::fmt;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sinch_callback::{ContentKey, Delivery, DeliveryReport, Leg, UnixSeconds};
use sinch_callback_pipeline::{
    Applied, CallbackRecord, Change, DeliveryEvent, DeliveryLog, Envelope, Message, Notifier,
    Novelty, Said, by_message,
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
    pub(crate) version: u64,
    pub(crate) corrects: Option<&'static str>,
    /// All of it.
    pub(crate) content: String,
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

/// All that a callback changes, and on what condition.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) content_key: ContentKey,
    request_id: String,
    pub(crate) changes: Vec<Change>,
    pub(crate) messages: Vec<Written>,
    /// Whether the callback is entered, and whether the states are written.
    enters: bool,
    pub(crate) writes: bool,
}

/// A message as it is to be, and the version that it is built on.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    read: u64,
    pub(crate) message: Message,
}

/// What a transaction did to one leg.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) message_id: String,
    pub(crate) channel: String,
    pub(crate) before: Option<Leg>,
    pub(crate) after: Option<Leg>,
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
                .filter_map(|id| Some((id.clone(), self.messages.get(id)?.clone())))
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
        for Written { read, message } in &transaction.messages {
            let found = self.messages.get(&message.message_id);
            let version = found.map_or(0, |found| found.version);
            if versioned && transaction.writes && version != *read {
                return None;
            }
        }
        if transaction.writes {
            for Written { message, .. } in &transaction.messages {
                // A write replaces the whole item.
                let before = self
                    .messages
                    .insert(message.message_id.clone(), message.clone());
                moved.extend(moves(before.as_ref(), message));
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

/// What became of the legs of a message.
fn moves(before: Option<&Message>, after: &Message) -> Vec<Moved> {
    let legs = |message: &Message| -> BTreeMap<(String, String), Leg> {
        let legs = message.delivery.legs().iter();
        legs.map(|leg| {
            let digits = leg.deciding.identity.chars().filter(char::is_ascii_digit);
            ((leg.deciding.channel.clone(), digits.collect()), leg.leg)
        })
        .collect()
    };
    let (before, now) = (before.map(legs).unwrap_or_default(), legs(after));
    let all: BTreeSet<_> = before.keys().chain(now.keys()).cloned().collect();
    all.into_iter()
        .filter(|leg| before.get(leg) != now.get(leg))
        .map(|leg| Moved {
            message_id: after.message_id.clone(),
            before: before.get(&leg).copied(),
            after: now.get(&leg).copied(),
            channel: leg.0,
        })
        .collect()
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
                return Ok(self.known(known, envelope, &snapshot.messages, reports));
            }
            let (changes, messages) = self.decide(snapshot.messages, envelope, reports);
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
    fn known(
        &self,
        known: Known,
        envelope: &Envelope<'_>,
        messages: &HashMap<String, Message>,
        reports: &[DeliveryReport],
    ) -> Applied {
        if known.request_id != envelope.request_id || self.without == Some(Safeguard::ArrivalKnown)
        {
            return Applied {
                novelty: Novelty::Repeated,
                changes: Vec::new(),
            };
        }
        let mut changes = known.changes;
        if self.without == Some(Safeguard::EventOfEntry) {
            for (change, report) in changes.iter_mut().zip(reports) {
                if let Some(message) = messages.get(&report.message_id) {
                    change.version = message.version;
                    change.said = Some(Said::by_message(&message.delivery));
                }
            }
        }
        Applied {
            novelty: Novelty::Redelivered,
            changes,
        }
    }

    fn decide(
        &self,
        mut known: HashMap<String, Message>,
        envelope: &Envelope<'_>,
        reports: &[DeliveryReport],
    ) -> (Vec<Change>, Vec<Written>) {
        let mut changes = BTreeMap::new();
        let mut messages = Vec::new();
        for (id, reports) in by_message(reports) {
            let received_at = UnixSeconds::new(envelope.received_at.get());
            let subject = reports[0].1.subject;
            let found = known.remove(id);
            let read = found.as_ref().map_or(0, |message| message.version);
            let mut message = found.unwrap_or_else(|| Message::new(id, subject, received_at));
            if self.without == Some(Safeguard::SetOfReports) {
                message.delivery = Delivery::default();
            }
            let done = message.apply(envelope.content_key, received_at, &reports);
            changes.extend(reports.iter().map(|(place, _)| *place).zip(done));
            messages.push(Written { read, message });
        }
        (changes.into_values().collect(), messages)
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
                version: event.version,
                corrects: event
                    .corrects
                    .filter(|_| self.without != Some(Safeguard::Corrects)),
                content: format!("{event:?}"),
            })
            .collect();
        match self.board.call(Call::Notify(told)).await {
            Answer::Done => Ok(()),
            _ => Err(Down),
        }
    }
}
