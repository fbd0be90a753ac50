use serde::Serialize;
use sinch_callback::{ContentKey, DeliveryReport, Step, UnixSeconds};

use crate::{CarrierWords, Change, Reason};

/// What others are told when a message has moved, or when a report contradicts its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryEvent<'a> {
    /// Always the same for the same report, so that receivers can drop repeats.
    pub id: String,
    /// `delivery.` and what happened: `queued`, `delivered`, `read`, `failed`, `switching` or
    /// `contradicted`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The message.
    pub message_id: &'a str,
    /// The channel that the report speaks of.
    pub channel: &'a str,
    /// The status as Sinch wrote it.
    pub status: &'a str,
    /// Where the message stands as a whole.
    pub state: Option<&'static str>,
    /// Why it failed or switched.
    pub reason: Option<Reason<'a>>,
    /// What the carrier said.
    pub carrier: Option<CarrierWords<'a>>,
    /// `message_metadata` of the send.
    pub metadata: &'a str,
    /// `correlation_id` of the send.
    pub correlation_id: &'a str,
    /// `client_reference` of an SMS batch.
    pub client_reference: &'a str,
    /// When it happened, as Sinch wrote it.
    pub occurred_at: &'a str,
    /// When the callback was received, in Unix seconds.
    pub received_at: u64,
}

impl<'a> DeliveryEvent<'a> {
    /// The event that follows from a change; `None` where nothing has happened that anyone would
    /// act on. `index` is the report's place in its callback.
    #[must_use]
    pub fn of(
        change: Change,
        report: &'a DeliveryReport,
        index: usize,
        content_key: ContentKey,
        received_at: UnixSeconds,
    ) -> Option<Self> {
        let kind = match change.step {
            Step::Moved(leg) => moved(leg),
            Step::Contradicted => "delivery.contradicted",
            Step::Repeated | Step::Late | Step::Unknown => return None,
        };
        Some(Self {
            id: format!("{content_key}-{index}"),
            kind,
            message_id: &report.message_id,
            channel: &report.channel,
            status: &report.status_text,
            state: change.state.map(|state| state.as_str()),
            reason: report.failure.as_ref().map(Reason::of),
            carrier: CarrierWords::of(&report.carrier),
            metadata: &report.correlation.metadata,
            correlation_id: &report.correlation.correlation_id,
            client_reference: &report.correlation.client_reference,
            occurred_at: &report.occurred_at,
            received_at: received_at.get(),
        })
    }
}

const fn moved(leg: sinch_callback::Leg) -> &'static str {
    use sinch_callback::Leg;
    match leg {
        Leg::Queued => "delivery.queued",
        Leg::Switched => "delivery.switching",
        Leg::Failed => "delivery.failed",
        Leg::Delivered => "delivery.delivered",
        Leg::Read => "delivery.read",
    }
}
