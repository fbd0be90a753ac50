use core::error::Error;

/// A port has failed; what was to be done is done when it is looked at again.
#[derive(Debug, thiserror::Error)]
#[error("{port} failed")]
pub struct PortFailure {
    /// Which.
    pub port: Failing,
    /// Why.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

sinch_callback::named! {
    /// The ports of an engine that may fail.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Failing {
        /// [`Ports::intents`](crate::ports::Ports::intents).
        Intents = "intents",
        /// [`Ports::suppressions`](crate::ports::Ports::suppressions).
        Suppressions = "suppressions",
        /// [`Ports::budgets`](crate::ports::Ports::budgets).
        Budgets = "budgets",
        /// [`Ports::switch`](crate::ports::Ports::switch).
        Switch = "switch",
        /// [`Ports::teller`](crate::ports::Ports::teller).
        Teller = "teller",
    }
}

impl Failing {
    /// Turns the port's error into an engine's.
    pub(super) fn with<E: Error + Send + Sync + 'static>(self) -> impl Fn(E) -> PortFailure {
        move |source| PortFailure {
            port: self,
            source: Box::new(source),
        }
    }
}
