//! Tells of messages that are overdue: what was to settle them has not come, though we listened.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::{
    clock::{self, Clock},
    listening::{Ear, SIGN},
    metrics::Metrics,
    seldom::Seldom,
    store::{error::StoreError, open::Store},
};

/// How often to look.
const LOOK: Duration = Duration::from_secs(5);

pub(crate) struct Overdue {
    pub(crate) store: Store,
    pub(crate) ear: Arc<Ear>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    /// Whether anybody is notified.
    pub(crate) tells: bool,
}

impl Overdue {
    /// Runs until it is stopped, and keeps a last sign of life then.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut signed: Option<Instant> = None;
        loop {
            let now = clock::stopwatch();
            let is_last = stop.is_cancelled();
            if is_last
                || signed.is_none_or(|signed| {
                    now.saturating_duration_since(signed) >= self.clock.waits(SIGN)
                })
            {
                signed = Some(now);
                if let Err(error) = self.ear.sign(self.clock.now()).await {
                    complain(&error);
                }
            }
            if is_last {
                return;
            }
            match self.look().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => complain(&error),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.clock.waits(LOOK)) => {}
            }
        }
    }

    /// Tells what is overdue now, and how many that were.
    async fn look(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let heard_until = self.ear.heard_until(now).await?;
        let told = self.store.overdue(heard_until, now, self.tells).await?;
        for event in &told {
            self.metrics.overdue.inc();
            tracing::warn!(
                message_id = %event.message_id,
                cause = event.cause,
                deadline = event.deadline,
                "a message is overdue: what was to settle it has not come"
            );
        }
        Ok(told.len())
    }
}

fn complain(error: &StoreError) {
    static SAID: Seldom = Seldom::new();
    if let Some(count) = SAID.turn() {
        tracing::error!(%error, count, "overdue messages cannot be looked for");
    }
}
