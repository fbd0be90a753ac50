use std::borrow::Cow;

use serde::Serialize;
use sinch_callback::{DeliveryReport, DeliveryState, Leg, Step};

use super::{
    due::{Due, Telling},
    log::LogEntry,
};
use crate::said::{Placed, Said};

/// What others are told of a message.
///
/// It is made from an entry of the log ([`LogEntry`]), and never from the message as it is now:
/// whoever is told twice is told the same.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::{DeliveryEvent, Notifier};
/// use tokio::sync::mpsc::{Sender, error::SendError};
///
/// /// To a task of one's own, which outlives the callback.
/// struct Channel(Sender<DeliveryEvent<'static>>);
///
/// impl Notifier for Channel {
///     type Error = SendError<DeliveryEvent<'static>>;
///
///     async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Self::Error> {
///         for event in events {
///             self.0.send(event.clone().into_owned()).await?;
///         }
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeliveryEvent<'a> {
    /// `{content key}:{message}:{type}`, and for a leg `:{channel}`. Always of the same content.
    pub id: String,
    /// `delivery.` and the state that the message has changed to, or `delivery.channel` where it is
    /// about one leg alone, or `delivery.overdue`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The message.
    pub message_id: Cow<'a, str>,
    /// How often the message had changed by then: of two events the later one has the greater.
    pub version: u64,
    /// Whether the message has ended, by all that was reported. A later report may correct that.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// The state that had been told as final and is not so: `failed` or `unconfirmed`.
    pub corrects: Option<&'static str>,
    /// Reports disagree on how a leg ended.
    pub contradicted: bool,
    /// Where the message stands as a whole.
    pub state: Option<&'static str>,
    /// Where it stands on the channel: of `delivery.channel` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<&'static str>,
    /// By when it should have ended, in Unix seconds: of `delivery.overdue` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<u64>,
    /// Why by then ([`DueCause`](super::DueCause)): `stuck`, `submitted` or `watched`. Of
    /// `delivery.overdue` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
    /// By which report, and for which of the sender's doings.
    #[serde(flatten)]
    pub said: Said,
    /// When the callback was received, in Unix seconds.
    pub received_at: u64,
}
sinch_callback::named! {
    /// Which events are raised.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum EventFilter {
        /// Those of a message that has ended, and those that correct an end told before.
        #[default]
        Final = "final",
        /// Each change of a message's state.
        All = "all",
        /// Each change of a message's state, and each move of a leg.
        Channel = "channel",
    }
}

impl EventFilter {
    const fn lets_through(self, event: &DeliveryEvent<'_>) -> bool {
        match self {
            Self::Final => event.is_final || event.corrects.is_some(),
            Self::All | Self::Channel => true,
        }
    }
}

impl<'a> DeliveryEvent<'a> {
    /// The events that follow from an entry of a message's log, and from the reports that it is of.
    pub(crate) fn of_entry(
        entry: &LogEntry,
        reports: &[Placed<'a>],
        filter: EventFilter,
    ) -> Vec<Self> {
        let mut events = Vec::new();
        let decides = usize::try_from(entry.decides).unwrap_or_default();
        if let (Some(state), Some((_, report))) = (entry.moved_to(), reports.get(decides)) {
            let kind = kind(state);
            let event = Self {
                id: format!("{}:{}:{kind}", entry.content_key, report.message_id),
                kind,
                message_id: report.message_id.as_str().into(),
                version: entry.version,
                is_final: state.is_final(),
                corrects: entry.from.and_then(corrected),
                contradicted: entry.contradicted,
                state: Some(state.as_str()),
                leg: None,
                deadline: None,
                cause: None,
                said: entry
                    .said
                    .clone()
                    .unwrap_or_else(|| Said::by_report(report)),
                received_at: entry.received_at,
            };
            events.extend(Some(event).filter(|event| filter.lets_through(event)));
        }
        if filter == EventFilter::Channel {
            let steps = entry.reports.iter().map(|line| line.step);
            let mut legs: Vec<(&str, Self)> = Vec::new();
            for (step, (_, report)) in steps.zip(reports) {
                let Step::Moved(leg) = step else {
                    continue;
                };
                // A body may move one leg twice, and an id has one content.
                legs.retain(|(channel, _)| *channel != report.channel);
                legs.push((&report.channel, Self::moved(entry, leg, report)));
            }
            events.extend(legs.into_iter().map(|(_, event)| event));
        }
        events
    }

    /// The same, with a text of its own: for a queue or a task behind the callback.
    #[must_use]
    pub fn into_owned(self) -> DeliveryEvent<'static> {
        DeliveryEvent {
            id: self.id,
            kind: self.kind,
            message_id: Cow::Owned(self.message_id.into_owned()),
            version: self.version,
            is_final: self.is_final,
            corrects: self.corrects,
            contradicted: self.contradicted,
            state: self.state,
            leg: self.leg,
            deadline: self.deadline,
            cause: self.cause,
            said: self.said,
            received_at: self.received_at,
        }
    }

    fn moved(entry: &LogEntry, leg: Leg, report: &'a DeliveryReport) -> Self {
        let kind = "delivery.channel";
        let (key, message, channel) = (entry.content_key, &report.message_id, &report.channel);
        Self {
            id: format!("{key}:{message}:{kind}:{channel}"),
            kind,
            message_id: message.as_str().into(),
            version: entry.version,
            is_final: false,
            corrects: None,
            contradicted: entry.contradicted,
            state: entry.to.map(DeliveryState::as_str),
            leg: Some(leg.as_str()),
            deadline: None,
            cause: None,
            said: Said::by_report(report),
            received_at: entry.received_at,
        }
    }

    /// The event that a message is overdue: what was to settle it has not come by then. `None` while
    /// it is not being told. No filter drops it.
    #[must_use]
    pub fn overdue(message_id: &'a str, due: &Due) -> Option<Self> {
        let Telling::Begun(overdue) = &due.telling else {
            return None;
        };
        let kind = "delivery.overdue";
        Some(Self {
            id: format!("{}:{message_id}:{kind}", due.key),
            kind,
            message_id: message_id.into(),
            version: overdue.version,
            is_final: false,
            corrects: None,
            contradicted: overdue.contradicted,
            state: overdue.state.map(DeliveryState::as_str),
            leg: None,
            deadline: Some(due.at.get()),
            cause: Some(due.cause.as_str()),
            said: overdue.said.clone().unwrap_or_default(),
            received_at: overdue.updated_at,
        })
    }
}

const fn kind(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Queued => "delivery.queued",
        DeliveryState::Unconfirmed => "delivery.unconfirmed",
        DeliveryState::Switching => "delivery.switching",
        DeliveryState::Failed => "delivery.failed",
        DeliveryState::Delivered => "delivery.delivered",
        DeliveryState::Read => "delivery.read",
    }
}

/// The name of a state that was told as an end and has been left: whoever acted on it has to know.
pub(super) const fn corrected(from: DeliveryState) -> Option<&'static str> {
    match from {
        DeliveryState::Failed | DeliveryState::Unconfirmed => Some(from.as_str()),
        _ => None,
    }
}
