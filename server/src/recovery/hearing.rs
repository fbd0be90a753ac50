use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{
    Callbacks,
    ports::{Heard, Hearing},
};

use crate::{listening::Ear, store::error::StoreError};

impl Hearing for Ear {
    type Error = StoreError;

    async fn heard(&self, now: UnixSeconds) -> Result<Heard, StoreError> {
        let heard = Ear::heard(self, now).await?;
        Ok(Heard {
            until: heard.told_until,
            callbacks: match heard.stopped {
                Some(_) => Callbacks::Stopped,
                None => Callbacks::Heard,
            },
        })
    }

    async fn take_probe(&self, now: UnixSeconds) -> Result<bool, StoreError> {
        Ear::take_probe(self, now).await
    }
}
