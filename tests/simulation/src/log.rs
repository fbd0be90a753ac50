use core::fmt;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sinch_callback::{ContentKey, Delivery, Leg};
use sinch_callback_pipeline::{
    DeliveryEvent, Envelope, Notifier, Said,
    messages::{Callbacks, Change, Changed, Cursor, KeptFor, Message, Messages, Novelty},
};

use crate::{Safeguard, board::Board, schedule::Millis};

/// What a processor asks of the store and of the event bus.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Read(String),
    Write(Box<Written>),
    Keep(ContentKey),
    Cursor(ContentKey),
    SetCursor(ContentKey, Option<Cursor>),
    Notify(Vec<Told>),
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Read(Option<Box<Message>>),
    Cursor(Option<Cursor>),
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

impl Told {
    pub(crate) fn of(
        event: &DeliveryEvent<'_>,
        without: Option<Safeguard>,
        ids: &AtomicU64,
    ) -> Self {
        Self {
            id: match without {
                Some(Safeguard::EventId) => ids.fetch_add(1, Ordering::Relaxed).to_string(),
                _ => event.id.clone(),
            },
            message_id: event.message_id.to_string(),
            kind: event.kind,
            version: event.version,
            corrects: event
                .corrects
                .filter(|_| without != Some(Safeguard::Corrects)),
            content: format!("{event:?}"),
        }
    }
}

/// A message as it is to be, and the revision that it is built on.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) content_key: ContentKey,
    read: u64,
    pub(crate) message: Message,
}

/// What a write did to one leg.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) message_id: String,
    pub(crate) channel: String,
    pub(crate) before: Option<Leg>,
    pub(crate) after: Option<Leg>,
}

/// The store behind the port.
#[derive(Debug)]
pub(crate) struct Log {
    without: Option<Safeguard>,
    retention: Millis,
    messages: HashMap<String, Kept>,
    applied: HashSet<ContentKey>,
    cursors: HashMap<ContentKey, Cursor>,
}

#[derive(Clone, Debug)]
struct Kept {
    message: Message,
    at: Millis,
}

impl Log {
    pub(crate) fn new(retention: Millis, without: Option<Safeguard>) -> Self {
        Self {
            without,
            retention,
            messages: HashMap::new(),
            applied: HashSet::new(),
            cursors: HashMap::new(),
        }
    }

    /// The message, unless it has expired: so long after it was last written.
    pub(crate) fn read(&self, message_id: &str, now: Millis) -> Option<Message> {
        let kept = self.messages.get(message_id)?;
        (now < kept.at.saturating_add(self.retention)).then(|| kept.message.clone())
    }

    /// Writes it, and tells what it was before; `Err` where the condition fails.
    pub(crate) fn write(&mut self, written: &Written, now: Millis) -> Result<Option<Message>, ()> {
        let before = self.read(&written.message.message_id, now);
        let revision = before.as_ref().map_or(0, |before| before.revision);
        if revision != written.read && self.without != Some(Safeguard::MessageRevision) {
            return Err(());
        }
        let message = written.message.clone();
        let kept = Kept { message, at: now };
        self.messages.insert(kept.message.message_id.clone(), kept);
        self.applied.insert(written.content_key);
        Ok(before)
    }

    /// Keeps a callback's body.
    pub(crate) fn keep(&mut self, content_key: ContentKey) {
        self.applied.insert(content_key);
    }

    /// How far a large callback has been applied.
    pub(crate) fn cursor(&self, content_key: ContentKey) -> Option<Cursor> {
        self.cursors.get(&content_key).copied()
    }

    pub(crate) fn set_cursor(&mut self, content_key: ContentKey, cursor: Option<Cursor>) {
        match cursor {
            Some(cursor) => self.cursors.insert(content_key, cursor),
            None => self.cursors.remove(&content_key),
        };
    }

    pub(crate) fn knows(&self, content_key: ContentKey) -> bool {
        self.applied.contains(&content_key)
    }
}

/// What became of the legs of a message.
pub(crate) fn moves(before: Option<&Message>, after: &Message) -> Vec<Moved> {
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

impl Messages for LogPort {
    type Error = Down;

    /// Reads, decides, writes on condition, and begins again where somebody was faster: as the
    /// DynamoDB table does it.
    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, Down> {
        loop {
            let read = Call::Read(message_id.to_owned());
            let Answer::Read(found) = self.board.call(read).await else {
                return Err(Down);
            };
            let (changed, written) = decide(self.without, found.map(|found| *found), &change);
            let Some(written) = written else {
                return Ok(changed);
            };
            match self.board.call(Call::Write(Box::new(written))).await {
                Answer::Done => return Ok(changed),
                Answer::Conflict => {}
                Answer::Down | Answer::Read(_) | Answer::Cursor(_) => return Err(Down),
            }
        }
    }
}

impl Callbacks for LogPort {
    async fn keep(&self, envelope: &Envelope<'_>, _: KeptFor) -> Result<Novelty, Down> {
        match self.board.call(Call::Keep(envelope.content_key())).await {
            Answer::Done => Ok(Novelty::New),
            _ => Err(Down),
        }
    }

    async fn cursor(&self, content_key: ContentKey) -> Result<Option<Cursor>, Down> {
        if self.without == Some(Safeguard::CursorKept) {
            return Ok(None);
        }
        match self.board.call(Call::Cursor(content_key)).await {
            Answer::Cursor(cursor) => Ok(cursor),
            _ => Err(Down),
        }
    }

    async fn set_cursor(
        &self,
        content_key: ContentKey,
        cursor: Option<Cursor>,
    ) -> Result<(), Down> {
        match self.board.call(Call::SetCursor(content_key, cursor)).await {
            Answer::Done => Ok(()),
            _ => Err(Down),
        }
    }
}

/// What becomes of a message, and what is to be written of it.
pub(crate) fn decide(
    without: Option<Safeguard>,
    mut found: Option<Message>,
    change: impl Fn(Option<Message>) -> Change,
) -> (Changed, Option<Written>) {
    if let Some(found) = &mut found
        && without == Some(Safeguard::SetOfReports)
    {
        found.delivery = Delivery::default();
    }
    let read = found.as_ref().map_or(0, |found| found.revision);
    let Change { write, changed } = change(found.clone());
    let changed = weakened(without, changed, found.as_ref());
    let written = write
        .zip(changed.entry.as_ref())
        .map(|(message, entry)| Written {
            content_key: entry.content_key,
            read,
            message,
        });
    (changed, written)
}

/// What came of an arrival, without the safeguard that is missing.
fn weakened(without: Option<Safeguard>, mut changed: Changed, found: Option<&Message>) -> Changed {
    if changed.novelty != Novelty::Redelivered {
        return changed;
    }
    match (without, found, &mut changed.entry) {
        (Some(Safeguard::ArrivalKnown), ..) => changed.novelty = Novelty::Repeated,
        (Some(Safeguard::EventOfEntry), Some(message), Some(entry)) => {
            entry.version = message.version;
            entry.said = Some(Said::by_message(&message.delivery));
        }
        _ => {}
    }
    changed
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
            .map(|event| Told::of(event, self.without, &self.ids))
            .collect();
        match self.board.call(Call::Notify(told)).await {
            Answer::Done => Ok(()),
            _ => Err(Down),
        }
    }
}
