use core::error::Error;

use sinch_callback::{Callback, Unrecognised};

use crate::{
    Applied, CallbackRecord, Change, DeliveryEvent, DeliveryLog, Envelope, Notifier, Novelty,
};

/// The second use case: records a queued callback and raises the events that follow.
#[derive(Debug)]
pub struct Processor<L, N> {
    log: L,
    notifier: N,
}

/// What became of a queued callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Processed {
    /// Whether it was new.
    pub novelty: Novelty,
    /// What each of its reports did; empty for a repeat.
    pub changes: Vec<Change>,
    /// Why its body was not understood, if it was not.
    pub unrecognised: Option<Unrecognised>,
}

/// Why a queued callback has to be processed again.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError<L: Error + 'static, N: Error + 'static> {
    /// It was not recorded.
    #[error("the callback was not recorded")]
    Log(#[source] L),
    /// It was recorded, and an event was not taken.
    #[error("an event of the callback was not taken")]
    Notify(#[source] N),
}

impl<L: DeliveryLog, N: Notifier> Processor<L, N> {
    /// A processor with this log and this notifier.
    pub const fn new(log: L, notifier: N) -> Self {
        Self { log, notifier }
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
        if let Ok(callback) = &callback {
            for (index, (change, report)) in changes.iter().zip(&callback.reports).enumerate() {
                let event = DeliveryEvent::of(
                    *change,
                    report,
                    index,
                    envelope.content_key,
                    envelope.received_at,
                );
                if let Some(event) = event {
                    self.notifier
                        .notify(&event)
                        .await
                        .map_err(ProcessError::Notify)?;
                }
            }
        }
        Ok(Processed {
            novelty,
            changes,
            unrecognised: callback.err(),
        })
    }
}
