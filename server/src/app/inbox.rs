use std::{sync::Arc, time::Duration};

use sinch_callback_pipeline::{
    Envelope, EventFilter, Handoff,
    messages::{Intake, ReadCallback, take_in},
};

use crate::{
    clock::Clock,
    metrics::Metrics,
    seldom::Seldom,
    store::{callbacks::Telling, error::StoreError, open::Store},
};

/// Takes an authentic callback for good, as the pipeline decides: applied at once, or queued.
pub(crate) struct Inbox {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// Which events are told; `None` where nobody is.
    pub(crate) tells: Option<EventFilter>,
    pub(crate) overdue_after: Option<Duration>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Handoff for Inbox {
    type Error = StoreError;

    async fn send(&self, envelope: Envelope<'_>) -> Result<(), StoreError> {
        self.store.accepting(take_in(self, &envelope)).await
    }
}

impl Intake for Inbox {
    type Error = StoreError;

    async fn accept(
        &self,
        envelope: &Envelope<'_>,
        callback: ReadCallback,
    ) -> Result<(), StoreError> {
        let telling = self.tells.map(|filter| Telling {
            filter,
            now: self.clock.now(),
        });
        let accepted = self.store.accept(envelope, callback, telling).await;
        let processed = accepted.inspect_err(|error| {
            static SAID: Seldom = Seldom::new();
            if let Some(count) = SAID.turn() {
                tracing::warn!(%error, count, "a callback cannot be applied at once and is queued");
            }
        })?;
        self.metrics.processed(&processed);
        Ok(())
    }

    fn overdue_after(&self) -> Option<Duration> {
        self.overdue_after
    }

    async fn enqueue(&self, envelope: &Envelope<'_>) -> Result<(), StoreError> {
        self.store.enqueue(envelope).await
    }
}
