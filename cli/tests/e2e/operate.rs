//! What an operator does to a running receiver: settings, signals, retention.

use std::{fs, os::unix::net::UnixDatagram, process::Command};

use crate::harness::{NOW, Receiver, SECRET, binary, eventually, report, said, signal, signed_as};

/// A receiver that a service manager listens to, with a file of settings.
fn with_settings(text: &str, socket: &std::path::Path) -> (Receiver, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let settings = folder.path().join("settings.toml");
    fs::write(&settings, text).unwrap();
    let mut command = binary();
    let data = folder.path().join("data").display().to_string();
    let secret = folder.path().join("secret.txt").display().to_string();
    command
        .args(["serve", "--data", &data, "--secret-file", &secret])
        .args(["--clock-at", &NOW.to_string()])
        .env("SINCH_CALLBACK_CONFIG", &settings)
        .env("SINCH_CALLBACK_LISTEN", "127.0.0.1:0")
        .env("SINCH_CALLBACK_ADMIN_LISTEN", "127.0.0.1:0")
        .env("NOTIFY_SOCKET", socket);
    (Receiver::spawn(command, folder), settings)
}

fn told(manager: &UnixDatagram) -> String {
    let mut bytes = [0; 128];
    let length = manager.recv(&mut bytes).unwrap();
    let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
    text.lines().next().unwrap().to_owned()
}

#[test]
fn sighup_reads_secrets_and_settings_again_and_ends_nothing() {
    let sockets = tempfile::tempdir().unwrap();
    let socket = sockets.path().join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    let (receiver, settings) = with_settings("log = 'warn'\n[serve]\nmax-body = 1000\n", &socket);
    assert_eq!(told(&manager), "READY=1");

    fs::write(
        receiver.folder.path().join("secret.txt"),
        "made-up-secret-number-two",
    )
    .unwrap();
    fs::write(
        &settings,
        "log = 'info'\n[serve]\nmax-body = 2000\nretain-days = 7\n",
    )
    .unwrap();
    signal(receiver.id(), "HUP");
    assert_eq!(told(&manager), "RELOADING=1");
    assert_eq!(told(&manager), "READY=1");
    let body = report("m-1", "DELIVERED");
    let headers = signed_as(
        "made-up-secret-number-two",
        body.as_bytes(),
        "nonce-two",
        NOW,
    );
    assert_eq!(receiver.post(&headers, body.as_bytes()).told().0, 200);

    // A mistake changes nothing and ends nothing.
    fs::write(&settings, "lisen = 'x'").unwrap();
    signal(receiver.id(), "HUP");
    assert_eq!(told(&manager), "RELOADING=1");
    assert_eq!(told(&manager), "READY=1");
    assert_eq!(receiver.settled()["messages"], 1);

    signal(receiver.id(), "TERM");
    assert_eq!(told(&manager), "STOPPING=1");
    // A further one is nothing to die of either, if it still comes in time.
    let id = receiver.id().to_string();
    let _ = Command::new("kill").args(["-HUP", &id]).output();
    let (_, log) = receiver.stop_signalled();
    assert!(
        log.contains("taken=\"log, retain-days\" at_restart=\"max-body\""),
        "{log}"
    );
    assert!(log.contains("did you mean \\\"listen\\\"?"), "{log}");
}

#[test]
fn a_setting_that_nobody_knows_or_that_is_wrong_ends_the_start_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.toml");
    fs::write(&settings, "[serve]\nmax-age = 'soon'\n").unwrap();
    let run = |command: &mut Command| said(&command.output().unwrap());
    let config = settings.display().to_string();
    let (code, _, errors) = run(binary().args(["serve", "--config", &config]));
    assert_eq!(code, 2);
    assert!(errors.contains("max-age in [serve] of "), "{errors}");
    fs::write(&settings, "[serve]\nmax_agee = 5\n").unwrap();
    let (code, _, errors) = run(binary().args(["serve", "--config", &config]));
    assert_eq!(code, 2);
    assert!(errors.contains("did you mean \"max-age\"?"), "{errors}");
    let (code, _, errors) = run(binary().arg("serve").env("SINCH_CALLBACK_MAX_BODY", "many"));
    assert_eq!(code, 2);
    assert!(errors.contains("from SINCH_CALLBACK_MAX_BODY"), "{errors}");
}

