//! Posts events to the address that is to be notified, signed as Sinch signs, until they are taken.
//!
//! Many are on their way at once. The events of one message go one after the other, in the order in
//! which they happened: the next one is posted when the one before it has been taken or given up.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sinch_callback::{RetrySchedule, Signer, UnixSeconds};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::secret::NotifySecret;
use crate::{
    causes::with_causes,
    client::Client,
    clock::{self, Clock},
    ids,
    metrics::Metrics,
    store::{error::StoreError, open::Store, outbox::OutboxEntry},
};

/// Events fetched at a time.
const BATCH: usize = 256;
/// How often to look for events that are due.
const LOOK: Duration = Duration::from_millis(500);
/// How long to send nothing once the store could not keep what became of an event: it would only be
/// posted again.
const STORE_PAUSE: Duration = Duration::from_secs(5);
/// The shortest time between two log lines about events that were not taken.
const SAY: Duration = Duration::from_secs(1);

pub(crate) struct Sender {
    post: Arc<Post>,
    at_once: usize,
}

/// What one post needs.
struct Post {
    store: Store,
    secret: Arc<NotifySecret>,
    clock: Clock,
    metrics: Arc<Metrics>,
    address: Client,
    /// Clients whose connection is free.
    free: Mutex<Vec<Client>>,
    said: Mutex<Said>,
}

/// When the log last told of an event that was not taken, and how many there were since.
#[derive(Default)]
struct Said {
    at: Option<Instant>,
    since: u64,
}

impl Sender {
    pub(crate) fn new(
        store: Store,
        address: Client,
        secret: Arc<NotifySecret>,
        at_once: usize,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            post: Arc::new(Post {
                store,
                secret,
                clock,
                metrics,
                address,
                free: Mutex::default(),
                said: Mutex::default(),
            }),
            at_once,
        }
    }

    /// Runs until it is stopped and the posts under way are answered. What has not been taken by
    /// then stays in the store.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut ready = VecDeque::new();
        // The messages that have an event in `ready` or on its way.
        let mut busy = HashSet::new();
        let mut posts: JoinSet<(String, Result<(), StoreError>)> = JoinSet::new();
        let mut pause = Duration::ZERO;
        loop {
            if stop.is_cancelled() && posts.is_empty() {
                return;
            }
            let signer = self.post.secret.signer();
            if let Some(signer) = signer.filter(|_| pause.is_zero() && !stop.is_cancelled()) {
                if ready.is_empty()
                    && posts.len() < self.at_once
                    && let Err(error) = self.fetch(&mut ready, &mut busy).await
                {
                    tracing::error!(%error, "events cannot be read");
                    pause = LOOK;
                }
                while posts.len() < self.at_once
                    && let Some(entry) = ready.pop_front()
                {
                    let (post, signer) = (Arc::clone(&self.post), Arc::clone(&signer));
                    posts.spawn(async move {
                        let message = entry.message.clone();
                        (message, post.send(entry, &signer).await)
                    });
                }
            }
            let look = if pause.is_zero() { LOOK } else { pause };
            tokio::select! {
                Some(done) = posts.join_next() => {
                    if let Some(error) = settled(done, &mut busy) {
                        tracing::error!(%error, "what became of an event cannot be kept: it is posted again");
                        pause = STORE_PAUSE;
                    }
                }
                () = self.post.store.event_kept(), if pause.is_zero() => {}
                () = tokio::time::sleep(look) => pause = Duration::ZERO,
                () = stop.cancelled(), if !stop.is_cancelled() => {}
            }
        }
    }

    /// Fetches events that are due and whose message has none under way.
    async fn fetch(
        &self,
        ready: &mut VecDeque<OutboxEntry>,
        busy: &mut HashSet<String>,
    ) -> Result<(), StoreError> {
        let limit = BATCH.saturating_add(busy.len());
        let due = self
            .post
            .store
            .outbox_due(self.post.clock.now(), limit)
            .await?;
        for entry in due {
            if busy.insert(entry.message.clone()) {
                ready.push_back(entry);
            }
        }
        Ok(())
    }
}

/// Frees the message of a post that has ended, and tells what the store said.
fn settled(
    done: Result<(String, Result<(), StoreError>), JoinError>,
    busy: &mut HashSet<String>,
) -> Option<StoreError> {
    // A post that was aborted keeps its message busy until the next start; nothing aborts one.
    let (message, kept) = done.ok()?;
    busy.remove(&message);
    kept.err()
}

impl Post {
    /// Posts an event, and keeps what became of it.
    async fn send(&self, entry: OutboxEntry, signer: &Signer) -> Result<(), StoreError> {
        match self.post(&entry, signer).await {
            Ok(()) => {
                self.metrics.events_sent.inc();
                self.store.outbox_taken(entry.seq).await
            }
            Err(cause) => {
                self.metrics.events_failed.inc();
                self.put_off(entry, cause).await
            }
        }
    }

    async fn post(&self, entry: &OutboxEntry, signer: &Signer) -> Result<(), String> {
        let nonce = ids::unique();
        let signed = signer
            .sign(entry.event.as_bytes(), &nonce, self.clock.now())
            .map_err(|error| error.to_string())?;
        let kind = [("content-type", "application/json")];
        let headers = signed.headers().into_iter().chain(kind);
        let mut client = self.free().pop().unwrap_or_else(|| self.address.another());
        let answer = client.post(headers, entry.event.clone()).await;
        self.free().push(client);
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(format!("answered {}", answer.status)),
            Err(error) => Err(with_causes(&error)),
        }
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Client>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn put_off(&self, entry: OutboxEntry, cause: String) -> Result<(), StoreError> {
        let retry = entry.attempts.saturating_add(1);
        let due_at = RetrySchedule::SINCH
            .before_retry(retry)
            .map(|wait| UnixSeconds::new(self.clock.now().get().saturating_add(wait.as_secs())));
        if due_at.is_none() {
            tracing::error!(
                cause,
                retries = entry.attempts,
                "an event is given up: `sinch-callback events list` shows it, and `events resend` posts it again"
            );
        } else if let Some(count) = self.turn_to_say() {
            tracing::warn!(cause, retry, count, "an event was not taken and is put off");
        }
        self.store.outbox_put_off(entry, due_at, cause).await
    }

    /// How many events a log line stands for; `None` where there was one a moment ago.
    fn turn_to_say(&self) -> Option<u64> {
        let now = clock::stopwatch();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.since = said.since.saturating_add(1);
        let recent = |at| now.saturating_duration_since(at) < SAY;
        if said.at.is_some_and(recent) {
            return None;
        }
        said.at = Some(now);
        Some(core::mem::take(&mut said.since))
    }
}
