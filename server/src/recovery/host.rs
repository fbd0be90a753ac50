use std::sync::Arc;

use sinch_callback_recovery::{Channel, Engine};

use super::{
    config::RecoveryConfig,
    error::RecoveryError,
    ports::{Host, IntentTeller, KillSwitch, Limited, Suppressed},
    sender::{Accounts, ChannelSender},
};
use crate::{
    clock::Clock,
    listening::Ear,
    metrics::Metrics,
    store::{open::Store, recovery_state::Setup},
};

/// Acts on intents, as far as it is asked: the engine on this machine's ports.
pub(crate) struct Recovery {
    engine: Arc<Engine<Host>>,
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
    ) -> Result<Self, RecoveryError> {
        let sender = ChannelSender {
            accounts: Accounts::of(&config)?,
            metrics: Arc::clone(metrics),
        };
        let limits = config.limits;
        let setup = Setup {
            mode: config.mode,
            per_person_and_day: limits.per_recipient_and_day,
            per_hour: limits.per_hour,
            stop_file: config.stop_file.clone(),
        };
        store
            .keep_setup(&setup)
            .await
            .map_err(RecoveryError::Store)?;
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
            switch: switch.await.map_err(RecoveryError::Store)?,
            hearing: ear,
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
        let key = store.own_key().await.map_err(RecoveryError::Store)?;
        Ok(Self {
            engine: Arc::new(Engine::new(host, key)),
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
        self.engine.ports().sender.accounts.can_send(channel)
    }
}
