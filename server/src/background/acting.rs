//! Acts on intents: tells them of their messages, and looks at those that are due.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use sinch_callback_recovery::{Engine, IntentId, PortFailure, ports::Intents};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{self, Clock},
    recovery::ports::Host,
    seldom::Seldom,
    store::{error::StoreError, looks::Look, open::Store},
};

/// Intents that are acted on at once: each may wait for its call's answer.
const AT_ONCE: usize = 256;
/// How often to look even if nothing is known to be due: a command beside us may have changed an intent.
const LOOK: Duration = Duration::from_secs(5);
/// How long an intent is left alone that could not be acted on.
const PAUSE: Duration = Duration::from_secs(5);
/// Notes that are taken off in one write.
const TAKEN_OFF: usize = 128;

pub(crate) struct Acting {
    pub(crate) engine: Arc<Engine<Host>>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

/// What a task was about.
enum Done {
    /// A note of which the intents have been told.
    Told(i64),
    /// One that is to be read again.
    NotTold(i64),
    /// An intent that was due.
    Looked(IntentId),
    /// Notes were taken off.
    TakenOff,
}

/// What is under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Done>,
    intents: HashSet<IntentId>,
    notes: HashSet<i64>,
    /// Notes that are to be taken off.
    told: Vec<i64>,
    /// Notes up to here have been read.
    read: i64,
}

impl Acting {
    /// Runs until it is stopped and what is under way has ended. Whatever is left, is due at the next
    /// start.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut under_way = UnderWay::default();
        let mut pause_until: Option<Instant> = None;
        loop {
            let is_stopped = stop.is_cancelled();
            if is_stopped && under_way.tasks.is_empty() && under_way.told.is_empty() {
                return;
            }
            let is_paused = pause_until.is_some_and(|until| clock::stopwatch() < until);
            let mut wait = LOOK;
            if !is_stopped && !is_paused && under_way.tasks.len() < AT_ONCE / 2 {
                pause_until = None;
                match self.begin(&mut under_way, &stop).await {
                    Ok(next) => wait = next,
                    Err(error) => {
                        complain(&error, "what is due of intents cannot be read");
                        pause_until = clock::stopwatch().checked_add(PAUSE);
                    }
                }
            }
            self.take_off(&mut under_way, is_stopped);
            tokio::select! {
                Some(done) = under_way.tasks.join_next() => {
                    under_way.end(done.ok());
                    while let Some(done) = under_way.tasks.try_join_next() {
                        under_way.end(done.ok());
                    }
                }
                () = self.store.acted(), if !is_stopped && !is_paused => {}
                () = tokio::time::sleep(self.clock.waits(wait)), if !is_stopped => {}
                () = stop.cancelled(), if !is_stopped => {}
            }
        }
    }

    /// Begins what there is room for, and tells how long to wait for the next that is due.
    async fn begin(
        &self,
        under_way: &mut UnderWay,
        stop: &CancellationToken,
    ) -> Result<Duration, StoreError> {
        let room = AT_ONCE.saturating_sub(under_way.tasks.len());
        let notes = self.store.looks(under_way.read, room).await?;
        let is_full = notes.len() >= room;
        for note in notes {
            under_way.read = note.seq;
            if under_way.notes.insert(note.seq) {
                under_way.tasks.spawn(self.tell(note, stop.clone()));
            }
        }
        let now = self.clock.now();
        let room = AT_ONCE.saturating_sub(under_way.tasks.len());
        if room > 0 {
            let limit = room.saturating_add(under_way.intents.len());
            for id in self.store.due(now, limit).await? {
                if under_way.tasks.len() < AT_ONCE && under_way.intents.insert(id) {
                    under_way.tasks.spawn(self.look(id, stop.clone()));
                }
            }
        }
        if is_full || !under_way.tasks.is_empty() {
            // The next turn comes when a task ends.
            return Ok(LOOK);
        }
        let next = self.store.next_look().await?;
        let wait = next.map_or(LOOK, |next| next.since(self.clock.now()));
        Ok(wait.clamp(Duration::from_millis(100), LOOK))
    }

    /// Tells an intent of its message, and looks at it.
    fn tell(
        &self,
        note: Look,
        stop: CancellationToken,
    ) -> impl Future<Output = Done> + Send + 'static {
        let engine = Arc::clone(&self.engine);
        async move {
            let Some(message) = note.message else {
                return Done::Told(note.seq);
            };
            match engine.reported(&message).await {
                Ok(_) => Done::Told(note.seq),
                Err(failure) => {
                    left(&failure, &stop).await;
                    Done::NotTold(note.seq)
                }
            }
        }
    }

    /// Looks at an intent that is due.
    fn look(
        &self,
        id: IntentId,
        stop: CancellationToken,
    ) -> impl Future<Output = Done> + Send + 'static {
        let engine = Arc::clone(&self.engine);
        async move {
            if let Err(failure) = engine.look(id).await {
                left(&failure, &stop).await;
            }
            Done::Looked(id)
        }
    }

    /// Takes notes off of which the intents have been told, many at a time unless nothing else is done.
    fn take_off(&self, under_way: &mut UnderWay, is_stopped: bool) {
        let is_idle = is_stopped || under_way.tasks.is_empty();
        if under_way.told.is_empty() || (under_way.told.len() < TAKEN_OFF && !is_idle) {
            return;
        }
        let seqs = core::mem::take(&mut under_way.told);
        let store = self.store.clone();
        under_way.tasks.spawn(async move {
            // What stays is told again.
            if let Err(error) = store.looked(seqs).await {
                complain(&error, "what intents were told of cannot be taken off");
            }
            Done::TakenOff
        });
    }
}

impl UnderWay {
    fn end(&mut self, done: Option<Done>) {
        match done {
            Some(Done::Told(seq)) => {
                self.notes.remove(&seq);
                self.told.push(seq);
            }
            Some(Done::NotTold(seq)) => {
                self.notes.remove(&seq);
                self.read = self.read.min(seq.saturating_sub(1));
            }
            Some(Done::Looked(id)) => {
                self.intents.remove(&id);
            }
            // A task that panicked keeps its intent busy until the next start.
            Some(Done::TakenOff) | None => {}
        }
    }
}

/// An intent could not be acted on, and is left alone for a while.
async fn left(failure: &PortFailure, stop: &CancellationToken) {
    complain(
        failure,
        "an intent cannot be acted on, and is looked at again",
    );
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(PAUSE) => {}
    }
}

fn complain(error: &dyn core::error::Error, what: &str) {
    static SAID: Seldom = Seldom::new();
    if let Some(count) = SAID.turn() {
        tracing::error!(error = crate::causes::with_causes(error), count, "{what}");
    }
}
