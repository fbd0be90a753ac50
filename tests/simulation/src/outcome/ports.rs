use core::fmt;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    Call as Send, CallAnswer, Channel, Identity, Intent, IntentEvent, IntentId, IntentKey,
    Reservation, Reserve,
    ports::{
        Budgets, Creation, Heard, Hearing, Intents, Ports, Sender, SuppressedFor, Suppressions,
        Switch, SwitchState, Teller,
    },
};

use crate::board::Board;

/// A call of a port.
#[derive(Debug)]
pub(crate) enum Call {
    Create(Box<Intent>),
    Find(IntentKey),
    Read(IntentId),
    /// An intent, and the version of the one that was read.
    Write(Box<Intent>, u64),
    Due(UnixSeconds),
    Send(Box<Send>),
    Renew,
    Suppressed(BTreeMap<Channel, Identity>),
    Suppress(Channel, Identity, SuppressedFor),
    Lift(Channel, Identity),
    Reserve(Identity, UnixSeconds),
    GiveBack(Reservation),
    Switch,
    Pause,
    Heard,
    Probe,
    Tell(Vec<IntentEvent>),
}

/// What a call of a port gives.
#[derive(Debug)]
pub(crate) enum Answer {
    /// An error: whether it took effect is not known.
    Down,
    Done,
    Created(Creation),
    Intent(Option<Box<Intent>>),
    Written(bool),
    Ids(Vec<IntentId>),
    Sent(CallAnswer),
    Channels(BTreeSet<Channel>),
    Reserved(Reserve),
    Switch(SwitchState),
    Heard(Heard),
    Probe(bool),
}

/// All ports of a worker, each call of which waits until the world decides what becomes of it.
#[derive(Debug)]
pub(crate) struct WorldPorts {
    pub(crate) board: Board<Call, Answer>,
    /// What the worker's clock shows, in seconds.
    pub(crate) clock: Arc<AtomicU64>,
    /// How many ids were drawn in the world.
    pub(crate) drawn: Arc<AtomicU64>,
}

/// A port has failed.
#[derive(Debug)]
pub(crate) struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("down")
    }
}

impl core::error::Error for Down {}

impl WorldPorts {
    async fn done(&self, call: Call) -> Result<(), Down> {
        match self.board.call(call).await {
            Answer::Done => Ok(()),
            _ => Err(Down),
        }
    }
}

impl Ports for WorldPorts {
    type Intents = Self;
    type Sender = Self;
    type Suppressions = Self;
    type Budgets = Self;
    type Switch = Self;
    type Hearing = Self;
    type Teller = Self;

    fn intents(&self) -> &Self {
        self
    }
    fn sender(&self) -> &Self {
        self
    }
    fn suppressions(&self) -> &Self {
        self
    }
    fn budgets(&self) -> &Self {
        self
    }
    fn switch(&self) -> &Self {
        self
    }
    fn hearing(&self) -> &Self {
        self
    }
    fn teller(&self) -> &Self {
        self
    }
    fn now(&self) -> UnixSeconds {
        UnixSeconds::new(self.clock.load(Ordering::Relaxed))
    }
    fn random(&self) -> [u8; 10] {
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed) + 1;
        // Spread over all sixteen bits of the jitter.
        let [a, b, c, d, e, f, g, h] = drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
        [0, 0, a, b, c, d, e, f, g, h]
    }
}

impl Intents for WorldPorts {
    type Error = Down;

    async fn create(&self, intent: Intent) -> Result<Creation, Down> {
        match self.board.call(Call::Create(Box::new(intent))).await {
            Answer::Created(creation) => Ok(creation),
            _ => Err(Down),
        }
    }

    async fn find(&self, key: &IntentKey) -> Result<Option<Intent>, Down> {
        match self.board.call(Call::Find(key.clone())).await {
            Answer::Intent(found) => Ok(found.map(|intent| *intent)),
            _ => Err(Down),
        }
    }

