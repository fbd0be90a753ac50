//! A mixed day of traffic: what Sinch sends, and what others send in its name.

use std::collections::BTreeMap;

use fastrand::Rng;
use hyper::Method;
use sinch_callback::{HeaderName, Secret, Signer, UnixSeconds, limits};

use super::{receiver::Receiver, report::Report, shown::code};
use crate::{
    client::{Answer, Client, ClientError},
    clock::Clock,
    command_error::CommandError,
    ids,
    signed::SignedCallback,
    traffic::{self, Scenario},
};

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

/// A reason that no retry could mend, so that a delivery contradicts it.
const FOR_GOOD: &str = "RECIPIENT_INVALID_CHANNEL_IDENTITY";

/// Seconds between a callback's signature and Sinch's last retry of it.
const LAST_RETRY_SECS: u64 = 81_915;

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

    /// A day's messages, each told in order.
    async fn ordinary_traffic(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        for (scenario, share, end) in [
            (Scenario::Delivered, 70, "delivered"),
            (Scenario::Read, 15, "read"),
            (Scenario::Failed, 10, "failed"),
            (Scenario::Switching, 5, "delivered"),
        ] {
            let mut outcomes = Outcomes::default();
            for _ in 0..(self.messages.saturating_mul(share) / 100).max(1) {
                let story = scenario.story(&mut self.rng);
                for body in story.bodies {
                    self.expected.callbacks = self.expected.callbacks.saturating_add(1);
                    let callback = self.sign(body)?;
                    outcomes.add(callback.post(client).await)?;
                }
                self.deliveries.insert(story.message_id, end);
            }
            let what = match scenario {
                Scenario::Switching => "messages that switch from RCS to SMS".into(),
                _ => format!("messages that end {end}"),
            };
            outcomes.tell(report, what, "200 accepted");
        }
        Ok(())
    }

    /// What others send in Sinch's name.
    async fn forgeries(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let mut outcomes = Outcomes::default();
        for _ in 0..100 {
            let body = self.report_body("DELIVERED");
            outcomes.add(self.sign(body)?.forged().post(client).await)?;
        }
        outcomes.tell(report, "forged signature", "401 signature_mismatch");

        let mut altered = self.accepted_callback(client).await?;
        let failed = String::from_utf8_lossy(&altered.body).replace("DELIVERED", "FAILED");
        altered.body = failed.into();
        self.one(
            client,
            report,
            "captured, status altered",
            &altered,
            "401 signature_mismatch",
        )
        .await?;

        let shifted = shift_boundary(self.accepted_callback(client).await?);
        self.one(
            client,
            report,
            "captured, cut elsewhere to get a new nonce",
            &shifted,
            "400 malformed_header",
        )
        .await?;

        let renonced = self
            .accepted_callback(client)
            .await?
            .with_header(HeaderName::Nonce.as_str(), |_| ids::unique());
        self.one(
            client,
            report,
            "captured, under a nonce of their own",
            &renonced,
            "401 signature_mismatch",
        )
        .await
    }

    /// What comes more than once, for good reasons and for bad ones.
    async fn repeats(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let mut outcomes = Outcomes::default();
        let replayed = self.accepted_callback(client).await?;
        for _ in 0..50 {
            outcomes.add(replayed.post(client).await)?;
        }
        outcomes.tell(
            report,
            "replayed as it was (or retried: reply lost)",
            "200 duplicate",
        );

        let accepted = self.accepted_callback(client).await?;
        let afresh = self.sign(accepted.body)?;
        self.expected.repeats = self.expected.repeats.saturating_add(1);
        self.one(
            client,
            report,
            "retried under a fresh signature",
            &afresh,
            "200 accepted",
        )
        .await
    }

    /// What is not of now.
    async fn times(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        for (what, at, expected) in [
            (
                "Sinch's last retry, sent as it was 22 h 45 min ago",
                ago(self.now, LAST_RETRY_SECS),
                "200 accepted",
            ),
            ("signed 25 hours ago", ago(self.now, 90_000), "401 stale"),
            (
                "signed ten minutes from now",
                ahead(self.now, 600),
                "503 from_future",
            ),
        ] {
            let body = self.report_body("DELIVERED");
            if expected == "200 accepted" {
                self.note_delivered(&body);
            }
            let callback = signed(&self.current, body, at)?;
            self.one(client, report, what, &callback, expected).await?;
        }
        let milliseconds = self
            .accepted_callback(client)
            .await?
            .with_header(HeaderName::Timestamp.as_str(), |text| format!("{text}000"));
        self.one(
            client,
            report,
            "time in milliseconds",
            &milliseconds,
            "400 malformed_header",
        )
        .await
    }

    /// Secrets change.
    async fn rotation(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let body = self.report_body("DELIVERED");
        self.note_delivered(&body);
        let previous = signed(&self.previous, body, self.now)?;
        self.one(
            client,
            report,
            "signed with the previous secret",
            &previous,
            "200 accepted",
        )
        .await?;

        let other = Secret::new(ids::demo_secret())
            .map_err(|error| CommandError::failed("no secret can be made", error))?;
        let body = self.report_body("DELIVERED");
        let unknown = signed(&Signer::new(other), body, self.now)?;
        self.one(
            client,
            report,
            "signed with a secret of another account",
            &unknown,
            "401 signature_mismatch",
        )
        .await
    }

    /// What is no callback at all.
    async fn misshapen(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let callback = self.accepted_callback(client).await?;
        for name in [
            HeaderName::Signature,
            HeaderName::Timestamp,
            HeaderName::Nonce,
        ] {
            let missing = callback.clone().without_header(name.as_str());
            self.one(
                client,
                report,
                format!("without {name}"),
                &missing,
                "400 missing_header",
            )
            .await?;
        }
        let mut twice = callback.clone();
        twice.headers.extend(callback.headers.clone());
        self.one(
            client,
            report,
            "each header twice",
            &twice,
            "400 repeated_header",
        )
        .await?;
        let other = callback
            .clone()
            .with_header(HeaderName::Algorithm.as_str(), |_| "HmacMD5".into());
        self.one(
            client,
            report,
            "algorithm HmacMD5",
            &other,
            "400 unsupported_algorithm",
        )
        .await?;
        let oversize = self.sign("x".repeat(limits::SERVE_MAX_BODY_BYTES.saturating_add(1)))?;
        self.one(
            client,
            report,
            "a byte more than is taken",
            &oversize,
            "413 body_too_large",
        )
        .await?;

        for (what, method, path, expected) in [
            (
                "GET instead of POST",
                Method::GET,
                "/callbacks",
                "405 method_not_allowed",
            ),
            ("another path", Method::POST, "/sinch", "404 unknown_path"),
        ] {
            let mut outcomes = Outcomes::default();
            outcomes.add(client.request(method, path, [], "").await)?;
            outcomes.tell(report, what, expected);
        }
        Ok(())
    }

    /// Authentic bodies that are not the usual delivery report.
    async fn odd_bodies(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        for (what, body) in [
            (
                "authentic, but not JSON",
                format!("not json {}", ids::unique()),
            ),
            (
                "authentic, of a kind nobody knows",
                format!(r#"{{"telepathy":"{}"}}"#, ids::unique()),
            ),
        ] {
            self.expected.callbacks = self.expected.callbacks.saturating_add(1);
            self.expected.unrecognized = self.expected.unrecognized.saturating_add(1);
            let callback = self.sign(body)?;
            self.one(client, report, what, &callback, "200 accepted")
                .await?;
        }

        let batch = ids::unique();
        let body = format!(
            r#"{{"type":"delivery_report_sms","batch_id":"{batch}","client_reference":"order-9","total_message_count":3,"statuses":[{{"code":0,"status":"Delivered","count":2,"recipients":["4790000001","4790000002"]}},{{"code":402,"status":"Aborted","count":1,"recipients":["4790000003"]}}]}}"#
        );
        self.expected.callbacks = self.expected.callbacks.saturating_add(1);
        for (recipient, end) in [
            ("4790000001", "delivered"),
            ("4790000002", "delivered"),
            ("4790000003", "failed"),
        ] {
            self.deliveries.insert(format!("{batch}:{recipient}"), end);
        }
        let callback = self.sign(body)?;
        self.one(
            client,
            report,
            "an SMS batch of three recipients",
            &callback,
            "200 accepted",
        )
        .await?;

        self.told(
            "told backwards: read, delivered, queued",
            ["READ", "DELIVERED", "QUEUED_ON_CHANNEL"],
            "read",
            client,
            report,
        )
        .await?;
        self.expected.contradicted = self.expected.contradicted.saturating_add(1);
        self.told(
            "told to have failed for good, then delivered",
            ["QUEUED_ON_CHANNEL", "FAILED", "DELIVERED"],
            "delivered",
            client,
            report,
        )
        .await
    }

    /// One message, told by these reports in this order.
    async fn told(
        &mut self,
        what: &str,
        statuses: [&str; 3],
        end: &'static str,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let message_id = ids::unique();
        let mut outcomes = Outcomes::default();
        for status in statuses {
            self.expected.callbacks = self.expected.callbacks.saturating_add(1);
            let report = traffic::Report::new(&message_id, "SMS", status);
            let body = match status {
                "FAILED" => report.with_reason(FOR_GOOD).body(),
                _ => report.body(),
            };
            outcomes.add(self.sign(body)?.post(client).await)?;
        }
        self.deliveries.insert(message_id, end);
        outcomes.tell(report, what, "200 accepted");
        Ok(())
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

fn ago(now: UnixSeconds, seconds: u64) -> UnixSeconds {
    UnixSeconds::new(now.get().saturating_sub(seconds))
}

fn ahead(now: UnixSeconds, seconds: u64) -> UnixSeconds {
    UnixSeconds::new(now.get().saturating_add(seconds))
}

/// Cuts the body at its last dot and puts the tail in front of the nonce: the signed string stays
/// the same, and so does its signature.
fn shift_boundary(mut callback: SignedCallback) -> SignedCallback {
    let Some(dot) = callback.body.iter().rposition(|byte| *byte == b'.') else {
        return callback;
    };
    let tail = callback.body.split_off(dot);
    let tail = String::from_utf8_lossy(&tail)
        .trim_start_matches('.')
        .to_owned();
    callback.with_header(HeaderName::Nonce.as_str(), |nonce| {
        format!("{tail}.{nonce}")
    })
}

fn unanswered(error: ClientError) -> CommandError {
    CommandError::failed("the receiver did not answer", error)
}

/// The answers that the callbacks of one line got.
#[derive(Default)]
pub(super) struct Outcomes {
    times: u64,
    answers: BTreeMap<String, u64>,
}

impl Outcomes {
    pub(super) fn add(&mut self, answer: Result<Answer, ClientError>) -> Result<(), CommandError> {
        let answer = answer.map_err(unanswered)?;
        let got = format!("{} {}", answer.status, code(&answer));
        let count = self.answers.entry(got).or_default();
        *count = count.saturating_add(1);
        self.times = self.times.saturating_add(1);
        Ok(())
    }

    pub(super) fn tell(self, report: &mut Report, what: impl Into<String>, expected: &str) {
        let got: Vec<_> = self.answers.into_keys().collect();
        report.row(what, self.times, expected, got.join(", "));
    }
}
