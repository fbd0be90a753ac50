use sinch_callback_pipeline::SecretsUnavailable;
use sinch_callback_server::{EndpointError, NotifySecretError, ServerError, with_causes};

use crate::{command_error::CommandError, secrets};

/// Why `serve` does not start, in the words of its flags.
pub(super) fn refused(error: ServerError) -> CommandError {
    match error {
        ServerError::Secrets(SecretsUnavailable::Unread(error)) => {
            CommandError::Misuse(secrets::said(&error))
        }
        ServerError::Secrets(error) => CommandError::Misuse(error.to_string()),
        ServerError::Endpoints(errors) => {
            let told: Vec<_> = errors.iter().map(endpoint_refused).collect();
            CommandError::Misuse(told.join("; "))
        }
        ServerError::Retention(error) => CommandError::Misuse(format!(
            "--retain-days {} does not outlast --max-age {} (seconds): a callback could be replayed \
             after its record has gone; keep records for longer, or take no callbacks so old",
            error.days,
            error.max_age.as_secs()
        )),
        ServerError::NotifyUrl(error) => CommandError::Misuse(format!("--notify-url: {error}")),
        ServerError::NotifySecret(NotifySecretError::Unusable(error)) => error.into(),
        ServerError::NotifySecret(error) => {
            CommandError::Misuse(format!("--notify-secret-file: {error}"))
        }
        ServerError::Recovery(error) => CommandError::Misuse(with_causes(&error)),
        ServerError::Open(error) => CommandError::failed("the store cannot be opened", error),
        ServerError::Close(error) => CommandError::failed("the store cannot be closed", error),
        error => CommandError::failed("the receiver failed", error),
    }
}

fn endpoint_refused(error: &EndpointError) -> String {
    match error {
        EndpointError::Secrets {
            path,
            source: SecretsUnavailable::Unread(source),
        } => format!("endpoint {path}: {}", secrets::said(source)),
        error => format!("endpoint {error}"),
    }
}
