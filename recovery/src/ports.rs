//! What the engine needs of a host.

use core::{error::Error, future::Future};
use std::collections::{BTreeMap, BTreeSet};

use sinch_callback::UnixSeconds;

use crate::{
    budget::{Reservation, Reserve},
    call::{Call, CallAnswer},
    channel::Channel,
    circumstances::Callbacks,
    event::IntentEvent,
    id::IntentId,
    identity::Identity,
    intent::Intent,
    key::IntentKey,
};

/// All ports of a host, its clock, and its randomness.
pub trait Ports: Sync {
    /// Where intents are kept.
    type Intents: Intents;
    /// What makes calls.
    type Sender: Sender;
    /// Who must not be reached.
    type Suppressions: Suppressions;
    /// How much may be sent.
    type Budgets: Budgets;
    /// Whether anything may be sent.
    type Switch: Switch;
    /// Until when everything reported has been applied.
    type Hearing: Hearing;
    /// Whom events are told.
    type Teller: Teller;

    /// Where intents are kept.
    fn intents(&self) -> &Self::Intents;
    /// What makes calls.
    fn sender(&self) -> &Self::Sender;
    /// Who must not be reached.
    fn suppressions(&self) -> &Self::Suppressions;
    /// How much may be sent.
    fn budgets(&self) -> &Self::Budgets;
    /// Whether anything may be sent.
    fn switch(&self) -> &Self::Switch;
    /// Until when everything reported has been applied.
    fn hearing(&self) -> &Self::Hearing;
    /// Whom events are told.
    fn teller(&self) -> &Self::Teller;
    /// The time, read anew: the engine asks before and after its writes.
    fn now(&self) -> UnixSeconds;
    /// Random bits of an intent's id.
    fn random(&self) -> [u8; 10];
}

/// Keeps intents, by id and by key, and an index of [`Intent::look_at`].
pub trait Intents: Sync {
    /// Why that did not succeed.
    type Error: Error + Send + Sync + 'static;

    /// Keeps a new intent, unless one has its key.
    ///
    /// # Errors
    /// When it is not certain that it is kept. Whoever asked asks again with the same key.
    fn create(&self, intent: Intent) -> impl Future<Output = Result<Creation, Self::Error>> + Send;

    /// The intent of a key.
    ///
    /// # Errors
    /// When that cannot be read.
    fn find(
        &self,
        key: &IntentKey,
    ) -> impl Future<Output = Result<Option<Intent>, Self::Error>> + Send;

    /// The intent as it is, read consistently. `None`: there is no such intent.
    ///
    /// # Errors
    /// When that cannot be read.
    fn read(
        &self,
        id: IntentId,
    ) -> impl Future<Output = Result<Option<Intent>, Self::Error>> + Send {
        self.update(id, |intent| (None, intent))
    }

    /// Gives `change` the intent as it is, read consistently, and writes what it gives, on condition
    /// that the intent still is of the version that was given; else gives it the newer one. Writes
    /// nothing where it gives none. `change` is pure and may run again. `None`: there is no such intent.
    ///
    /// # Errors
    /// When it is not certain that it was written.
    fn update<T: Send + 'static>(
        &self,
        id: IntentId,
        change: impl Fn(Intent) -> (Option<Intent>, T) + Send + Sync + 'static,
    ) -> impl Future<Output = Result<Option<T>, Self::Error>> + Send;

    /// The ids of intents whose [`Intent::look_at`] is at hand, the most overdue first. One too many, or
    /// one twice, does no harm.
    ///
    /// # Errors
    /// When they cannot be read.
    fn due(
        &self,
        now: UnixSeconds,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<IntentId>, Self::Error>> + Send;
}

/// What came of keeping a new intent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Creation {
    /// It is kept.
    Created,
    /// One has its key.
    Exists(Box<Intent>),
}

/// Makes calls: to Sinch, to a mail server, or into a log.
pub trait Sender: Sync {
    /// Makes the call, once, without a retry of its own, within 10 s. Every failure is an answer.
    fn send(&self, call: &Call) -> impl Future<Output = CallAnswer> + Send;

