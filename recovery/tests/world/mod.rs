//! A host in memory whose ports may crash or fail at any call, and a provider that follows a script.

use core::{
    fmt,
    future::{Future, pending},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use futures_util::FutureExt;
use sinch_callback::{DeliveryState, Permanence, Remedy, UnixSeconds};
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{
    Call, CallAnswer, Channel, Engine, Identity, Intent, IntentEvent, IntentEventKind, IntentId,
    IntentKey, Report, Reservation, Reserve,
    memory::Memory,
    ports::{
        Budgets, Creation, Heard, Hearing, Intents, Ports, Sender, SuppressedFor, Suppressions,
        Switch, SwitchState, Teller,
    },
};

use crate::common::NOW;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// Accepted; in this state 2 s later, for a reason with this remedy.
    Reported(DeliveryState, Remedy),
    /// Accepted, and nothing more is heard.
    Silent,
    /// Accepted by a mail server.
    Mail,
    /// No answer, and it arrives 3 s later.
    TimedOutSent,
    /// No answer, and nothing was sent.
    TimedOut,
    NoRoute,
    NoToken,
    Refused,
}

/// How a call of a port goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fuse {
    CrashBefore,
    CrashBehind,
    ErrorBefore,
    ErrorBehind,
    /// The provider's own calls alone, behind their work.
    CrashInTheCall,
}

impl Fuse {
    pub(crate) const ALL: [Self; 4] = [
        Self::CrashBefore,
        Self::CrashBehind,
        Self::ErrorBefore,
        Self::ErrorBehind,
    ];
}

/// Which call of a port goes wrong, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoil {
    pub(crate) place: usize,
    pub(crate) fuse: Fuse,
}

/// A call as the provider saw it.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) name: String,
    pub(crate) channel: Channel,
    pub(crate) may_have_sent: bool,
    pub(crate) arrives: bool,
    /// Whether the store knew of a success when the call began.
    pub(crate) was_reached: bool,
}

/// Takes calls as its script says; the last scene is for all that follow.
#[derive(Debug)]
pub(crate) struct Provider(Mutex<Script>);

#[derive(Debug, Default)]
struct Script {
    scenes: VecDeque<Scene>,
    called: Vec<Called>,
    /// What it will report, and in how many seconds after the call.
    reports: Vec<(u64, String, Report)>,
    renewed: u32,
}

impl Provider {
    pub(crate) fn new(scenes: &[Scene]) -> Self {
        Self(Mutex::new(Script {
            scenes: scenes.iter().copied().collect(),
            ..Script::default()
        }))
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }
}

impl Sender for Provider {
    async fn send(&self, call: &Call) -> CallAnswer {
        let mut script = self.script();
        let scene = script.scenes.pop_front().unwrap_or(Scene::Silent);
        let message = format!("m{}", script.called.len() + 1);
        let name = call.attempt.to_string();
        let accepted = CallAnswer::Accepted(message.clone());
        let reported = |secs, state, remedy| {
            let mut report = Report::failed(&message, 1, remedy, Permanence::Temporary);
            report.state = Some(state);
            if remedy == Remedy::DropRecipient {
                report.dropped = vec![(call.channel, call.identity.clone())];
            }
            Some((secs, name.clone(), report))
        };
        let (answer, report) = match scene {
            Scene::Reported(state, remedy) => (accepted, reported(2, state, remedy)),
            Scene::Silent | Scene::Mail => (accepted, None),
            Scene::TimedOutSent => (
                CallAnswer::Unresolved("timed out".into()),
                reported(3, DeliveryState::Delivered, Remedy::Nothing),
            ),
            Scene::TimedOut => (CallAnswer::Unresolved("timed out".into()), None),
            Scene::NoRoute => (CallAnswer::NotSent("no route".into()), None),
            Scene::NoToken => (CallAnswer::of_status(401, "token"), None),
            Scene::Refused => (CallAnswer::of_status(400, "content"), None),
        };
        let nothing_sent = matches!(scene, Scene::NoRoute | Scene::NoToken | Scene::Refused);
        let arrives =
            |(_, _, report): &(u64, String, Report)| report.state == Some(DeliveryState::Delivered);
        let called = Called {
            name,
            channel: call.channel,
            may_have_sent: !nothing_sent,
            arrives: report.as_ref().is_some_and(arrives),
            was_reached: false,
        };
        script.called.push(called);
        script.reports.extend(report);
        answer
    }

