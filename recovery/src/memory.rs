//! The ports in memory: for tests, simulations and examples.

use core::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sinch_callback::{UnixSeconds, normalized_identity};

use crate::{
    budget::{BudgetLimits, Reservation, Reserve},
    channel::Channel,
    circumstances::Callbacks,
    event::IntentEvent,
    id::IntentId,
    identity::Identity,
    intent::Intent,
    key::IntentKey,
    ports::{
        Budgets, Creation, Heard, Hearing, Intents, Mode, Ports, Sender, SuppressedFor,
        Suppressions, Switch, SwitchState, Teller,
    },
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A whole host in memory, around a sender. Its switch is on and its clock stands until it is set.
#[derive(Debug)]
pub struct Memory<S> {
    /// What makes calls.
    pub sender: S,
    /// The intents.
    pub intents: MemoryIntents,
    /// Who must not be reached.
    pub suppressions: MemorySuppressions,
    /// What was sent.
    pub budgets: MemoryBudgets,
    /// The switch.
    pub switch: MemorySwitch,
    /// What was heard.
    pub hearing: MemoryHearing,
    /// What was told.
    pub teller: MemoryTeller,
    clock: AtomicU64,
    drawn: AtomicU64,
}

impl<S> Memory<S> {
    /// A host whose clock shows this moment.
    pub fn new(sender: S, now: UnixSeconds) -> Self {
        Self {
            sender,
            intents: MemoryIntents::default(),
            suppressions: MemorySuppressions::default(),
            budgets: MemoryBudgets::new(BudgetLimits::default()),
            switch: MemorySwitch::default(),
            hearing: MemoryHearing::default(),
            teller: MemoryTeller::default(),
            clock: AtomicU64::new(now.get()),
            drawn: AtomicU64::new(0),
        }
    }

    /// Sets the clock.
    pub fn set_now(&self, now: UnixSeconds) {
        self.clock.store(now.get(), Ordering::SeqCst);
    }
}

impl<S: Sender> Ports for Memory<S> {
    type Intents = MemoryIntents;
    type Sender = S;
    type Suppressions = MemorySuppressions;
    type Budgets = MemoryBudgets;
    type Switch = MemorySwitch;
    type Hearing = MemoryHearing;
    type Teller = MemoryTeller;

    fn intents(&self) -> &MemoryIntents {
        &self.intents
    }
    fn sender(&self) -> &S {
        &self.sender
    }
    fn suppressions(&self) -> &MemorySuppressions {
        &self.suppressions
    }
    fn budgets(&self) -> &MemoryBudgets {
        &self.budgets
    }
    fn switch(&self) -> &MemorySwitch {
        &self.switch
    }
    fn hearing(&self) -> &MemoryHearing {
        &self.hearing
    }
    fn teller(&self) -> &MemoryTeller {
        &self.teller
    }
    fn now(&self) -> UnixSeconds {
        UnixSeconds::new(self.clock.load(Ordering::SeqCst))
    }
    /// A count: ids differ, and are the same in each run.
    fn random(&self) -> [u8; 10] {
        let [.., a, b, c, d] = self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        [0, 0, 0, 0, 0, 0, a, b, c, d]
    }
}

/// Intents in memory.
#[derive(Debug, Default)]
pub struct MemoryIntents(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    intents: HashMap<IntentId, Intent>,
    keys: HashMap<IntentKey, IntentId>,
    due: BTreeSet<(UnixSeconds, IntentId)>,
}

impl Kept {
    fn put(&mut self, intent: Intent) {
        let before = self.intents.get(&intent.id()).and_then(Intent::look_at);
        if let Some(before) = before {
            self.due.remove(&(before, intent.id()));
        }
        if let Some(look_at) = intent.look_at() {
            self.due.insert((look_at, intent.id()));
        }
        self.intents.insert(intent.id(), intent);
    }
}

impl MemoryIntents {
    /// An intent as it is.
    #[must_use]
    pub fn get(&self, id: IntentId) -> Option<Intent> {
        lock(&self.0).intents.get(&id).cloned()
    }

    /// When the first is due.
    #[must_use]
    pub fn next_due(&self) -> Option<UnixSeconds> {
        lock(&self.0).due.first().map(|(at, _)| *at)
    }
}

impl Intents for MemoryIntents {
    type Error = Infallible;

    async fn create(&self, intent: Intent) -> Result<Creation, Infallible> {
        let mut kept = lock(&self.0);
        let known = kept.keys.get(intent.key());
        if let Some(known) = known.and_then(|id| kept.intents.get(id)) {
            return Ok(Creation::Exists(Box::new(known.clone())));
        }
        kept.keys.insert(intent.key().clone(), intent.id());
        kept.put(intent);
        Ok(Creation::Created)
    }

    async fn find(&self, key: &IntentKey) -> Result<Option<Intent>, Infallible> {
        let kept = lock(&self.0);
        let id = kept.keys.get(key);
        Ok(id.and_then(|id| kept.intents.get(id)).cloned())
    }

    async fn update<T: Send + 'static>(
        &self,
        id: IntentId,
        change: impl Fn(Intent) -> (Option<Intent>, T) + Send + Sync + 'static,
    ) -> Result<Option<T>, Infallible> {
        let mut kept = lock(&self.0);
        let Some(intent) = kept.intents.get(&id).cloned() else {
            return Ok(None);
        };
        let (write, result) = change(intent);
        if let Some(intent) = write {
            kept.put(intent);
        }
        Ok(Some(result))
    }

    async fn due(&self, now: UnixSeconds, limit: usize) -> Result<Vec<IntentId>, Infallible> {
        let kept = lock(&self.0);
        let due = kept.due.iter().take_while(|(at, _)| *at <= now);
        Ok(due.take(limit).map(|(_, id)| *id).collect())
    }
}

