use aws_sdk_eventbridge::{Client, error::ProvideErrorMetadata, types::PutEventsRequestEntry};
use futures_util::future::join_all;
use serde::Serialize;
use sinch_callback_pipeline::{CallbackEvent, DeliveryEvent, Notifier};

use crate::{
    client::{AwsConfig, AwsError},
    lasting::Lasting,
};

/// The notifier that puts events on an EventBridge bus.
///
/// Detail type is the event's type, source is [`EventBus::SOURCE`], the detail is the event as JSON
/// with its id. EventBridge does not drop repeats: the id is there for whoever listens.
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Client,
    name: String,
}

/// Why the events were not all taken.
#[derive(Debug, thiserror::Error)]
pub enum EventBusError {
    /// The call did not go through.
    #[error("the event bus cannot be reached or refuses")]
    Call(#[source] AwsError),
    /// The bus takes no such events, as they are too large.
    #[error("the event bus does not take the events")]
    Invalid(#[source] AwsError),
    /// It went through, and some events were refused.
    #[error("the event bus refused {refused} of {sent} events: {code}")]
    Refused {
        /// How many were refused.
        refused: usize,
        /// How many were sent.
        sent: usize,
        /// The first refusal's code.
        code: String,
    },
}

/// Most events in one call
/// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>).
const MAX_ENTRIES: usize = 10;
/// Calls at once: a report on tens of thousands of recipients has to be told within one invocation.
/// Our own choice.
const AT_ONCE: usize = 16;

/// EventBridge's name for a call that it never takes.
const INVALID: &str = "ValidationException";
/// Its codes for an event that it never takes.
const INVALID_EVENTS: [&str; 2] = ["InvalidArgument", "MalformedDetail"];

impl Lasting for EventBusError {
    fn lasts(&self) -> bool {
        match self {
            Self::Call(_) => false,
            Self::Invalid(_) => true,
            Self::Refused { code, .. } => INVALID_EVENTS.contains(&code.as_str()),
        }
    }
}

impl EventBus {
    /// The source of all events.
    pub const SOURCE: &str = "sinch-callback";

    /// The bus of this name.
    #[must_use]
    pub fn new(config: &AwsConfig, name: String) -> Self {
        Self {
            client: Client::new(&config.0),
            name,
        }
    }

    /// Puts what one call takes.
    async fn put(&self, entries: &[PutEventsRequestEntry]) -> Result<(), EventBusError> {
        let answer = self
            .client
            .put_events()
            .set_entries(Some(entries.to_vec()))
            .send()
            .await
            .map_err(|error| match error.code() {
                Some(INVALID) => EventBusError::Invalid(AwsError::of(&error)),
                _ => EventBusError::Call(AwsError::of(&error)),
            })?;
        let mut codes = answer
            .entries()
            .iter()
            .filter_map(|entry| entry.error_code());
        match codes.next() {
            None => Ok(()),
            Some(code) => Err(EventBusError::Refused {
                refused: codes.count().saturating_add(1),
                sent: entries.len(),
                code: code.to_owned(),
            }),
        }
    }

    fn entry(&self, kind: &str, event: &impl Serialize) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(Self::SOURCE)
            .detail_type(kind)
            // Texts and numbers under fixed names have no way to fail.
            .detail(serde_json::to_string(event).unwrap_or_default())
            .build()
    }
}

impl Notifier for EventBus {
    type Error = EventBusError;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), EventBusError> {
        let entries = events.iter().map(|event| self.entry(event.kind, event));
        self.put_all(&entries.collect::<Vec<_>>()).await
    }

    async fn notify_of_callback(&self, events: &[CallbackEvent<'_>]) -> Result<(), EventBusError> {
        let entries = events.iter().map(|event| self.entry(event.kind, event));
        self.put_all(&entries.collect::<Vec<_>>()).await
    }
}

impl EventBus {
    /// Puts one event.
    #[cfg(feature = "functions")]
    #[cfg(feature = "functions")]
    pub(crate) async fn tell(
        &self,
        kind: &str,
        event: &impl Serialize,
    ) -> Result<(), EventBusError> {
        self.put(&[self.entry(kind, event)]).await
    }

    /// Puts events, each of a kind.
    #[cfg(feature = "functions")]
    pub(crate) async fn tell_all<'a, E: Serialize + 'a>(
        &self,
        events: impl Iterator<Item = (&'a str, &'a E)>,
    ) -> Result<(), EventBusError> {
        let entries: Vec<_> = events
            .map(|(kind, event)| self.entry(kind, event))
            .collect();
        self.put_all(&entries).await
    }

    /// Puts any number of entries, some calls at once.
    async fn put_all(&self, entries: &[PutEventsRequestEntry]) -> Result<(), EventBusError> {
        let calls: Vec<_> = entries.chunks(MAX_ENTRIES).collect();
        for some in calls.chunks(AT_ONCE) {
            for put in join_all(some.iter().map(|entries| self.put(entries))).await {
                put?;
            }
        }
        Ok(())
    }
}
