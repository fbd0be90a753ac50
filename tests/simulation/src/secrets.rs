use core::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use sinch_callback::{RingVersion, UnixSeconds, scheme::AnyScheme, secret_schedule::SecretTiming};
use sinch_callback_lambda::{SecretsError, SecretsPolicy, SsmSecrets};
use sinch_callback_pipeline::{
    CachedSecrets, Refresh, SecretSource, Secrets as Read, SecretsUnavailable,
};

use crate::{
    Safeguard,
    background::Background,
    parameter_store::{NAME, Store},
};

/// The secrets of a host, read as the hosts on AWS read them.
pub(crate) struct Secrets {
    kept: CachedSecrets<SsmSecrets<Store>, Background>,
    background: Background,
    without: Option<Safeguard>,
    /// Mismatches that have asked for newer secrets and wait.
    waiting: AtomicU32,
}

impl Secrets {
    pub(crate) fn new(store: &Store, without: Option<Safeguard>) -> Self {
        let background = Background::new(&store.time);
        Self {
            kept: SsmSecrets::cached(store.clone(), policy(without), background.clone()),
            background,
            without,
            waiting: AtomicU32::new(0),
        }
    }

    /// What goes on behind the requests of the host whose secrets these are.
    pub(crate) fn background(&self) -> Background {
        self.background.clone()
    }
}

fn policy(without: Option<Safeguard>) -> SecretsPolicy {
    SecretsPolicy {
        names: vec![NAME.to_owned()],
        scheme: AnyScheme::default(),
        timing: SecretTiming::REMOTE
            .with_overlap(match without {
                Some(Safeguard::FormerSecret) => Duration::ZERO,
                _ => SecretTiming::REMOTE.overlap,
            })
            .with_pause(without != Some(Safeguard::RefreshPause)),
        verbatim: false,
    }
}

impl SecretSource for Secrets {
    type Error = SecretsUnavailable<SecretsError>;

    async fn current(&self, now: UnixSeconds) -> Result<Read, Self::Error> {
        self.kept.current(now).await
    }

    async fn refresh(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
        if self.without == Some(Safeguard::RefreshOnMismatch) {
            return Refresh::Unchanged;
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
