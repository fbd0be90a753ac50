use core::sync::atomic::{AtomicU32, Ordering};

use sinch_callback::{RingVersion, UnixSeconds};
use sinch_callback_lambda::{SecretsError, SecretsPolicy, SsmSecrets};
use sinch_callback_pipeline::{Refresh, SecretSource, Secrets as Read};

use crate::{
    Safeguard,
    background::Background,
    parameter_store::{NAME, Store},
};

/// The secrets of a host, read as the hosts on AWS read them.
pub(crate) struct Secrets {
    kept: SsmSecrets<Store, Background>,
    store: Store,
    background: Background,
    without: Option<Safeguard>,
    /// Mismatches that have asked for newer secrets and wait.
    waiting: AtomicU32,
}

impl Secrets {
    pub(crate) fn new(store: &Store, without: Option<Safeguard>) -> Self {
        let background = Background::new(&store.time);
        Self {
            kept: SsmSecrets::with_runtime(store.clone(), policy(without), background.clone()),
            store: store.clone(),
            background,
            without,
            waiting: AtomicU32::new(0),
        }
    }

    /// What goes on behind the requests of the host whose secrets these are.
    pub(crate) fn background(&self) -> Background {
        self.background.clone()
    }

    async fn unlimited(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
        let (store, background) = (self.store.clone(), self.background.clone());
        let fresh = SsmSecrets::with_runtime(store, policy(self.without), background);
        match fresh.current(now).await {
            Ok(read) if read.version == judged => Refresh::Unchanged,
            Ok(read) => Refresh::Newer(read),
            Err(_) => Refresh::Unavailable,
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
        verbatim: false,
    }
}

impl SecretSource for Secrets {
    type Error = SecretsError;

    async fn current(&self, now: UnixSeconds) -> Result<Read, SecretsError> {
        self.kept.current(now).await
    }

    async fn refresh(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
        match self.without {
            Some(Safeguard::RefreshOnMismatch) => return Refresh::Unchanged,
            Some(Safeguard::RefreshPause) => return self.unlimited(judged, now).await,
            _ => {}
        }
        let is_first = self.waiting.fetch_add(1, Ordering::Relaxed) == 0;
        let refresh = self.kept.refresh(judged, now).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        match (self.without, refresh) {
            (Some(Safeguard::RefreshFailureDefers), Refresh::Unavailable)
            | (Some(Safeguard::PauseDefers), Refresh::Recent { .. })
            | (Some(Safeguard::ReadUnderWayDefers), Refresh::UnderWay) => Refresh::Unchanged,
            (Some(Safeguard::JudgedAgain), Refresh::Newer(_)) if !is_first => Refresh::Unchanged,
            (_, refresh) => refresh,
        }
    }
}
