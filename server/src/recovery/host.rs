use std::{path::PathBuf, sync::Arc};

use sinch_callback_recovery::{BudgetLimits, Channel, Engine};

use super::{
    config::RecoveryConfig,
    hearing::Listener,
    ports::{Host, IntentTeller, KillSwitch, Limited, Suppressed},
    sender::{By, ChannelSender},
};
use crate::{
    clock::Clock,
    error::ServerError,
    listening::Ear,
    metrics::Metrics,
    secrets::files::SecretsError,
    store::{error::StoreError, open::Store},
};

/// Acts on intents, as far as it is asked: the engine on this machine's ports.
pub(crate) struct Recovery {
    engine: Arc<Engine<Host>>,
    limits: BudgetLimits,
}

/// Why intents cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// They are to be sent, and there is no account.
    #[error(
        "intents are to be sent, and there is nothing to send with: name an app at Sinch with its access key, or a mail server"
    )]
    NoAccount,
    /// A file with credentials cannot be read.
    #[error(transparent)]
    Unreadable(#[from] SecretsError),
    /// A file with credentials holds something else.
    #[error("{} holds no credentials: write one line into it, {form}", path.display())]
    NoCredentials {
        /// The file.
        path: PathBuf,
        /// Their form.
        form: &'static str,
    },
}

impl Recovery {
    /// Reads credentials where something is to be sent, and the pause that the store has.
    pub(crate) async fn open(
        config: RecoveryConfig,
        store: Store,
        clock: Clock,
        tells: bool,
        ear: Arc<Ear>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, ServerError> {
        let sender = ChannelSender {
            by: By::of(&config)?,
            metrics: Arc::clone(metrics),
        };
        let opened = |source: StoreError| ServerError::Open(source);
        let limits = config.limits;
        let switch = KillSwitch::open(store.clone(), clock, config.mode, config.stop_file);
        let host = Host {
            suppressions: Suppressed {
                store: store.clone(),
                clock,
            },
            budgets: Limited {
                store: store.clone(),
                limits,
                metrics: Arc::clone(metrics),
            },
            switch: switch.await.map_err(opened)?,
            hearing: Listener { ear },
            teller: IntentTeller {
                store: store.clone(),
                clock,
                tells,
                metrics: Arc::clone(metrics),
            },
            sender,
            clock,
            store: store.clone(),
        };
        let key = store.own_key().await.map_err(opened)?;
        Ok(Self {
            engine: Arc::new(Engine::new(host, key)),
            limits,
        })
    }

    pub(crate) const fn engine(&self) -> &Arc<Engine<Host>> {
        &self.engine
    }

    pub(crate) fn switch(&self) -> &KillSwitch {
        &self.engine.ports().switch
    }

    /// Whether there is anything to send on this channel with.
    pub(crate) fn can_send(&self, channel: Channel) -> bool {
        self.engine.ports().sender.by.can_send(channel)
    }

    pub(crate) const fn limits(&self) -> BudgetLimits {
        self.limits
    }
}
