use sinch_callback::{
    ContentKey, Delivery, DeliveryLeg, DeliveryState, ReportSubject, UnixSeconds,
};

use crate::{
    CarrierWords, Change, ChannelView, CorrelationView, MessageSummary, Placed, Reason, Said,
};

/// A message with all that is kept of it but its log.
///
/// What its reports say ([`Message::delivery`]) is a function of their set. Version and times count
/// arrivals besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message's id.
    pub message_id: String,
    /// What it is: [`ReportSubject::as_str`].
    pub subject: String,
    /// What its reports say.
    pub delivery: Delivery,
    /// How often an arrival has changed it; an arrival raises it by one at most.
    pub version: u64,
    /// When its first callback was received, in Unix seconds.
    pub first_received_at: u64,
    /// When its last callback was received, in Unix seconds.
    pub updated_at: u64,
    /// When it is told that the report which would settle it has not come.
    pub due: Option<Due>,
}

/// A moment by which a message should have been settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The moment.
    pub at: UnixSeconds,
    /// The callback since which it waits.
    pub content_key: ContentKey,
}

/// For how long the report that would settle a stuck message may be late before that is told. Our
/// own choice.
pub const OVERDUE_AFTER_SECS: u64 = 3_600;

impl Message {
    /// A message of which nothing is known yet.
    #[must_use]
    pub fn new(message_id: &str, subject: ReportSubject, received_at: UnixSeconds) -> Self {
        Self {
            message_id: message_id.into(),
            subject: subject.as_str().into(),
            delivery: Delivery::default(),
            version: 0,
            first_received_at: received_at.get(),
            updated_at: received_at.get(),
            due: None,
        }
    }

    /// Applies all reports of one arrival that speak of this message, each with its place in the
    /// callback, and tells what each did. The one that brought the message to another state carries
    /// the change of state: there is one at most.
    pub fn apply(
        &mut self,
        content_key: ContentKey,
        received_at: UnixSeconds,
        reports: &[Placed<'_>],
    ) -> Vec<Change> {
        let before = self.delivery.clone();
        let from = before.state();
        let (mut steps, mut decides) = (Vec::with_capacity(reports.len()), 0);
        for (index, (place, report)) in reports.iter().enumerate() {
            let state = self.delivery.state();
            let place = u32::try_from(*place).unwrap_or(u32::MAX);
            let step = self.delivery.apply(report, content_key, place, received_at);
            steps.push(step);
            if self.delivery.state() != state {
                decides = index;
            }
        }
        if self.version == 0 || self.delivery != before {
            self.version = self.version.saturating_add(1);
        }
        self.updated_at = received_at.get();
        self.set_due(before.is_stuck(), content_key, received_at);
        let state = self.delivery.state();
        let contradicted = self.delivery.is_contradicted();
        steps
            .into_iter()
            .zip(reports)
            .enumerate()
            .map(|(index, (step, (_, report)))| {
                let decides = index == decides;
                let has_moved = decides && from != state;
                Change {
                    step,
                    from: if decides { from } else { state },
                    state,
                    version: self.version,
                    contradicted,
                    contradicts: decides && contradicted && !before.is_contradicted(),
                    said: has_moved
                        .then(|| Said::by_message(&self.delivery))
                        .filter(|said| *said != Said::by_report(report)),
                }
            })
            .collect()
    }

    /// A message gets a due when it becomes stuck, and loses it when it no longer is.
    fn set_due(&mut self, was_stuck: bool, content_key: ContentKey, received_at: UnixSeconds) {
        if !self.delivery.is_stuck() {
            self.due = None;
        } else if !was_stuck {
            let at = received_at.get().saturating_add(OVERDUE_AFTER_SECS);
            self.due = Some(Due {
                at: UnixSeconds::new(at),
                content_key,
            });
        }
    }

    /// Where it stands, as a list shows it.
    #[must_use]
    pub fn summary(&self) -> MessageSummary {
        let deciding = self.delivery.shown();
        MessageSummary {
            message_id: self.message_id.clone(),
            subject: self.subject.clone(),
            state: self
                .delivery
                .state()
                .map(|state| DeliveryState::as_str(state).into()),
            version: self.version,
            channel: deciding.map_or_else(String::new, |report| report.channel.clone()),
            identity: deciding.map_or_else(String::new, |report| report.identity.clone()),
            reason: deciding
                .and_then(|report| report.failure.as_ref())
                .map(|failure| Reason::of(failure).into_owned()),
            carrier: deciding
                .and_then(|report| CarrierWords::of(&report.carrier))
                .map(CarrierWords::into_owned),
            contradicted: self.delivery.is_contradicted(),
            correlation: CorrelationView {
                metadata: self.delivery.metadata().into(),
                correlation_id: self.delivery.correlation_id().into(),
                client_reference: self.delivery.client_reference().into(),
            },
            conversation_id: self.delivery.conversation_id().into(),
            contact_id: self.delivery.contact_id().into(),
            first_received_at: self.first_received_at,
            updated_at: self.updated_at,
        }
    }

    /// Where it stands on each of its legs, in the order in which it got there.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelView> {
        let legs = self.delivery.legs().iter();
        let mut channels: Vec<_> = legs.map(channel).collect();
        channels.sort_by_key(|channel| channel.updated_at);
        channels
    }
}

