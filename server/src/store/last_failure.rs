use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::error::StoreError;
use crate::clock::stopwatch;

/// For how long a failed hand-off speaks against the next one. Afterwards the next one is tried: what
/// asks for readiness may hold callbacks back until then.
const COUNTS_FOR: Duration = Duration::from_secs(10);

/// Why the last hand-off failed, if it failed.
#[derive(Debug, Default)]
pub(super) struct LastFailure(Mutex<Option<(Instant, StoreError)>>);

impl LastFailure {
    /// Remembers how a hand-off went.
    pub(super) fn record<T>(&self, handed_off: &Result<T, StoreError>) {
        let failure = handed_off.as_ref().err();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            failure.map(|error| (stopwatch(), error.clone()));
    }

    /// The failure, while it counts.
    pub(super) fn recent(&self) -> Option<StoreError> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, error) = last.as_ref()?;
        (stopwatch().saturating_duration_since(*at) < COUNTS_FOR).then(|| error.clone())
    }
}
