use core::{error::Error, ops::Range, time::Duration};
use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::join_all;
use sinch_callback::{DeliveryState, Leg, Step, Unrecognized};

use super::{
    attempt::AttemptName,
    callback::ReadCallback,
    event::EventFilter,
    message::{Changed, Novelty, OVERDUE_AFTER},
    notifier::Notifier,
    port::{Callbacks, Cursor, KeptFor},
};
use crate::envelope::Envelope;

/// Messages of a large callback between two cursors. Our own choice.
pub const CURSOR_EVERY: usize = 500;

/// The second use case: applies a queued callback to its messages and raises the events that follow.
///
/// # Examples
/// ```
/// use sinch_callback::{Leg, Secret, Signer, UnixSeconds, Verifier, scheme::SchemeName};
/// use sinch_callback_pipeline::{Envelope, NoNotifier, messages::Processor};
/// # use core::convert::Infallible;
/// # use std::{collections::HashMap, sync::{Mutex, PoisonError}};
/// # use sinch_callback_pipeline::messages::{Callbacks, Change, Changed, KeptFor, Message, Messages, Novelty};
/// # #[derive(Default)]
/// # struct Store(Mutex<HashMap<String, Message>>);
/// # impl Messages for Store {
/// #     type Error = Infallible;
/// #     async fn update(
/// #         &self,
/// #         id: &str,
/// #         change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
/// #     ) -> Result<Changed, Infallible> {
/// #         let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
/// #         let Change { write, changed } = change(messages.get(id).cloned());
/// #         messages.extend(write.map(|message| (id.to_owned(), message)));
/// #         Ok(changed)
/// #     }
/// # }
/// # impl Callbacks for Store {
/// #     async fn keep(&self, _: &Envelope<'_>, _: KeptFor) -> Result<Novelty, Infallible> {
/// #         Ok(Novelty::New)
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = UnixSeconds::new(1_700_000_000);
/// # let signer = Signer::new(Secret::new("made-up")?);
/// # let body = br#"{"message_delivery_report":{"message_id":"msg-1","status":"DELIVERED"}}"#;
/// # let signed = signer.sign(body, "a-nonce", now)?;
/// # let verifier = Verifier::logged(Secret::new("made-up")?);
/// let callback = verifier.verify(signed.headers(), body, now)?;
/// let envelope = Envelope::seal(SchemeName::Conversation, &callback, now, "request-1");
/// // `Store` implements `Messages` and `Callbacks`.
/// let processor = Processor::new(Store::default(), NoNotifier, 8);
/// let processed = processor.process(&envelope, || true).await?;
/// assert_eq!(processed.novelty, Novelty::New);
/// assert_eq!(processed.moves[&Leg::Delivered], 1);
///
/// // A crash in front of the acknowledgement: it is processed again, and counts once.
/// let processed = processor.process(&envelope, || true).await?;
/// assert_eq!(processed.novelty, Novelty::Redelivered);
/// assert!(processed.moves.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Processor<S, N> {
    store: S,
    notifier: N,
    filter: EventFilter,
    overdue_after: Option<Duration>,
    at_once: usize,
}

/// What became of a queued callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Processed {
    /// Whether it was new.
    pub novelty: Novelty,
    /// Why it, or a part of it, was not understood, if it was not.
    pub unrecognized: Option<Unrecognized>,
    /// How many legs it moved, by where they stand now. As all that follows, of what was new alone.
    pub moves: BTreeMap<Leg, u64>,
    /// How many messages became contradicted by it.
    pub contradictions: u64,
    /// How many messages failed by it, by the reason's code.
    pub failures: BTreeMap<String, u64>,
    /// How many events followed, told again or for the first time.
    pub events: usize,
    /// Whether a message of it has been forgotten.
    pub is_forgotten: bool,
    /// The attempts of intents that its messages concern, told again or for the first time: whoever
    /// keeps intents has to look at theirs before the callback is acknowledged.
    pub attempts: Vec<Attempted>,
}

