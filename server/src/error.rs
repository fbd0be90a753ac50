use sinch_callback_pipeline::SecretsUnavailable;

use crate::{
    background::retention::NotOutlasting, causes::with_causes, client::ClientError,
    endpoint::EndpointError, notify::secret::NotifySecretError, recovery::error::RecoveryError,
    secrets::files::SecretsError, store::error::StoreError,
};

/// Why a receiver cannot start or stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// There is no secret to verify with.
    #[error("the webhook secrets cannot be read")]
    Secrets(#[source] SecretsUnavailable<SecretsError>),
    /// Endpoints are in each other's way, or have no secret to verify with: each of them is named.
    #[error("{}", listed(.0))]
    Endpoints(Vec<EndpointError>),
    /// Records would be deleted while what they are about can still be replayed.
    #[error(transparent)]
    Retention(#[from] NotOutlasting),
    /// Events cannot be posted to this address.
    #[error("events cannot be posted there")]
    NotifyUrl(#[source] ClientError),
    /// Events cannot be signed.
    #[error(transparent)]
    NotifySecret(#[from] NotifySecretError),
    /// Intents are to be sent, and there is nothing to send them with.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// Another receiver has it open, it is of a newer version, the disk fails.
    #[error("the store cannot be opened")]
    Open(#[source] StoreError),
    /// What was acknowledged is on the disk; only tidying up has failed.
    #[error("the store cannot be closed")]
    Close(#[source] StoreError),
}

fn listed(errors: &[EndpointError]) -> String {
    let texts: Vec<_> = errors.iter().map(|error| with_causes(error)).collect();
    texts.join("; ")
}
