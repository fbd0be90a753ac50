use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The connections of one listener: how many there may be, and how much memory all of them may hold
/// before a verdict, in heads and bodies, whatever was announced.
///
/// Room is taken as bytes arrive. Where there is none, somebody has to go: those who have never sent
/// anything authentic before those who have, and of them the one that holds the most. Where there
/// are too many connections, it is the one that has waited longest. Nobody goes whose callback is
/// being stored. So whoever stalls, or opens connections by the thousand, pushes out their own, and
/// a genuine sender is in and out meanwhile.
pub(crate) struct Connections {
    bounds: Bounds,
    state: Mutex<State>,
    /// Tells that a connection has ended.
    ended: Notify,
}

/// What all connections of a listener may take together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) connections: usize,
    /// Bytes.
    pub(crate) room: usize,
}

impl Bounds {
    /// Where callbacks come: our own choice, so that `serve` stays below 64 MB in every attack.
    /// Eight of the largest bodies at once, or the heads and bodies of 900 callbacks.
    pub(crate) const CALLBACKS: Self = Self {
        connections: 2_048,
        room: 16 << 20,
    };
    /// Where an operator asks. Our own choice.
    pub(crate) const ADMIN: Self = Self {
        connections: 128,
        room: 2 << 20,
    };

    /// No more connections than the system lets the process have open, with some left for the store
    /// and for what `serve` opens itself.
    pub(crate) fn within(self, open_files: u64) -> Self {
        let files = usize::try_from(open_files).unwrap_or(usize::MAX);
        Self {
            connections: self
                .connections
                .min(files.saturating_sub(OWN_FILES))
                .max(16),
            ..self
        }
    }
}

/// Open files that are none of the listener's connections.
const OWN_FILES: usize = 256;
/// What a connection holds once it has sent anything, besides what it has sent: hyper's buffers for
/// both ways, as they are made.
const BUFFER: usize = 16_384;

#[derive(Default)]
struct State {
    /// Counts what happens, so that it can be told what happened first.
    moment: u64,
    /// Bytes that all of them hold.
    held: usize,
    open: HashMap<u64, Entry>,
    /// Connections that exist, those included that are closed and have not ended yet.
    living: usize,
    /// Tells how many are open.
    gauge: Gauge,
}

struct Entry {
    /// The moment since which it waits: when it was opened, or last answered.
    since: u64,
    held: usize,
    /// Bytes of the latest read: at most so many of them may be of the next request.
    last_read: usize,
    stage: Stage,
    /// It has sent an authentic request.
    trusted: bool,
    connection: Arc<Signals>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Idle, or on its way through a head.
    Waiting,
    /// On its way through a body.
    Reading,
    /// Whole: nothing of it may be lost any more.
    Judging,
}

#[derive(Default)]
struct Signals {
    closing: CancellationToken,
    /// Somebody is there to tell the sender why.
    answers: AtomicBool,
}

impl Connections {
    /// The gauge tells how many are open.
    pub(crate) fn new(bounds: Bounds, gauge: Gauge) -> Arc<Self> {
        Arc::new(Self {
            bounds,
            state: Mutex::new(State {
                gauge,
                ..State::default()
            }),
            ended: Notify::new(),
        })
    }

    /// A place for one more; `None` where all there are cannot be spared.
    pub(crate) fn open(self: &Arc<Self>) -> Option<Arc<Connection>> {
        let mut state = self.state();
        if state.open.len() >= self.bounds.connections {
            state.close_oldest(self.bounds.connections / 32);
        }
        if state.open.len() >= self.bounds.connections {
            return None;
        }
        let id = state.next();
        let signals = Arc::<Signals>::default();
        state.open.insert(
            id,
            Entry {
                since: id,
                held: 0,
                last_read: 0,
                stage: Stage::Waiting,
                trusted: false,
                connection: Arc::clone(&signals),
            },
        );
        state.gauge.inc();
        state.living = state.living.saturating_add(1);
        Some(Arc::new(Connection {
            id,
            all: Arc::clone(self),
            signals,
        }))
    }

    /// Waits until those that are closed have ended, but for a few: no more are taken than that, however
    /// fast they come.
    pub(crate) async fn caught_up(&self) {
        let bound = self.bounds.connections;
        let most = bound.saturating_add(bound / 8);
        loop {
            // Made before the look, so that no end in between is missed.
            let ended = self.ended.notified();
            if self.state().living < most {
                return;
            }
            ended.await;
        }
    }

