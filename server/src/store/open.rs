use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;
use tokio::sync::Notify;

use super::{
    changes::Changes, checkpoint::Checkpointer, error::StoreError, last_failure::LastFailure,
    private, reader::Reader, readers::Readers, schema, writer::Writer,
};

/// Everything that has been acknowledged, on one disk: the queue, the delivery log, the outbox.
///
/// All writes go through one thread that commits many of them at once; what processing reads goes through
/// another, and those who ask have connections of their own. Both see what has been committed.
#[derive(Clone)]
pub(crate) struct Store {
    pub(super) writer: Writer,
    reader: Reader,
    pub(super) readers: Arc<Readers>,
    pub(super) queued: Arc<Notify>,
    pub(super) events: Arc<Notify>,
    /// An intent has been accepted or is to be told of a message.
    pub(super) acting: Arc<Notify>,
    pub(super) last_failure: Arc<LastFailure>,
    pub(crate) changes: Arc<Changes>,
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
            reader: Reader::spawn(reader)?,
            readers: Arc::new(Readers::new(|| schema::open_for_reading(&path))?),
            queued: Arc::new(Notify::new()),
            events: Arc::new(Notify::new()),
            acting: Arc::new(Notify::new()),
            last_failure: Arc::default(),
            changes: Arc::default(),
            _lock: Arc::new(lock),
        })
    }

    /// Waits until something has been queued since the last call.
    pub(crate) async fn queued(&self) {
        self.queued.notified().await;
    }

    /// Answers what processing has to know, short and by an index. All that it reads is of one moment
    /// behind the call, whatever is committed meanwhile.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.reader.read(query).await
    }

    /// Answers a question about what is stored, of one moment, whatever is committed meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where too many are asked at once, [`StoreError::TookTooLong`] for one
    /// that no index answers.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.ask(query).await
    }

    /// Writes all that is under way, then checkpoints the log into the database file.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.writer.close().await
    }
}

/// The database of a data folder.
pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join(private::DATABASE)
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

pub(super) fn lock(folder: &Path) -> Result<File, StoreError> {
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
