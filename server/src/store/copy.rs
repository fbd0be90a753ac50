//! The store as one file: made, checked, and put back.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::{
    error::StoreError,
    open::{database, lock},
    schema,
};

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Messages.
    pub messages: u64,
    /// Authentic callbacks that were stored.
    pub callbacks: u64,
    /// Callbacks that wait to be processed.
    pub queued: u64,
    /// Callbacks that could not be processed.
    pub set_aside: u64,
    /// Events that have not been taken.
    pub events: u64,
}

/// Copies all that has been committed by now, of one moment, into an empty file. Freed pages, and what
/// was deleted from them, do not come along. Nobody who writes waits for it.
///
/// # Errors
/// Where the file is not empty, or the disk is full or fails.
pub fn copy_into(store: &Connection, path: &Path) -> Result<(), StoreError> {
    let path = path.to_str().ok_or_else(|| StoreError::NotUtf8 {
        path: path.to_owned(),
    })?;
    store.execute("VACUUM INTO ?1", [path])?;
    Ok(())
}

/// Checks that a copy is whole and that this build can read it, and tells what it holds.
///
/// # Errors
/// [`StoreError::Damaged`], or a version that this build does not know.
pub fn check_copy(path: &Path) -> Result<Contents, StoreError> {
    // Nothing is written, not even beside it.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = Connection::open_with_flags(path, flags)?;
    schema::check_copy(&copy)?;
    let verdict: String = copy.query_row("PRAGMA integrity_check (1)", (), |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged { verdict });
    }
    let count = |table: &str| {
        let query = format!("SELECT count(*) FROM {table}");
        copy.query_row(&query, (), |row| row.get::<_, u64>(0))
    };
    Ok(Contents {
        messages: count("messages")?,
        // Most bodies have a table of their own since.
        callbacks: if schema::has_table(&copy, "bodies")? {
            count("callbacks")?.saturating_add(count("bodies")?)
        } else {
            count("callbacks")?
        },
        queued: count("queue")?,
        // A copy of before that table has such rows in the queue.
        set_aside: if schema::has_table(&copy, "set_aside")? {
            count("set_aside")?
        } else {
            0
        },
        events: count("outbox")?,
    })
}

/// A place for a store in a folder that has none. No receiver starts there while this is held.
pub struct Place {
    /// Where its file goes.
    pub path: PathBuf,
    _lock: File,
}

/// Makes the folder where it is missing.
///
/// # Errors
/// [`StoreError::Occupied`] where there is a store, [`StoreError::InUse`] where a receiver runs.
pub fn place_for_restore(folder: &Path) -> Result<Place, StoreError> {
    fs::create_dir_all(folder).map_err(|source| StoreError::folder(folder, source))?;
    let held = lock(folder)?;
    let path = database(folder);
    // A log of writes that is left over would be taken for the new store's.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let there = PathBuf::from(name);
        if fs::symlink_metadata(&there).is_ok() {
            return Err(StoreError::Occupied { path: there });
        }
    }
    Ok(Place { path, _lock: held })
}
