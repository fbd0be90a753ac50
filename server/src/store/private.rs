use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::error::StoreError;

/// File name of the database in the data folder.
pub const DATABASE: &str = "deliveries.sqlite3";

/// What only the receiver's own user may do: everything that is stored has phone numbers in it.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// Permissions of everybody else.
const OTHERS: u32 = 0o077;

/// Makes the store's folder where it is missing, for its owner alone.
///
/// One that is there already is closed to others too, if nothing but a store is in it: whoever named
/// `/var/lib` or a home has that left as it is, and is told.
pub(super) fn folder(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::folder(path, source);
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(FOLDER_MODE);
    builder.create(path).map_err(failed)?;
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let strangers = fs::read_dir(path)
        .map_err(failed)?
        .filter_map(Result::ok)
        .any(|entry| !is_ours(&entry.file_name().to_string_lossy()));
    if strangers {
        tracing::warn!(
            folder = %path.display(),
            "the data folder holds other things besides the store, so other users may still look \
             into it; the store's own files are closed to them"
        );
        return Ok(());
    }
    close(path, FOLDER_MODE, "the data folder")
}

/// Whether a file of this name is the store's: the database, what SQLite keeps beside it, the lock.
fn is_ours(name: &str) -> bool {
    name == LOCK || name.starts_with(DATABASE)
}

/// File name of the lock.
pub(super) const LOCK: &str = "lock";

/// Opens a file to write, for its owner alone, and makes it where it is missing.
pub(super) fn file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE);
    options
        .open(path)
        .map_err(|source| StoreError::folder(path, source))
}

/// Makes the database's file for its owner alone, so that SQLite gives the same to what it keeps
/// beside it, and closes what is there already.
pub(super) fn files(folder: &Path, database: &Path) -> Result<(), StoreError> {
    file(database)?;
    let beside = ["-wal", "-shm", "-journal"].map(|suffix| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    });
    let lock = folder.join(LOCK);
    for path in beside.iter().map(PathBuf::as_path).chain([database, &lock]) {
        match fs::metadata(path) {
            Ok(found) if found.permissions().mode() & OTHERS != 0 => {
                close(path, FILE_MODE, "a file of the store")?;
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::folder(path, error)),
        }
    }
    Ok(())
}

/// Takes everybody else's permissions away, and says so. Where the file is another user's that is
/// theirs to decide.
fn close(path: &Path, mode: u32, what: &str) -> Result<(), StoreError> {
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Ok(()) => {
            tracing::warn!(
                path = %path.display(),
                "other users could read {what}; only its owner can from here on"
            );
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            tracing::warn!(
                path = %path.display(), %error,
                "other users can read {what}, which belongs to another user than the receiver's"
            );
            Ok(())
        }
        Err(error) => Err(StoreError::folder(path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn open_to_all(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_folder_is_made_for_its_owner_alone_and_an_old_one_is_closed() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a").join("data");
        folder(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        open_to_all(&path, 0o755);
        fs::write(path.join(LOCK), "").unwrap();
        fs::write(path.join("deliveries.sqlite3-wal"), "").unwrap();
        folder(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
    }

    #[test]
    fn a_folder_of_other_things_is_left_as_it_is_and_the_files_are_closed() {
        let root = tempfile::tempdir().unwrap();
        let database = root.path().join(DATABASE);
        open_to_all(root.path(), 0o755);
        for name in ["index.html", DATABASE, "deliveries.sqlite3-wal", LOCK] {
            fs::write(root.path().join(name), "").unwrap();
            open_to_all(&root.path().join(name), 0o644);
        }
        folder(root.path()).unwrap();
        files(root.path(), &database).unwrap();
        assert_eq!(mode(root.path()), 0o755);
        assert_eq!(mode(&root.path().join("index.html")), 0o644);
        for name in [DATABASE, "deliveries.sqlite3-wal", LOCK] {
            assert_eq!(mode(&root.path().join(name)), 0o600, "{name}");
        }
    }
}
