use std::path::PathBuf;

use sinch_callback_recovery::sinch::{InvalidAccount, InvalidBase};

use crate::{
    secrets::files::SecretsError, sending::email::InvalidMailServer, store::error::StoreError,
};

/// Why intents cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// They are to be sent, and there is no account.
    #[error(
        "intents are to be sent, and there is nothing to send with: name an app at Sinch with its access key, or a mail server"
    )]
    NoAccount,
    /// A file with credentials cannot be read.
    #[error(transparent)]
    Unreadable(#[from] SecretsError),
    /// A file with credentials holds something else.
    #[error("{} holds no credentials: write one line into it, {form}", path.display())]
    NoCredentials {
        /// The file.
        path: PathBuf,
        /// Their form.
        form: &'static str,
    },
    /// The address of a stand-in is none.
    #[error("Sinch's API cannot be there: {0}")]
    Address(#[from] InvalidBase),
    /// The project or the app is none.
    #[error(transparent)]
    Account(#[from] InvalidAccount),
    /// The mail server is none.
    #[error("the mail server: {0}")]
    MailServer(#[from] InvalidMailServer),
    /// The store does not tell whether sends are paused.
    #[error("the store cannot be read")]
    Store(#[source] StoreError),
}
