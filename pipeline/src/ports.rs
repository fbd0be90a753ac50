use core::{convert::Infallible, error::Error, future::Future};
use std::sync::Arc;

use sinch_callback::{
    Callback, Claim, Rejection, ReplayGuard, ReplayKey, SecretRing, UnixSeconds, Unrecognized,
};

use crate::{Change, DeliveryEvent, Envelope};

/// Where the webhook secrets come from.
///
/// An implementation caches: `current` stands on the way of every callback.
pub trait SecretSource: Sync {
    /// Why there is no secret to be had.
    type Error: Error + Send + Sync + 'static;

    /// The secrets to verify with. With a usable ring at hand it answers from that, however the
    /// source fares.
    ///
    /// # Errors
    /// When no usable ring is at hand and none can be read. The callback is then answered 5xx.
    fn current(
        &self,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Arc<SecretRing>, Self::Error>> + Send;

    /// Reads the source again because a signature matched no secret, unless it was read recently
    /// (see [`RereadLimit`](crate::RereadLimit)): a stranger's callbacks must not drive reads.
    fn reread(&self, now: UnixSeconds) -> impl Future<Output = Reread> + Send;
}

/// What came of reading the secrets again after a mismatch.
#[derive(Clone, Debug)]
pub enum Reread {
    /// They have been read: these decide.
    Read(Arc<SecretRing>),
    /// They were read a moment ago: the mismatch stands.
    Recent,
    /// The last attempt to read them failed: nobody can say whether the signature is of a newer
    /// secret. The callback is answered 5xx.
    Unavailable,
}

impl<S: SecretSource> SecretSource for &S {
    type Error = S::Error;

    async fn current(&self, now: UnixSeconds) -> Result<Arc<SecretRing>, S::Error> {
        S::current(self, now).await
    }

    async fn reread(&self, now: UnixSeconds) -> Reread {
        S::reread(self, now).await
    }
}

/// Takes an authentic callback for good.
pub trait Handoff: Sync {
    /// Why it was not taken.
    type Error: Error + Send + Sync + 'static;

    /// Takes the callback. When it returns `Ok`, no crash may lose it. Sending the same content
    /// key again is normal.
    ///
    /// # Errors
    /// When it is not certain that the callback is safe. The sender is then asked to come again.
    fn send(&self, envelope: Envelope<'_>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The rejection that an error stands for, where no retry can help: a callback that is larger
    /// than the queue ever takes. `None` for everything that may pass.
    fn rejection(error: &Self::Error) -> Option<Rejection> {
        let _ = error;
        None
    }
}

/// A queued callback, understood, on its way into the log.
#[derive(Clone, Copy, Debug)]
pub struct CallbackRecord<'a> {
    /// What was queued.
    pub envelope: &'a Envelope<'a>,
    /// What its body says, or why that is not understood.
    pub content: Result<&'a Callback, Unrecognized>,
}

/// Whether the log had seen a callback before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// It is new, and has been recorded.
    New,
    /// The queue has handed out the same arrival again, after a crash on our side: nothing is
    /// counted, and the events follow once more, under the same ids.
    Redelivered,
    /// Sinch has delivered the same event again: the repeat has been counted.
    Repeated,
}

/// What came of recording a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Whether it was new.
    pub novelty: Novelty,
    /// What each report of the callback did, in the order of the reports. Empty for a repeat.
    pub changes: Vec<Change>,
}

/// Keeps each message's state and every callback that made it.
pub trait DeliveryLog: Sync {
    /// Why the record was not made.
    type Error: Error + Send + Sync + 'static;

    /// Records the callback and moves the states of the messages it reports on, in one step and
    /// only once for each content key. The same arrival (`request_id`) may be applied again and
    /// then gives the same changes.
    ///
    /// # Errors
    /// When nothing has been recorded; the callback stays queued.
    fn apply(
        &self,
        record: CallbackRecord<'_>,
    ) -> impl Future<Output = Result<Applied, Self::Error>> + Send;
}

/// Tells others of what has been recorded.
pub trait Notifier: Sync {
    /// Why the events were not taken.
    type Error: Error + Send + Sync + 'static;

    /// Takes the events of one callback, of which there is at least one. The same events may come
    /// again after a crash, under the same ids.
    ///
    /// # Errors
    /// When not all of them were taken; the callback stays queued and is processed again.
    fn notify(
        &self,
        events: &[DeliveryEvent<'_>],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The notifier of those who ask for the state themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNotifier;

impl Notifier for NoNotifier {
    type Error = Infallible;

    async fn notify(&self, _events: &[DeliveryEvent<'_>]) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// The guard of hosts that leave replays to the layers behind them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoReplayGuard;

impl ReplayGuard for NoReplayGuard {
    fn claim(&mut self, _key: ReplayKey, _now: UnixSeconds) -> Claim {
        Claim::First
    }

    fn confirm(&mut self, _key: ReplayKey) {}

    fn release(&mut self, _key: ReplayKey) {}
}
