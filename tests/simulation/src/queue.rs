use std::collections::{BTreeMap, HashMap, HashSet};

use sinch_callback::{ContentKey, ReplayKey};

use crate::{
    Safeguard,
    schedule::{HOUR, MINUTE, Millis},
};

/// A queued callback.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) text: String,
    pub(crate) content_key: ContentKey,
    group: String,
    visible_at: Millis,
    receives: u32,
    first_received: Millis,
}

/// A queue: SQS FIFO with its five minutes' memory of deduplication ids, its groups and its dead
/// letters, or the embedded host's table, which has none of these.
#[derive(Debug)]
pub(crate) struct Queue {
    fifo: bool,
    without: Option<Safeguard>,
    /// In the order of their arrival.
    items: BTreeMap<u64, Item>,
    dead: Vec<Item>,
    /// What was set aside although it had been tried for a short while only.
    hasty: Option<ContentKey>,
    taken: HashMap<String, Millis>,
    next: u64,
}

/// How long SQS remembers a deduplication id
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html>).
pub(crate) const MEMORY: Millis = 5 * MINUTE;
/// The template's visibility timeout.
pub(crate) const VISIBILITY: Millis = 3 * MINUTE;
/// The template's receives before a message is dead.
const MAX_RECEIVES: u32 = 1_000;
/// How often a message was handed out before it was dead while nobody changed its visibility.
const IMPATIENT_RECEIVES: u32 = 5;
/// How long a callback that fails is tried at least: the receives, with the shortest waits between.
pub(crate) const PATIENCE: Millis = 8 * HOUR;

/// A callback on its way into the queue.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub(crate) text: String,
    pub(crate) content_key: ContentKey,
    pub(crate) replay_key: ReplayKey,
    pub(crate) group: String,
    pub(crate) request_id: String,
}

impl Queue {
    pub(crate) fn new(fifo: bool, without: Option<Safeguard>) -> Self {
        Self {
            fifo,
            without,
            items: BTreeMap::new(),
            dead: Vec::new(),
            hasty: None,
            taken: HashMap::new(),
            next: 0,
        }
    }

    /// Takes a callback; `false` where it is taken for one that was taken before.
    pub(crate) fn send(&mut self, sending: &Sending, now: Millis) -> bool {
        if self.fifo {
            let id = match self.without {
                Some(Safeguard::DeduplicationId) => sending.request_id.clone(),
                Some(Safeguard::DeduplicationByContent) => sending.group.clone(),
                _ => sending.content_key.to_string(),
            };
            if self.taken.len() > 4_096 {
                self.taken.retain(|_, at| now < *at + MEMORY);
            }
            if let Some(at) = self.taken.get(&id)
                && now < *at + MEMORY
            {
                return false;
            }
            self.taken.insert(id, now);
        }
        let item = Item {
            text: sending.text.clone(),
            content_key: sending.content_key,
            group: sending.group.clone(),
            visible_at: now,
            receives: 0,
            first_received: now,
        };
        self.push(item);
        true
    }

    fn push(&mut self, item: Item) {
        self.next += 1;
        self.items.insert(self.next, item);
    }

    /// Hands out the next callback and its receipt: number and count. Of a group in flight nothing
    /// is handed out.
    pub(crate) fn receive(&mut self, now: Millis) -> Option<(Receipt, Item)> {
        loop {
            let number = self.ready(now)?;
            let item = self.items.get_mut(&number)?;
            let most = match self.without {
                Some(Safeguard::PatientQueue) => IMPATIENT_RECEIVES,
                _ => MAX_RECEIVES,
            };
            if self.fifo && item.receives >= most {
                let item = self.items.remove(&number)?;
                if now < item.first_received + PATIENCE {
                    self.hasty = Some(item.content_key);
                }
                if self.without != Some(Safeguard::DeadLetters) {
                    self.dead.push(item);
                }
                continue;
            }
            if item.receives == 0 {
                item.first_received = now;
            }
            item.receives += 1;
            item.visible_at = now + VISIBILITY;
            let receipt = Receipt {
                number,
                receive: item.receives,
            };
            return Some((receipt, item.clone()));
        }
    }

    /// A callback that was set aside before it had been tried for [`PATIENCE`].
    pub(crate) const fn take_hasty(&mut self) -> Option<ContentKey> {
        self.hasty.take()
    }

    /// The first that can be handed out.
    fn ready(&self, now: Millis) -> Option<u64> {
        if !self.items.values().any(|item| item.visible_at <= now) {
            return None;
        }
        let in_flight = |item: &&Item| self.fifo && item.visible_at > now;
        let held: HashSet<&str> = self
            .items
            .values()
            .filter(in_flight)
            .map(|item| item.group.as_str())
            .collect();
        let mut items = self.items.iter();
        let (number, _) = items.find(|(_, item)| {
            item.visible_at <= now && (held.is_empty() || !held.contains(item.group.as_str()))
        })?;
        Some(*number)
    }

    /// Deletes what was handed out. A receipt that a later one has replaced deletes nothing.
    pub(crate) fn acknowledge(&mut self, receipt: Receipt) {
        if self
            .items
            .get(&receipt.number)
            .is_some_and(|item| item.receives == receipt.receive)
        {
            self.items.remove(&receipt.number);
        }
    }

    /// Makes what was handed out available again at `at`.
    pub(crate) fn give_back(&mut self, receipt: Receipt, at: Millis) {
        if let Some(item) = self.items.get_mut(&receipt.number)
            && item.receives == receipt.receive
        {
            item.visible_at = at;
        }
    }

    /// All that was handed out is available again at `at`: the embedded host has started afresh.
    pub(crate) fn give_all_back(&mut self, at: Millis) {
        for item in self.items.values_mut() {
            item.visible_at = at;
        }
    }

    /// Moves the dead letters back, as an operator does; how many there were.
    pub(crate) fn redrive(&mut self, now: Millis) -> usize {
        let dead = core::mem::take(&mut self.dead);
        let count = dead.len();
        for mut item in dead {
            item.receives = 0;
            item.visible_at = now;
            self.push(item);
        }
        count
    }

    /// When something can be handed out, as far as it is known now.
    pub(crate) fn next_ready(&self, now: Millis) -> Option<Millis> {
        if self.ready(now).is_some() {
            return Some(now);
        }
        let later = self.items.values().map(|item| item.visible_at);
        later.filter(|at| *at > now).min()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.dead.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn holds(&self, content_key: ContentKey) -> bool {
        let mut items = self.items.values().chain(&self.dead);
        items.any(|item| item.content_key == content_key)
    }

    pub(crate) fn has_dead(&self) -> bool {
        !self.dead.is_empty()
    }
}

/// What deletes a message: its number, and which receive of it this was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    number: u64,
    pub(crate) receive: u32,
}