/// Suppressions in memory.
#[derive(Debug, Default)]
pub struct MemorySuppressions(Mutex<BTreeMap<(Channel, String), BTreeSet<SuppressedFor>>>);

impl Suppressions for MemorySuppressions {
    type Error = Infallible;

    async fn suppressed(
        &self,
        to: &BTreeMap<Channel, Identity>,
    ) -> Result<BTreeSet<Channel>, Infallible> {
        let kept = lock(&self.0);
        let is_suppressed = |channel: Channel, identity: &Identity| {
            let reasons = kept.get(&(channel, normalized_identity(identity.as_str())));
            reasons.is_some_and(|reasons| !reasons.is_empty())
        };
        let suppressed = to
            .iter()
            .filter(|(on, identity)| is_suppressed(**on, identity));
        Ok(suppressed.map(|(channel, _)| *channel).collect())
    }

    async fn suppress(
        &self,
        channel: Channel,
        identity: &Identity,
        why: SuppressedFor,
    ) -> Result<(), Infallible> {
        let key = (channel, normalized_identity(identity.as_str()));
        lock(&self.0).entry(key).or_default().insert(why);
        Ok(())
    }

    async fn lift(&self, channel: Channel, identity: &Identity) -> Result<(), Infallible> {
        let key = (channel, normalized_identity(identity.as_str()));
        if let Some(reasons) = lock(&self.0).get_mut(&key) {
            reasons.remove(&SuppressedFor::OptedOut);
        }
        Ok(())
    }
}

/// Budgets in memory.
#[derive(Debug)]
pub struct MemoryBudgets {
    limits: BudgetLimits,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    recipients: HashMap<(String, u64), u32>,
    hours: HashMap<u64, u32>,
}

impl MemoryBudgets {
    /// Budgets with these limits, of which nothing is used.
    #[must_use]
    pub fn new(limits: BudgetLimits) -> Self {
        Self {
            limits,
            counts: Mutex::default(),
        }
    }
}

impl Budgets for MemoryBudgets {
    type Error = Infallible;

