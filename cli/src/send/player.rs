use core::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use std::{sync::Arc, time::Instant};

use fastrand::Rng;
use indicatif::ProgressBar;
use sinch_callback::{
    RetrySchedule,
    scheme::{Request, SchemeSigner},
};
use sinch_callback_server::{
    client::Client,
    clock::{self, Clock},
    with_causes,
};

use super::tally::Tally;
use crate::{
    signed::SignedCallback,
    traffic::{Event, Scenario},
};

/// What all connections play together.
pub(super) struct Plan {
    pub(super) messages: u64,
    pub(super) next_message: AtomicU64,
    pub(super) next_turn: AtomicU64,
    /// Callbacks a second; 0 for as many as go.
    pub(super) rate: u32,
    pub(super) scenario: Scenario,
    /// What one callback tells, of a scheme other than the Conversation API's.
    pub(super) event: Option<Event>,
    /// The method that is signed, where it is not POST.
    pub(super) method: Option<String>,
    /// The path that is signed, where it is not the address's.
    pub(super) path: Option<String>,
    pub(super) forged: u8,
    pub(super) replayed: u8,
    pub(super) schedule: RetrySchedule,
    pub(super) resign: bool,
    pub(super) started: Instant,
}

impl Plan {
    /// Takes a message to play, while there are any.
    fn take_message(&self) -> bool {
        self.next_message.fetch_add(1, Ordering::Relaxed) < self.messages
    }

    /// Waits for the turn of the next callback at the plan's rate.
    async fn turn(&self) {
        let turn = self.next_turn.fetch_add(1, Ordering::Relaxed);
        let Some(nanos) = turn
            .saturating_mul(1_000_000_000)
            .checked_div(self.rate.into())
        else {
            return;
        };
        if let Some(due) = self.started.checked_add(Duration::from_nanos(nanos)) {
            tokio::time::sleep_until(due.into()).await;
        }
    }
}

/// One connection's part.
pub(super) struct Player {
    plan: Arc<Plan>,
    signer: SchemeSigner,
    forger: SchemeSigner,
    client: Client,
    rng: Rng,
    progress: ProgressBar,
    tally: Tally,
}

impl Player {
    pub(super) fn new(
        plan: Arc<Plan>,
        [signer, forger]: [SchemeSigner; 2],
        client: Client,
        rng: Rng,
        progress: ProgressBar,
    ) -> Self {
        Self {
            plan,
            signer,
            forger,
            client,
            rng,
            progress,
            tally: Tally::default(),
        }
    }

    pub(super) async fn play(mut self) -> Tally {
        while self.plan.take_message() {
            let bodies = match self.plan.event {
                Some(event) => vec![event.body()],
                None => self.plan.scenario.story(&mut self.rng).bodies,
            };
            self.tally.messages = self.tally.messages.saturating_add(1);
            if self.plan.forged == 100 {
                self.forge(bodies.into_iter().next().unwrap_or_default())
                    .await;
            } else {
                for body in bodies {
                    while self.rng.u8(0..100) < self.plan.forged {
                        self.forge(body.clone()).await;
                    }
                    self.deliver(body).await;
                }
            }
            self.progress.inc(1);
        }
        self.tally
    }

    async fn forge(&mut self, body: String) {
        let Some(callback) = self.sign(&self.forger, &body) else {
            return;
        };
        if let Some(status) = self.send(&callback).await {
            self.tally.forged(status);
        }
    }

    /// Delivers a callback as Sinch does: until it is taken, or refused for good, or given up.
    async fn deliver(&mut self, body: String) {
        let Some(mut callback) = self.sign(&self.signer, &body) else {
            return;
        };
        let mut retry: u32 = 0;
        let status = loop {
            let status = self.send(&callback).await;
            match status {
                Some(status) if status < 500 && status != 429 => break Some(status),
                _ => {}
            }
            retry = retry.saturating_add(1);
            let Some(wait) = self.plan.schedule.before_retry(retry) else {
                break None;
            };
            self.tally.retries = self.tally.retries.saturating_add(1);
            self.progress
                .set_message(format!("waiting {} s to retry", wait.as_secs()));
            tokio::time::sleep(wait).await;
            self.progress.set_message("");
            if self.plan.resign
                && let Some(afresh) = self.sign(&self.signer, &body)
            {
                callback = afresh;
            }
        };
        self.tally.delivered(status);
        if status == Some(200)
            && self.rng.u8(0..100) < self.plan.replayed
            && let Some(status) = self.send(&callback).await
        {
            self.tally.replayed(status);
        }
    }

    /// Signs a body now. Nonces of our own making, bodies as ours and today's time are always signable.
    fn sign(&self, signer: &SchemeSigner, body: &str) -> Option<SignedCallback> {
        let method = self.plan.method.as_deref().unwrap_or("POST");
        let path = self.plan.path.as_deref();
        let request = Request::new(method, path.unwrap_or_else(|| self.client.path()));
        SignedCallback::of(signer, request, body.as_bytes(), Clock::System.now()).ok()
    }

    /// Sends once, and tells the status; `None` where no answer came.
    async fn send(&mut self, callback: &SignedCallback) -> Option<u16> {
        self.plan.turn().await;
        let started = clock::stopwatch();
        match callback.post(&mut self.client).await {
            Ok(answer) => {
                self.tally.answered(answer.status, started.elapsed());
                Some(answer.status)
            }
            Err(error) => {
                self.tally.unanswered(with_causes(&error));
                None
            }
        }
    }
}
