//! The endpoints of a receiver, made of what they are set up with.

use std::{collections::BTreeMap, sync::Arc};

use sinch_callback::{
    MemoryReplayGuard, Rules, Window, limits,
    scheme::{AnyScheme, Scheme},
};
use sinch_callback_pipeline::{Endpoint, Receiver};

use super::{inbox::Inbox, state::ServedEndpoint};
use crate::{
    endpoint::{EndpointConfig, EndpointError},
    error::ServerError,
    metrics::Metrics,
    paths::CallbackPaths,
    secrets::{
        files::SecretFiles,
        kept::{self, KeptSecrets},
    },
};

/// An endpoint of which the secrets have been read.
pub(crate) struct Loaded {
    paths: CallbackPaths,
    endpoint: Option<Endpoint>,
    secrets: KeptSecrets,
}

/// Reads the secrets of all endpoints. The first is that of the flags, of the Conversation API's callbacks;
/// it may have no secret where there are others, and takes no callbacks then.
pub(crate) async fn load(
    secrets: SecretFiles,
    paths: &CallbackPaths,
    endpoints: Vec<EndpointConfig>,
    metrics: &Arc<Metrics>,
) -> Result<Vec<Loaded>, ServerError> {
    let mut loaded = Vec::new();
    let mut taken = BTreeMap::new();
    if secrets.count() > 0 || endpoints.is_empty() {
        let scheme = AnyScheme::default();
        taken.extend(paths.iter().map(|path| (path.clone(), scheme.name())));
        loaded.push(Loaded {
            paths: paths.clone(),
            endpoint: None,
            secrets: kept::load(secrets, scheme, Arc::clone(metrics))
                .await
                .map_err(ServerError::Secrets)?,
        });
    }
    let mut errors = Vec::new();
    for config in endpoints {
        let endpoint = config.endpoint().clone();
        let path = endpoint.path().to_owned();
        let scheme = *endpoint.scheme();
        if let Some(first) = taken.insert(config.path().clone(), scheme.name()) {
            let (path, second) = (path.clone(), scheme.name());
            errors.push(EndpointError::SamePath {
                path,
                first,
                second,
            });
        }
        match kept::load(config.secrets().clone(), scheme, Arc::clone(metrics)).await {
            Ok(secrets) => loaded.push(Loaded {
                paths: CallbackPaths::new(vec![config.path().clone()]),
                endpoint: Some(endpoint),
                secrets,
            }),
            Err(source) => errors.push(EndpointError::Secrets { path, source }),
        }
    }
    if errors.is_empty() {
        Ok(loaded)
    } else {
        Err(ServerError::Endpoints(errors))
    }
}

impl Loaded {
    /// The endpoint with its receiver. Its guard remembers for as long as the longest window, however short
    /// its own is: what it absorbs spares the store a look.
    pub(crate) fn serve(
        self,
        inbox: &Arc<Inbox>,
        rules: Rules,
        retain_days: u32,
    ) -> ServedEndpoint {
        let scheme = self.endpoint.as_ref().map(|it| *it.scheme());
        let memory = rules.window.memory().max(Window::LOGGED.memory());
        let capacity = match scheme {
            None => limits::HOST_GUARD_CAPACITY,
            Some(_) => limits::GUARD_CAPACITY,
        };
        let receiver = Receiver::new(self.secrets, Arc::clone(inbox), rules)
            .with_scheme(scheme.unwrap_or_default())
            .with_guard(MemoryReplayGuard::new(capacity, memory));
        if scheme.is_some() {
            let name = receiver.scheme().name();
            let window = &receiver.rules().window;
            let max_age_secs = name.signs_time().then_some(window.max_age.as_secs());
            tracing::info!(
                path = %self.paths, scheme = %name, max_age_secs, known_again_for_days = retain_days,
                "endpoint: {} {}", name.promise(), name.not_covered()
            );
        }
        ServedEndpoint {
            paths: self.paths,
            endpoint: self.endpoint,
            receiver,
        }
    }
}
