use core::{error::Error, future::Future};
use std::sync::Arc;

use sinch_callback::{
    Claim, Rejection, ReplayGuard, ReplayKey, Ring, RingVersion, Ticket, UnixSeconds,
    scheme::AnyKey,
};

use crate::envelope::Envelope;

/// Where the webhook secrets come from.
///
/// `current` stands on the way of every callback, so an implementation caches:
/// [`CachedSecrets`](crate::CachedSecrets) does it over a source of texts, and
/// [`FixedSecrets`](crate::FixedSecrets) has nothing to read.
///
/// # Examples
/// ```
/// use core::convert::Infallible;
/// use sinch_callback::{RingVersion, Secret, UnixSeconds};
/// use sinch_callback_pipeline::{Refresh, SecretSource, Secrets};
///
/// /// Reads its secret at each callback, from something that costs nothing to ask.
/// struct Cell(std::sync::RwLock<Secret>);
///
/// impl SecretSource for Cell {
///     type Error = Infallible;
///
///     async fn current(&self, now: UnixSeconds) -> Result<Secrets, Infallible> {
///         let secret = self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner());
///         Ok(Secrets::new(secret.clone(), now))
///     }
///
///     async fn refresh(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
///         match self.current(now).await {
///             Ok(secrets) if secrets.version != judged => Refresh::Newer(secrets),
///             Ok(_) => Refresh::Unchanged,
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cell = Cell(Secret::new("made-up")?.into());
/// let now = UnixSeconds::new(1_700_000_000);
/// let judged = cell.current(now).await?.version;
/// assert!(matches!(cell.refresh(judged, now).await, Refresh::Unchanged));
/// # Ok(())
/// # }
/// ```
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
#[non_exhaustive]
pub struct Secrets {
    /// The secrets themselves.
    pub ring: Arc<Ring<AnyKey>>,
    /// Which they are.
    pub version: RingVersion,
    /// When the read began that found them to be these.
    pub read_at: UnixSeconds,
}

impl Secrets {
    /// Secrets that were read at this moment.
    pub fn new(ring: impl Into<Ring<AnyKey>>, read_at: UnixSeconds) -> Self {
        let ring = ring.into();
        Self {
            version: ring.version(),
            ring: Arc::new(ring),
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

/// Takes an authentic callback for good.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::{Envelope, Handoff};
/// use tokio::sync::mpsc::{Sender, error::SendError};
///
/// /// For tests: what only memory holds is lost by a crash.
/// struct Channel(Sender<String>);
///
/// impl Handoff for Channel {
///     type Error = SendError<String>;
///
///     async fn send(&self, envelope: Envelope<'_>) -> Result<(), Self::Error> {
///         self.0.send(envelope.encode()).await
///     }
/// }
/// ```
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
