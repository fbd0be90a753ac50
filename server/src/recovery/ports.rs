//! The engine's ports on this machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    BudgetLimits, Channel, Identity, IntentEvent, Reservation, Reserve,
    ports::{Budgets, Mode, Ports, SuppressedFor, Suppressions, Switch, SwitchState, Teller},
};

use super::sender::ChannelSender;
use crate::{
    clock::Clock,
    ids,
    listening::Ear,
    metrics::Metrics,
    store::{error::StoreError, open::Store, pause::Pause},
};

/// All that the engine needs of this machine.
pub(crate) struct Host {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) sender: ChannelSender,
    pub(crate) suppressions: Suppressed,
    pub(crate) budgets: Limited,
    pub(crate) switch: KillSwitch,
    pub(crate) hearing: Arc<Ear>,
    pub(crate) teller: IntentTeller,
}

impl Ports for Host {
    type Intents = Store;
    type Sender = ChannelSender;
    type Suppressions = Suppressed;
    type Budgets = Limited;
    type Switch = KillSwitch;
    type Hearing = Ear;
    type Teller = IntentTeller;

    fn intents(&self) -> &Store {
        &self.store
    }

    fn sender(&self) -> &ChannelSender {
        &self.sender
    }

    fn suppressions(&self) -> &Suppressed {
        &self.suppressions
    }

    fn budgets(&self) -> &Limited {
        &self.budgets
    }

    fn switch(&self) -> &KillSwitch {
        &self.switch
    }

    fn hearing(&self) -> &Ear {
        &self.hearing
    }

    fn teller(&self) -> &IntentTeller {
        &self.teller
    }

    fn now(&self) -> UnixSeconds {
        self.clock.now()
    }

    fn random(&self) -> [u8; 10] {
        ids::random()
    }
}

/// Who must not be reached.
pub(crate) struct Suppressed {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

impl Suppressions for Suppressed {
    type Error = StoreError;

    async fn suppressed(
        &self,
        to: &BTreeMap<Channel, Identity>,
    ) -> Result<BTreeSet<Channel>, StoreError> {
        self.store.suppressed(to).await
    }

    async fn suppress(
        &self,
        channel: Channel,
        identity: &Identity,
        why: SuppressedFor,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.suppress(channel, identity, why, now).await
    }

    async fn lift(&self, channel: Channel, identity: &Identity) -> Result<(), StoreError> {
        let lifted = self
            .store
            .lift(channel, identity, &[SuppressedFor::OptedOut]);
        lifted.await.map(|_| ())
    }
}

/// How much may be sent.
pub(crate) struct Limited {
    pub(crate) store: Store,
    pub(crate) limits: BudgetLimits,
    pub(crate) metrics: Arc<Metrics>,
}

impl Budgets for Limited {
    type Error = StoreError;

    async fn reserve(&self, identity: &Identity, now: UnixSeconds) -> Result<Reserve, StoreError> {
        let reserve = self.store.reserve(identity, now, self.limits).await?;
        if matches!(reserve, Reserve::Full(_)) {
            self.metrics.budget_reached.inc();
        }
        Ok(reserve)
    }

    async fn give_back(&self, reservation: Reservation) -> Result<(), StoreError> {
        self.store.give_back(reservation).await
    }
}

/// Whether anything may be sent: as the receiver is set up, unless sends are paused or the file is there
/// that stops them.
pub(crate) struct KillSwitch {
    store: Store,
    clock: Clock,
    mode: Mode,
    stop_file: Option<PathBuf>,
    /// As it is in the store, which nobody else changes.
    pause: Mutex<Option<Pause>>,
}

impl Switch for KillSwitch {
    type Error = StoreError;

    /// Looks for the file each time: what is said is as of now.
    async fn read(&self) -> Result<SwitchState, StoreError> {
        Ok(SwitchState {
            mode: self.mode,
            paused: self.paused()?.map(|pause| pause.why),
        })
    }

    async fn pause(&self, why: &str) -> Result<(), StoreError> {
        if self.begin_pause(why).await? {
            tracing::error!(
                why,
                "all sends pause until a person ends it: POST /api/recovery with {{\"paused\": false}}"
            );
        }
        Ok(())
    }
}

impl KillSwitch {
    /// The switch, with the pause that the store has.
    pub(crate) async fn open(
        store: Store,
        clock: Clock,
        mode: Mode,
        stop_file: Option<PathBuf>,
    ) -> Result<Self, StoreError> {
        let pause = Mutex::new(store.read(Pause::read).await?);
        Ok(Self {
            store,
            clock,
            mode,
            stop_file,
            pause,
        })
    }

    /// Why nothing is sent though the mode says so.
    ///
    /// # Errors
    /// Where it cannot be told whether the file is there.
    pub(crate) fn paused(&self) -> Result<Option<Pause>, StoreError> {
        let by_file = Pause::by_file(self.stop_file.as_deref(), self.clock.now())?;
        Ok(by_file.or_else(|| self.kept().clone()))
    }

    /// How the receiver is set up.
    pub(crate) const fn mode(&self) -> Mode {
        self.mode
    }

    /// Pauses; `false` where there is a pause already, whose reason stays.
    pub(crate) async fn begin_pause(&self, why: &str) -> Result<bool, StoreError> {
        // At once, whatever becomes of the write.
        let (pause, is_new) = {
            let mut kept = self.kept();
            let is_new = kept.is_none();
            let pause = kept.get_or_insert_with(|| Pause {
                why: why.to_owned(),
                at: self.clock.now().get(),
            });
            (pause.clone(), is_new)
        };
        // Also where there is one: its own write may have failed.
        self.store.begin_pause(pause).await?;
        Ok(is_new)
    }

    /// Ends the pause, except that of the file; `false` where there is none.
    pub(crate) async fn end_pause(&self) -> Result<bool, StoreError> {
        self.store.end_pause().await?;
        Ok(self.kept().take().is_some())
    }

    fn kept(&self) -> MutexGuard<'_, Option<Pause>> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom events about intents are told: the outgoing webhook, where there is one.
pub(crate) struct IntentTeller {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) tells: bool,
    pub(crate) metrics: Arc<Metrics>,
}

impl Teller for IntentTeller {
    type Error = StoreError;

    async fn tell(&self, events: &[IntentEvent]) -> Result<(), StoreError> {
        if self.tells {
            self.store
                .keep_intent_events(events, self.clock.now())
                .await?;
        }
        for event in events {
            self.metrics.intent_event(event.kind);
            tracing::info!(
                key = %event.key, intent = %event.intent_id, attempt = event.attempt,
                reason = event.reason, "{}", event.kind
            );
        }
        Ok(())
    }
}
