use core::{error::Error, future::Future, time::Duration};

use super::{
    callback::ReadCallback,
    event::{DeliveryEvent, EventFilter},
    message::{Change, Changed, Message, Novelty, OVERDUE_AFTER},
    process::Processed,
};
use crate::envelope::Envelope;

/// Most messages of a callback that is applied in the commit that accepts it: whoever accepts others
/// waits for that commit. Our own choice.
pub const APPLIED_AT_ONCE: usize = 8;

/// A host whose queue and messages lie in one store, so that accepting a callback and applying it can
/// be one commit.
pub trait Intake: Sync {
    /// Why a callback was not taken in.
    type Error: Error + Send + Sync + 'static;

    /// Applies a callback ([`ReadCallback::apply`]) and returns once that is committed.
    ///
    /// # Errors
    /// When it is not certain that it was applied. It is queued then; where it was applied after all,
    /// the queue's attempt finds its own entries.
    fn accept(
        &self,
        envelope: &Envelope<'_>,
        callback: ReadCallback,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Queues a callback and returns once that is committed.
    ///
    /// # Errors
    /// When it is not certain that it was queued.
    fn enqueue(
        &self,
        envelope: &Envelope<'_>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// For how long a submitted message may be silent before that is told; `None` for ever.
    fn overdue_after(&self) -> Option<Duration> {
        Some(OVERDUE_AFTER)
    }
}

/// Takes an authentic callback in for good: applies it in the commit that accepts it where it is
/// understood and names at most [`APPLIED_AT_ONCE`] messages, and queues it where not, or where that
/// fails.
///
/// # Errors
/// When it is not certain that it was queued either. Its sender has to retry.
pub async fn take_in<I: Intake>(intake: &I, envelope: &Envelope<'_>) -> Result<(), I::Error> {
    let callback = ReadCallback::of(envelope).with_overdue_after(intake.overdue_after());
    if callback.is_applied_at_once() && intake.accept(envelope, callback).await.is_ok() {
        return Ok(());
    }
    intake.enqueue(envelope).await
}

/// A transaction of a store: all of it is committed, or nothing.
pub trait Transaction {
    /// Why it cannot be committed.
    type Error;

    /// Changes a message, as [`Messages::update`](super::Messages::update) does.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    fn update(
        &mut self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change,
    ) -> Result<Changed, Self::Error>;

    /// Keeps an event until its receiver has taken it.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn keep_event(&mut self, event: &DeliveryEvent<'_>) -> Result<(), Self::Error>;

    /// Keeps the callback's body.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn keep_body(&mut self) -> Result<(), Self::Error>;
}

impl ReadCallback {
    /// Whether it is applied in the commit that accepts it; what is not understood, whole or in part,
    /// is listed by whoever takes it out of the queue.
    #[must_use]
    pub fn is_applied_at_once(&self) -> bool {
        (1..=APPLIED_AT_ONCE).contains(&self.messages()) && self.unrecognized().is_none()
    }

    /// Applies it to all of its messages in one transaction, which keeps its body and its events, too.
    /// `None` for `events` where nobody is told any. It may run again where the transaction was undone.
    ///
    /// # Errors
    /// Those of the transaction, of which nothing is to be committed then.
    pub fn apply<T: Transaction>(
        &self,
        transaction: &mut T,
        events: Option<EventFilter>,
    ) -> Result<Processed, T::Error> {
        let mut processed = Processed::nothing_of(self);
        for index in 0..self.messages() {
            let id = self.message_id(index).unwrap_or_default();
            let changed = transaction.update(id, |found| self.change(index, found))?;
            processed.add(id, &changed);
            let Some(filter) = events else { continue };
            for event in self.events(index, &changed, filter) {
                transaction.keep_event(&event)?;
                processed.events = processed.events.saturating_add(1);
            }
        }
        // What speaks of somebody who is forgotten is not kept.
        if processed.novelty == Novelty::New && !processed.is_forgotten {
            transaction.keep_body()?;
        }
        Ok(processed)
    }
}
