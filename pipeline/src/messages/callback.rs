use core::time::Duration;
use std::{collections::HashMap, sync::Arc};

use sinch_callback::{Callback, ContentKey, DeliveryReport, SecretSlot, UnixSeconds, Unrecognized};

use super::message::OVERDUE_AFTER;
use crate::{envelope::Envelope, said::Placed};

/// A callback on its way into the messages that it reports on: what its envelope says of its arrival,
/// and its body as this version understands it.
#[derive(Clone, Debug)]
pub struct ReadCallback {
    /// The key of the event.
    pub content_key: ContentKey,
    /// The receiver's name for this arrival.
    pub request_id: String,
    /// The kind's stable name, or `unrecognized`.
    pub kind: String,
    /// When it was received.
    pub received_at: UnixSeconds,
    /// When it was signed.
    pub signed_at: UnixSeconds,
    /// Which secret signed it.
    pub secret_slot: SecretSlot,
    /// Whether it is what Sinch answered when it was asked, and no callback.
    pub polled: bool,
    /// For how long a message that it tells was submitted may be silent before that is told; `None`
    /// for ever. [`OVERDUE_AFTER`] unless set otherwise.
    pub overdue_after: Option<Duration>,
    pub(super) content: Result<Arc<Callback>, Unrecognized>,
    /// The places of each message's reports, in the order in which the body names the messages: it may
    /// name one recipient twice, and an arrival changes a message once.
    messages: Vec<Vec<usize>>,
}

impl ReadCallback {
    /// Reads the body of an envelope.
    #[must_use]
    pub fn of(envelope: &Envelope<'_>) -> Self {
        let content = envelope.content();
        let reports = content
            .as_ref()
            .map_or(&[][..], |callback| &callback.reports);
        Self {
            content_key: envelope.content_key(),
            request_id: envelope.request_id().to_owned(),
            kind: content
                .as_ref()
                .map_or(envelope.kind(), |callback| callback.kind.as_str())
                .to_owned(),
            received_at: envelope.received_at(),
            signed_at: envelope.signed_at(),
            secret_slot: envelope.secret_slot(),
            polled: envelope.is_polled(),
            overdue_after: Some(OVERDUE_AFTER),
            messages: by_message(reports),
            content,
        }
    }

    /// Sets for how long a submitted message may be silent.
    #[must_use]
    pub const fn with_overdue_after(mut self, overdue_after: Option<Duration>) -> Self {
        self.overdue_after = overdue_after;
        self
    }

    /// How many messages it reports on.
    #[must_use]
    pub const fn messages(&self) -> usize {
        self.messages.len()
    }

    /// The id of one of its messages; `None` behind the last.
    #[must_use]
    pub fn message_id(&self, index: usize) -> Option<&str> {
        let (_, first) = self.reports(index).next()?;
        Some(&first.message_id)
    }

    /// Its reports on one of its messages, each with its place in the body.
    pub(super) fn reports(&self, index: usize) -> impl Iterator<Item = Placed<'_>> {
        let all = self
            .content
            .as_ref()
            .map_or(&[][..], |callback| &callback.reports);
        let places = self.messages.get(index).into_iter().flatten();
        places.filter_map(|place| Some((*place, all.get(*place)?)))
    }

    /// Why it, or a part of it, moves no message: what it is kept and listed for.
    #[must_use]
    pub fn unrecognized(&self) -> Option<Unrecognized> {
        match &self.content {
            Ok(callback) => callback.unread,
            Err(unrecognized) => Some(*unrecognized),
        }
    }
}

fn by_message(reports: &[DeliveryReport]) -> Vec<Vec<usize>> {
    let mut messages: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (place, report) in reports.iter().enumerate() {
        let index = *known.entry(&report.message_id).or_insert(messages.len());
        match messages.get_mut(index) {
            Some(places) => places.push(place),
            None => messages.push(vec![place]),
        }
    }
    messages
}