    async fn reserve(&self, identity: &Identity, now: UnixSeconds) -> Result<Reserve, Infallible> {
        let reservation = Reservation::of(identity, now);
        let mut counts = lock(&self.counts);
        let Counts { recipients, hours } = &mut *counts;
        let of_hour = hours.entry(reservation.hour).or_default();
        if *of_hour >= self.limits.per_hour {
            return Ok(Reserve::Full(reservation.next_hour()));
        }
        let of_recipient = recipients
            .entry((reservation.recipient.clone(), reservation.day))
            .or_default();
        if *of_recipient >= self.limits.per_recipient_and_day {
            return Ok(Reserve::Full(reservation.next_day()));
        }
        *of_hour = of_hour.saturating_add(1);
        *of_recipient = of_recipient.saturating_add(1);
        Ok(Reserve::Reserved(reservation))
    }

    async fn give_back(&self, reservation: Reservation) -> Result<(), Infallible> {
        let mut counts = lock(&self.counts);
        let Counts { recipients, hours } = &mut *counts;
        let of_hour = hours.get_mut(&reservation.hour);
        let of_recipient = recipients.get_mut(&(reservation.recipient, reservation.day));
        for count in of_hour.into_iter().chain(of_recipient) {
            *count = count.saturating_sub(1);
        }
        Ok(())
    }
}

/// A switch in memory; on, unless it is set.
#[derive(Debug)]
pub struct MemorySwitch(Mutex<SwitchState>);

impl Default for MemorySwitch {
    fn default() -> Self {
        Self(Mutex::new(SwitchState {
            mode: Mode::On,
            paused: None,
        }))
    }
}

impl MemorySwitch {
    /// Sets the mode, and ends a pause.
    pub fn set(&self, mode: Mode) {
        *lock(&self.0) = SwitchState { mode, paused: None };
    }
}

impl Switch for MemorySwitch {
    type Error = Infallible;

    async fn read(&self) -> Result<SwitchState, Infallible> {
        Ok(lock(&self.0).clone())
    }

    async fn pause(&self, why: &str) -> Result<(), Infallible> {
        lock(&self.0).paused.get_or_insert_with(|| why.to_owned());
        Ok(())
    }
}

/// What was heard: all, unless it is set.
#[derive(Debug, Default)]
pub struct MemoryHearing(Mutex<HearingState>);

#[derive(Debug, Default)]
struct HearingState {
    until: Option<UnixSeconds>,
    is_stopped: bool,
    probes: u32,
}

impl MemoryHearing {
    /// From here on nothing later than this moment has been applied; `None`: all has been.
    pub fn set_until(&self, until: Option<UnixSeconds>) {
        lock(&self.0).until = until;
    }

    /// Callbacks have stopped, and so many steps for silence may run as probes; or they have resumed.
    pub fn set_stopped(&self, is_stopped: bool, probes: u32) {
        let mut state = lock(&self.0);
        (state.is_stopped, state.probes) = (is_stopped, probes);
    }
}

impl Hearing for MemoryHearing {
    type Error = Infallible;

    async fn heard(&self, now: UnixSeconds) -> Result<Heard, Infallible> {
        let state = lock(&self.0);
        Ok(Heard {
            until: state.until.unwrap_or(now).min(now),
            callbacks: if state.is_stopped {
                Callbacks::Stopped
            } else {
                Callbacks::Heard
            },
        })
    }

    async fn take_probe(&self, _now: UnixSeconds) -> Result<bool, Infallible> {
        let mut state = lock(&self.0);
        let is_left = state.probes > 0;
        state.probes = state.probes.saturating_sub(1);
        Ok(is_left)
    }
}

/// What was told, in memory.
#[derive(Debug, Default)]
pub struct MemoryTeller(Mutex<Vec<IntentEvent>>);

impl MemoryTeller {
    /// All that was told, in order, with what was told twice.
    #[must_use]
    pub fn told(&self) -> Vec<IntentEvent> {
        lock(&self.0).clone()
    }
}

impl Teller for MemoryTeller {
    type Error = Infallible;

    async fn tell(&self, events: &[IntentEvent]) -> Result<(), Infallible> {
        lock(&self.0).extend_from_slice(events);
        Ok(())
    }
}
