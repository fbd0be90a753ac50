//! Deletes what is past its retention, a little at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sinch_callback::{UnixSeconds, Window};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{self, Clock},
    store::{error::StoreError, open::Store},
};

/// How often to look for what is too old.
const LOOK: Duration = Duration::from_secs(600);
/// Between two steps of one look, so that processing has the disk in between.
const BREATH: Duration = Duration::from_millis(20);

/// Records would go while what they are of can still be replayed: its effect would come twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "records kept for {days} days do not outlast callbacks of {} s: one could be replayed after its record has gone",
    .max_age.as_secs()
)]
#[non_exhaustive]
pub struct NotOutlasting {
    /// For how long records are to be kept.
    pub days: u32,
    /// The greatest age of a callback.
    pub max_age: Duration,
}

/// For how many days everything is kept; may change while the receiver runs.
#[derive(Debug)]
pub(crate) struct Retain {
    days: AtomicU32,
    max_age: Duration,
    changed: Notify,
}

impl Retain {
    /// # Errors
    /// Where a callback could be replayed after its record has gone: its effect would come twice.
    pub(crate) fn new(days: u32, window: Window) -> Result<Self, NotOutlasting> {
        let max_age = window.max_age;
        let retain = Self {
            days: AtomicU32::new(days),
            max_age,
            changed: Notify::new(),
        };
        if max_age == Window::UNLIMITED {
            tracing::warn!(
                retain_days = days,
                "callbacks are taken however old they are: one that is replayed after its record has gone is a new one"
            );
        } else if !retain.is_enough(days) {
            return Err(NotOutlasting { days, max_age });
        }
        Ok(retain)
    }

    /// Changes the days from now on, and tells whether they are enough to.
    pub(crate) fn set(&self, days: u32) -> bool {
        let enough = self.is_enough(days);
        if enough {
            self.days.store(days, Ordering::Relaxed);
            self.changed.notify_one();
        }
        enough
    }

    fn is_enough(&self, days: u32) -> bool {
        self.max_age == Window::UNLIMITED || secs(days) > self.max_age.as_secs()
    }

    fn secs(&self) -> u64 {
        secs(self.days.load(Ordering::Relaxed))
    }
}

fn secs(days: u32) -> u64 {
    u64::from(days).saturating_mul(86_400)
}

pub(crate) struct Retention {
    pub(crate) store: Store,
    pub(crate) retain: Arc<Retain>,
    pub(crate) clock: Clock,
    /// When it was made, by two clocks of which one never jumps.
    started: (Instant, u64),
}

/// How far the clock may have run away from the one that never jumps. A clock that says next year
/// would have a year deleted.
const MAX_JUMP_SECS: u64 = 86_400;

impl Retention {
    pub(crate) fn new(store: Store, retain: Arc<Retain>, clock: Clock) -> Self {
        Self {
            store,
            retain,
            clock,
            started: (clock::stopwatch(), clock.now().get()),
        }
    }

    /// Looks at the start, then every ten minutes, until it is stopped.
    pub(crate) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                // What one step has deleted stays deleted, and the next look goes on from there.
                () = stop.cancelled() => return,
                swept = self.sweep() => match swept {
                    Ok(0) => {}
                    Ok(messages) => tracing::info!(messages, "messages past their retention were deleted, with their callbacks"),
                    Err(error) => tracing::error!(%error, "what is past its retention cannot be deleted"),
                },
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.retain.changed.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Deletes what is too old now, and tells how many messages.
    async fn sweep(&self) -> Result<u64, StoreError> {
        let now = self.clock.now().get();
        let (started, at) = self.started;
        let expected = at.saturating_add(started.elapsed().as_secs());
        if now > expected.saturating_add(MAX_JUMP_SECS) {
            tracing::error!(
                "the clock has jumped ahead: nothing is deleted for its age until a restart"
            );
            return Ok(0);
        }
        let before = UnixSeconds::new(now.saturating_sub(self.retain.secs()));
        let (mut after, mut messages) = (Some(0), 0_u64);
        while let Some(cursor) = after {
            let (deleted, next) = self.store.expire_messages(before, cursor).await?;
            messages = messages.saturating_add(deleted);
            after = next;
            tokio::time::sleep(BREATH).await;
        }
        let mut after = Some(0);
        while let Some(cursor) = after {
            after = self.store.expire_intents(before, cursor).await?;
            tokio::time::sleep(BREATH).await;
        }
        while self
            .store
            .expire_callbacks(before, UnixSeconds::new(now))
            .await?
        {
            tokio::time::sleep(BREATH).await;
        }
        Ok(messages)
    }
}
