//! A mixed day of traffic: what Sinch sends, and what others send in its name.

mod again;
mod forgeries;
mod misshapen;
mod odd_bodies;
mod ordinary;
pub(super) mod outcomes;

use std::collections::BTreeMap;

use fastrand::Rng;
use sinch_callback::{Secret, Signer, UnixSeconds};
use sinch_callback_server::{client::Client, clock::Clock, ids};

use self::outcomes::{Outcomes, unanswered};
use super::{receiver::Receiver, report::Report, shown::code};
use crate::{command_error::CommandError, signed::SignedCallback, traffic};

pub(super) struct Day {
    pub(super) receiver: Option<Receiver>,
    current: Signer,
    previous: Signer,
    messages: u32,
    rng: Rng,
    now: UnixSeconds,
    /// What each message must end as.
    pub(super) deliveries: BTreeMap<String, &'static str>,
    pub(super) expected: Expected,
}

/// What the store must hold in the end.
#[derive(Default)]
pub(super) struct Expected {
    /// Events, each counted once.
    pub(super) callbacks: u64,
    /// Stored copies of known events.
    pub(super) repeats: u64,
    pub(super) unrecognized: u64,
    pub(super) contradicted: u64,
}

impl Day {
    pub(super) fn new(
        receiver: Receiver,
        current: Secret,
        previous: Secret,
        messages: u32,
    ) -> Self {
        Self {
            receiver: Some(receiver),
            current: Signer::new(current),
            previous: Signer::new(previous),
            messages,
            rng: Rng::new(),
            now: Clock::System.now(),
            deliveries: BTreeMap::new(),
            expected: Expected::default(),
        }
    }

    pub(super) async fn play(&mut self, report: &mut Report) -> Result<(), CommandError> {
        report.section(
            "A day's traffic, to a receiver with a current and a previous secret",
            ["callback", "must get", "got"],
        );
        let mut client = self.client()?;
        self.ordinary_traffic(&mut client, report).await?;
        self.forgeries(&mut client, report).await?;
        self.repeats(&mut client, report).await?;
        self.times(&mut client, report).await?;
        self.rotation(&mut client, report).await?;
        self.misshapen(&mut client, report).await?;
        self.odd_bodies(&mut client, report).await?;
        self.outage(&mut client, report).await
    }

    fn client(&self) -> Result<Client, CommandError> {
        self.receiver
            .as_ref()
            .map_or_else(|| Err(CommandError::No), Receiver::client)
    }

    /// Sends one callback and tells what it got.
    pub(super) async fn one(
        &self,
        client: &mut Client,
        report: &mut Report,
        what: impl Into<String>,
        callback: &SignedCallback,
        expected: &str,
    ) -> Result<(), CommandError> {
        let mut outcomes = Outcomes::default();
        outcomes.add(callback.post(client).await)?;
        outcomes.tell(report, what, expected);
        Ok(())
    }

    /// A genuine callback that the receiver has taken.
    async fn accepted_callback(
        &mut self,
        client: &mut Client,
    ) -> Result<SignedCallback, CommandError> {
        let body = self.report_body("DELIVERED");
        self.note_delivered(&body);
        let callback = self.sign(body)?;
        let answer = callback.post(client).await.map_err(unanswered)?;
        if answer.status == 200 {
            Ok(callback)
        } else {
            Err(CommandError::failed(
                "a genuine callback was refused",
                format!("{} {}", answer.status, code(&answer)),
            ))
        }
    }

    /// A report on a message of its own.
    pub(super) fn report_body(&self, status: &str) -> String {
        traffic::Report::new(&ids::unique(), "SMS", status).body()
    }

    /// Expects the message of a report to end as delivered.
    pub(super) fn note_delivered(&mut self, body: &str) {
        let callback = sinch_callback::Callback::parse(body.as_bytes());
        for report in callback
            .map(|callback| callback.reports)
            .unwrap_or_default()
        {
            self.deliveries.insert(report.message_id, "delivered");
        }
        self.expected.callbacks = self.expected.callbacks.saturating_add(1);
    }

    pub(super) fn sign(
        &self,
        body: impl Into<bytes::Bytes>,
    ) -> Result<SignedCallback, CommandError> {
        signed(&self.current, body, self.now)
    }
}

fn signed(
    signer: &Signer,
    body: impl Into<bytes::Bytes>,
    at: UnixSeconds,
) -> Result<SignedCallback, CommandError> {
    SignedCallback::new(signer, body, at)
        .map_err(|error| CommandError::failed("a callback cannot be signed", error))
}
