//! Takes envelopes out of the queue and processes them, for as long as the receiver runs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use sinch_callback_pipeline::{
    Envelope,
    messages::{CURSOR_EVERY, ProcessError, Processor},
};
use tokio_util::sync::CancellationToken;

use crate::{
    causes::with_causes,
    clock::{self, Clock},
    metrics::Metrics,
    store::{
        error::{Fault, StoreError},
        open::Store,
        outbox::Outbox,
        queue::QueuedRow,
    },
};

/// Envelopes that are processed at once, in the commits they share.
const BATCH: usize = 128;
/// How long to wait before trying again: while the store as a whole cannot process, and after a
/// row's first failure. A row's next pauses are twice as long each, up to `LONGEST_PAUSE`.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often to look into the queue even if nobody has called.
const LOOK: Duration = Duration::from_secs(5);
/// After how many tries a row is set aside: where its own content is what fails, a try brings what
/// the last one brought, and the second and third only guard against our judgment; where nobody can
/// tell, it is tried for some three minutes.
const TRIES_OF_A_FAULTY_ROW: u32 = 3;
const TRIES_OF_AN_UNCLEAR_ROW: u32 = 10;

pub(crate) struct Drain {
    pub(crate) store: Store,
    pub(crate) processor: Processor<Store, Outbox>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
}

/// Messages of a large callback that are changed at once: what its parts have.
pub(crate) const MESSAGES_AT_ONCE: usize = CURSOR_EVERY;

/// What became of an envelope in one step.
enum Outcome {
    Done,
    /// It can never be processed.
    Unreadable(String),
    Failed(StoreError),
}

/// What a step has found.
struct Step {
    rows: usize,
    /// When the first row that was put off is due.
    retry: Option<Instant>,
}

impl Drain {
    /// Runs until it is stopped, and then until the queue is empty or a step fails.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut retry: Option<Instant> = None;
        loop {
            match self.step().await {
                Ok(step) => {
                    let now = clock::stopwatch();
                    let pending = retry.filter(|due| *due > now);
                    retry = pending.into_iter().chain(step.retry).min();
                    if step.rows > 0 {
                        continue;
                    }
                    if stop.is_cancelled() {
                        return;
                    }
                    let look = retry.map_or(LOOK, |due| due.saturating_duration_since(now));
                    tokio::select! {
                        () = stop.cancelled() => {}
                        _ = tokio::time::timeout(look.min(LOOK), self.store.queued()) => {}
                    }
                }
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

    /// Processes the head of the queue. Fails where the store as a whole does: then no row is to
    /// blame, and nothing is counted against any.
    async fn step(&self) -> Result<Step, StoreError> {
        let rows = self.store.queue_head(clock::unix_millis(), BATCH).await?;
        let outcomes = join_all(rows.iter().map(|row| self.process(row))).await;
        let mut done = Vec::with_capacity(rows.len());
        let mut unreadable = Vec::new();
        let mut failed = Vec::new();
        let mut retry = None;
        for (row, outcome) in rows.iter().zip(outcomes) {
            match outcome {
                Outcome::Done => done.push(row.seq),
                Outcome::Unreadable(cause) => unreadable.push((row, cause)),
                Outcome::Failed(error) => failed.push((row, error)),
            }
        }
        let goes_on = !done.is_empty();
        self.store.acknowledge(done).await?;
        for (row, cause) in unreadable {
            self.set_aside(row, cause).await?;
        }
        for (row, error) in failed {
            // Where others get through, the store works, and whatever this one's trouble is, it
            // must not hold them.
            if error.fault() == Fault::Store && !goes_on {
                return Err(error);
            }
            if let Some(due) = self.failed(row, error).await? {
                retry = retry.into_iter().chain([due]).min();
            }
        }
        Ok(Step {
            rows: rows.len(),
            retry,
        })
    }

    /// Processes one envelope.
    async fn process(&self, row: &QueuedRow) -> Outcome {
        let envelope = match Envelope::decode(&row.envelope) {
            Ok(envelope) => envelope,
            // Its causes may quote the body.
            Err(error) => return Outcome::Unreadable(error.to_string()),
        };
        match self.processor.process(&envelope, || true).await {
            Ok(processed) => {
                self.metrics.processed(&processed);
                Outcome::Done
            }
            Err(ProcessError::Store(error) | ProcessError::Notify(error)) => Outcome::Failed(error),
            // There is time for all of it.
            Err(ProcessError::Unfinished(_)) => Outcome::Failed(StoreError::Closed),
        }
    }

    /// Puts a row off that has failed, and tells until when; or sets it aside.
    async fn failed(
        &self,
        row: &QueuedRow,
        error: StoreError,
    ) -> Result<Option<Instant>, StoreError> {
        let (tries, most) = match error.fault() {
            Fault::Store => (row.tries, u32::MAX),
            Fault::Row => (row.tries.saturating_add(1), TRIES_OF_A_FAULTY_ROW),
            Fault::Unclear => (row.tries.saturating_add(1), TRIES_OF_AN_UNCLEAR_ROW),
        };
        if tries >= most {
            self.set_aside(row, with_causes(&error)).await?;
            return Ok(None);
        }
        let pause = PAUSE
            .saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)))
            .min(LONGEST_PAUSE);
        tracing::warn!(%error, seq = row.seq, tries, "a queued callback cannot be processed and is put off");
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        let retry_at = clock::unix_millis().saturating_add(pause_ms);
        self.store.put_off(row.seq, tries, retry_at).await?;
        Ok(clock::stopwatch().checked_add(pause))
    }

    async fn set_aside(&self, row: &QueuedRow, cause: String) -> Result<(), StoreError> {
        tracing::error!(
            cause,
            seq = row.seq,
            "a queued callback is set aside: `sinch-callback queue list` shows it, and `queue release` has it tried again"
        );
        self.store.set_aside(row.seq, cause, self.clock.now()).await
    }
}
