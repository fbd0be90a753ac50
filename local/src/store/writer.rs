use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{StoreError, checkpoint::Checkpointer};
use crate::seldom::Seldom;

/// Most writes that share one commit. Bounds how long the first of them waits for the others.
const MAX_BATCH: usize = 256;
/// Writes that may wait for the thread before their callers wait to hand theirs in.
const WAITING: usize = 1_024;

/// One thread that does all writing, many writes to a commit.
///
/// A commit costs a wait for the disk. While one is under way the next writes gather, and all of
/// them share the next: the busier the receiver, the fewer waits there are for each callback.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

enum Job {
    Write(Write),
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// One write: does its work, where there is a transaction to do it in.
type Write = Box<dyn FnOnce(Option<&Connection>) -> Answer + Send>;

/// Tells the caller how its write went, once it is known how the commit went.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

impl Writer {
    pub(super) fn spawn(
        connection: Connection,
        checkpointer: Checkpointer,
    ) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("store".into())
            .spawn(move || run(&connection, checkpointer, waiting))
            .map_err(|source| StoreError::folder("the store's thread".as_ref(), source))?;
        Ok(Self { jobs })
    }

    /// Runs `work` in a transaction and answers when it is on the disk. What `work` has done when
    /// it fails is undone, and does not touch the others in the same commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let job = Job::Write(Box::new(move |connection| {
            let result = connection.map_or(Err(StoreError::Closed), |connection| {
                in_savepoint(connection, work).map_err(StoreError::from)
            });
            Box::new(move |commit: Result<(), StoreError>| {
                // A caller that has gone away has not been told anything: nothing to undo.
                let _ = sender.send(commit.and(result));
            })
        }));
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Finishes what has been handed in, folds the log into the database, and ends the thread.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let (sender, receiver) = oneshot::channel();
        self.jobs
            .send(Job::Close(sender))
            .await
            .map_err(|_| StoreError::Closed)?;
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    run_cached(connection, "SAVEPOINT write")?;
    let result = work(connection);
    // A full disk may have undone the whole transaction already, and then there is no savepoint.
    if result.is_err() && !connection.is_autocommit() {
        run_cached(connection, "ROLLBACK TO write")?;
    }
    if !connection.is_autocommit() {
        run_cached(connection, "RELEASE write")?;
    }
    result
}

fn run_cached(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute(())?;
    Ok(())
}

fn run(connection: &Connection, mut checkpointer: Checkpointer, mut waiting: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while waiting.blocking_recv_many(&mut batch, MAX_BATCH) > 0 {
        let mut closing = None;
        let mut writes = Vec::with_capacity(batch.len());
        for job in batch.drain(..) {
            match job {
                Job::Write(write) => writes.push(write),
                Job::Close(done) => closing = Some(done),
            }
        }
        commit(connection, writes);
        checkpointer.committed();
        if let Some(done) = closing {
            let folded = connection
                .query_row("PRAGMA wal_checkpoint (TRUNCATE)", (), |_| Ok(()))
                .map_err(StoreError::from);
            let _ = done.send(folded);
            return;
        }
    }
}

/// Does these writes in one transaction, and answers each when all of them are on the disk, or
/// none.
fn commit(connection: &Connection, writes: Vec<Write>) {
    if writes.is_empty() {
        return;
    }
    let mut transaction = run_cached(connection, "BEGIN IMMEDIATE").map_err(StoreError::from);
    let mut answers = Vec::with_capacity(writes.len());
    for write in writes {
        let usable = transaction.is_ok().then_some(connection);
        answers.push(write(usable));
        if usable.is_some() && connection.is_autocommit() {
            // SQLite has undone the transaction under our hands: nothing of it is stored.
            transaction = Err(StoreError::Undone);
        }
    }
    let result = transaction.and_then(|()| Ok(run_cached(connection, "COMMIT")?));
    if let Err(error) = &result {
        static SAID: Seldom = Seldom::new();
        if let Some(count) = SAID.turn() {
            tracing::error!(%error, writes = answers.len(), count, "a commit failed");
        }
        if !connection.is_autocommit() {
            // Nothing was promised: the callers are told that it failed.
            let _ = run_cached(connection, "ROLLBACK");
        }
    }
    for answer in answers {
        answer(result.clone());
    }
}
