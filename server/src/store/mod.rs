//! The pipeline's ports on SQLite, and what is asked of a store beside a running receiver.

mod callbacks;
mod checkpoint;
mod copy;
mod error;
mod forget;
mod forgotten;
mod kept;
mod last_failure;
mod messages;
mod outbox;
mod overdue;
mod private;
#[cfg(test)]
mod property_tests;
mod queries;
mod queue;
mod readers;
mod retention;
mod schema;
mod subject;
mod writer;

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Notify;

pub(crate) use callbacks::Telling;
use checkpoint::Checkpointer;
pub use copy::{Contents, Place, check_copy, copy_into, place_for_restore};
pub(crate) use error::Fault;
pub use error::StoreError;
pub use forget::forget;
pub use kept::KeptCallback;
use last_failure::LastFailure;
pub use outbox::EventRow;
pub(crate) use outbox::{Outbox, OutboxEntry};
pub(crate) use queries::{Depths, Summary, UnrecognizedPage};
pub use queries::{MessageFilter, MessagePage, find_message};
pub(crate) use queue::QueuedRow;
pub use queue::SetAsideRow;
use readers::Readers;
pub use subject::{Forgotten, Subject, TooShort, contains, normal};
use writer::Writer;

/// File name of the database in the data folder.
pub const DATABASE: &str = "deliveries.sqlite3";

/// Everything that has been acknowledged, on one disk: the queue, the delivery log, the outbox.
///
/// All writes go through one thread that commits many of them at once; what processing reads has a
/// connection of its own, and those who ask have others. Both see what has been committed.
#[derive(Clone)]
pub(crate) struct Store {
    writer: Writer,
    reader: Arc<Mutex<Connection>>,
    readers: Arc<Readers>,
    queued: Arc<Notify>,
    events: Arc<Notify>,
    last_failure: Arc<LastFailure>,
    /// Held as long as the store is open for writing.
    _lock: Arc<File>,
}

impl Store {
    /// Opens the store in `folder`, which is made where it is missing.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        private::folder(folder)?;
        let lock = lock(folder)?;
        let path = database(folder);
        private::files(folder, &path)?;
        let connection = schema::open_for_writing(&path)?;
        let reader = schema::open_for_reading(&path)?;
        let checkpointer = Checkpointer::spawn(schema::open_for_checkpoints(&path)?)?;
        Ok(Self {
            writer: Writer::spawn(connection, checkpointer)?,
            reader: Arc::new(Mutex::new(reader)),
            readers: Arc::new(Readers::new(|| schema::open_for_reading(&path))?),
            queued: Arc::new(Notify::new()),
            events: Arc::new(Notify::new()),
            last_failure: Arc::default(),
            _lock: Arc::new(lock),
        })
    }

    /// Waits until something has been queued since the last call.
    pub(crate) async fn queued(&self) {
        self.queued.notified().await;
    }

    /// Runs a query that processing needs, off the async threads. All that it reads is of one
    /// moment, whatever is committed meanwhile.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.reader);
        tokio::task::spawn_blocking(move || {
            let connection = reader.lock().unwrap_or_else(PoisonError::into_inner);
            let snapshot = connection.unchecked_transaction()?;
            query(&snapshot).map_err(StoreError::from)
        })
        .await
        .unwrap_or(Err(StoreError::Closed))
    }

    /// Writes all that is under way, then checkpoints the log into the database file.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.writer.close().await
    }
}

/// The database of a data folder.
fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Opens a store for reading only, beside a running receiver or without one.
///
/// # Errors
/// [`StoreError::Missing`], [`StoreError::Newer`], [`StoreError::Older`], or where SQLite fails.
pub fn open_for_reading(folder: &Path) -> Result<Connection, StoreError> {
    let path = database(folder);
    if !path.exists() {
        return Err(StoreError::Missing { path });
    }
    schema::open_for_reading(&path)
}

/// Opens a store for a few writes, beside a running receiver or without one.
///
/// # Errors
/// As [`open_for_reading`].
pub fn open_for_writing_beside(folder: &Path) -> Result<Connection, StoreError> {
    let path = database(folder);
    if !path.exists() {
        return Err(StoreError::Missing { path });
    }
    schema::open_for_writing_beside(&path)
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(private::LOCK);
    let file = private::file(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(StoreError::folder(&path, source)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn queued(connection: &Connection) -> rusqlite::Result<u64> {
        connection.query_row("SELECT count(*) FROM queue", (), |row| row.get(0))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_read_is_of_one_moment_whatever_is_committed_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (begun, beginning) = mpsc::channel();
        let (committed, commit) = mpsc::channel();
        let reading = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .read(move |connection| {
                        let before = queued(connection)?;
                        begun.send(()).unwrap();
                        commit.recv().unwrap();
                        Ok((before, queued(connection)?))
                    })
                    .await
            }
        });
        tokio::task::spawn_blocking(move || beginning.recv())
            .await
            .unwrap()
            .unwrap();
        store
            .writer
            .write(|connection| connection.execute("INSERT INTO queue (envelope) VALUES ('')", ()))
            .await
            .unwrap();
        committed.send(()).unwrap();
        assert_eq!(reading.await.unwrap().unwrap(), (0, 0));
        assert_eq!(store.read(queued).await.unwrap(), 1);
        store.close().await.unwrap();
    }
}
