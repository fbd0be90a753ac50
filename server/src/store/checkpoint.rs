use std::{sync::mpsc, thread};

use rusqlite::Connection;

use super::error::StoreError;

/// Checkpoints: moves the write-ahead log into the database file beside the writing thread, so that no commit
/// has to wait for it.
pub(super) struct Checkpointer {
    due: mpsc::SyncSender<()>,
    commits: u32,
}

/// Commits between two checkpoints. Our own choice: under load about a second.
const COMMITS: u32 = 128;

impl Checkpointer {
    /// Starts the checkpointing thread on a connection of its own. It ends with the checkpointer.
    pub(super) fn spawn(connection: Connection) -> Result<Self, StoreError> {
        let (due, waiting) = mpsc::sync_channel(1);
        thread::Builder::new()
            .name("checkpoint".into())
            .spawn(move || run(&connection, &waiting))
            .map_err(|source| StoreError::folder("the checkpoint's thread".as_ref(), source))?;
        Ok(Self { due, commits: 0 })
    }

    /// Counts a commit.
    pub(super) fn committed(&mut self) {
        self.commits = self.commits.saturating_add(1);
        if self.commits >= COMMITS {
            self.commits = 0;
            // Where one is under way already, it does.
            let _ = self.due.try_send(());
        }
    }
}

fn run(connection: &Connection, waiting: &mpsc::Receiver<()>) {
    while waiting.recv().is_ok() {
        let done = connection.query_row("PRAGMA wal_checkpoint (PASSIVE)", (), |_| Ok(()));
        if let Err(error) = done {
            // The writer's own limit checkpoints it in the end.
            tracing::warn!(%error, "the write-ahead log could not be checkpointed");
        }
    }
}
