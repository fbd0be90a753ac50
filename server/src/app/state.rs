use std::{sync::Arc, time::Duration};

use sinch_callback::{MemoryReplayGuard, UnixSeconds};
use sinch_callback_pipeline::{Endpoint, Receiver};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{inbox::Inbox, verdict_log::VerdictLog},
    clock::Clock,
    listening::Ear,
    metrics::Metrics,
    paths::CallbackPaths,
    recent::Recent,
    recovery::host::Recovery,
    secrets::kept::KeptSecrets,
    store::open::Store,
};

/// What the requests share.
pub(crate) struct App {
    pub(crate) endpoints: Vec<ServedEndpoint>,
    pub(crate) store: Store,
    pub(crate) ear: Arc<Ear>,
    /// Those of all endpoints.
    pub(crate) paths: CallbackPaths,
    pub(crate) header_limit: Duration,
    pub(crate) body_limit: Duration,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) verdict_log: VerdictLog,
    pub(crate) recovery: Arc<Recovery>,
    pub(crate) recent: Recent,
    pub(crate) started_at: UnixSeconds,
    /// The receiver ends: whoever waits for what may never come waits no longer.
    pub(crate) stopping: CancellationToken,
}

/// Paths with the receiver of what comes there.
pub(crate) struct ServedEndpoint {
    pub(crate) paths: CallbackPaths,
    /// None for that of the flags.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) receiver: Receiver<KeptSecrets, Arc<Inbox>, MemoryReplayGuard>,
}

impl ServedEndpoint {
    /// Path and query as the sender sent them, of a request that came to this path.
    pub(crate) fn target(&self, path: &str) -> String {
        // Where nothing rewrites paths, the request's own may have a slash at its end.
        let rewritten = self
            .endpoint
            .as_ref()
            .filter(|it| it.target("") != it.path());
        rewritten.map_or_else(|| path.to_owned(), |endpoint| endpoint.target(""))
    }
}

impl App {
    /// The endpoint that callbacks to this path of a request belong to.
    pub(crate) fn endpoint(&self, path: &str) -> Option<&ServedEndpoint> {
        self.endpoints
            .iter()
            .find(|endpoint| endpoint.paths.include(path))
    }
}
