//! Acts on intents: tells them of their messages, and looks at those that are due.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{Engine, IntentId, PortFailure};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{self, Clock},
    recovery::ports::Host,
    seldom::Seldom,
    store::{error::StoreError, looks::Look, open::Store},
};

/// Intents that are acted on at once, and notes that wait for theirs: each may wait for its call's answer.
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
    /// An intent, and when it is to be looked at again. It was looked at, or told of a note's message.
    Acted {
        intent: IntentId,
        note: Option<i64>,
        next: Option<UnixSeconds>,
    },
    /// A note of which its intent could not be told.
    NotTold(Box<Look>),
    /// Notes were taken off.
    TakenOff,
}

/// What is under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Done>,
    /// Intents that are acted on, each by one task, so that none does again what the other has just done;
    /// and the notes that wait until it is done.
    intents: HashMap<IntentId, VecDeque<Look>>,
    /// How many notes wait.
    waiting: usize,
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
        let mut look_at = clock::stopwatch();
        loop {
            let is_stopped = stop.is_cancelled();
            if is_stopped && under_way.tasks.is_empty() && under_way.told.is_empty() {
                return;
            }
            let is_due = clock::stopwatch() >= look_at;
            if is_due && !is_stopped && under_way.room() > AT_ONCE / 2 {
                let wait = match self.begin(&mut under_way, &stop).await {
                    Ok(wait) => self.clock.waits(wait),
                    Err(error) => {
                        complain(&error, "what is due of intents cannot be read");
                        PAUSE
                    }
                };
                look_at = later(wait);
            }
            self.take_off(&mut under_way, is_stopped);
            // Where there is no room, the next turn comes when a task ends.
            let wait = look_at.saturating_duration_since(clock::stopwatch());
            let has_room = under_way.room() > AT_ONCE / 2;
            tokio::select! {
                Some(done) = under_way.tasks.join_next() => {
                    let mut done = Some(done);
                    while let Some(ended) = done {
                        let next = ended.ok().and_then(|ended| self.end(&mut under_way, ended, &stop));
                        if let Some(next) = next {
                            look_at = look_at.min(later(self.clock.waits(next)));
                        }
                        done = under_way.tasks.try_join_next();
                    }
                }
                () = self.store.acted(), if !is_stopped => look_at = clock::stopwatch(),
                () = tokio::time::sleep(wait), if !is_stopped && has_room => {}
                () = stop.cancelled(), if !is_stopped => {}
            }
        }
    }

    /// Begins what there is room for, and tells how long to wait for what is due next.
    async fn begin(
        &self,
        under_way: &mut UnderWay,
        stop: &CancellationToken,
    ) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let room = under_way.room();
        // What is due and under way is found as well.
        let intents = room.saturating_add(under_way.intents.len());
        let found = self.store.to_do(under_way.read, now, room, intents).await?;
        let is_full = found.notes.len() >= room || found.due.len() >= intents;
        for note in found.notes {
            under_way.read = note.seq;
            match under_way.intents.entry(note.intent) {
                Entry::Occupied(mut busy) => {
                    under_way.waiting = under_way.waiting.saturating_add(1);
                    busy.get_mut().push_back(note);
                }
                Entry::Vacant(free) => {
                    free.insert(VecDeque::new());
                    under_way.tasks.spawn(self.tell(note, stop.clone()));
                }
            }
        }
        for id in found.due {
            if under_way.room() > 0
                && let Entry::Vacant(free) = under_way.intents.entry(id)
            {
                free.insert(VecDeque::new());
                under_way.tasks.spawn(self.look(id, stop.clone()));
            }
        }
        if is_full {
            return Ok(Duration::ZERO);
        }
        let wait = found.next.map_or(LOOK, |next| next.since(now));
        Ok(wait.min(LOOK))
    }

    /// Goes on behind a task that has ended, and tells how soon its intent is due again.
    fn end(
        &self,
        under_way: &mut UnderWay,
        done: Done,
        stop: &CancellationToken,
    ) -> Option<Duration> {
        let (intent, note, next) = match done {
            Done::Acted { intent, note, next } => (intent, note, next),
            // It comes first again, so that an intent is told in order.
            Done::NotTold(note) if !stop.is_cancelled() => {
                under_way.tasks.spawn(self.tell(*note, stop.clone()));
                return None;
            }
            Done::NotTold(note) => (note.intent, None, None),
            Done::TakenOff => return None,
        };
        under_way.told.extend(note);
        let waiting = under_way.intents.get_mut(&intent);
        match waiting.and_then(VecDeque::pop_front) {
            Some(note) if !stop.is_cancelled() => {
                under_way.waiting = under_way.waiting.saturating_sub(1);
                under_way.tasks.spawn(self.tell(note, stop.clone()));
            }
            _ => {
                under_way.intents.remove(&intent);
            }
        }
        next.map(|next| next.since(self.clock.now()))
    }

    /// Tells an intent of its message, and looks at it.
    fn tell(
        &self,
        note: Look,
        stop: CancellationToken,
    ) -> impl Future<Output = Done> + Send + 'static {
        let engine = Arc::clone(&self.engine);
        async move {
            let next = match &note.message {
                None => None,
                Some(message) => match caught(engine.reported(message)).await {
                    Ok(looked) => looked.and_then(|looked| looked.next),
                    Err(failure) => {
                        left(&failure, &stop).await;
                        return Done::NotTold(Box::new(note));
                    }
                },
            };
            Done::Acted {
                intent: note.intent,
                note: Some(note.seq),
                next,
            }
        }
    }

    /// Looks at an intent that is due.
    fn look(
        &self,
        intent: IntentId,
        stop: CancellationToken,
    ) -> impl Future<Output = Done> + Send + 'static {
        let (engine, clock) = (Arc::clone(&self.engine), self.clock);
        async move {
            let next = match caught(engine.look(intent)).await {
                Ok(looked) => looked.next,
                Err(failure) => {
                    left(&failure, &stop).await;
                    Some(clock.now())
                }
            };
            Done::Acted {
                intent,
                note: None,
                next,
            }
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
    /// How much more may be begun.
    fn room(&self) -> usize {
        let begun = self.tasks.len().saturating_add(self.waiting);
        AT_ONCE.saturating_sub(begun)
    }
}

/// A moment from now.
fn later(wait: Duration) -> Instant {
    let now = clock::stopwatch();
    now.checked_add(wait).unwrap_or(now)
}

/// Why an intent could not be acted on.
#[derive(Debug, thiserror::Error)]
enum NotActed {
    #[error(transparent)]
    Port(#[from] PortFailure),
    #[error("the engine panicked")]
    Panic,
}

/// Ends what a panic would end: a task that told nothing would leave its intent under way for ever. What the
/// engine knows of an intent stands in the store alone, so nothing half done is seen later.
async fn caught<T>(work: impl Future<Output = Result<T, PortFailure>>) -> Result<T, NotActed> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(ended) => Ok(ended?),
        Err(_) => Err(NotActed::Panic),
    }
}

/// An intent could not be acted on, and is left alone for a while.
async fn left(failure: &NotActed, stop: &CancellationToken) {
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

#[cfg(test)]
mod tests {
    use super::{NotActed, caught};

    #[tokio::test]
    async fn a_panic_of_the_engine_is_a_failure_after_which_an_intent_is_looked_at_again() {
        let ended = caught::<()>(async { panic!("a fault") }).await;
        assert!(matches!(ended, Err(NotActed::Panic)));
        assert_eq!(caught(async { Ok(7) }).await.expect("no fault"), 7);
    }
}
