//! Posts events to `--notify-url`, signed as Sinch signs, until they are taken.

use std::{sync::Arc, time::Duration};

use sinch_callback::{Signer, UnixSeconds};
use tokio_util::sync::CancellationToken;

use super::metrics::Metrics;
use crate::{
    backoff::Backoff,
    client::Client,
    clock::Clock,
    command_error::with_causes,
    ids,
    store::{OutboxEntry, Store, StoreError},
};

/// Events fetched at a time.
const BATCH: u32 = 64;
/// How often to look for events that are due.
const LOOK: Duration = Duration::from_millis(500);

pub(super) struct Sender {
    pub(super) store: Store,
    pub(super) client: Client,
    pub(super) signer: Signer,
    pub(super) clock: Clock,
    pub(super) metrics: Arc<Metrics>,
}

impl Sender {
    /// Runs until it is stopped. What has not been taken by then stays in the store.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.step().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(%error, "events cannot be read or kept"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Sends the events that are due, and tells how many were taken.
    async fn step(&mut self) -> Result<usize, StoreError> {
        let mut taken: usize = 0;
        for entry in self.store.outbox_due(self.clock.now(), BATCH).await? {
            match self.send(&entry).await {
                Ok(()) => {
                    self.metrics.events_sent.inc();
                    self.store.outbox_taken(entry.seq).await?;
                    taken = taken.saturating_add(1);
                }
                Err(cause) => {
                    self.metrics.events_failed.inc();
                    self.put_off(&entry, cause).await?;
                }
            }
        }
        Ok(taken)
    }

    async fn send(&mut self, entry: &OutboxEntry) -> Result<(), String> {
        let nonce = ids::unique();
        let signed = self
            .signer
            .sign(entry.event.as_bytes(), &nonce, self.clock.now())
            .map_err(|error| error.to_string())?;
        let kind = [("content-type", "application/json")];
        let headers = signed.headers().into_iter().chain(kind);
        match self.client.post(headers, entry.event.clone()).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(format!("answered {}", answer.status)),
            Err(error) => Err(with_causes(&error)),
        }
    }

    async fn put_off(&self, entry: &OutboxEntry, cause: String) -> Result<(), StoreError> {
        let retry = entry.attempts.saturating_add(1);
        let due_at = Backoff::SINCH
            .before_retry(retry)
            .map(|wait| UnixSeconds::new(self.clock.now().get().saturating_add(wait.as_secs())));
        if due_at.is_none() {
            tracing::error!(cause, retries = entry.attempts, "an event is given up");
        } else {
            tracing::warn!(cause, retry, "an event was not taken and is put off");
        }
        self.store.outbox_put_off(entry.seq, due_at, cause).await
    }
}
