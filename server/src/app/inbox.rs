use std::sync::Arc;

use sinch_callback_pipeline::{Envelope, EventFilter, Handoff, messages::ReadCallback};

use crate::{
    clock::Clock,
    metrics::Metrics,
    seldom::Seldom,
    store::{callbacks::Telling, error::StoreError, open::Store},
};

/// Most messages of a callback that is applied in the commit that accepts it: whoever accepts others
/// waits for it.
const MESSAGES: usize = 8;

/// Takes an authentic callback for good: applied at once where that is little work, else queued.
pub(crate) struct Inbox {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// Which events are told; `None` where nobody is.
    pub(crate) tells: Option<EventFilter>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Handoff for Inbox {
    type Error = StoreError;

    async fn send(&self, envelope: Envelope<'_>) -> Result<(), StoreError> {
        self.store.accepting(self.take(&envelope)).await
    }
}

impl Inbox {
    async fn take(&self, envelope: &Envelope<'_>) -> Result<(), StoreError> {
        let callback = ReadCallback::of(envelope);
        let is_little = (1..=MESSAGES).contains(&callback.messages());
        if !is_little || callback.unrecognized().is_some() {
            return self.store.enqueue(envelope).await;
        }
        let telling = self.tells.map(|filter| Telling {
            filter,
            now: self.clock.now(),
        });
        match self.store.accept(envelope, callback, telling).await {
            Ok(processed) => {
                self.metrics.processed(&processed);
                Ok(())
            }
            // What cannot be applied now is tried again from the queue, and set aside in the end.
            Err(error) => {
                static SAID: Seldom = Seldom::new();
                if let Some(count) = SAID.turn() {
                    tracing::warn!(%error, count, "a callback cannot be applied at once and is queued");
                }
                self.store.enqueue(envelope).await
            }
        }
    }
}
