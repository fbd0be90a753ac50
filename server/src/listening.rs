//! Up to when we have heard what Sinch had to say, and whether callbacks come at all.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sinch_callback::{Answer, UnixSeconds, scheme::SchemeName};
use sinch_callback_pipeline::listening::{CallbacksStopped, LastCallback};

use crate::{
    clock::Clock,
    metrics::Metrics,
    store::{error::StoreError, listening::Kept, open::Store},
};

/// How often a sign of life is kept. After a crash, the outage counts from the last one.
pub(crate) const SIGN: Duration = Duration::from_secs(10);

/// After how long without a sign of life we have not listened: the machine slept, or the process was
/// stopped. Three signs, of which one may come late.
const MISSED: Duration = Duration::from_secs(30);

/// What knows how far we have heard. One for a store: the watch and all that waits for silence ask it.
pub(crate) struct Ear {
    store: Store,
    clock: Clock,
    /// For how long no callback may come before they have stopped.
    stopped_after: Duration,
    /// Whether anybody is notified.
    tells: bool,
    metrics: Arc<Metrics>,
    kept: Mutex<Kept>,
}

/// What has been heard of all that Sinch has reported.
#[derive(Debug)]
pub(crate) struct Heard {
    /// The moment up to which it has been applied.
    pub(crate) until: UnixSeconds,
    /// The moment up to which intents have been told of it too.
    pub(crate) told_until: UnixSeconds,
    /// That callbacks have stopped.
    pub(crate) stopped: Option<CallbacksStopped>,
}

