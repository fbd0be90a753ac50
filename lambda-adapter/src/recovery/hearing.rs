use core::time::Duration;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::listening::{CallbacksStopped, SENDS, Turn};
use sinch_callback_recovery::{
    Callbacks,
    ports::{Heard, Hearing},
};

use crate::{
    client::AwsError,
    clock,
    dynamodb::DeliveryTable,
    hearing::{self, Ear, StackEar},
};

/// Until when everything that was reported has been applied, by the receiver's stack; and whether callbacks
/// come, by what its watcher has found.
///
/// It is read once for many looks, and before any of them reads a message: what was applied by then is
/// found there. So what is kept may be old, and then holds more back than it would have to.
#[derive(Debug)]
pub(super) struct StackHearing {
    ear: StackEar,
    messages: DeliveryTable,
    stopped_after: Duration,
    kept: Mutex<Option<(Instant, hearing::Heard)>>,
}

/// For how long it is not read again: CloudWatch asks money for each metric.
const FRESH: Duration = Duration::from_secs(15);

impl StackHearing {
    /// That of this stack.
    #[must_use]
    pub(super) const fn new(
        ear: StackEar,
        messages: DeliveryTable,
        stopped_after: Duration,
    ) -> Self {
        Self {
            ear,
            messages,
            stopped_after,
            kept: Mutex::new(None),
        }
    }

    /// Reads how far has been heard. No look may be under way.
    ///
    /// # Errors
    /// Where it cannot be read: then nothing is silent.
    pub(super) async fn listen(&self, now: UnixSeconds) -> Result<(), AwsError> {
        let read_at = clock::stopwatch();
        let is_fresh = |at: Instant| read_at.saturating_duration_since(at) < FRESH;
        if self.kept().is_some_and(|(at, _)| is_fresh(at)) {
            return Ok(());
        }
        *self.kept() = None;
        let heard = self.ear.listen(now).await?;
        *self.kept() = Some((read_at, heard));
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Option<(Instant, hearing::Heard)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heard(&self) -> Result<hearing::Heard, AwsError> {
        let kept = self.kept().map(|(_, heard)| heard);
        kept.ok_or_else(|| AwsError::saying("nobody has listened".into()))
    }

    async fn turn(&self) -> Result<(String, Turn), AwsError> {
        let kept = self.messages.listening().await;
        let kept = kept.map_err(|error| AwsError::of(&error))?;
        let turn = serde_json::from_str(&kept).unwrap_or_default();
        Ok((kept, turn))
    }
}

impl Hearing for StackHearing {
    type Error = AwsError;

    async fn heard(&self, now: UnixSeconds) -> Result<Heard, AwsError> {
        let heard = self.heard()?;
        let (_, turn) = self.turn().await?;
        let stopped = CallbacksStopped::look(now, self.stopped_after, heard.last, SENDS);
        // Any callback reopens, before the watcher has told so.
        let are_stopped = turn.is_stopped() && stopped.is_some();
        Ok(Heard {
            until: heard.until,
            callbacks: if are_stopped {
                Callbacks::Stopped
            } else {
                Callbacks::Heard
            },
        })
    }

    async fn take_probe(&self, now: UnixSeconds) -> Result<bool, AwsError> {
        let last = self.heard()?.last;
        let Some(stopped) = CallbacksStopped::look(now, self.stopped_after, last, SENDS) else {
            return Ok(true);
        };
        let (kept, mut turn) = self.turn().await?;
        if !turn.take_probe(&stopped, now) {
            return Ok(false);
        }
        // Numbers under fixed names have no way to fail.
        let text = serde_json::to_string(&turn).unwrap_or_default();
        let taken = self.messages.change_listening(&kept, &text).await;
        taken.map_err(|error| AwsError::of(&error))
    }
}
