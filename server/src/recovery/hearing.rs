use std::sync::Arc;

use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    Callbacks,
    ports::{Heard, Hearing},
};

use crate::{listening::Ear, store::error::StoreError};

/// Until when everything that was reported has been applied, and whether callbacks come.
pub(crate) struct Listener {
    pub(crate) ear: Arc<Ear>,
}

impl Hearing for Listener {
    type Error = StoreError;

    async fn heard(&self, now: UnixSeconds) -> Result<Heard, StoreError> {
        let are_stopped = self.ear.stopped(now).await?.is_some();
        Ok(Heard {
            until: self.ear.heard_until(now).await?,
            callbacks: if are_stopped {
                Callbacks::Stopped
            } else {
                Callbacks::Heard
            },
        })
    }

    async fn take_probe(&self, now: UnixSeconds) -> Result<bool, StoreError> {
        self.ear.take_probe(now).await
    }
}
