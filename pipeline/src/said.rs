use serde::{Deserialize, Serialize};
use sinch_callback::{Carrier, DecidingReport, Delivery, DeliveryReport, Failure};

/// What an event tells of a message: by which report it stands where it stands, and what ties it to
/// the sender's business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The channel that the deciding report speaks of.
    pub channel: String,
    /// Its status as Sinch wrote it.
    pub status: String,
    /// Why it failed or switched.
    pub reason: Option<Failure>,
    /// What the carrier said.
    pub carrier: Option<Carrier>,
    /// When it happened, as Sinch wrote it.
    pub occurred_at: String,
    /// `message_metadata` of the send.
    pub metadata: String,
    /// `correlation_id` of the send.
    pub correlation_id: String,
    /// `client_reference` of an SMS batch.
    pub client_reference: String,
}

impl Said {
    /// What a report says itself.
    #[must_use]
    pub fn by_report(report: &DeliveryReport) -> Self {
        Self {
            channel: report.channel.clone(),
            status: report.status_text.clone(),
            reason: report.failure.clone(),
            carrier: report.carrier.spoken().cloned(),
            occurred_at: report.occurred_at.clone(),
            metadata: report.correlation.metadata.clone(),
            correlation_id: report.correlation.correlation_id.clone(),
            client_reference: report.correlation.client_reference.clone(),
        }
    }

    /// What all reports on a message say together.
    #[must_use]
    pub fn by_message(delivery: &Delivery) -> Self {
        let report = delivery.deciding();
        let text = |field: fn(&DecidingReport) -> &String| report.map(field).cloned();
        Self {
            channel: text(|report| &report.channel).unwrap_or_default(),
            status: text(|report| &report.status_text).unwrap_or_default(),
            reason: report.and_then(|report| report.failure.clone()),
            carrier: report.and_then(|report| report.carrier.spoken().cloned()),
            occurred_at: text(|report| &report.occurred_at).unwrap_or_default(),
            metadata: delivery.metadata().into(),
            correlation_id: delivery.correlation_id().into(),
            client_reference: delivery.client_reference().into(),
        }
    }
}

/// A report and its place in its callback.
pub type Placed<'a> = (usize, &'a DeliveryReport);