    async fn renew(&self) {
        self.script().renewed += 1;
    }
}

/// The error of a port that was spoiled.
#[derive(Debug)]
pub(crate) struct Spoiled;

impl fmt::Display for Spoiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("spoiled")
    }
}

impl core::error::Error for Spoiled {}

#[derive(Default)]
struct State {
    spoil: Option<Spoil>,
    counted: usize,
    was_spoiled: bool,
    reserved: usize,
    jump: Option<i64>,
    /// What happens when a place in the budget has been taken.
    between: Option<Box<dyn FnOnce() + Send>>,
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) memory: Arc<Memory<Provider>>,
    state: Arc<Mutex<State>>,
    engine: Engine<Host>,
    /// What was reported and has to be applied, with the moment.
    queue: Mutex<Vec<(UnixSeconds, String, Report)>>,
}

/// The ports, each call of which may be spoiled.
#[derive(Clone)]
pub(crate) struct Host {
    memory: Arc<Memory<Provider>>,
    state: Arc<Mutex<State>>,
}

/// What a future comes to that never waits; `None` where it crashed.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    future.now_or_never()
}

impl World {
    pub(crate) fn new(scenes: &[Scene], spoil: Option<Spoil>) -> Self {
        let memory = Arc::new(Memory::new(Provider::new(scenes), NOW));
        let state = Arc::new(Mutex::new(State {
            spoil,
            ..State::default()
        }));
        let host = Host {
            memory: Arc::clone(&memory),
            state: Arc::clone(&state),
        };
        Self {
            memory,
            state,
            engine: Engine::new(host, ForgetKey::new([7; 64])),
            queue: Mutex::default(),
        }
    }

    /// Has the engine do something; `None` where it crashed on the way.
    pub(crate) fn run<'a, T, F: Future<Output = T>>(
        &'a self,
        act: impl FnOnce(&'a Engine<Host>) -> F,
    ) -> Option<T> {
        now(act(&self.engine))
    }

    pub(crate) fn run_port<'a, T, E: fmt::Debug, F: Future<Output = Result<T, E>>>(
        &'a self,
        act: impl FnOnce(&'a Memory<Provider>) -> F,
    ) -> Option<T> {
        now(act(&self.memory)).map(Result::unwrap)
    }

    /// A second passes: what was reported by then is applied, and what is due is looked at.
    pub(crate) fn tick(&self, at: UnixSeconds) {
        self.memory.set_now(at);
        self.gather(at);
        let due: Vec<_> = {
            let queue = self.queue.lock().unwrap();
            queue
                .iter()
                .filter(|(when, ..)| *when <= at)
                .cloned()
                .collect()
        };
        for (when, name, report) in due {
            let name = name.parse().unwrap();
            let applied = self.run(|engine| engine.reported_of(name, report.clone()));
            // What has not been applied for certain is applied once more.
            if matches!(applied, Some(Ok(_))) {
                let done = (when, name.to_string(), report);
                self.queue.lock().unwrap().retain(|entry| *entry != done);
            }
        }
        let _ = self.run(|engine| engine.sweep(100));
        self.gather(at);
    }

    fn gather(&self, at: UnixSeconds) {
        let mut script = self.memory.sender.script();
        let reports = script.reports.drain(..).map(|(secs, name, report)| {
            (
                at.saturating_add(core::time::Duration::from_secs(secs)),
                name,
                report,
            )
        });
        self.queue.lock().unwrap().extend(reports);
    }

    /// A later report about the message of the only intent's attempt.
    pub(crate) fn report(&self, number: u32, state: DeliveryState, remedy: Remedy) {
        let intent = self.only_intent();
        let index = usize::try_from(number - 1).unwrap();
        let message = intent.attempts()[index].message_id().unwrap().to_owned();
        let mut report = Report::failed(&message, 9, remedy, Permanence::Temporary);
        report.state = Some(state);
        let name = intent.attempt_name(number).to_string();
        self.queue.lock().unwrap().push((NOW, name, report));
    }

    /// A report about a message that bears the name of the only intent's attempt.
    pub(crate) fn report_of(&self, number: u32, message: &str, state: DeliveryState) {
        let name = self.only_intent().attempt_name(number).to_string();
        let report = Report::new(message, 1, state);
        self.queue.lock().unwrap().push((NOW, name, report));
    }

