use std::sync::Arc;

use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    Callbacks,
    ports::{Heard, Hearing},
};

use crate::{
    listening::Ear,
    store::{error::StoreError, open::Store},
};

/// Until when everything that was reported has been applied to its message and told to its intent, and
/// whether callbacks come.
pub(crate) struct Listener {
    pub(crate) ear: Arc<Ear>,
    pub(crate) store: Store,
}

impl Hearing for Listener {
    type Error = StoreError;

    async fn heard(&self, now: UnixSeconds) -> Result<Heard, StoreError> {
        let are_stopped = self.ear.stopped(now).await?.is_some();
        // In this order: what leaves the queue in between is found among what an intent is to be told.
        let heard_until = self.ear.heard_until(now).await?;
        let untold = self.store.oldest_look().await?;
        Ok(Heard {
            until: untold.map_or(heard_until, |untold| untold.min(heard_until)),
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