/// A message that concerns an attempt of an intent has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempted {
    /// The attempt.
    pub attempt: AttemptName,
    /// The message.
    pub message_id: String,
}

/// Why a queued callback has to be processed again.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError<S: Error + 'static, N: Error + 'static> {
    /// It was not applied, or not kept.
    #[error("the callback was not recorded")]
    Store(#[source] S),
    /// It was applied, and its events were not all taken.
    #[error("the events of the callback were not taken")]
    Notify(#[source] N),
    /// The time was up. The next attempt goes on behind what has been done.
    #[error("the callback is applied in part, and goes on from there")]
    Unfinished(Box<Processed>),
}

impl<S: Callbacks, N: Notifier> Processor<S, N> {
    /// A processor over this store and this notifier, which changes so many messages of a callback at
    /// once. It raises the events of [`EventFilter::Final`].
    pub const fn new(store: S, notifier: N, at_once: usize) -> Self {
        Self {
            store,
            notifier,
            filter: EventFilter::Final,
            overdue_after: Some(OVERDUE_AFTER),
            at_once,
        }
    }

    /// Raises other events.
    #[must_use]
    pub const fn with_events(mut self, filter: EventFilter) -> Self {
        self.filter = filter;
        self
    }

    /// Waits longer or shorter for what becomes of a submitted message before it is overdue, or, with
    /// `None`, for ever; [`OVERDUE_AFTER`] unless set otherwise.
    #[must_use]
    pub const fn with_overdue_after(mut self, overdue_after: Option<Duration>) -> Self {
        self.overdue_after = overdue_after;
        self
    }

    /// Applies the callback, then raises its events. Safe to repeat: processing the same envelope
    /// again changes nothing and raises the same events under the same ids.
    ///
    /// A large one is done in parts, each written and told before the next; between two of them it ends
    /// where `has_time` says no.
    ///
    /// # Errors
    /// [`ProcessError`]; the envelope is then to be processed again.
    pub async fn process(
        &self,
        envelope: &Envelope<'_>,
        has_time: impl Fn() -> bool + Sync,
    ) -> Result<Processed, ProcessError<S::Error, N::Error>> {
        let callback = ReadCallback::of(envelope).with_overdue_after(self.overdue_after);
        let callback = Arc::new(callback);
        let mut processed = Processed::nothing_of(&callback);
        let (key, of) = (callback.content_key, callback.messages());
        let is_large = of > CURSOR_EVERY;
        let mut done = 0;
        if is_large {
            let cursor = self.store.cursor(key).await.map_err(ProcessError::Store)?;
            done = cursor
                .filter(|cursor| cursor.of == of)
                .map_or(0, |cursor| cursor.done);
        }
        while done < of {
            let end = done.saturating_add(CURSOR_EVERY).min(of);
            self.apply(&callback, done..end, &mut processed).await?;
            done = end;
            if is_large {
                let cursor = (done < of).then_some(Cursor { done, of });
                let set = self.store.set_cursor(key, cursor).await;
                set.map_err(ProcessError::Store)?;
            }
            if done < of && !has_time() {
                return Err(ProcessError::Unfinished(Box::new(processed)));
            }
        }
        let events = callback.events_of_callback(envelope.body());
        // What speaks of somebody who is forgotten is not kept.
        if !processed.is_forgotten {
            let why = KeptFor {
                unrecognized: processed.unrecognized,
                is_told: !events.is_empty(),
            };
            let kept = self.store.keep(envelope, why).await;
            let kept = kept.map_err(ProcessError::Store)?;
            if of == 0 {
                processed.novelty = kept;
            }
        }
        let is_told = matches!(processed.novelty, Novelty::New | Novelty::Redelivered);
        if is_told && !events.is_empty() {
            processed.events = processed.events.saturating_add(events.len());
            let told = self.notifier.notify_of_callback(&events).await;
            told.map_err(ProcessError::Notify)?;
        }
        Ok(processed)
    }

    /// Applies the callback to some of its messages, and raises the events.
    async fn apply(
        &self,
        callback: &Arc<ReadCallback>,
        messages: Range<usize>,
        processed: &mut Processed,
    ) -> Result<(), ProcessError<S::Error, N::Error>> {
        let mut all = Vec::with_capacity(messages.len());
        let indices: Vec<usize> = messages.collect();
        for some in indices.chunks(self.at_once) {
            let updates = some.iter().map(|index| self.update(callback, *index));
            for (index, changed) in some.iter().zip(join_all(updates).await) {
                all.push((*index, changed.map_err(ProcessError::Store)?));
            }
        }
        let mut events = Vec::new();
        for (index, changed) in &all {
            events.extend(callback.events(*index, changed, self.filter));
            let id = callback.message_id(*index).unwrap_or_default();
            processed.add(id, changed);
        }
        if !events.is_empty() {
            processed.events = processed.events.saturating_add(events.len());
            let told = self.notifier.notify(&events).await;
            told.map_err(ProcessError::Notify)?;
        }
        Ok(())
    }

    async fn update(
        &self,
        callback: &Arc<ReadCallback>,
        index: usize,
    ) -> Result<Changed, S::Error> {
        let id = callback.message_id(index).unwrap_or_default();
        let change = {
            let callback = Arc::clone(callback);
            move |found| callback.change(index, found)
        };
        self.store.update(id, change).await
    }
}

impl Processed {
    /// Of a callback that has not been applied to any of its messages yet.
    pub fn nothing_of(callback: &ReadCallback) -> Self {
        Self {
            novelty: if callback.messages() == 0 {
                Novelty::New
            } else {
                Novelty::Forgotten
            },
            unrecognized: callback.unrecognized(),
            moves: BTreeMap::new(),
            contradictions: 0,
            failures: BTreeMap::new(),
            events: 0,
            is_forgotten: false,
            attempts: Vec::new(),
        }
    }

    /// Adds what became of one of its messages.
    pub fn add(&mut self, message_id: &str, changed: &Changed) {
        let attempts = changed.attempts.iter().map(|attempt| Attempted {
            attempt: attempt.clone(),
            message_id: message_id.to_owned(),
        });
        self.attempts.extend(attempts);
        self.novelty = together(self.novelty, changed.novelty);
        self.is_forgotten |= changed.novelty == Novelty::Forgotten;
        let Some(entry) = changed
            .entry
            .as_ref()
            .filter(|_| changed.novelty == Novelty::New)
        else {
            return;
        };
        for line in &entry.reports {
            if let Step::Moved(leg) = line.step {
                count(self.moves.entry(leg).or_default());
            }
        }
        if changed.contradicts {
            count(&mut self.contradictions);
        }
        if entry.moved_to() == Some(DeliveryState::Failed) {
            let by_message = entry.said.as_ref().map(|said| &said.reason);
            let decides = usize::try_from(entry.decides).unwrap_or_default();
            let by_report = entry.reports.get(decides).map(|line| &line.reason);
            if let Some(Some(reason)) = by_message.or(by_report) {
                count(self.failures.entry(reason.code.to_string()).or_default());
            }
        }
    }
}

/// Of several messages: what was new in any is new; what this arrival had done before makes the rest
/// of it work that broke off.
const fn together(one: Novelty, other: Novelty) -> Novelty {
    match (one, other) {
        (Novelty::Redelivered, _) | (_, Novelty::Redelivered) => Novelty::Redelivered,
        (Novelty::New, _) | (_, Novelty::New) => Novelty::New,
        (Novelty::Repeated, _) | (_, Novelty::Repeated) => Novelty::Repeated,
        (Novelty::Forgotten, Novelty::Forgotten) => Novelty::Forgotten,
    }
}

fn count(number: &mut u64) {
    *number = number.saturating_add(1);
}
