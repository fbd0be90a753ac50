//! What goes wrong on our side: an outage of the store, and a crash.

use rusqlite::Connection;
use sinch_callback_server::{client::Client, store};

use super::{
    day::{Day, outcomes::Outcomes},
    receiver::Receiver,
    report::Report,
};
use crate::command_error::CommandError;

impl Day {
    /// The store cannot be written for a while; Sinch retries, one way or the other.
    pub(super) async fn outage(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let Some(receiver) = &self.receiver else {
            return Ok(());
        };
        let locked =
            |error: rusqlite::Error| CommandError::failed("the store cannot be locked", error);
        let lock = Connection::open(receiver.data().join(store::DATABASE)).map_err(locked)?;
        lock.busy_timeout(core::time::Duration::from_secs(10))
            .map_err(locked)?;
        lock.execute_batch("BEGIN IMMEDIATE").map_err(locked)?;
        let bodies = [self.report_body("DELIVERED"), self.report_body("DELIVERED")];
        for body in &bodies {
            self.note_delivered(body);
        }
        let callbacks = bodies.map(|body| self.sign(body));
        let [first, second] = callbacks;
        let (first, second) = (first?, second?);
        for callback in [&first, &second] {
            self.one(
                client,
                report,
                "while the store is locked",
                callback,
                "503 handoff_unavailable",
            )
            .await?;
        }
        lock.execute_batch("ROLLBACK").map_err(locked)?;
        drop(lock);
        self.one(
            client,
            report,
            "the first of them, retried as it was",
            &first,
            "200 accepted",
        )
        .await?;
        let afresh = self.sign(second.body)?;
        self.one(
            client,
            report,
            "the second, retried under a fresh signature",
            &afresh,
            "200 accepted",
        )
        .await
    }

    /// The receiver is killed right behind a 200, and started again on the same store.
    pub(super) async fn crash_and_recover(
        &mut self,
        report: &mut Report,
        secrets: &[String],
    ) -> Result<Receiver, CommandError> {
        report.section(
            "The receiver is killed behind its last 200, and started again",
            ["callback", "must get", "got"],
        );
        let Some(receiver) = self.receiver.take() else {
            return Err(CommandError::No);
        };
        let mut client = receiver.client()?;
        let mut outcomes = Outcomes::default();
        let mut last = None;
        for _ in 0..20 {
            let body = self.report_body("DELIVERED");
            self.note_delivered(&body);
            let callback = self.sign(body)?;
            outcomes.add(callback.post(&mut client).await)?;
            last = Some(callback);
        }
        let folder = receiver
            .data()
            .parent()
            .map(ToOwned::to_owned)
            .unwrap_or_default();
        receiver.kill().await?;
        outcomes.tell(report, "the last before it was killed", "200 accepted");

        let receiver = Receiver::start(&folder, secrets, &[]).await?;
        let mut client = receiver.client()?;
        if let Some(last) = last {
            // The guard in memory has gone with the process; the log on the disk has not.
            self.expected.repeats = self.expected.repeats.saturating_add(1);
            self.one(
                &mut client,
                report,
                "the very last, replayed to the new process",
                &last,
                "200 accepted",
            )
            .await?;
        }
        Ok(receiver)
    }
}