fn channel(leg: &DeliveryLeg) -> ChannelView {
    ChannelView {
        channel: leg.deciding.channel.clone(),
        identity: leg.deciding.identity.clone(),
        state: leg.leg.as_str().into(),
        reason: leg
            .deciding
            .failure
            .as_ref()
            .map(|failure| Reason::of(failure).into_owned()),
        carrier: CarrierWords::of(&leg.deciding.carrier).map(CarrierWords::into_owned),
        contradicted: leg.is_contradicted(),
        occurred_at: leg.deciding.occurred_at.clone(),
        updated_at: leg.deciding.received_at.get(),
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback::{Callback, Leg, Step};

    use super::*;
    use crate::by_message;

    const AT: UnixSeconds = UnixSeconds::new(1_000);

    fn message() -> Message {
        Message::new("m", ReportSubject::Message, AT)
    }

    fn apply(message: &mut Message, status: &str, channel: &str) -> Change {
        let body = format!(
            r#"{{"message_delivery_report":{{"message_id":"m","status":"{status}","channel_identity":{{"channel":"{channel}"}}}}}}"#
        );
        let callback = Callback::parse(body.as_bytes()).unwrap();
        let reports = [(0, &callback.reports[0])];
        let content_key = ContentKey::of_body(body.as_bytes());
        message.apply(content_key, AT, &reports).remove(0)
    }

    #[test]
    fn an_arrival_raises_the_version_if_it_changes_anything() {
        let mut message = message();
        let mut versions = Vec::new();
        for status in [
            "TELEPORTED",
            "DELIVERED",
            "QUEUED_ON_CHANNEL",
            "READ",
            "READ",
        ] {
            versions.push(apply(&mut message, status, "SMS").version);
        }
        assert_eq!(versions, [1, 2, 2, 3, 3]);
    }

    #[test]
    fn one_recipient_twice_in_a_body_is_one_change() {
        let body = br#"{"type":"delivery_report_sms","batch_id":"b","statuses":[
            {"code":0,"status":"Delivered","recipients":["+4791"]},
            {"code":401,"status":"Dispatched","recipients":["4791"]}]}"#;
        let callback = Callback::parse(body).unwrap();
        let messages = by_message(&callback.reports);
        let [("b:4791", reports)] = &messages[..] else {
            panic!("one message: {messages:?}");
        };
        let mut message = message();
        let changes = message.apply(ContentKey::of_body(body), AT, reports);
        let told: Vec<_> = changes
            .iter()
            .map(|change| (change.step, change.moved_to(), change.version))
            .collect();
        assert_eq!(
            told,
            [
                (
                    Step::Moved(Leg::Delivered),
                    Some(DeliveryState::Delivered),
                    1
                ),
                (Step::Late, None, 1)
            ]
        );
        assert_eq!(message.channels().len(), 1);
    }

    #[test]
    fn a_stuck_message_is_due_an_hour_after_it_became_so() {
        let mut message = message();
        apply(&mut message, "SWITCHING_CHANNEL", "RCS");
        let due = message.due;
        assert_eq!(due.map(|due| due.at), Some(UnixSeconds::new(4_600)));
        apply(&mut message, "QUEUED_ON_CHANNEL", "SMS");
        assert_eq!(message.due, None, "it has gone on");
        apply(&mut message, "FAILED", "RCS");
        assert!(message.due.is_some(), "queued beside a failed leg");
        let due = message.due;
        apply(&mut message, "QUEUED_ON_CHANNEL", "SMS");
        assert_eq!(message.due, due, "nothing has come of it since");
        apply(&mut message, "DELIVERED", "SMS");
        assert_eq!(message.due, None);
    }
}
