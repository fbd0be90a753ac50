use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::Args;
use sinch_callback::{InvalidSecret, InvalidSecretRing, Secret, SecretRing, UnixSeconds};
use sinch_callback_pipeline::{Reread, RereadLimit, SecretSource};
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

    /// Take secrets as they are, even with white space around them
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
    #[error("{origin}: {source} (--verbatim-secrets takes it as it is)")]
    Invalid {
        origin: String,
        source: InvalidSecret,
    },
    #[error(transparent)]
    Ring(#[from] InvalidSecretRing),
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

/// A secret's text and where it came from.
pub(crate) struct SecretText {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    origin: String,
}

impl SecretArgs {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.files.len().max(1)
    }

    /// The files that are named.
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

    fn secret(&self, text: &SecretText) -> Result<Secret, SecretsError> {
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
    let mut bytes = Zeroizing::new(fs::read(path).map_err(|source| SecretsError::Unreadable {
        path: path.to_owned(),
        source,
    })?);
    if bytes.pop_if(|last| *last == b'\n').is_some() {
        bytes.pop_if(|last| *last == b'\r');
    }
    Ok(SecretText {
        bytes,
        origin: format!("the secret file {}", path.display()),
    })
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

/// The secrets of a running receiver. Files are read again when a signature matches no secret, so
/// that a rotation needs no restart.
pub(crate) struct LocalSecrets {
    args: SecretArgs,
    ring: RwLock<Arc<SecretRing>>,
    reread: RereadLimit,
    /// Whether the last attempt to read the files failed.
    unreadable: AtomicBool,
}

impl LocalSecrets {
    pub(crate) fn load(args: SecretArgs) -> Result<Self, SecretsError> {
        let ring = args.ring()?;
        Ok(Self {
            args,
            ring: RwLock::new(Arc::new(ring)),
            reread: RereadLimit::default(),
            unreadable: AtomicBool::new(false),
        })
    }
}

impl LocalSecrets {
    /// Reads the secrets again, and says in the log how that went. What cannot be read leaves in use
    /// what is at hand.
    pub(crate) fn reload(&self) {
        match self.args.ring() {
            Ok(ring) => {
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
                tracing::info!("the webhook secrets have been read again");
            }
            Err(error) => tracing::error!(
                error = CommandError::from(error).line(),
                "the webhook secrets cannot be read again; the ones at hand stay in use"
            ),
        }
    }
}

impl SecretSource for LocalSecrets {
    type Error = SecretsError;

    async fn current(&self, _now: UnixSeconds) -> Result<Arc<SecretRing>, SecretsError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(&ring))
    }

    async fn reread(&self, now: UnixSeconds) -> Reread {
        if self.args.files.is_empty() {
            return Reread::Recent;
        }
        if !self.reread.take(now) {
            return match self.unreadable.load(Ordering::Relaxed) {
                true => Reread::Unavailable,
                false => Reread::Recent,
            };
        }
        let read = self.args.ring();
        self.unreadable.store(read.is_err(), Ordering::Relaxed);
        match read {
            Ok(ring) => {
                let ring = Arc::new(ring);
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&ring);
                Reread::Read(ring)
            }
            Err(error) => {
                tracing::warn!(
                    error = CommandError::from(error).line(),
                    "the secrets cannot be read again; the ones at hand stay in use, and what \
                     matches none of them is answered 503"
                );
                Reread::Unavailable
            }
        }
    }
}
