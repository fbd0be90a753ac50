//! A backup of a running receiver, and a store made from it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::harness::{Receiver, SECRET, binary, report, said};

fn run(command: &str, file: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut process = binary();
    process.arg(command).arg(file).args(arguments);
    said(&process.output().unwrap())
}

#[test]
fn a_backup_of_a_running_receiver_has_all_that_was_answered_200_and_can_be_restored() {
    let receiver = Receiver::start();
    for number in 0..20 {
        receiver.deliver(&report(&format!("m-{number}"), "DELIVERED"));
    }
    receiver.settled();
    let data = receiver.database().parent().unwrap().display().to_string();
    let backups = tempfile::tempdir().unwrap();
    let file = backups.path().join("backup.sqlite3");
    let (code, printed, errors) = run("backup", &file, &["--data", &data]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(
        printed.contains("20 messages, 20 callbacks, 0 queued, 0 set aside, 0 events"),
        "{printed}"
    );
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(fs::read_dir(backups.path()).unwrap().count(), 1);
    // What comes later is not in it, and nothing is written over it.
    receiver.deliver(&report("m-20", "DELIVERED"));
    assert_eq!(receiver.settled()["messages"], 21);
    assert_eq!(run("backup", &file, &["--data", &data]).0, 2);

    let (code, printed, _) = run("restore", &file, &["--check"]);
    assert_eq!(code, 0);
    assert!(printed.contains("sound, 20 messages"), "{printed}");
    // Not into a store, and least of all into one that is in use.
    let (code, _, errors) = run("restore", &file, &["--data", &data]);
    assert_eq!(code, 2);
    assert!(
        errors.contains("another receiver has the data folder"),
        "{errors}"
    );
    let (folder, _) = receiver.stop();
    let (code, _, errors) = run("restore", &file, &["--data", &data]);
    assert_eq!(code, 2);
    assert!(errors.contains("move it away first"), "{errors}");
    drop(folder);

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let data = folder.path().join("data").display().to_string();
    assert_eq!(run("restore", &file, &["--data", &data]).0, 0);
    let receiver = Receiver::start_in(folder, &[]);
    assert_eq!(receiver.settled()["messages"], 20);
    assert_eq!(receiver.message("m-7")["state"], "delivered");
}

#[test]
fn what_is_no_sound_backup_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    for number in 0..50 {
        receiver.deliver(&report(&format!("m-{number}"), "DELIVERED"));
    }
    receiver.settled();
    let data = receiver.database().parent().unwrap().display().to_string();
    let file = folder.path().join("backup.sqlite3");
    assert_eq!(run("backup", &file, &["--data", &data]).0, 0);
    let sound = fs::read(&file).unwrap();

    let mut torn = sound.clone();
    torn.truncate(sound.len() / 2);
    let mut garbled = sound;
    let middle = garbled.len() / 2;
    garbled[middle..middle + 4_096].fill(0xa5);
    for bytes in [torn, garbled, b"not a database at all".to_vec(), Vec::new()] {
        let broken = folder.path().join("broken.sqlite3");
        fs::write(&broken, bytes).unwrap();
        let (code, _, errors) = run("restore", &broken, &["--check"]);
        assert_eq!(code, 1);
        assert!(errors.contains("is no sound backup"), "{errors}");
        let into = folder.path().join("data").display().to_string();
        assert_eq!(run("restore", &broken, &["--data", &into]).0, 1);
        assert!(!Path::new(&into).join("deliveries.sqlite3").exists());
    }
    assert_eq!(
        run("restore", &folder.path().join("none"), &["--check"]).0,
        2
    );
    let none = folder.path().join("no-store").display().to_string();
    assert_eq!(
        run("backup", &folder.path().join("b"), &["--data", &none]).0,
        2
    );
}
