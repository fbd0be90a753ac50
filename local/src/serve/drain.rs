//! Takes envelopes out of the queue and processes them, for as long as the receiver runs.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use sinch_callback_pipeline::{Envelope, ProcessError, Processor};
use tokio_util::sync::CancellationToken;

use super::metrics::Metrics;
use crate::store::{Outbox, QueuedRow, Store, StoreError};

/// Envelopes that are processed at once, in the commits they share.
const BATCH: usize = 128;
/// How long to wait after a failure before trying again.
const PAUSE: Duration = Duration::from_millis(500);
/// How often to look into the queue even if nobody has called.
const LOOK: Duration = Duration::from_secs(5);

pub(super) struct Drain {
    pub(super) store: Store,
    pub(super) processor: Processor<Store, Outbox>,
    pub(super) metrics: Arc<Metrics>,
}

impl Drain {
    /// Runs until it is stopped, and then until the queue is empty or a step fails.
    pub(super) async fn run(self, stop: CancellationToken) {
        loop {
            match self.step().await {
                Ok(0) if stop.is_cancelled() => return,
                Ok(0) => {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        _ = tokio::time::timeout(LOOK, self.store.queued()) => {}
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "queued callbacks cannot be processed");
                    if stop.is_cancelled() {
                        return;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Processes the head of the queue, and tells how many envelopes it found.
    async fn step(&self) -> Result<usize, StoreError> {
        let rows = self.store.queue_head(BATCH).await?;
        self.metrics
            .queue_depth
            .set(self.store.queue_depth().await?);
        let processed = join_all(rows.iter().map(|row| self.process(row))).await;
        let mut done = Vec::with_capacity(rows.len());
        let mut failure = None;
        for result in processed {
            match result {
                Ok(seq) => done.extend(seq),
                Err(error) => failure = Some(error),
            }
        }
        self.store.acknowledge(done).await?;
        failure.map_or(Ok(rows.len()), Err)
    }

    /// Processes one envelope, and gives the row to acknowledge.
    async fn process(&self, row: &QueuedRow) -> Result<Option<i64>, StoreError> {
        let envelope = match Envelope::decode(&row.envelope) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::error!(%error, seq = row.seq, "a queued callback is set aside");
                self.store.set_aside(row.seq, error.to_string()).await?;
                return Ok(None);
            }
        };
        match self.processor.process(&envelope).await {
            Ok(processed) => {
                self.metrics.processed(&processed);
                Ok(Some(row.seq))
            }
            Err(ProcessError::Log(error) | ProcessError::Notify(error)) => Err(error),
        }
    }
}