    /// Closes the connections that have waited longest, where the system has no more to give.
    pub(crate) fn spare(&self) {
        self.state().close_oldest(self.bounds.connections / 32);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.moment = self.moment.saturating_add(1);
        self.moment
    }

    fn add(&mut self, id: u64, bytes: usize) {
        if let Some(entry) = self.open.get_mut(&id) {
            entry.held = entry.held.saturating_add(bytes);
            self.held = self.held.saturating_add(bytes);
        }
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.open.remove(&id)?;
        self.held = self.held.saturating_sub(entry.held);
        self.gauge.dec();
        Some(entry)
    }

    fn close(&mut self, id: u64) {
        if let Some(entry) = self.remove(id) {
            entry.connection.closing.cancel();
        }
    }

    /// Closes up to `count` of those nobody would miss, the oldest first; of those that have sent
    /// something authentic one, and only where there are no others.
    fn close_oldest(&mut self, count: usize) {
        let mut idle: Vec<_> = self
            .spared()
            .map(|(id, entry)| (entry.trusted, entry.since, id))
            .collect();
        idle.sort_unstable();
        let strangers = idle.iter().filter(|(trusted, ..)| !trusted).count();
        for (_, _, id) in idle.into_iter().take(strangers.min(count).max(1)) {
            self.close(id);
        }
    }

    /// Closes those that hold the most, until there is room again.
    fn make_room(&mut self, room: usize) {
        let mut large: Vec<_> = self
            .spared()
            .filter(|(_, entry)| entry.held > 0)
            .map(|(id, entry)| {
                (
                    entry.trusted,
                    core::cmp::Reverse(entry.held),
                    entry.since,
                    id,
                )
            })
            .collect();
        large.sort_unstable();
        // Some more than is needed now, so that this is not done for each byte of a flood.
        let enough = room.saturating_sub(room / 8);
        for (trusted, _, _, id) in large {
            if self.held <= enough || (trusted && self.held <= room) {
                return;
            }
            self.close(id);
        }
    }

    fn spared(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.open
            .iter()
            .filter(|(_, entry)| entry.stage != Stage::Judging)
            .map(|(id, entry)| (*id, entry))
    }
}

/// One connection's place among the others, until it is dropped.
pub(crate) struct Connection {
    id: u64,
    all: Arc<Connections>,
    signals: Arc<Signals>,
}

impl Connection {
    /// Takes room for bytes that have arrived. Where there is none it may be this one that is closed.
    pub(crate) fn read(&self, bytes: usize) {
        let mut state = self.all.state();
        let Some(entry) = state.open.get_mut(&self.id) else {
            return;
        };
        entry.last_read = bytes;
        let buffer = if entry.held == 0 { BUFFER } else { 0 };
        state.add(self.id, bytes.saturating_add(buffer));
        if state.held > self.all.bounds.room {
            state.make_room(self.all.bounds.room);
        }
    }

    /// A body is being read; whoever reads it answers where the connection is to be closed.
    pub(crate) fn reading(&self) {
        self.signals.answers.store(true, Ordering::Relaxed);
        self.enter(Stage::Reading);
    }

    /// The request has been read as far as it will be.
    pub(crate) fn judging(&self) {
        self.enter(Stage::Judging);
    }

    /// The request was authentic.
    pub(crate) fn trust(&self) {
        if let Some(entry) = self.all.state().open.get_mut(&self.id) {
            entry.trusted = true;
        }
    }

    /// The answer is on its way: what the request held is free again, and at most what was read last
    /// is of the next one. Gives whether it is the answer: what is written before a body has come is
    /// none yet (100 Continue).
    pub(crate) fn answered(&self) -> bool {
        let mut state = self.all.state();
        let moment = state.next();
        let Some(entry) = state.open.get_mut(&self.id) else {
            return true;
        };
        if entry.stage == Stage::Reading {
            return false;
        }
        entry.stage = Stage::Waiting;
        entry.since = moment;
        let before = entry.held;
        entry.held = before.min(BUFFER.saturating_add(entry.last_read));
        let freed = before.saturating_sub(entry.held);
        state.held = state.held.saturating_sub(freed);
        self.signals.answers.store(false, Ordering::Relaxed);
        true
    }

    fn enter(&self, stage: Stage) {
        if let Some(entry) = self.all.state().open.get_mut(&self.id) {
            entry.stage = stage;
        }
    }

    /// Waits until it is to be closed to make room.
    pub(crate) async fn closing(&self) {
        self.signals.closing.cancelled().await;
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.signals.closing.is_cancelled()
    }

