//! What a callback does to its messages, and what is told of it.

use super::{
    callback::ReadCallback,
    event::{DeliveryEvent, EventFilter},
    message::{Change, Changed, Message, Novelty},
};
use crate::callback_event::CallbackEvent;

impl ReadCallback {
    /// What it does to one of its messages, of which `found` is kept. Pure: it may run again.
    pub fn change(&self, index: usize, found: Option<Message>) -> Change {
        let Some((_, first)) = self.reports(index).next() else {
            return Change::nothing();
        };
        found
            .unwrap_or_else(|| Message::new(&first.message_id, first.subject, self.received_at))
            .changed_by(self, index)
    }

    /// The events that follow from what it did to one of its messages, the same for ever: they are made
    /// from the entry in the message's log.
    #[must_use]
    pub fn events(
        &self,
        index: usize,
        changed: &Changed,
        filter: EventFilter,
    ) -> Vec<DeliveryEvent<'_>> {
        let reports: Vec<_> = self.reports(index).collect();
        match (&changed.entry, changed.novelty) {
            (Some(entry), Novelty::New | Novelty::Redelivered) => {
                DeliveryEvent::of_entry(entry, &reports, filter)
            }
            _ => Vec::new(),
        }
    }

    /// What is told of it as a whole, `body` being its body.
    #[must_use]
    pub fn events_of_callback(&self, body: &[u8]) -> Vec<CallbackEvent<'_>> {
        CallbackEvent::of(
            self.content.as_deref().map_err(|reason| *reason),
            body,
            self.content_key,
            self.received_at,
        )
    }
}
