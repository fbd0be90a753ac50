//! Messages as there are most of, each told in order.

use sinch_callback_server::client::Client;

use super::{Day, outcomes::Outcomes};
use crate::{command_error::CommandError, demo::report::Report, traffic::Scenario};

impl Day {
    /// A day's messages, each told in order.
    pub(super) async fn ordinary_traffic(
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
}
