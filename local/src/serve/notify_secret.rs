//! The secret that our own events are signed with, kept as its file says.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use sinch_callback::Signer;

use crate::{
    command_error::CommandError,
    secrets::{self, SecretArgs},
};

/// The signer of events. It follows its file, and signs nothing while its secret is one of the
/// webhook's: our events would then be authentic callbacks to whoever has that secret, to ourselves
/// first of all.
pub(super) struct NotifySecret {
    path: PathBuf,
    webhook: SecretArgs,
    kept: Mutex<Kept>,
}

struct Kept {
    /// What the files looked like when they were last read.
    files: Vec<Option<Stamp>>,
    signer: Option<Arc<Signer>>,
}

/// What tells that a file has been written or replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let file = fs::metadata(path).ok()?;
        Some(Self {
            modified: file.modified().ok(),
            bytes: file.len(),
            inode: file.ino(),
        })
    }
}

impl NotifySecret {
    /// Reads the secret for the first time.
    pub(super) fn load(path: PathBuf, webhook: SecretArgs) -> Result<Self, CommandError> {
        // Looked at before they are read: what is written in between is then read again.
        let files = stamps(&path, &webhook);
        let signer = read(&path, &webhook)?;
        Ok(Self {
            path,
            webhook,
            kept: Mutex::new(Kept {
                files,
                signer: Some(Arc::new(signer)),
            }),
        })
    }

    /// The signer of now, after a look at the files. None while the secret may not be used.
    pub(super) fn signer(&self) -> Option<Arc<Signer>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let files = stamps(&self.path, &self.webhook);
        if files != kept.files {
            kept.files = files;
            // Said in the log; the next look is when the files change again.
            let _ = self.refresh(&mut kept);
        }
        kept.signer.clone()
    }

    /// Reads the secret again whatever the file looks like, and says in the log how that went.
    pub(super) fn reload(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.files = stamps(&self.path, &self.webhook);
        let _ = self.refresh(&mut kept);
    }

    fn refresh(&self, kept: &mut Kept) -> Result<(), CommandError> {
        match read(&self.path, &self.webhook) {
            Ok(signer) => {
                kept.signer = Some(Arc::new(signer));
                tracing::info!("the secret of --notify-secret-file has been read again");
                Ok(())
            }
            Err(Unusable::Same(error)) => {
                kept.signer = None;
                tracing::error!(
                    error = error.line(),
                    "events wait, unsigned and not lost, until the two secrets differ"
                );
                Err(error)
            }
            Err(Unusable::Unreadable(error)) => {
                tracing::error!(
                    error = error.line(),
                    "the secret of --notify-secret-file cannot be read; the one at hand stays in use"
                );
                Err(error)
            }
        }
    }
}

fn stamps(path: &Path, webhook: &SecretArgs) -> Vec<Option<Stamp>> {
    let paths = webhook.paths().iter().map(PathBuf::as_path);
    core::iter::once(path).chain(paths).map(Stamp::of).collect()
}

enum Unusable {
    /// It is one of the webhook's.
    Same(CommandError),
    Unreadable(CommandError),
}

impl From<Unusable> for CommandError {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Same(error) | Unusable::Unreadable(error) => error,
        }
    }
}

fn read(path: &Path, webhook: &SecretArgs) -> Result<Signer, Unusable> {
    let unreadable = |error: secrets::SecretsError| Unusable::Unreadable(error.into());
    let text = secrets::text_of_file(path).map_err(unreadable)?;
    let ours = text.bytes.trim_ascii();
    let webhooks = webhook.texts().map_err(unreadable)?;
    if webhooks
        .iter()
        .any(|other| other.bytes.trim_ascii() == ours)
    {
        return Err(Unusable::Same(CommandError::Misuse(format!(
            "--notify-secret-file: {} holds a secret of the webhook. Events signed with it would pass for Sinch's own callbacks wherever that secret is known, at this receiver too: make one of its own, as with `openssl rand -hex 32`",
            path.display()
        ))));
    }
    let secret = secrets::secret_of_file(path).map_err(unreadable)?;
    Ok(Signer::new(secret))
}
