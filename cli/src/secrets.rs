use std::path::PathBuf;

use clap::Args;
use sinch_callback::{InvalidSecret, Secret, SecretRing};
use sinch_callback_pipeline::SecretText;
use sinch_callback_server::secrets::{SecretFiles, SecretsError};
use zeroize::Zeroizing;

use crate::command_error::CommandError;

/// The environment variable that holds the secret where no file is named.
const VARIABLE: &str = "SINCH_WEBHOOK_SECRET";

/// Where the webhook secrets are. Never on the command line, which every user of a machine can read.
#[derive(Args, Clone, Debug)]
pub(crate) struct SecretArgs {
    /// File that holds a webhook secret; repeat it for further secrets, the current one first. One
    /// newline at the end of the file does not count. Without it, the environment variable
    /// SINCH_WEBHOOK_SECRET is taken
    #[arg(long = "secret-file", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Take secrets as they are, even those that look like a mistake: with white space or quotes around
    /// them, with a name in front, of several lines
    #[arg(long)]
    verbatim_secrets: bool,
}

impl SecretArgs {
    /// The files, or what the environment holds.
    pub(crate) fn files(&self) -> Result<SecretFiles, CommandError> {
        let files = if self.files.is_empty() {
            SecretFiles::given(from_environment()?)
        } else {
            SecretFiles::new(self.files.clone())
        };
        Ok(files.verbatim(self.verbatim_secrets))
    }

    /// The secrets, ready to verify with.
    pub(crate) fn ring(&self) -> Result<SecretRing, CommandError> {
        Ok(self.files()?.ring()?)
    }

    /// The current secret, to sign with.
    pub(crate) fn current(&self) -> Result<Secret, CommandError> {
        Ok(self.files()?.current()?)
    }
}

impl From<SecretsError> for CommandError {
    fn from(error: SecretsError) -> Self {
        Self::Misuse(said(&error))
    }
}

/// What is wrong with the secrets, and what to do about it on the command line.
pub(crate) fn said(error: &SecretsError) -> String {
    match error {
        SecretsError::Unreadable { source, .. } => format!("{error}: {source}"),
        SecretsError::Invalid { source, .. } => format!("{error} ({})", remedy(source)),
        error => error.to_string(),
    }
}

const fn remedy(reason: &InvalidSecret) -> &'static str {
    match reason {
        InvalidSecret::Empty => "no option takes an empty secret: anyone could sign with it",
        InvalidSecret::SeveralLines => {
            "one secret a file: repeat --secret-file for each; --verbatim-secrets takes the whole \
             file as one secret"
        }
        _ => "--verbatim-secrets takes it as it is",
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the host takes the secret from its environment"
)]
fn from_environment() -> Result<SecretText, CommandError> {
    match std::env::var(VARIABLE) {
        Ok(text) => Ok(SecretText {
            bytes: Zeroizing::new(text.into_bytes()),
            origin: format!("the environment variable {VARIABLE}"),
        }),
        Err(std::env::VarError::NotPresent) => Err(CommandError::Misuse(format!(
            "no secret is given: name a file with --secret-file, or set the environment variable \
             {VARIABLE}"
        ))),
        Err(std::env::VarError::NotUnicode(_)) => Err(CommandError::Misuse(format!(
            "the environment variable {VARIABLE} is not UTF-8"
        ))),
    }
}
