use serde::Serialize;
use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    Fault, IntentEvent, IntentEventKind, IntentKey,
    ports::{Ports, Teller},
};

use super::{
    budgets::TableBudgets, hearing::StackHearing, sender::AwsSender,
    suppressions::TableSuppressions, switch::ParameterSwitch, table::RecoveryTable,
};
use crate::{
    clock::Clock,
    dynamodb::DeliveryTable,
    eventbridge::{EventBus, EventBusError},
    metrics::{Metrics, Sample},
    random,
};

/// All that the engine needs of AWS.
pub(super) struct RecoveryHost {
    pub(super) table: RecoveryTable,
    pub(super) sender: AwsSender,
    pub(super) suppressions: TableSuppressions,
    pub(super) budgets: TableBudgets,
    pub(super) switch: ParameterSwitch,
    pub(super) hearing: StackHearing,
    pub(super) teller: BusTeller,
    pub(super) messages: DeliveryTable,
    pub(super) clock: Clock,
}

impl Ports for RecoveryHost {
    type Intents = RecoveryTable;
    type Sender = AwsSender;
    type Suppressions = TableSuppressions;
    type Budgets = TableBudgets;
    type Switch = ParameterSwitch;
    type Hearing = StackHearing;
    type Teller = BusTeller;

    fn intents(&self) -> &RecoveryTable {
        &self.table
    }

    fn sender(&self) -> &AwsSender {
        &self.sender
    }

    fn suppressions(&self) -> &TableSuppressions {
        &self.suppressions
    }

    fn budgets(&self) -> &TableBudgets {
        &self.budgets
    }

    fn switch(&self) -> &ParameterSwitch {
        &self.switch
    }

    fn hearing(&self) -> &StackHearing {
        &self.hearing
    }

    fn teller(&self) -> &BusTeller {
        &self.teller
    }

    fn now(&self) -> UnixSeconds {
        self.clock.now()
    }

    fn random(&self) -> [u8; 10] {
        random::id()
    }
}

/// Tells of intents on the bus of the receiver's stack, and counts.
#[derive(Debug)]
pub(super) struct BusTeller {
    bus: EventBus,
    metrics: Metrics,
}

impl BusTeller {
    /// That bus.
    #[must_use]
    pub(super) const fn new(bus: EventBus, metrics: Metrics) -> Self {
        Self { bus, metrics }
    }
}

/// An intent that came by the queue is not accepted, and never will be. Nothing of it is told but its key
/// and its fields.
#[derive(Debug, Serialize)]
pub(super) struct RefusedEvent<'a> {
    /// `{the message's id}:{type}`.
    pub(super) id: String,
    /// `intent.invalid`, or `intent.conflict` where another intent has its key.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// Its key, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<IntentKey>,
    /// The message of the queue.
    pub(super) queued_id: &'a str,
    pub(super) detail: &'a str,
    /// Each field with what is expected of it.
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    pub(super) faults: &'a [Fault],
}

impl BusTeller {
    /// Tells that an intent is not accepted.
    ///
    /// # Errors
    /// When it is not certain that it is told.
    pub(super) async fn refused(&self, event: &RefusedEvent<'_>) -> Result<(), EventBusError> {
        self.bus.tell(event.kind, event).await
    }
}

impl Teller for BusTeller {
    type Error = EventBusError;

    async fn tell(&self, events: &[IntentEvent]) -> Result<(), EventBusError> {
        let entries = events.iter().map(|event| (event.kind.as_str(), event));
        self.bus.tell_all(entries).await?;
        let mut samples = Vec::new();
        for event in events {
            tracing::info!(
                key = %event.key, intent = %event.intent_id, attempt = event.attempt,
                reason = event.reason, "{}", event.kind
            );
            samples.push(Sample::one("Intents").by("Event", event.kind.as_str()));
            if event.kind == IntentEventKind::Attempt {
                samples.push(Sample::one("Attempts").by("State", event.reason.clone()));
            }
        }
        self.metrics.write(&samples);
        Ok(())
    }
}
