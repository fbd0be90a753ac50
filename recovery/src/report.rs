use serde::{Deserialize, Serialize};
use sinch_callback::{DeliveryState, Failure, Leg, Permanence, Remedy};
use sinch_callback_pipeline::messages::Message;

use crate::{channel::Channel, identity::Identity};

/// What became of an attempt's message by all reports applied so far: the whole truth about it, so that
/// of two reports the one of the higher version holds, in whatever order they come.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Report {
    /// The message's id at the provider.
    pub message_id: String,
    /// The message's version.
    pub version: u64,
    /// Its state; `None` where nothing but its existence is known.
    pub state: Option<DeliveryState>,
    /// What the failure means, where the state is `failed`.
    pub failure: MessageFailure,
    /// Whom a failure says to drop, and where.
    pub dropped: Vec<(Channel, Identity)>,
}

impl Report {
    /// What a message's reports say together.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let delivery = &message.delivery;
        let failed = delivery.legs().iter().filter(|leg| leg.leg == Leg::Failed);
        let dropped = failed.filter(|leg| {
            let failure = leg.deciding.failure.as_ref();
            failure.is_some_and(|failure| failure.remedy == Remedy::DropRecipient)
        });
        let failure = delivery
            .deciding()
            .and_then(|report| report.failure.as_ref());
        Self {
            message_id: message.message_id.clone(),
            version: message.version,
            state: delivery.state(),
            failure: failure.map(MessageFailure::of).unwrap_or_default(),
            dropped: dropped
                .filter_map(|leg| {
                    let channel = leg.deciding.channel.trim().to_ascii_uppercase();
                    let identity = Identity::new(leg.deciding.identity.trim());
                    Some((channel.parse().ok()?, identity))
                })
                .collect(),
        }
    }

    /// The message is in this state; where it failed, for a reason that is not known.
    #[must_use]
    pub fn new(message_id: &str, version: u64, state: DeliveryState) -> Self {
        Self {
            message_id: message_id.to_owned(),
            version,
            state: Some(state),
            failure: MessageFailure::default(),
            dropped: Vec::new(),
        }
    }

    /// The message was delivered.
    #[must_use]
    pub fn delivered(message_id: &str, version: u64) -> Self {
        Self::new(message_id, version, DeliveryState::Delivered)
    }

    /// The message failed, and what its reason means.
    #[must_use]
    pub fn failed(message_id: &str, version: u64, remedy: Remedy, permanence: Permanence) -> Self {
        Self {
            failure: MessageFailure {
                remedy,
                permanence,
                code: String::new(),
            },
            ..Self::new(message_id, version, DeliveryState::Failed)
        }
    }
}

/// What a failure means, and its code at Sinch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageFailure {
    /// What it leads to.
    pub remedy: Remedy,
    /// How certain it is.
    pub permanence: Permanence,
    /// Sinch's code, and its sub code; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
}

/// The most characters of a code that are kept.
const MAX_CODE: usize = 80;

impl MessageFailure {
    fn of(failure: &Failure) -> Self {
        let code = if failure.sub_code.is_empty() {
            failure.code.clone()
        } else {
            format!("{} {}", failure.code, failure.sub_code)
        };
        Self {
            remedy: failure.remedy,
            permanence: failure.permanence,
            code: code.chars().take(MAX_CODE).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback::{Callback, ContentKey, ReportSubject, UnixSeconds};

    use super::*;

    fn message(bodies: &[&str]) -> Message {
        let at = UnixSeconds::new(1_795_600_811);
        let mut message = Message::new("m", ReportSubject::Message, at);
        for body in bodies {
            let callback = Callback::parse(body.as_bytes()).unwrap();
            let key = ContentKey::of_body(body.as_bytes());
            message.delivery.apply(&callback.reports[0], key, 0, at);
            message.version += 1;
        }
        message
    }

    const BLOCKED: &str = r#"{"message_delivery_report":{"message_id":"m","status":"FAILED",
        "channel_identity":{"channel":"SMS","identity":"15550100"},
        "reason":{"code":"CHANNEL_FAILURE","sub_code":"UNSPECIFIED_SUB_CODE"}}}"#;
    const BATCH: &str = r#"{"type":"recipient_delivery_report_sms","batch_id":"m","recipient":"15550100",
        "status":"Failed","code":150}"#;
    const READ: &str = r#"{"message_delivery_report":{"message_id":"m","status":"READ",
        "channel_identity":{"channel":"SMS","identity":"15550100"}}}"#;

    #[test]
    fn a_report_is_what_the_message_is_in_whatever_order_it_became_so() {
        let one = Report::of(&message(&[BLOCKED, READ]));
        let other = Report::of(&message(&[READ, BLOCKED]));
        assert_eq!(one, other);
        assert_eq!(one.state, Some(DeliveryState::Read));
        assert_eq!(one.dropped, []);
    }

    #[test]
    fn a_dropped_recipient_is_named_with_the_channel() {
        let report = Report::of(&message(&[BATCH]));
        assert_eq!(report.failure.remedy, Remedy::DropRecipient);
        assert_eq!(report.dropped, [(Channel::Sms, Identity::new("15550100"))]);
        let report = Report::of(&message(&[BLOCKED]));
        assert_eq!(report.failure.code, "CHANNEL_FAILURE UNSPECIFIED_SUB_CODE");
        assert_eq!(report.dropped, []);
    }
}
