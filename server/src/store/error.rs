use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::ErrorCode;

/// Why the store did not do it. Cheap to clone: many callers share one commit, and so its failure.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder cannot be made, read or locked.
    #[error("the data folder {} cannot be used", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: Arc<io::Error>,
    },
    /// Nobody has run there.
    #[error("there is no store at {}: has `serve` run with this --data?", path.display())]
    Missing {
        /// The folder or file.
        path: PathBuf,
    },
    /// One receiver has a store at a time.
    #[error("another receiver has the data folder {} open", path.display())]
    InUse {
        /// The folder or file.
        path: PathBuf,
    },
    /// A newer build has brought it up to its version.
    #[error(
        "the store has version {found}, and this build knows versions up to {known}: use a newer build"
    )]
    Newer {
        /// The store's version.
        found: i64,
        /// The newest that this build knows.
        known: i64,
    },
    /// Reading does not bring it up to this build's version.
    #[error(
        "the store has version {found}, and this build reads version {known}: start `serve` on it once, which brings it up to that"
    )]
    Older {
        /// The store's version.
        found: i64,
        /// The newest that this build knows.
        known: i64,
    },
    /// SQLite finds the copy broken.
    #[error("the copy is damaged: {verdict}")]
    Damaged {
        /// What SQLite finds.
        verdict: String,
    },
    /// Nothing is restored over a store.
    #[error(
        "there is a store already: {} (stop `serve` and move it away first)", path.display()
    )]
    Occupied {
        /// The folder or file.
        path: PathBuf,
    },
    /// SQLite names files in UTF-8.
    #[error("{} is no name that SQLite takes: it has to be UTF-8", path.display())]
    NotUtf8 {
        /// The folder or file.
        path: PathBuf,
    },
    /// Nothing more can be acknowledged.
    #[error("the disk is full")]
    Full(#[source] Arc<rusqlite::Error>),
    /// Another program holds it for longer than we wait.
    #[error("the store is locked by another program")]
    Locked(#[source] Arc<rusqlite::Error>),
    /// Anything else that SQLite says.
    #[error("the store failed: {0}")]
    Sqlite(#[source] Arc<rusqlite::Error>),
    /// A commit did not end in time.
    #[error("the store took longer than {limit_secs} s")]
    TimedOut {
        /// The limit in seconds.
        limit_secs: u64,
    },
    /// Who asks is asked to come later.
    #[error("too many questions are asked at once")]
    Busy,
    /// A query was stopped.
    #[error("the question took longer than {limit_secs} s: narrow it down")]
    TookTooLong {
        /// The limit in seconds.
        limit_secs: u64,
    },
    /// It was closed, or its thread ended.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(crate) fn folder(path: &Path, source: io::Error) -> Self {
        Self::Folder {
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }
}

/// What a failure to process a queued row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The row itself: trying again brings the same, and whatever else waits is not concerned.
    Row,
    /// The disk, a lock, the store as a whole: it passes, or concerns every row alike.
    Store,
    /// Nobody can tell.
    Unclear,
}

impl StoreError {
    /// What it is about.
    pub(crate) fn fault(&self) -> Fault {
        let Self::Sqlite(error) = self else {
            return Fault::Store;
        };
        match error.sqlite_error_code() {
            Some(
                ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::TooBig
                | ErrorCode::ParameterOutOfRange,
            ) => Fault::Row,
            Some(
                ErrorCode::InternalMalfunction
                | ErrorCode::NotFound
                | ErrorCode::ApiMisuse
                | ErrorCode::Unknown,
            ) => Fault::Unclear,
            Some(_) => Fault::Store,
            None => match **error {
                rusqlite::Error::QueryReturnedNoRows
                | rusqlite::Error::QueryReturnedMoreThanOneRow
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::ToSqlConversionFailure(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::NulError(..) => Fault::Row,
                _ => Fault::Unclear,
            },
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

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_full_disk_and_a_lock_are_no_fault_of_a_row_and_a_broken_rule_is() {
        let fault = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            StoreError::from(error).fault()
        };
        for code in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_NOMEM,
            ffi::SQLITE_CORRUPT,
        ] {
            assert_eq!(fault(code), Fault::Store, "{code}");
        }
        for code in [
            ffi::SQLITE_CONSTRAINT_UNIQUE,
            ffi::SQLITE_TOOBIG,
            ffi::SQLITE_MISMATCH,
        ] {
            assert_eq!(fault(code), Fault::Row, "{code}");
        }
        assert_eq!(fault(ffi::SQLITE_ERROR), Fault::Unclear);
        for error in [StoreError::Closed, StoreError::TimedOut { limit_secs: 5 }] {
            assert_eq!(error.fault(), Fault::Store, "{error}");
        }
        assert_eq!(
            StoreError::from(rusqlite::Error::QueryReturnedNoRows).fault(),
            Fault::Row
        );
    }
}