    async fn update<T: core::marker::Send + 'static>(
        &self,
        id: IntentId,
        change: impl Fn(Intent) -> (Option<Intent>, T) + core::marker::Send + Sync + 'static,
    ) -> Result<Option<T>, Down> {
        loop {
            let found = match self.board.call(Call::Read(id)).await {
                Answer::Intent(Some(found)) => found,
                Answer::Intent(None) => return Ok(None),
                _ => return Err(Down),
            };
            let version = found.version();
            let (write, result) = change(*found);
            let Some(write) = write else {
                return Ok(Some(result));
            };
            match self.board.call(Call::Write(Box::new(write), version)).await {
                Answer::Written(true) => return Ok(Some(result)),
                Answer::Written(false) => {}
                _ => return Err(Down),
            }
        }
    }

    async fn due(&self, now: UnixSeconds, limit: usize) -> Result<Vec<IntentId>, Down> {
        match self.board.call(Call::Due(now)).await {
            Answer::Ids(mut ids) => {
                ids.truncate(limit);
                Ok(ids)
            }
            _ => Err(Down),
        }
    }
}

impl Sender for WorldPorts {
    async fn send(&self, call: &Send) -> CallAnswer {
        match self.board.call(Call::Send(Box::new(call.clone()))).await {
            Answer::Sent(answer) => answer,
            _ => CallAnswer::Unresolved("no answer".into()),
        }
    }

    async fn renew(&self) {
        self.board.call(Call::Renew).await;
    }
}

impl Suppressions for WorldPorts {
    type Error = Down;

    async fn suppressed(
        &self,
        to: &BTreeMap<Channel, Identity>,
    ) -> Result<BTreeSet<Channel>, Down> {
        match self.board.call(Call::Suppressed(to.clone())).await {
            Answer::Channels(channels) => Ok(channels),
            _ => Err(Down),
        }
    }

    async fn suppress(
        &self,
        channel: Channel,
        identity: &Identity,
        why: SuppressedFor,
    ) -> Result<(), Down> {
        self.done(Call::Suppress(channel, identity.clone(), why))
            .await
    }

    async fn lift(&self, channel: Channel, identity: &Identity) -> Result<(), Down> {
        self.done(Call::Lift(channel, identity.clone())).await
    }
}

impl Budgets for WorldPorts {
    type Error = Down;

    async fn reserve(&self, identity: &Identity, now: UnixSeconds) -> Result<Reserve, Down> {
        match self.board.call(Call::Reserve(identity.clone(), now)).await {
            Answer::Reserved(reserve) => Ok(reserve),
            _ => Err(Down),
        }
    }

    async fn give_back(&self, reservation: Reservation) -> Result<(), Down> {
        self.done(Call::GiveBack(reservation)).await
    }
}

impl Switch for WorldPorts {
    type Error = Down;

    async fn read(&self) -> Result<SwitchState, Down> {
        match self.board.call(Call::Switch).await {
            Answer::Switch(state) => Ok(state),
            _ => Err(Down),
        }
    }

    async fn pause(&self, _: &str) -> Result<(), Down> {
        self.done(Call::Pause).await
    }
}

impl Hearing for WorldPorts {
    type Error = Down;

    async fn heard(&self, _: UnixSeconds) -> Result<Heard, Down> {
        match self.board.call(Call::Heard).await {
            Answer::Heard(heard) => Ok(heard),
            _ => Err(Down),
        }
    }

    async fn take_probe(&self, _: UnixSeconds) -> Result<bool, Down> {
        match self.board.call(Call::Probe).await {
            Answer::Probe(taken) => Ok(taken),
            _ => Err(Down),
        }
    }
}

impl Teller for WorldPorts {
    type Error = Down;

    async fn tell(&self, events: &[IntentEvent]) -> Result<(), Down> {
        self.done(Call::Tell(events.to_vec())).await
    }
}