#[test]
fn what_is_older_than_the_retention_is_gone_and_the_rest_stays() {
    const DAY: u64 = 86_400;
    let receiver = Receiver::start();
    receiver.deliver(&report("m-old", "DELIVERED"));
    receiver.deliver(&report("m-both", "QUEUED_ON_CHANNEL"));
    receiver.deliver("{\"about\":\"nothing\"}");
    receiver.settled();
    let later = |days: u64| (NOW + days * DAY).to_string();
    let at = later(6);
    let mut folder = receiver.stop().0;
    let receiver = Receiver::start_in(folder, &["--clock-at", &at, "--retain-days", "7"]);
    let deliver = |message: &str, nonce: &str, at: &str| {
        let body = report(message, "DELIVERED");
        let headers = signed_as(SECRET, body.as_bytes(), nonce, at.parse().unwrap());
        assert_eq!(receiver.post(&headers, body.as_bytes()).told().0, 200);
    };
    deliver("m-both", "nonce-both", &at);
    deliver("m-new", "nonce-new", &at);
    assert_eq!(receiver.settled()["messages"], 3);
    folder = receiver.stop().0;

    let at = later(8);
    let receiver = Receiver::start_in(folder, &["--clock-at", &at, "--retain-days", "7"]);
    let summary = eventually(|| {
        let summary = receiver.settled();
        (summary["callbacks"] == 2).then_some(summary)
    });
    assert_eq!(
        (&summary["messages"], &summary["unrecognized"]),
        (&2.into(), &0.into())
    );
    assert_eq!(receiver.get("/api/messages/m-old").status, 404);
    let both = receiver.message("m-both");
    // A message and its log expire together.
    assert_eq!(
        (both["log"].as_array().unwrap().len(), &both["state"]),
        (2, &"delivered".into())
    );
    let data = receiver.database().parent().unwrap().to_owned();
    let (_folder, log) = receiver.stop();
    assert!(log.contains("messages=1"), "{log}");
    // Gone, and not only no longer in a table.
    for file in fs::read_dir(data).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let there = bytes.windows(5).any(|window| window == b"m-old");
        assert!(!there, "{}", path.display());
    }
}

#[test]
fn the_start_is_told_in_the_log_s_own_format() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let mut command = binary();
    command
        .args(["--log-format", "json"])
        .args(Receiver::arguments(folder.path(), &["--retain-days", "30"]));
    let receiver = Receiver::spawn(command, folder);
    let address = receiver.address;
    let (_, log) = receiver.stop();
    let started = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find(|line| line["fields"]["message"] == "started")
        .unwrap();
    let fields = &started["fields"];
    assert_eq!(fields["callbacks"], format!("http://{address}"));
    assert_eq!(fields["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (&fields["retain_days"], &fields["secrets"]),
        (&30.into(), &1.into())
    );
    assert!(!log.contains(SECRET), "{log}");
}

#[test]
fn records_are_not_kept_for_less_time_than_callbacks_may_be_old() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let days = ["--max-age", "172800", "--retain-days", "2"];
    let mut command = binary();
    command.args(Receiver::arguments(folder.path(), &days));
    let (code, _, errors) = said(&command.output().unwrap());
    assert_eq!(code, 2);
    assert!(
        errors.contains("--retain-days 2 does not outlast --max-age 172800"),
        "{errors}"
    );
    let days = ["--max-age", "172800", "--retain-days", "3"];
    Receiver::start_in(folder, &days).stop();
}
