use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::ErrorCode;

/// Why the store did not do it. Cheap to clone: many callers share one commit, and so its failure.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the data folder {} cannot be used: {source}", path.display())]
    Folder {
        path: PathBuf,
        #[source]
        source: Arc<io::Error>,
    },
    #[error("there is no store at {}: has `serve` run with this --data?", path.display())]
    Missing { path: PathBuf },
    #[error("another receiver has the data folder {} open", path.display())]
    InUse { path: PathBuf },
    #[error(
        "the store has version {found}, and this build knows versions up to {known}: use a newer build"
    )]
    Newer { found: i64, known: i64 },
    #[error("the disk is full")]
    Full(#[source] Arc<rusqlite::Error>),
    #[error("the store is locked by another program")]
    Locked(#[source] Arc<rusqlite::Error>),
    #[error("the disk is full or fails: a whole commit was undone")]
    Undone,
    #[error("the store failed: {0}")]
    Sqlite(#[source] Arc<rusqlite::Error>),
    #[error("the store took longer than {limit_secs} s")]
    TimedOut { limit_secs: u64 },
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(super) fn folder(path: &Path, source: io::Error) -> Self {
        Self::Folder {
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let error = Arc::new(error);
        match code {
            Some(ErrorCode::DiskFull) => Self::Full(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(error),
            _ => Self::Sqlite(error),
        }
    }
}
