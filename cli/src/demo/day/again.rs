//! What comes more than once, or late, or under another secret.

use sinch_callback::{HeaderName, RetrySchedule, Secret, Signer, UnixSeconds};
use sinch_callback_server::client::Client;

use super::{Day, outcomes::Outcomes, signed};
use crate::{command_error::CommandError, demo::report::Report};

impl Day {
    /// What comes more than once, for good reasons and for bad ones.
    pub(super) async fn repeats(
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
    pub(super) async fn times(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        for (what, at, expected) in [
            (
                "Sinch's last retry, sent as it was 22 h 45 min ago",
                ago(self.now, RetrySchedule::SINCH.span().as_secs()),
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
    pub(super) async fn rotation(
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

        let other = Secret::new(crate::demo::demo_secret())
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
}

fn ago(now: UnixSeconds, seconds: u64) -> UnixSeconds {
    UnixSeconds::new(now.get().saturating_sub(seconds))
}

fn ahead(now: UnixSeconds, seconds: u64) -> UnixSeconds {
    UnixSeconds::new(now.get().saturating_add(seconds))
}
