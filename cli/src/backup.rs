//! `backup` and `restore`: the store as one file, and back.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use sinch_callback_server::store::{self, Contents, StoreError};

use crate::{command_error::CommandError, output};

/// Write the store to one file, of one moment, beside a running `serve` or without one
#[derive(Args, Debug)]
#[command(after_help = "\
Copying the database's file does not do: what was written last is in another file beside it.

The backup holds what the store holds: messages, numbers, bodies. Only its owner can read it.

Exit code: 0 done and checked, 1 it failed and there is no file, 2 misuse.

Example:
  sinch-callback backup /var/backups/sinch-$(date +%F).sqlite3 --data /var/lib/sinch")]
pub(crate) struct BackupArgs {
    /// Where to write it; refused where something is there
    file: PathBuf,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,
}

/// Make a store from a backup, or check one
#[derive(Args, Debug)]
#[command(after_help = "\
The folder must hold no store: move the old one away first, with `serve` stopped. What was received \
after the backup is not in it, and Sinch does not send again what it was answered 200 for.

Exit code: 0 done, or sound; 1 the backup is not sound, or it failed; 2 misuse.

Examples:
  sinch-callback restore /var/backups/sinch-2026-01-02.sqlite3 --check
  sinch-callback restore /var/backups/sinch-2026-01-02.sqlite3 --data /var/lib/sinch")]
pub(crate) struct RestoreArgs {
    /// The backup
    file: PathBuf,

    /// Only check that it is whole and can be read by this build, and tell what is in it
    #[arg(long)]
    check: bool,

    /// Folder of the store that is to be made
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,
}

pub(crate) fn backup(args: &BackupArgs) -> Result<(), CommandError> {
    if fs::symlink_metadata(&args.file).is_ok() {
        return Err(CommandError::Misuse(format!(
            "{} is there already: a backup overwrites nothing",
            args.file.display()
        )));
    }
    let store = store::open_for_reading(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    // Under another name until it is whole, so that no half of one passes for a backup.
    let part = beside(&args.file, ".part");
    let made = private_file(&part)
        .map_err(StoreFailure::Io)
        .and_then(|()| Ok(store::copy_into(&store, &part)?))
        .and_then(|()| Ok(store::check_copy(&part)?))
        .and_then(|contents| {
            File::open(&part)?.sync_all()?;
            fs::rename(&part, &args.file)?;
            sync_folder(&args.file)?;
            Ok(contents)
        });
    match made {
        Ok(contents) => {
            output::line(&format!("{}: {}", args.file.display(), said(&contents)));
            Ok(())
        }
        Err(error) => {
            let _ = fs::remove_file(&part);
            Err(CommandError::failed("the backup cannot be written", error))
        }
    }
}

pub(crate) fn restore(args: &RestoreArgs) -> Result<(), CommandError> {
    if !args.file.is_file() {
        return Err(CommandError::Misuse(format!(
            "there is no backup at {}",
            args.file.display()
        )));
    }
    let not_sound = |error: StoreError| {
        CommandError::failed(format!("{} is no sound backup", args.file.display()), error)
    };
    let contents = store::check_copy(&args.file).map_err(not_sound)?;
    if args.check {
        output::line(&format!(
            "{}: sound, {}",
            args.file.display(),
            said(&contents)
        ));
        return Ok(());
    }
    let database = store::place_for_restore(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let part = beside(&database.path, ".part");
    let made = private_file(&part)
        .and_then(|()| copy(&args.file, &part))
        .and_then(|()| fs::rename(&part, &database.path))
        .and_then(|()| sync_folder(&database.path));
    if let Err(error) = made {
        let _ = fs::remove_file(&part);
        return Err(CommandError::failed("the store cannot be written", error));
    }
    output::line(&format!("{}: {}", args.data.display(), said(&contents)));
    Ok(())
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
enum StoreFailure {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn said(contents: &Contents) -> String {
    let Contents {
        messages,
        callbacks,
        queued,
        set_aside,
        events,
    } = contents;
    format!(
        "{messages} messages, {callbacks} callbacks, {queued} queued, {set_aside} set aside, {events} events"
    )
}

/// Makes an empty file that only its owner can read.
fn private_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = fs::remove_file(path);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).map(drop)
}

/// Copies bytes into a file that is there, and not who may read them.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = fs::OpenOptions::new().write(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

/// The path with something behind its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A renamed file is there after a crash only once its folder is on the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
