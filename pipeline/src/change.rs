use sinch_callback::{DeliveryReport, DeliveryState, Leg, Step};

/// What one delivery report did to its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it did to the message's leg on its channel.
    pub step: Step,
    /// Where the message stands now, over all its channels; `None` while nothing is known.
    pub state: Option<DeliveryState>,
}

impl Change {
    /// Decides what a report does, given the legs that its message had, by channel.
    #[must_use]
    pub fn decide<'a>(
        legs: impl IntoIterator<Item = (&'a str, Leg)>,
        report: &DeliveryReport,
    ) -> Self {
        let mut own = None;
        let mut others = None;
        for (channel, leg) in legs {
            if channel == report.channel {
                own = Some(leg);
            } else {
                others = others.max(Some(DeliveryState::from(leg)));
            }
        }
        let step = Leg::step(own, report.status);
        let own = match step {
            Step::Moved(leg) => Some(leg),
            _ => own,
        };
        Self {
            step,
            state: others.max(DeliveryState::of(own)),
        }
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback::Callback;

    use super::*;

    fn report(status: &str, channel: &str) -> DeliveryReport {
        let body = format!(
            r#"{{"message_delivery_report":{{"message_id":"m","status":"{status}","channel_identity":{{"channel":"{channel}"}}}}}}"#
        );
        Callback::parse(body.as_bytes()).unwrap().reports.remove(0)
    }

    #[test]
    fn a_switch_and_the_next_channel_make_the_message_queued_again() {
        let switched = Change::decide([("RCS", Leg::Queued)], &report("SWITCHING_CHANNEL", "RCS"));
        assert_eq!(switched.step, Step::Moved(Leg::Switched));
        assert_eq!(switched.state, Some(DeliveryState::Switching));
        let queued = Change::decide(
            [("RCS", Leg::Switched)],
            &report("QUEUED_ON_CHANNEL", "SMS"),
        );
        assert_eq!(queued.step, Step::Moved(Leg::Queued));
        assert_eq!(queued.state, Some(DeliveryState::Queued));
    }

    #[test]
    fn an_unknown_status_leaves_a_new_message_without_a_state() {
        let change = Change::decide([], &report("TELEPORTED", "SMS"));
        assert_eq!(
            change,
            Change {
                step: Step::Unknown,
                state: None
            }
        );
    }
}