    /// Whether somebody tells its sender that and why it is closed.
    pub(crate) fn answers(&self) -> bool {
        self.signals.answers.load(Ordering::Relaxed)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut state = self.all.state();
        state.remove(self.id);
        state.living = state.living.saturating_sub(1);
        drop(state);
        // Each of the listener's sockets may wait.
        self.all.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(connections: usize, room: usize) -> Arc<Connections> {
        Connections::new(Bounds { connections, room }, Gauge::default())
    }

    fn held(all: &Connections) -> usize {
        all.state().held
    }

    #[test]
    fn too_many_connections_close_the_stranger_that_has_waited_longest() {
        let all = of(3, 1 << 20);
        let [known, older, newer] = [(); 3].map(|()| all.open().unwrap());
        known.judging();
        known.trust();
        assert!(known.answered());
        // Whoever is answered waits from then on.
        older.judging();
        assert!(older.answered());
        let more = all.open().unwrap();
        assert!(newer.is_closing() && !older.is_closing() && !known.is_closing());
        let _another = all.open().unwrap();
        assert!(older.is_closing() && !known.is_closing() && !more.is_closing());
    }

    #[test]
    fn nobody_is_closed_whose_callback_is_being_stored_and_a_newcomer_waits_outside() {
        let all = of(2, 1 << 20);
        let both = [(); 2].map(|()| all.open().unwrap());
        for one in &both {
            one.reading();
            one.judging();
        }
        assert!(all.open().is_none());
        assert!(both.iter().all(|one| !one.is_closing()));
        // A known one goes where there is nobody else.
        both[0].trust();
        assert!(both[0].answered());
        assert!(all.open().is_some());
        assert!(both[0].is_closing());
    }

    #[test]
    fn room_is_taken_as_bytes_arrive_and_made_by_whoever_holds_the_most() {
        let all = of(100, 200_000);
        let stalled: Vec<_> = (0..8).map(|_| all.open().unwrap()).collect();
        for one in &stalled {
            one.reading();
            one.read(100);
        }
        let known = all.open().unwrap();
        known.read(100);
        known.judging();
        known.trust();
        assert!(known.answered());
        assert_eq!(held(&all), 9 * (BUFFER + 100));
        let large = all.open().unwrap();
        large.reading();
        for _ in 0..4 {
            large.read(10_000);
        }
        assert!(large.is_closing() && large.answers());
        assert!(stalled.iter().all(|one| !one.is_closing()));
        // It is gone from the sum at once, and its end changes nothing more.
        assert_eq!(held(&all), 9 * (BUFFER + 100));
        large.read(10_000);
        drop(large);
        assert_eq!(held(&all), 9 * (BUFFER + 100));
        // Whoever is known may hold more than any stranger.
        known.read(150_000);
        assert!(!known.is_closing() && stalled.iter().all(|one| one.is_closing()));
        drop((stalled, known));
        assert_eq!(held(&all), 0);
    }

    #[test]
    fn an_answer_frees_what_the_request_held_but_for_what_may_be_of_the_next() {
        let all = of(10, 1 << 20);
        let one = all.open().unwrap();
        one.read(50_000);
        one.read(700);
        one.reading();
        // 100 Continue is no answer.
        assert!(!one.answered());
        assert_eq!(held(&all), BUFFER + 50_700);
        one.judging();
        assert!(one.answered());
        assert_eq!(held(&all), BUFFER + 700);
        one.read(300);
        one.judging();
        assert!(one.answered());
        assert_eq!(held(&all), BUFFER + 300);
    }

    #[test]
    fn connections_stay_within_the_open_files_that_the_system_grants() {
        assert_eq!(Bounds::CALLBACKS.within(1 << 20).connections, 2_048);
        assert_eq!(Bounds::CALLBACKS.within(1_024).connections, 768);
        assert_eq!(Bounds::CALLBACKS.within(100).connections, 16);
    }

    #[tokio::test]
    async fn no_more_are_taken_before_those_that_are_closed_have_ended() {
        let all = of(8, 1 << 20);
        let mut all_of_them: Vec<_> = (0..9).map(|_| all.open().unwrap()).collect();
        assert_eq!(all.state().open.len(), 8);
        let waits = tokio::spawn({
            let all = Arc::clone(&all);
            async move { all.caught_up().await }
        });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        all_of_them.pop();
        waits.await.unwrap();
    }
}