    /// The first intent there is.
    pub(crate) fn only_intent(&self) -> Intent {
        let key: IntentKey = "k".parse().unwrap();
        self.run_port(|memory| memory.intents.find(&key))
            .unwrap()
            .unwrap()
    }

    pub(crate) fn calls(&self) -> Vec<Called> {
        self.memory.sender.script().called.clone()
    }

    pub(crate) fn renewed(&self) -> u32 {
        self.memory.sender.script().renewed
    }

    /// What was told, without what only tells of attempts.
    pub(crate) fn told(&self) -> Vec<IntentEvent> {
        let told = self.memory.teller.told().into_iter();
        told.filter(|event| event.kind != IntentEventKind::Attempt)
            .collect()
    }

    pub(crate) fn was_spoiled(&self) -> bool {
        self.state.lock().unwrap().was_spoiled
    }

    pub(crate) fn reserved(&self) -> usize {
        self.state.lock().unwrap().reserved
    }

    /// The clock jumps by so many seconds when a place in the budget has been taken.
    pub(crate) fn jump_before_the_call(&self, secs: i64) {
        self.state.lock().unwrap().jump = Some(secs);
    }

    /// Another engine looks at the intent when a place in the budget has been taken.
    pub(crate) fn look_between(&self, id: IntentId) {
        let host = self.engine.ports().clone();
        let look = move || {
            let other = Engine::new(host, ForgetKey::new([7; 64]));
            now(other.look(id)).unwrap().unwrap();
        };
        self.state.lock().unwrap().between = Some(Box::new(look));
    }

    /// The intent becomes another one when a place in the budget has been taken.
    pub(crate) fn change_between(&self, id: IntentId, change: fn(&mut Intent)) {
        let memory = Arc::clone(&self.memory);
        let write = move || {
            let changed = memory.intents.update(id, move |mut intent| {
                change(&mut intent);
                (Some(intent), ())
            });
            now(changed).unwrap().unwrap();
        };
        self.state.lock().unwrap().between = Some(Box::new(write));
    }
}

impl Host {
    /// Does the work of a port's call, unless it is the one that is spoiled.
    async fn spoiled<T>(&self, work: impl Future<Output = T>) -> Result<T, Spoiled> {
        let fuse = {
            let mut state = self.state.lock().unwrap();
            let place = state.counted;
            state.counted += 1;
            let spoil = state
                .spoil
                .filter(|spoil| spoil.place == place && spoil.fuse != Fuse::CrashInTheCall);
            state.was_spoiled |= spoil.is_some();
            spoil.map(|spoil| spoil.fuse)
        };
        match fuse {
            None | Some(Fuse::CrashInTheCall) => Ok(work.await),
            Some(Fuse::CrashBefore) => pending().await,
            Some(Fuse::ErrorBefore) => Err(Spoiled),
            Some(Fuse::CrashBehind) => {
                let _ = work.await;
                pending().await
            }
            Some(Fuse::ErrorBehind) => {
                let _ = work.await;
                Err(Spoiled)
            }
        }
    }
}

impl Ports for Host {
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
        self.memory.now()
    }
    fn random(&self) -> [u8; 10] {
        self.memory.random()
    }
}

/// What an infallible port gives.
fn sure<T>(result: Result<T, core::convert::Infallible>) -> T {
    result.unwrap_or_else(|never| match never {})
}

impl Intents for Host {
    type Error = Spoiled;

    async fn create(&self, intent: Intent) -> Result<Creation, Spoiled> {
        self.spoiled(async { sure(self.memory.intents.create(intent).await) })
            .await
    }

    async fn find(&self, key: &IntentKey) -> Result<Option<Intent>, Spoiled> {
        self.spoiled(async { sure(self.memory.intents.find(key).await) })
            .await
    }

    async fn update<T: Send + 'static>(
        &self,
        id: IntentId,
        change: impl Fn(Intent) -> (Option<Intent>, T) + Send + Sync + 'static,
    ) -> Result<Option<T>, Spoiled> {
        self.spoiled(async {
            // What is written reads back from its record.
            let change = move |intent: Intent| {
                let (write, result) = change(intent.clone());
                if let Some(write) = &write {
                    assert!(
                        write.version() > intent.version(),
                        "a write raises the version"
                    );
                    assert_eq!(Intent::decode(&write.encode()).as_ref(), Some(write));
                }
                (write, result)
            };
            sure(self.memory.intents.update(id, change).await)
        })
        .await
    }

    async fn due(&self, now: UnixSeconds, limit: usize) -> Result<Vec<IntentId>, Spoiled> {
        Ok(sure(self.memory.intents.due(now, limit).await))
    }
}

