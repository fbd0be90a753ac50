//! Authentic bodies that are not the usual delivery report.

use sinch_callback_server::{client::Client, ids};

use super::{Day, outcomes::Outcomes};
use crate::{command_error::CommandError, demo::report::Report, traffic};

/// A reason that no retry could mend, so that a delivery contradicts it.
const FOR_GOOD: &str = "RECIPIENT_INVALID_CHANNEL_IDENTITY";

impl Day {
    /// Authentic bodies that are not the usual delivery report.
    pub(super) async fn odd_bodies(
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
    pub(super) async fn told(
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
}