    /// Takes a new token where the one at hand was refused.
    fn renew(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Keeps who must not be reached, by channel and identity. Spellings of one identity are one
/// ([`sinch_callback::normalized_identity`]).
pub trait Suppressions: Sync {
    /// Why that did not succeed.
    type Error: Error + Send + Sync + 'static;

    /// On which of these channels the person is suppressed.
    ///
    /// # Errors
    /// When that cannot be read: then nothing is sent.
    fn suppressed(
        &self,
        to: &BTreeMap<Channel, Identity>,
    ) -> impl Future<Output = Result<BTreeSet<Channel>, Self::Error>> + Send;

    /// Suppresses an identity on a channel. The same again changes nothing; both reasons may hold.
    ///
    /// # Errors
    /// When it is not certain that it is suppressed.
    fn suppress(
        &self,
        channel: Channel,
        identity: &Identity,
        why: SuppressedFor,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Takes an opt-out back, and that alone: a dropped recipient stays dropped.
    ///
    /// # Errors
    /// When it is not certain that it was taken back.
    fn lift(
        &self,
        channel: Channel,
        identity: &Identity,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

sinch_callback::named! {
    /// Why an identity is suppressed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum SuppressedFor {
        /// The person has opted out.
        OptedOut = "opted_out",
        /// A failure said to drop the recipient.
        Dropped = "dropped",
    }
}

/// Counts sends, by [`Reservation`], within [`BudgetLimits`](crate::BudgetLimits).
pub trait Budgets: Sync {
    /// Why that did not succeed.
    type Error: Error + Send + Sync + 'static;

    /// Takes a place in the recipient's budget and in the hour's, or in neither: by increments that are
    /// conditional on the limit, so that no number of workers passes it.
    ///
    /// # Errors
    /// When it is not certain that it was taken: then nothing is sent, and the place may be lost.
    fn reserve(
        &self,
        identity: &Identity,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Reserve, Self::Error>> + Send;

    /// Gives a place back. It is asked once at most.
    ///
    /// # Errors
    /// When it is not certain that it was given back: then it stays taken.
    fn give_back(
        &self,
        reservation: Reservation,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The kill switch.
pub trait Switch: Sync {
    /// Why that did not succeed.
    type Error: Error + Send + Sync + 'static;

    /// What it says, as of less than 5 s ago.
    ///
    /// # Errors
    /// When it cannot be read: then nothing is sent.
    fn read(&self) -> impl Future<Output = Result<SwitchState, Self::Error>> + Send;

    /// Pauses all sends for this reason, until a person sets the mode anew.
    ///
    /// # Errors
    /// When it is not certain that they pause.
    fn pause(&self, why: &str) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// What the switch says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SwitchState {
    /// Whether anything is sent.
    pub mode: Mode,
    /// Why all sends pause, if they do.
    pub paused: Option<String>,
}

sinch_callback::named! {
    /// Whether anything is sent.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum Mode {
        /// Nothing is sent. What is accepted waits.
        #[default]
        Off = "off",
        /// Everything is decided and nothing is sent; what is accepted meanwhile never is.
        DryRun = "dry-run",
        /// What is decided is sent.
        On = "on",
    }
}

/// Until when everything that was reported has been applied.
pub trait Hearing: Sync {
    /// Why that did not succeed.
    type Error: Error + Send + Sync + 'static;

    /// Until when silence is silence, and whether callbacks come at all.
    ///
    /// # Errors
    /// When it cannot be read: then no step runs for silence.
    fn heard(&self, now: UnixSeconds) -> impl Future<Output = Result<Heard, Self::Error>> + Send;

    /// Takes the one step for silence that may run while callbacks have stopped, to see whether they
    /// come. `false` where it is taken.
    ///
    /// # Errors
    /// When it is not certain that it was taken: then nothing is sent.
    fn take_probe(
        &self,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// Until when silence is silence, and whether callbacks come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Heard {
    /// The moment until which everything reported has been applied.
    pub until: UnixSeconds,
    /// Whether callbacks come. [`Callbacks::Probe`] is the engine's.
    pub callbacks: Callbacks,
}

/// Takes what is told, for good.
pub trait Teller: Sync {
    /// Why it was not taken.
    type Error: Error + Send + Sync + 'static;

    /// Takes events. The same may be told twice, under the same ids.
    ///
    /// # Errors
    /// When it is not certain that all are taken: they are told again.
    fn tell(&self, events: &[IntentEvent]) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
