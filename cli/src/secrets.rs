use std::{env::VarError, path::PathBuf};

use clap::Args;
use sinch_callback::{
    InvalidSecret, Ring,
    scheme::{AnyKey, AnyScheme, Scheme, SchemeSigner},
};
use sinch_callback_pipeline::SecretText;
use sinch_callback_server::{
    EndpointConfig,
    secrets::{SecretFiles, SecretsError},
};
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

    /// The same, and no file where neither is given.
    pub(crate) fn files_if_given(&self) -> Result<SecretFiles, CommandError> {
        if self.files.is_empty() && !is_in_environment() {
            return Ok(SecretFiles::new(Vec::new()));
        }
        self.files()
    }

    /// An endpoint of which the secrets are taken as they are where that is asked for.
    pub(crate) fn as_said(&self, endpoint: EndpointConfig) -> EndpointConfig {
        endpoint.verbatim(self.verbatim_secrets)
    }

    /// The secrets as a scheme reads them, ready to verify with.
    pub(crate) fn keys(&self, scheme: &AnyScheme) -> Result<Ring<AnyKey>, CommandError> {
        let texts = self.files()?.texts()?;
        let keys: Result<Vec<_>, _> = texts.iter().map(|text| self.key(scheme, text)).collect();
        Ring::new(keys?).map_err(|error| CommandError::Misuse(error.to_string()))
    }

    /// A signer with the current secret, as a scheme reads it.
    pub(crate) fn signer(&self, scheme: AnyScheme) -> Result<SchemeSigner, CommandError> {
        let texts = self.files()?.texts()?;
        let text = texts.first().ok_or(SecretsError::None)?;
        Ok(SchemeSigner::of(scheme, self.key(&scheme, text)?))
    }

    fn key(&self, scheme: &AnyScheme, text: &SecretText) -> Result<AnyKey, CommandError> {
        let key = if self.verbatim_secrets {
            scheme.verbatim_key(&text.bytes)
        } else {
            scheme.key(&text.bytes)
        };
        key.map_err(|source| {
            SecretsError::Invalid {
                origin: text.origin.clone(),
                source,
            }
            .into()
        })
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
        InvalidSecret::Short => {
            "strangers reach this receiver, and whoever records a callback can try guesses of it"
        }
        InvalidSecret::NotBase64 => {
            "Voice and Verification show their secrets in base64: copy it as it is shown there"
        }
        _ => "--verbatim-secrets takes it as it is",
    }
}

fn is_in_environment() -> bool {
    !matches!(environment(), Err(VarError::NotPresent))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the host takes the secret from its environment"
)]
fn environment() -> Result<String, VarError> {
    std::env::var(VARIABLE)
}

fn from_environment() -> Result<SecretText, CommandError> {
    match environment() {
        Ok(text) => Ok(SecretText {
            bytes: Zeroizing::new(text.into_bytes()),
            origin: format!("the environment variable {VARIABLE}"),
        }),
        Err(VarError::NotPresent) => Err(CommandError::Misuse(format!(
            "no secret is given: name a file with --secret-file, or set the environment variable \
             {VARIABLE}"
        ))),
        Err(VarError::NotUnicode(_)) => Err(CommandError::Misuse(format!(
            "the environment variable {VARIABLE} is not UTF-8"
        ))),
    }
}
