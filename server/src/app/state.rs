use std::{sync::Arc, time::Duration};

use sinch_callback::{MemoryReplayGuard, Rules};
use sinch_callback_pipeline::Receiver;

use crate::{
    app::{inbox::Inbox, paths::CallbackPaths, verdict_log::VerdictLog},
    clock::Clock,
    metrics::Metrics,
    secrets::kept::KeptSecrets,
    store::open::Store,
};

/// What the requests share.
pub(crate) struct App {
    pub(crate) receiver: Receiver<KeptSecrets, Inbox, MemoryReplayGuard>,
    pub(crate) store: Store,
    pub(crate) rules: Rules,
    pub(crate) paths: CallbackPaths,
    pub(crate) header_limit: Duration,
    pub(crate) body_limit: Duration,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) verdict_log: VerdictLog,
}
