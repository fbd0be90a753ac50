use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use sinch_callback::{InvalidSecret, InvalidSecretRing, Secret, SecretRing};
use sinch_callback_pipeline::SecretText;
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

/// Why the secrets cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    #[error(
        "no secret is given: name a file with --secret-file, or set the environment variable {VARIABLE}"
    )]
    None,
    #[error("the secret file {} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the environment variable {VARIABLE} is not UTF-8")]
    NotUtf8,
    #[error("{origin}: {source} ({})", remedy(.source))]
    Invalid {
        origin: String,
        source: InvalidSecret,
    },
    #[error(transparent)]
    Ring(#[from] InvalidSecretRing),
}

/// What to do about a text that is no secret, here on the command line.
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

impl SecretsError {
    /// Whether what was read is no secret, so that reading it again mends nothing.
    pub(crate) const fn is_broken(&self) -> bool {
        !matches!(self, Self::Unreadable { .. })
    }
}

impl From<SecretsError> for CommandError {
    fn from(error: SecretsError) -> Self {
        match error {
            SecretsError::Unreadable { ref source, .. } => {
                Self::Misuse(format!("{error}: {source}"))
            }
            error => Self::Misuse(error.to_string()),
        }
    }
}

impl SecretArgs {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.files.len().max(1)
    }

    /// The files that hold them; none where the environment variable does.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.files
    }

    /// The secrets' texts, the current one first.
    pub(crate) fn texts(&self) -> Result<Vec<SecretText>, SecretsError> {
        if self.files.is_empty() {
            return Ok(vec![from_environment()?]);
        }
        self.files.iter().map(|path| text_of_file(path)).collect()
    }

    /// The secrets, ready to verify with.
    pub(crate) fn ring(&self) -> Result<SecretRing, SecretsError> {
        let secrets: Result<Vec<_>, _> =
            self.texts()?.iter().map(|text| self.secret(text)).collect();
        Ok(SecretRing::new(secrets?)?)
    }

    /// The current secret, to sign with.
    pub(crate) fn current(&self) -> Result<Secret, SecretsError> {
        let texts = self.texts()?;
        self.secret(texts.first().ok_or(SecretsError::None)?)
    }

    /// The secret that a text is.
    pub(crate) fn secret(&self, text: &SecretText) -> Result<Secret, SecretsError> {
        let secret = if self.verbatim_secrets {
            Secret::verbatim(&text.bytes)
        } else {
            Secret::new(&text.bytes)
        };
        secret.map_err(|source| SecretsError::Invalid {
            origin: text.origin.clone(),
            source,
        })
    }
}

/// The secret of one file, for another purpose than verifying.
pub(crate) fn secret_of_file(path: &Path) -> Result<Secret, SecretsError> {
    let text = text_of_file(path)?;
    Secret::new(&text.bytes).map_err(|source| SecretsError::Invalid {
        origin: text.origin,
        source,
    })
}

/// The text of one file, less one newline at its end.
pub(crate) fn text_of_file(path: &Path) -> Result<SecretText, SecretsError> {
    let bytes = fs::read(path).map_err(|source| SecretsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let origin = format!("the secret file {}", path.display());
    Ok(SecretText::found(bytes, origin))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the host takes the secret from its environment"
)]
fn from_environment() -> Result<SecretText, SecretsError> {
    match std::env::var(VARIABLE) {
        Ok(text) => Ok(SecretText {
            bytes: Zeroizing::new(text.into_bytes()),
            origin: format!("the environment variable {VARIABLE}"),
        }),
        Err(std::env::VarError::NotPresent) => Err(SecretsError::None),
        Err(std::env::VarError::NotUnicode(_)) => Err(SecretsError::NotUtf8),
    }
}
