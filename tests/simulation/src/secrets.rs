use std::sync::Arc;

use sinch_callback::{SecretRing, UnixSeconds};
use sinch_callback_lambda::{SecretsError, SecretsPolicy, SsmSecrets};
use sinch_callback_pipeline::{Reread, SecretSource};

use crate::{
    Safeguard,
    parameter_store::{NAME, Store},
};

/// The secrets of a host, read as the hosts on AWS read them.
pub(crate) struct Secrets {
    kept: SsmSecrets<Store>,
    store: Store,
    without: Option<Safeguard>,
}

impl Secrets {
    pub(crate) fn new(store: &Store, without: Option<Safeguard>) -> Self {
        Self {
            kept: SsmSecrets::new(store.clone(), policy(without)),
            store: store.clone(),
            without,
        }
    }
}

fn policy(without: Option<Safeguard>) -> SecretsPolicy {
    SecretsPolicy {
        names: vec![NAME.to_owned()],
        overlap_secs: match without {
            Some(Safeguard::FormerSecret) => 0,
            _ => SecretsPolicy::DEFAULT_OVERLAP_SECS,
        },
        refresh_secs: SecretsPolicy::DEFAULT_REFRESH_SECS,
    }
}

impl SecretSource for Secrets {
    type Error = SecretsError;

    async fn current(&self, now: UnixSeconds) -> Result<Arc<SecretRing>, SecretsError> {
        self.kept.current(now).await
    }

    async fn reread(&self, now: UnixSeconds) -> Reread {
        match self.without {
            Some(Safeguard::RereadOnMismatch) => Reread::Recent,
            Some(Safeguard::RereadLimit) => {
                let fresh = SsmSecrets::new(self.store.clone(), policy(self.without));
                match fresh.current(now).await {
                    Ok(ring) => Reread::Read(ring),
                    Err(_) => Reread::Unavailable,
                }
            }
            Some(Safeguard::RereadFailureDefers) => match self.kept.reread(now).await {
                Reread::Unavailable => Reread::Recent,
                reread => reread,
            },
            _ => self.kept.reread(now).await,
        }
    }
}
