use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    checkpoint::Checkpointer,
    counting,
    error::{Fault, StoreError},
};
use crate::seldom::Seldom;

/// Most writes that share one commit: a part of a large callback. Bounds how long the first of them
/// waits for the others.
const MAX_BATCH: usize = 512;
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
    Write(Box<dyn Write>),
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// One write. It may run again where it was undone with others.
trait Write: Send {
    /// Does its work in the transaction that there is.
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// Tells the caller how it went, once it is known how the commit went.
    fn answer(self: Box<Self>, result: Result<(), StoreError>);
}

struct Work<T, F> {
    work: F,
    done: Option<T>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnMut(&Connection) -> rusqlite::Result<T> + Send> Write for Work<T, F> {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.done = Some((self.work)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), StoreError>) {
        let Self { done, caller, .. } = *self;
        // A caller that has gone away has not been told anything: nothing to undo.
        let _ = caller.send(result.and_then(|()| done.ok_or(StoreError::Closed)));
    }
}

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
    /// it fails is undone, and does not touch the others in the same commit: these run again, and so
    /// may `work`.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (caller, answer) = oneshot::channel();
        let job = Job::Write(Box::new(Work {
            work,
            done: None,
            caller,
        }));
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Finishes what has been handed in, checkpoints the log into the database, and ends the thread.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let (sender, receiver) = oneshot::channel();
        self.jobs
            .send(Job::Close(sender))
            .await
            .map_err(|_| StoreError::Closed)?;
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }
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
            let checkpointed = connection
                .query_row("PRAGMA wal_checkpoint (TRUNCATE)", (), |_| Ok(()))
                .map_err(StoreError::from);
            let _ = done.send(checkpointed);
            return;
        }
    }
}

/// Does these writes in one transaction, and answers each when all of them are on the disk. Where one
/// fails, all are undone, and each has a transaction of its own.
fn commit(connection: &Connection, mut writes: Vec<Box<dyn Write>>) {
    let result = together(connection, &mut writes);
    let failed = match result {
        Ok(()) => None,
        // Of others' locks the next would wait as long.
        Err(error @ StoreError::Locked(_)) => Some(error),
        Err(error) if writes.len() == 1 => Some(error),
        Err(_) => {
            for mut write in writes {
                let result = together(connection, core::slice::from_mut(&mut write));
                write.answer(result.inspect_err(|error| complain(error, 1)));
            }
            return;
        }
    };
    if let Some(error) = &failed {
        complain(error, writes.len());
    }
    for write in writes {
        write.answer(failed.clone().map_or(Ok(()), Err));
    }
}

fn complain(error: &StoreError, writes: usize) {
    static SAID: Seldom = Seldom::new();
    // What is about one row is told by whoever processes it.
    if error.fault() == Fault::Store
        && let Some(count) = SAID.turn()
    {
        tracing::error!(%error, writes, count, "a commit failed");
    }
}

/// Does these writes in one transaction; nothing of them is stored where one fails.
fn together(connection: &Connection, writes: &mut [Box<dyn Write>]) -> Result<(), StoreError> {
    if writes.is_empty() {
        return Ok(());
    }
    let done = run_cached(connection, "BEGIN IMMEDIATE")
        .and_then(|()| {
            counting::together(connection, || {
                writes
                    .iter_mut()
                    .try_for_each(|write| write.run(connection))
            })
        })
        .and_then(|()| run_cached(connection, "COMMIT"));
    // A full disk may have undone the whole transaction already.
    if done.is_err() && !connection.is_autocommit() {
        let _ = run_cached(connection, "ROLLBACK");
    }
    Ok(done?)
}
