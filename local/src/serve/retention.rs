//! Deletes what is older than `--retain-days`, a little at a time.

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
    command_error::CommandError,
    max_age::MaxAge,
    store::{Store, StoreError},
};

/// How often to look for what is too old.
const LOOK: Duration = Duration::from_secs(600);
/// Between two steps of one look, so that processing has the disk in between.
const BREATH: Duration = Duration::from_millis(20);

/// For how many days everything is kept; may change while the receiver runs.
#[derive(Debug)]
pub(super) struct Retain {
    days: AtomicU32,
    max_age_secs: u64,
    changed: Notify,
}

impl Retain {
    /// # Errors
    /// Where a callback could be replayed after its record has gone: its effect would come twice.
    pub(super) fn new(days: u32, max_age: MaxAge) -> Result<Self, CommandError> {
        let retain = Self {
            days: AtomicU32::new(days),
            max_age_secs: max_age.secs(),
            changed: Notify::new(),
        };
        if max_age.secs() == Window::UNLIMITED {
            tracing::warn!(
                retain_days = days,
                "with --max-age unlimited, a callback that is replayed after --retain-days is a new one"
            );
        } else if !retain.is_enough(days) {
            return Err(CommandError::Misuse(format!(
                "--retain-days {days} does not outlast --max-age {max_age} (seconds): a callback could be replayed after its record has gone; keep records for longer, or take no callbacks so old"
            )));
        }
        Ok(retain)
    }

    /// Changes the days from now on, and tells whether they are enough to.
    pub(super) fn set(&self, days: u32) -> bool {
        let enough = self.is_enough(days);
        if enough {
            self.days.store(days, Ordering::Relaxed);
            self.changed.notify_one();
        }
        enough
    }

    fn is_enough(&self, days: u32) -> bool {
        self.max_age_secs == Window::UNLIMITED || secs(days) > self.max_age_secs
    }

    fn secs(&self) -> u64 {
        secs(self.days.load(Ordering::Relaxed))
    }
}

fn secs(days: u32) -> u64 {
    u64::from(days).saturating_mul(86_400)
}

pub(super) struct Retention {
    pub(super) store: Store,
    pub(super) retain: Arc<Retain>,
    pub(super) clock: Clock,
    /// When it was made, by two clocks of which one never jumps.
    started: (Instant, u64),
}

/// How far the clock may have run away from the one that never jumps. A clock that says next year
/// would have a year deleted.
const MAX_JUMP_SECS: u64 = 86_400;

impl Retention {
    pub(super) fn new(store: Store, retain: Arc<Retain>, clock: Clock) -> Self {
        Self {
            store,
            retain,
            clock,
            started: (clock::stopwatch(), clock.now().get()),
        }
    }

    /// Looks at the start, then every ten minutes, until it is stopped.
    pub(super) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                // What one step has deleted stays deleted, and the next look goes on from there.
                () = stop.cancelled() => return,
                swept = self.sweep() => match swept {
                    Ok(0) => {}
                    Ok(messages) => tracing::info!(messages, "messages past --retain-days were deleted, with their callbacks"),
                    Err(error) => tracing::error!(%error, "what is past --retain-days cannot be deleted"),
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
