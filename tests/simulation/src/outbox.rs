use std::collections::BTreeMap;

use sinch_callback::ContentKey;

use crate::log::Told;

/// The embedded host's events, kept until whoever listens has taken them.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    rows: BTreeMap<u64, Row>,
    next: u64,
}

/// An event, and the callback that it follows from.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) content_key: ContentKey,
    pub(crate) told: Told,
}

impl Outbox {
    /// Keeps events; those that are kept already, once.
    pub(crate) fn keep(&mut self, content_key: ContentKey, events: Vec<Told>) {
        for told in events {
            if self.rows.values().all(|row| row.told.id != told.id) {
                self.next += 1;
                self.rows.insert(self.next, Row { content_key, told });
            }
        }
    }

    /// The event that has waited longest, and its number.
    pub(crate) fn first(&self) -> Option<(u64, Row)> {
        let (number, row) = self.rows.first_key_value()?;
        Some((*number, row.clone()))
    }

    /// Forgets an event.
    pub(crate) fn remove(&mut self, number: u64) {
        self.rows.remove(&number);
    }

    pub(crate) fn holds(&self, content_key: ContentKey) -> bool {
        self.rows.values().any(|row| row.content_key == content_key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
