use super::{
    Engine,
    failure::{Failing, PortFailure},
};
use crate::{
    id::IntentId,
    intent::Intent,
    ports::{Creation, Intents, Ports, Switch},
    request::Request,
};

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Accepted {
    /// It is a new intent. It is to be looked at.
    Created(Box<Intent>),
    /// It was accepted before: the intent as it is now.
    Same(Box<Intent>),
    /// Its key is in use for something else.
    Conflict,
}

impl<P: Ports> Engine<P> {
    /// Accepts a request once, however often it is made. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When it is not certain that it was accepted: ask again.
    pub async fn accept(&self, request: Request) -> Result<Accepted, PortFailure> {
        let now = self.ports.now();
        // It decides for good whether this is a rehearsal.
        let state = self.ports.switch().read().await;
        let mode = state.map_err(Failing::Switch.with())?.mode;
        let id = IntentId::new(now, self.ports.random());
        let intent = request.into_intent(id, &self.key, mode, now);
        let creation = self.ports.intents().create(intent.clone()).await;
        Ok(match creation.map_err(Failing::Intents.with())? {
            Creation::Created => Accepted::Created(Box::new(intent)),
            Creation::Exists(known) if known.is_same(&intent) => Accepted::Same(known),
            Creation::Exists(_) => Accepted::Conflict,
        })
    }
}
