use core::{convert::Infallible, error::Error, future::Future};
use std::sync::Arc;

use sinch_callback::{
    Callback, Claim, Rejection, ReplayGuard, ReplayKey, RingVersion, SecretRing, Ticket,
    UnixSeconds, Unrecognized,
};

use crate::{CallbackEvent, Change, DeliveryEvent, Envelope, callback_event::unread};

/// Where the webhook secrets come from.
///
/// `current` stands on the way of every callback, so an implementation caches:
/// [`CachedSecrets`](crate::CachedSecrets) does it over a source of texts.
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
    ) -> impl Future<Output = Result<Secrets, Self::Error>> + Send;

    /// Gives secrets other than those of version `judged`, under which a signature has matched
    /// none: those at hand where they are others by now, else what a read brings.
    ///
    /// It waits for a read that is under way, and pauses between reads that cost something, because
    /// a stranger's callbacks must not drive them.
    fn refresh(
        &self,
        judged: RingVersion,
        now: UnixSeconds,
    ) -> impl Future<Output = Refresh> + Send;
}

/// Secrets as they were read.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The secrets themselves.
    pub ring: Arc<SecretRing>,
    /// Which they are.
    pub version: RingVersion,
    /// When the read began that found them to be these.
    pub read_at: UnixSeconds,
}

impl Secrets {
    /// Secrets that were read at this moment.
    pub fn new(ring: impl Into<Arc<SecretRing>>, read_at: UnixSeconds) -> Self {
        let ring = ring.into();
        Self {
            version: ring.version(),
            ring,
            read_at,
        }
    }
}

/// What came of asking for newer secrets after a mismatch.
#[derive(Clone, Debug)]
pub enum Refresh {
    /// There are others: these decide.
    Newer(Secrets),
    /// They were read behind the mismatch, and are the same: it stands.
    Unchanged,
    /// They may not be read again yet. What the mismatch then means is
    /// [decided in core](sinch_callback::reception::AwaitRefresh::recent).
    Recent {
        /// When the read began that those at hand are of.
        read_at: UnixSeconds,
    },
    /// They are being read, or would be if fewer waited for it, and are not here in time: nobody can
    /// say yet. The callback is answered 5xx.
    UnderWay,
    /// The last attempt to read them failed: nobody can say whether the signature is of a newer
    /// secret. The callback is answered 5xx.
    Unavailable,
}

impl<S: SecretSource> SecretSource for &S {
    type Error = S::Error;

    async fn current(&self, now: UnixSeconds) -> Result<Secrets, S::Error> {
        S::current(self, now).await
    }

    async fn refresh(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
        S::refresh(self, judged, now).await
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
    /// When it is not certain that the callback is safe. The sender then retries.
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

impl CallbackRecord<'_> {
    /// Why the callback, or a part of it, moves no message: what it is listed under.
    #[must_use]
    pub fn unrecognized(&self) -> Option<Unrecognized> {
        unread(self.content)
    }
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
    /// only once for each content key; once more where the record says another reason for not being
    /// understood than the one that was kept, or none: then a newer version has read it. The same arrival (`request_id`) may be applied again and
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

    /// Takes the events of one callback, of which there is at least one. After a crash the same
    /// events may follow once more, under the same ids.
    ///
    /// # Errors
    /// When not all of them were taken; the callback stays queued and is processed again.
    fn notify(
        &self,
        events: &[DeliveryEvent<'_>],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Takes what is told of one callback as a whole, by the same rules. Whoever tells of messages
    /// alone passes it over.
    ///
    /// # Errors
    /// When not all of it was taken; the callback stays queued and is processed again.
    fn notify_of_callback(
        &self,
        _events: &[CallbackEvent<'_>],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async { Ok(()) }
    }
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
    fn claim(&mut self, key: ReplayKey, now: UnixSeconds) -> Claim {
        Claim::First(Ticket::new(key, now))
    }

    fn confirm(&mut self, _key: ReplayKey, _now: UnixSeconds) {}

    fn release(&mut self, _ticket: Ticket) {}
}
