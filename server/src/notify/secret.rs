//! The secret that our own events are signed with, kept as its file says.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use sinch_callback::Signer;

use crate::{
    causes::with_causes,
    secrets::files::{SecretFiles, SecretsError, secret_of_file, text_of_file},
};

/// The signer of events. It follows its file, and signs nothing while its secret is one of the
/// webhook's: our events would then be authentic callbacks to whoever has that secret, to ourselves
/// first of all.
pub(crate) struct NotifySecret {
    path: PathBuf,
    /// Those of each endpoint.
    webhook: Vec<SecretFiles>,
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
    pub(crate) fn load(
        path: PathBuf,
        webhook: Vec<SecretFiles>,
    ) -> Result<Self, NotifySecretError> {
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
    pub(crate) fn signer(&self) -> Option<Arc<Signer>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let files = stamps(&self.path, &self.webhook);
        if files != kept.files {
            kept.files = files;
            // Said in the log; the next look is when the files change again.
            self.refresh(&mut kept);
        }
        kept.signer.clone()
    }

    /// Reads the secret again whatever the file looks like, and says in the log how that went.
    pub(crate) fn reload(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.files = stamps(&self.path, &self.webhook);
        self.refresh(&mut kept);
    }

    fn refresh(&self, kept: &mut Kept) {
        match read(&self.path, &self.webhook) {
            Ok(signer) => {
                kept.signer = Some(Arc::new(signer));
                tracing::info!("the secret that events are signed with has been read again");
            }
            Err(error @ NotifySecretError::Webhooks { .. }) => {
                kept.signer = None;
                tracing::error!(
                    %error,
                    "events wait, unsigned and not lost, until the two secrets differ"
                );
            }
            Err(NotifySecretError::Unusable(error)) => tracing::error!(
                error = with_causes(&error),
                "the secret that events are signed with cannot be read; the one at hand stays in use"
            ),
        }
    }
}

fn stamps(path: &Path, webhook: &[SecretFiles]) -> Vec<Option<Stamp>> {
    let paths = webhook
        .iter()
        .flat_map(SecretFiles::paths)
        .map(PathBuf::as_path);
    core::iter::once(path).chain(paths).map(Stamp::of).collect()
}

/// Why events cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotifySecretError {
    /// The file holds a secret of the webhook.
    #[error(
        "{} holds a secret of the webhook. Events signed with it would pass for Sinch's own callbacks wherever that secret is known, at this receiver too: make one of its own, as with `openssl rand -hex 32`",
        path.display()
    )]
    Webhooks {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read or is no secret, or the webhook's cannot be compared with it.
    #[error(transparent)]
    Unusable(#[from] SecretsError),
}

fn read(path: &Path, webhook: &[SecretFiles]) -> Result<Signer, NotifySecretError> {
    let text = text_of_file(path)?;
    let ours = text.bytes.trim_ascii();
    for webhook in webhook {
        let mut webhooks = webhook.texts()?.into_iter();
        if webhooks.any(|other| other.bytes.trim_ascii() == ours) {
            return Err(NotifySecretError::Webhooks {
                path: path.to_owned(),
            });
        }
    }
    Ok(Signer::new(secret_of_file(path)?))
}
