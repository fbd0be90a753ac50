//! Tells of messages that are stuck: the report that would have settled them has not come.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, metrics::Metrics, store::open::Store};

/// How often to look.
const LOOK: Duration = Duration::from_secs(5);

pub(crate) struct Overdue {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    /// Whether anybody is notified.
    pub(crate) tells: bool,
}

impl Overdue {
    /// Runs until it is stopped.
    pub(crate) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.store.overdue(self.clock.now(), self.tells).await {
                Ok(messages) => {
                    for message_id in &messages {
                        self.metrics.overdue.inc();
                        tracing::warn!(
                            message_id,
                            "a message waits for a report that has not come"
                        );
                    }
                    if !messages.is_empty() {
                        continue;
                    }
                }
                Err(error) => tracing::error!(%error, "overdue messages cannot be looked for"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}
