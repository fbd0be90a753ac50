use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    Callbacks,
    ports::{Heard, Hearing},
};

use crate::store::{error::StoreError, open::Store};

/// Until when everything that was reported has been applied.
pub(crate) struct Listener {
    pub(crate) store: Store,
}

impl Hearing for Listener {
    type Error = StoreError;

    async fn heard(&self, now: UnixSeconds) -> Result<Heard, StoreError> {
        let waiting = self.store.oldest_queued().await?;
        Ok(Heard {
            until: waiting.map_or(now, |waiting| waiting.min(now)),
            callbacks: Callbacks::Heard,
        })
    }

    async fn take_probe(&self, _now: UnixSeconds) -> Result<bool, StoreError> {
        Ok(false)
    }
}