impl Sender for Host {
    async fn send(&self, call: &Call) -> CallAnswer {
        let intent = self.memory.intents.get(call.attempt.intent).unwrap();
        let was_reached = intent.evidence().is_some() || intent.end().is_some();
        let answer = self.memory.sender.send(call).await;
        self.memory
            .sender
            .script()
            .called
            .last_mut()
            .unwrap()
            .was_reached = was_reached;
        let crashes = {
            let mut state = self.state.lock().unwrap();
            let is_in_the_call = |spoil: &Spoil| spoil.fuse == Fuse::CrashInTheCall;
            state.spoil.take_if(|spoil| is_in_the_call(spoil)).is_some()
        };
        if crashes {
            return pending().await;
        }
        match self.spoiled(async { answer }).await {
            Ok(answer) => answer,
            Err(Spoiled) => CallAnswer::Unresolved("no answer".into()),
        }
    }

    async fn renew(&self) {
        self.memory.sender.renew().await;
    }
}

impl Suppressions for Host {
    type Error = Spoiled;

    async fn suppressed(
        &self,
        to: &BTreeMap<Channel, Identity>,
    ) -> Result<BTreeSet<Channel>, Spoiled> {
        self.spoiled(async { sure(self.memory.suppressions.suppressed(to).await) })
            .await
    }

    async fn suppress(
        &self,
        channel: Channel,
        identity: &Identity,
        why: SuppressedFor,
    ) -> Result<(), Spoiled> {
        self.spoiled(async {
            sure(
                self.memory
                    .suppressions
                    .suppress(channel, identity, why)
                    .await,
            )
        })
        .await
    }

    async fn lift(&self, channel: Channel, identity: &Identity) -> Result<(), Spoiled> {
        self.spoiled(async { sure(self.memory.suppressions.lift(channel, identity).await) })
            .await
    }
}

impl Budgets for Host {
    type Error = Spoiled;

    async fn reserve(&self, identity: &Identity, now: UnixSeconds) -> Result<Reserve, Spoiled> {
        let reserved = self
            .spoiled(async { sure(self.memory.budgets.reserve(identity, now).await) })
            .await?;
        let (jump, between) = {
            let mut state = self.state.lock().unwrap();
            state.reserved += usize::from(matches!(reserved, Reserve::Reserved(_)));
            (state.jump.take(), state.between.take())
        };
        if let Some(jump) = jump {
            let now = self.memory.now().get().checked_add_signed(jump).unwrap();
            self.memory.set_now(UnixSeconds::new(now));
        }
        if let Some(between) = between {
            between();
        }
        Ok(reserved)
    }

    async fn give_back(&self, reservation: Reservation) -> Result<(), Spoiled> {
        self.spoiled(async { sure(self.memory.budgets.give_back(reservation).await) })
            .await?;
        self.state.lock().unwrap().reserved -= 1;
        Ok(())
    }
}

impl Switch for Host {
    type Error = Spoiled;

    async fn read(&self) -> Result<SwitchState, Spoiled> {
        self.spoiled(async { sure(self.memory.switch.read().await) })
            .await
    }

    async fn pause(&self, why: &str) -> Result<(), Spoiled> {
        self.spoiled(async { sure(self.memory.switch.pause(why).await) })
            .await
    }
}

impl Hearing for Host {
    type Error = Spoiled;

    async fn heard(&self, now: UnixSeconds) -> Result<Heard, Spoiled> {
        self.spoiled(async { sure(self.memory.hearing.heard(now).await) })
            .await
    }

    async fn take_probe(&self, now: UnixSeconds) -> Result<bool, Spoiled> {
        self.spoiled(async { sure(self.memory.hearing.take_probe(now).await) })
            .await
    }
}

impl Teller for Host {
    type Error = Spoiled;

    async fn tell(&self, events: &[IntentEvent]) -> Result<(), Spoiled> {
        self.spoiled(async { sure(self.memory.teller.tell(events).await) })
            .await
    }
}
