use core::error::Error;

use sinch_callback::{Callback, DeliveryReport, DeliveryState, Unrecognized};

use crate::{
    Applied, CallbackEvent, CallbackRecord, Change, DeliveryEvent, DeliveryLog, Envelope,
    EventFilter, Notifier, Novelty, event::Source,
};

/// The second use case: records a queued callback and raises the events that follow.
#[derive(Debug)]
pub struct Processor<L, N> {
    log: L,
    notifier: N,
    filter: EventFilter,
}

/// What became of a queued callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Processed {
    /// Whether it was new.
    pub novelty: Novelty,
    /// What each of its reports did; empty for a repeat.
    pub changes: Vec<Change>,
    /// How many events followed.
    pub events: usize,
    /// The reason of each message that failed by it.
    pub failures: Vec<String>,
    /// Why it, or a part of it, was not understood, if it was not.
    pub unrecognized: Option<Unrecognized>,
}

/// Why a queued callback has to be processed again.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError<L: Error + 'static, N: Error + 'static> {
    /// It was not recorded.
    #[error("the callback was not recorded")]
    Log(#[source] L),
    /// It was recorded, and its events were not all taken.
    #[error("the events of the callback were not taken")]
    Notify(#[source] N),
}

impl<L: DeliveryLog, N: Notifier> Processor<L, N> {
    /// A processor with this log and this notifier. It raises the events of [`EventFilter::Final`].
    pub const fn new(log: L, notifier: N) -> Self {
        Self {
            log,
            notifier,
            filter: EventFilter::Final,
        }
    }

    /// Raises other events.
    #[must_use]
    pub const fn with_events(mut self, filter: EventFilter) -> Self {
        self.filter = filter;
        self
    }

    /// Records the callback, then raises its events. Safe to repeat: processing the same envelope
    /// again changes nothing and raises the same events under the same ids.
    ///
    /// # Errors
    /// [`ProcessError`]; the envelope is then to be processed again.
    pub async fn process(
        &self,
        envelope: &Envelope<'_>,
    ) -> Result<Processed, ProcessError<L::Error, N::Error>> {
        let callback = Callback::parse(&envelope.body);
        let record = CallbackRecord {
            envelope,
            content: callback.as_ref().map_err(|reason| *reason),
        };
        let Applied { novelty, changes } =
            self.log.apply(record).await.map_err(ProcessError::Log)?;
        let events = callback.as_ref().map_or_else(
            |_| Vec::new(),
            |callback| events(envelope, &changes, &callback.reports, self.filter),
        );
        if !events.is_empty() {
            self.notifier
                .notify(&events)
                .await
                .map_err(ProcessError::Notify)?;
        }
        let of_callback = match novelty {
            Novelty::New | Novelty::Redelivered => {
                CallbackEvent::of(record.content, envelope.content_key, envelope.received_at)
            }
            Novelty::Repeated => Vec::new(),
        };
        if !of_callback.is_empty() {
            self.notifier
                .notify_of_callback(&of_callback)
                .await
                .map_err(ProcessError::Notify)?;
        }
        let unrecognized = record.unrecognized();
        let reports = callback.as_ref().map(|callback| callback.reports.iter());
        let failures = changes
            .iter()
            .zip(reports.into_iter().flatten())
            .filter(|(change, _)| change.moved_to() == Some(DeliveryState::Failed))
            .filter_map(|(change, report)| failure_code(change, report))
            .collect();
        Ok(Processed {
            novelty,
            changes,
            events: events.len().saturating_add(of_callback.len()),
            failures,
            unrecognized,
        })
    }
}

/// The code of the reason for which a message failed by a change.
fn failure_code(change: &Change, report: &DeliveryReport) -> Option<String> {
    match &change.said {
        Some(said) => said.reason.as_ref().map(|reason| reason.code.to_string()),
        None => report.failure.as_ref().map(|failure| failure.code.clone()),
    }
}

fn events<'a>(
    envelope: &Envelope<'_>,
    changes: &[Change],
    reports: &'a [DeliveryReport],
    filter: EventFilter,
) -> Vec<DeliveryEvent<'a>> {
    let source = Source {
        content_key: envelope.content_key,
        received_at: envelope.received_at,
    };
    changes
        .iter()
        .zip(reports)
        .flat_map(|(change, report)| DeliveryEvent::of(change, report, source, filter))
        .collect()
}