impl Ear {
    /// Begins to listen: since the last sign of life nobody has.
    pub(crate) async fn open(
        store: Store,
        clock: Clock,
        stopped_after: Duration,
        tells: bool,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StoreError> {
        let mut kept = store.listening().await?;
        let now = clock.now();
        if let Some(alive_at) = kept.alive_at {
            kept.listening.missed(alive_at, now);
            tracing::info!(
                secs = now.since(alive_at).as_secs(),
                "nobody has listened for this long: silence since then means nothing before the retries are in"
            );
        }
        kept.alive_at = Some(now);
        Ok(Self {
            store,
            clock,
            stopped_after,
            tells,
            metrics,
            kept: Mutex::new(kept),
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from what a callback was answered. What strangers can bring about at will tells nothing.
    pub(crate) fn answered(&self, scheme: SchemeName, answer: Answer, now: UnixSeconds) {
        if scheme != SchemeName::Conversation {
            return;
        }
        let is_authentic = [
            Answer::ACCEPTED,
            Answer::DUPLICATE,
            Answer::HANDOFF_UNAVAILABLE,
        ];
        let has_failed = [Answer::HANDOFF_UNAVAILABLE, Answer::SECRET_UNAVAILABLE];
        let mut kept = self.kept();
        if is_authentic.contains(&answer) {
            kept.callback_at = kept.callback_at.max(Some(now));
        }
        if has_failed.contains(&answer) {
            kept.listening.missed(now, now);
        }
    }

    /// What has been heard, of one moment.
    ///
    /// # Errors
    /// Where the store cannot be read: then nothing is silent.
    pub(crate) async fn heard(&self, now: UnixSeconds) -> Result<Heard, StoreError> {
        let made = now.get().saturating_sub(self.stopped_after.as_secs());
        let waiting = self.store.waiting(UnixSeconds::new(made)).await?;
        let mut kept = self.kept();
        self.note_gap(&mut kept, now);
        let last = LastCallback {
            received_at: kept.callback_at,
            listening_since: kept.listening.since(),
        };
        let until = kept.listening.heard_until(now, waiting.queued);
        Ok(Heard {
            until,
            told_until: waiting.untold.map_or(until, |untold| untold.min(until)),
            stopped: CallbacksStopped::look(now, self.stopped_after, last, waiting.sends),
        })
    }

    /// [`Heard::until`].
    ///
    /// # Errors
    /// As [`heard`](Self::heard).
    pub(crate) async fn heard_until(&self, now: UnixSeconds) -> Result<UnixSeconds, StoreError> {
        Ok(self.heard(now).await?.until)
    }

    /// Whether callbacks have stopped: then silence says nothing of a message.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn stopped(
        &self,
        now: UnixSeconds,
    ) -> Result<Option<CallbacksStopped>, StoreError> {
        Ok(self.heard(now).await?.stopped)
    }

    /// Whether one step for silence may be taken now: always while callbacks come, else one in a while.
    ///
    /// # Errors
    /// Where it cannot be read, or kept that it was taken.
    pub(crate) async fn take_probe(&self, now: UnixSeconds) -> Result<bool, StoreError> {
        let Some(stopped) = self.stopped(now).await? else {
            return Ok(true);
        };
        let snapshot = {
            let mut kept = self.kept();
            if !kept.turn.take_probe(&stopped, now) {
                return Ok(false);
            }
            kept.clone()
        };
        self.store.keep_listening(&snapshot, None, now).await?;
        Ok(true)
    }

    /// Keeps a sign of life, and tells where callbacks have stopped or are back.
    ///
    /// # Errors
    /// Where it cannot be kept. What was to be told is told by the next one.
    pub(crate) async fn sign(&self, now: UnixSeconds) -> Result<(), StoreError> {
        let stopped = self.stopped(now).await?.is_some();
        let (kept, event) = {
            let mut kept = self.kept();
            kept.alive_at = Some(now);
            let mut after = kept.clone();
            let event = after.turn.take(after.callback_at, stopped, now);
            (after, event)
        };
        let told = event.clone().filter(|_| self.tells);
        self.store.keep_listening(&kept, told, now).await?;
        // Only once it is kept, so that what could not be is told the next time.
        self.kept().turn.clone_from(&kept.turn);
        match event.map(|event| event.kind) {
            Some("callbacks.stopped") => tracing::warn!(
                last_callback_at = kept.callback_at.map(UnixSeconds::get),
                "no callback comes any more, although messages wait for theirs: check the webhook at Sinch, its secret, and the way to here"
            ),
            Some(_) => tracing::info!("callbacks are back"),
            None => {}
        }
        Ok(())
    }

    /// Sets what `/metrics` shows.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn measure(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let heard = self.heard(now).await?;
        self.metrics.heard(heard.until, heard.stopped.is_some());
        Ok(())
    }

    /// A clock that is set by hand does not tell how long nobody has listened.
    fn note_gap(&self, kept: &mut Kept, now: UnixSeconds) {
        let Some(alive_at) = kept
            .alive_at
            .filter(|_| matches!(self.clock, Clock::System))
        else {
            return;
        };
        if now.since(alive_at) > MISSED {
            kept.listening.missed(alive_at, now);
            kept.alive_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sinch_callback::ContentKey;
    use sinch_callback_pipeline::{
        Envelope,
        messages::{Messages, Watch},
    };

    use super::*;

    const N: Duration = Duration::from_secs(600);

    const fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds)
    }

    /// A receiver that starts now. The store is closed where it is dropped.
    async fn starts(folder: &Path, now: u64) -> (Store, Ear) {
        let store = Store::open(folder).unwrap();
        let clock = Clock::FixedAt(at(now));
        let metrics = Arc::new(Metrics::new());
        let ear = Ear::open(store.clone(), clock, N, true, metrics).await;
        (store, ear.unwrap())
    }

    async fn watch(store: &Store, id: &str, deadline: u64, now: u64) {
        let watch = Watch {
            message_id: id.into(),
            deadline: Some(at(deadline)),
            attempt: None,
        };
        let changed = store
            .update(id, move |found| watch.change(found, at(now)))
            .await;
        changed.unwrap();
    }

    async fn heard(ear: &Ear, now: u64) -> u64 {
        ear.heard_until(at(now)).await.unwrap().get()
    }

    /// How many are told to be overdue now.
    async fn told(store: &Store, ear: &Ear, now: u64) -> usize {
        let heard_until = ear.heard_until(at(now)).await.unwrap();
        let told = store.overdue(heard_until, at(now), true).await;
        told.unwrap().len()
    }

    async fn events(store: &Store) -> Vec<String> {
        let read = store.read(|connection| {
            connection
                .prepare("SELECT event_id FROM outbox ORDER BY seq")?
                .query_map((), |row| row.get(0))?
                .collect()
        });
        read.await.unwrap()
    }

    #[tokio::test]
    async fn a_deadline_within_an_outage_waits_until_the_retries_are_in() {
        let folder = tempfile::tempdir().unwrap();
        let (store, ear) = starts(folder.path(), 1_000).await;
        watch(&store, "m", 1_600, 1_000).await;
        ear.sign(at(1_010)).await.unwrap();
        assert_eq!(told(&store, &ear, 1_011).await, 0);
        store.close().await.unwrap();
        drop((store, ear));
        // Killed, and started 490 s after the last sign of life.
        let (store, ear) = starts(folder.path(), 1_500).await;
        for now in [1_500, 1_600, 2_049] {
            assert_eq!(heard(&ear, now).await, 1_010);
            assert_eq!(told(&store, &ear, now).await, 0, "{now}");
        }
        assert_eq!(heard(&ear, 2_050).await, 2_050);
        assert_eq!(told(&store, &ear, 2_050).await, 1);
        assert_eq!(told(&store, &ear, 9_000).await, 0);
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn what_we_could_not_take_holds_for_a_minute_and_what_a_stranger_sends_never() {
        let folder = tempfile::tempdir().unwrap();
        let (store, ear) = starts(folder.path(), 1_000).await;
        ear.sign(at(1_000)).await.unwrap();
        for answer in [
            Answer::REQUEST_TIMEOUT,
            Answer::REQUEST_BROKEN,
            Answer::OVERLOADED,
            Answer::SIGNATURE_MISMATCH,
            Answer::SECRET_MAY_BE_NEWER,
        ] {
            ear.answered(SchemeName::Conversation, answer, at(1_100));
            assert_eq!(heard(&ear, 1_101).await, 1_101, "{}", answer.code());
        }
        ear.answered(SchemeName::Numbers, Answer::HANDOFF_UNAVAILABLE, at(1_100));
        assert_eq!(heard(&ear, 1_101).await, 1_101);
        ear.answered(
            SchemeName::Conversation,
            Answer::HANDOFF_UNAVAILABLE,
            at(1_110),
        );
        assert_eq!(heard(&ear, 1_169).await, 1_110);
        assert_eq!(heard(&ear, 1_170).await, 1_170);
        // It is kept with the next sign of life.
        ear.sign(at(1_120)).await.unwrap();
        store.close().await.unwrap();
        drop((store, ear));
        let (store, ear) = starts(folder.path(), 1_121).await;
        assert_eq!(heard(&ear, 1_140).await, 1_110);
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_callback_that_waits_to_be_applied_holds_until_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (store, ear) = starts(folder.path(), 1_000).await;
        let body = br#"{"message_delivery_report":{"message_id":"m","status":"READ"}}"#;
        let envelope = Envelope::kept(ContentKey::of_body(body), at(1_150), &body[..])
            .with_arrival(at(1_200), "r");
        store.enqueue(&envelope).await.unwrap();
        assert_eq!(heard(&ear, 1_300).await, 1_200);
        store.acknowledge(vec![1]).await.unwrap();
        assert_eq!(heard(&ear, 1_300).await, 1_300);
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn callbacks_that_stop_are_told_once_and_the_first_one_back_too() {
        let folder = tempfile::tempdir().unwrap();
        let (store, ear) = starts(folder.path(), 1_000).await;
        ear.answered(SchemeName::Conversation, Answer::ACCEPTED, at(1_000));
        for number in 0..5 {
            watch(&store, &format!("m-{number}"), 90_000, 1_000 + number).await;
        }
        ear.sign(at(1_603)).await.unwrap();
        assert_eq!(ear.stopped(at(1_603)).await.unwrap(), None);
        assert_eq!(events(&store).await, Vec::<String>::new());
        // The fifth is now as old as no callback has come.
        ear.sign(at(1_604)).await.unwrap();
        assert!(ear.stopped(at(1_604)).await.unwrap().is_some());
        ear.sign(at(1_620)).await.unwrap();
        assert_eq!(events(&store).await, ["1604::callbacks.stopped"]);
        assert!(ear.take_probe(at(1_620)).await.unwrap());
        assert!(!ear.take_probe(at(2_219)).await.unwrap());
        assert!(ear.take_probe(at(2_220)).await.unwrap());
        // A voice call's callback says nothing of this way.
        ear.answered(SchemeName::Application, Answer::ACCEPTED, at(2_300));
        assert!(ear.stopped(at(2_300)).await.unwrap().is_some());
        ear.answered(SchemeName::Conversation, Answer::DUPLICATE, at(2_310));
        assert_eq!(ear.stopped(at(2_310)).await.unwrap(), None);
        assert!(ear.take_probe(at(2_311)).await.unwrap());
        ear.sign(at(2_320)).await.unwrap();
        let told = ["1604::callbacks.stopped", "1604::callbacks.resumed"];
        assert_eq!(events(&store).await, told);
        store.close().await.unwrap();
    }
}
