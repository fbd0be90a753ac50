use super::{
    Engine,
    failure::{Failing, PortFailure},
};
use crate::{
    circumstances::{Callbacks, Circumstances},
    intent::Intent,
    key::IntentKey,
    ports::{Intents, Ports, Suppressions},
    transitions::Cancel,
};

impl<P: Ports> Engine<P> {
    /// The intent of a key.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub async fn find(&self, key: &IntentKey) -> Result<Option<Intent>, PortFailure> {
        let found = self.ports.intents().find(key).await;
        found.map_err(Failing::Intents.with())
    }

    /// Sends nothing more for an intent; `None` where no intent has the key.
    ///
    /// # Errors
    ///
    /// Where a port fails: ask again.
    pub async fn cancel(&self, key: &IntentKey) -> Result<Option<Cancel>, PortFailure> {
        let Some(intent) = self.find(key).await? else {
            return Ok(None);
        };
        let now = self.ports.now();
        let cancelled = self.ports.intents().update(intent.id(), move |mut intent| {
            let version = intent.version();
            let cancel = intent.cancel(now);
            ((intent.version() != version).then_some(intent), cancel)
        });
        let cancelled = cancelled.await.map_err(Failing::Intents.with())?;
        self.look(intent.id()).await?;
        Ok(cancelled)
    }

    /// Lets the last step of an intent that a person was asked about run again, with all its tries;
    /// `None` where no intent has the key, `false` where nobody was asked.
    ///
    /// # Errors
    ///
    /// Where a port fails: ask again.
    pub async fn retry(&self, key: &IntentKey) -> Result<Option<bool>, PortFailure> {
        let Some(intent) = self.find(key).await? else {
            return Ok(None);
        };
        let mut circumstances = Circumstances::unreadable(self.ports.now());
        let suppressed = self.ports.suppressions().suppressed(intent.to()).await;
        circumstances.suppressed = Some(suppressed.map_err(Failing::Suppressions.with())?);
        circumstances.heard_until = Some(circumstances.now);
        circumstances.callbacks = Callbacks::Heard;
        let retried = self.ports.intents().update(intent.id(), move |mut intent| {
            let retried = intent.retry(&circumstances);
            (retried.then_some(intent), retried)
        });
        let retried = retried.await.map_err(Failing::Intents.with())?;
        self.look(intent.id()).await?;
        Ok(retried)
    }
}
