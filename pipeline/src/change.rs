use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sinch_callback::{DecidingReport, Delivery, DeliveryReport, DeliveryState, Step};

use crate::{CarrierWords, Reason};

/// What one delivery report did to its message: a log entry, from which its events are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it did to the leg that it speaks of.
    pub step: Step,
    /// Where the message stood before; the same as `state` for every report that did not change it.
    pub from: Option<DeliveryState>,
    /// Where the message stands since, over all its legs; `None` while nothing is known.
    pub state: Option<DeliveryState>,
    /// The message's version since: how often an arrival has changed it.
    pub version: u64,
    /// Whether reports have disagreed by then on how a leg ended.
    pub contradicted: bool,
    /// Whether it is this arrival that made them disagree.
    pub contradicts: bool,
    /// What is told of the message, where that is not what this report says itself.
    pub said: Option<Said>,
}

impl Change {
    /// The state that the message has changed to by this report.
    #[must_use]
    pub fn moved_to(&self) -> Option<DeliveryState> {
        self.state.filter(|_| self.from != self.state)
    }
}

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
    pub reason: Option<Reason<'static>>,
    /// What the carrier said.
    pub carrier: Option<CarrierWords<'static>>,
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
            reason: report
                .failure
                .as_ref()
                .map(|failure| Reason::of(failure).into_owned()),
            carrier: CarrierWords::of(&report.carrier).map(CarrierWords::into_owned),
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
            reason: report
                .and_then(|report| report.failure.as_ref())
                .map(|failure| Reason::of(failure).into_owned()),
            carrier: report
                .and_then(|report| CarrierWords::of(&report.carrier))
                .map(CarrierWords::into_owned),
            occurred_at: text(|report| &report.occurred_at).unwrap_or_default(),
            metadata: delivery.metadata().into(),
            correlation_id: delivery.correlation_id().into(),
            client_reference: delivery.client_reference().into(),
        }
    }
}

/// A report and its place in its callback.
pub type Placed<'a> = (usize, &'a DeliveryReport);

/// A callback's reports by the message that they speak of, in the order in which it names them: a
/// body may name one recipient twice, and an arrival changes a message once.
#[must_use]
pub fn by_message(reports: &[DeliveryReport]) -> Vec<(&str, Vec<Placed<'_>>)> {
    let mut messages: Vec<(&str, Vec<Placed<'_>>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (place, report) in reports.iter().enumerate() {
        let message_id = report.message_id.as_str();
        let index = *known.entry(message_id).or_insert(messages.len());
        match messages.get_mut(index) {
            Some((_, of_message)) => of_message.push((place, report)),
            None => messages.push((message_id, vec![(place, report)])),
        }
    }
    messages
}
