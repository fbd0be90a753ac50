//! What is told is told on a listener of its own, to whoever may ask.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use crate::harness::{
    Receiver, Reply, SECRET, binary, connect, eventually, exchange, report, request, said,
};

const TELLING: [&str; 6] = [
    "/api/messages",
    "/api/messages/m-1",
    "/api/unrecognized",
    "/api/summary",
    "/metrics",
    "/readyz",
];

fn get(address: std::net::SocketAddr, path: &str, host: &str, more: &str) -> Reply {
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n");
    exchange(&mut connect(address), head.as_bytes())
}

#[test]
fn the_listener_that_the_world_reaches_tells_nothing_and_the_other_takes_nothing() {
    let receiver = Receiver::start();
    assert_eq!(receiver.deliver(&report("m-1", "DELIVERED")).status, 200);
    receiver.settled();
    for path in TELLING {
        let reply = get(receiver.address, path, "localhost", "");
        assert_eq!(reply.told(), (404, "unknown_path".into()), "{path}");
        assert_eq!(
            get(receiver.admin, path, "localhost", "").status,
            200,
            "{path}"
        );
    }
    let healthy = get(receiver.address, "/healthz", "any.example", "");
    assert_eq!(healthy.told(), (200, "ok".into()));
    let body = report("m-2", "DELIVERED");
    let callback = request(
        "POST",
        "/callbacks",
        &crate::harness::signed(body.as_bytes()),
        body.as_bytes(),
    );
    let reply = exchange(&mut connect(receiver.admin), &callback);
    assert_eq!(reply.told(), (404, "unknown_path".into()));
    assert_eq!(receiver.settled()["messages"], 1);
}

#[test]
fn a_name_that_was_not_set_is_refused_and_nothing_that_is_told_is_kept_on_the_way() {
    let receiver = Receiver::start_with(&["--admin-host", "admin.example"]);
    for path in TELLING.into_iter().chain(["/nothing", "/healthz"]) {
        for host in [
            "attacker.example",
            "localhost.attacker.example:8081",
            "10.0.0.1",
        ] {
            let reply = get(receiver.admin, path, host, "");
            assert_eq!(reply.told(), (403, "unknown_host".into()), "{path} {host}");
            assert!(reply.head.contains("\ncache-control: no-store\r"), "{path}");
        }
        for host in ["127.0.0.1", "localhost:1", "[::1]:8081", "Admin.Example:80"] {
            let reply = get(receiver.admin, path, host, "");
            assert_ne!(reply.status, 403, "{path} {host}");
            assert!(reply.head.contains("\ncache-control: no-store\r"), "{path}");
        }
    }
}

#[test]
fn with_a_token_whoever_asks_must_present_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let token = folder.path().join("token.txt");
    fs::write(&token, "made-up-admin-token\n").unwrap();
    let token = token.display().to_string();
    // Loopback with a token wants it too; every interface is nothing without one.
    for address in ["127.0.0.1:0", ":0"] {
        let copy = tempfile::tempdir().unwrap();
        fs::write(copy.path().join("secret.txt"), SECRET).unwrap();
        let receiver = Receiver::start_in(
            copy,
            &["--admin-listen", address, "--admin-token-file", &token],
        );
        let admin = ([127, 0, 0, 1], receiver.admin.port()).into();
        for path in TELLING {
            let with = |more: &str| get(admin, path, "localhost", more);
            let refused = with("");
            assert_eq!(refused.told(), (401, "unauthorized".into()), "{path}");
            assert!(
                refused.head.contains("\nwww-authenticate: bearer"),
                "{path}"
            );
            assert_eq!(
                with("authorization: Bearer another-token\r\n").status,
                401,
                "{path}"
            );
            let told = with("authorization: Bearer made-up-admin-token\r\n");
            assert_ne!(told.status, 401, "{path}");
        }
        // The world's listener wants none.
        assert_eq!(receiver.deliver(&report("m-1", "DELIVERED")).status, 200);
        let (_, log) = receiver.stop();
        assert!(!log.contains("made-up-admin-token"), "{log}");
    }
}

/// What `serve` says that does not start.
fn refused(arguments: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    fs::write(folder.path().join("empty.txt"), "\n").unwrap();
    let output = binary()
        .current_dir(folder.path())
        .args(Receiver::arguments(folder.path(), arguments))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (code, out, errors) = said(&output);
    assert_eq!(out, "", "nothing is said to listen");
    (code, errors)
}

#[test]
fn what_would_tell_everybody_does_not_start_and_says_what_to_set() {
    for (arguments, expected, hint) in [
        (
            &["--admin-listen", "0.0.0.0:0"][..],
            2,
            "--admin-token-file",
        ),
        (&["--admin-listen", ":0"], 2, "--admin-token-file"),
        (&["--admin-listen", "[::]:0"], 2, "--admin-token-file"),
        (
            &[
                "--admin-listen",
                "127.0.0.1:0",
                "--admin-token-file",
                "empty.txt",
            ],
            2,
            "holds no token",
        ),
        (
            &[
                "--admin-listen",
                "127.0.0.1:0",
                "--admin-token-file",
                "nowhere.txt",
            ],
            2,
            "nowhere.txt",
        ),
        (&["--admin-listen", "8081"], 2, "or off"),
    ] {
        let (code, errors) = refused(arguments);
        assert_eq!(code, expected, "{arguments:?}: {errors}");
        assert!(errors.contains(hint), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_port_in_use_names_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let (code, errors) = refused(&["--admin-listen", &taken]);
    assert_eq!(code, 1, "{errors}");
    for part in [&taken, "--admin-listen ADDRESS", "--admin-listen off"] {
        assert!(errors.contains(part), "{errors}");
    }
}

/// The lines of a receiver's standard output up to its second one, and the receiver.
fn lines(arguments: &[&str]) -> (Vec<String>, std::process::Child) {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let mut command = binary();
    command.args(Receiver::arguments(folder.path(), arguments));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (out.lines().take(2).map(Result::unwrap).collect(), child)
}

#[test]
fn the_first_two_lines_are_the_addresses_whatever_the_log_s_form() {
    for more in [&[][..], &["--log-format", "json"]] {
        let (told, mut child) = lines(&[&["--admin-listen", "off"], more].concat());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            told[0].starts_with("listening on http://127.0.0.1:"),
            "{told:?}"
        );
        assert_eq!(told[1], "admin off");
        let (told, mut child) = lines(more);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            told[1].starts_with("admin on http://127.0.0.1:"),
            "{told:?}"
        );
    }
}

#[test]
fn a_name_and_every_interface_can_be_listened_on() {
    let receiver =
        Receiver::start_with(&["--listen", "localhost:0", "--admin-listen", "localhost:0"]);
    assert!(receiver.address.ip().is_loopback());
    assert_eq!(receiver.get("/healthz").status, 200);
    assert_eq!(receiver.get("/api/summary").status, 200);
    drop(receiver);

    let receiver = Receiver::start_with(&["--listen", ":0"]);
    let port = receiver.address.port();
    let mut hosts = vec![std::net::IpAddr::from([127, 0, 0, 1])];
    // Where this machine has IPv6, that works too.
    let six = std::net::Ipv6Addr::LOCALHOST;
    if TcpListener::bind((six, 0)).is_ok() {
        hosts.push(six.into());
    }
    for host in hosts {
        let reply = get((host, port).into(), "/healthz", "any.example", "");
        assert_eq!(reply.status, 200, "{host}");
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_store_is_its_owner_s_alone_and_an_old_one_is_closed_once() {
    let receiver = Receiver::start();
    receiver.deliver(&report("m-1", "DELIVERED"));
    receiver.settled();
    let data = receiver.database().parent().unwrap().to_owned();
    let files = || -> Vec<_> {
        let found = fs::read_dir(&data).unwrap();
        found.map(|entry| entry.unwrap().path()).collect()
    };
    // While it runs there are also the log and its index.
    let names: Vec<_> = files()
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    for suffix in ["sqlite3", "-wal", "-shm", "lock"] {
        assert!(names.iter().any(|name| name.ends_with(suffix)), "{names:?}");
    }
    assert_eq!(mode(&data), 0o700);
    for path in files() {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }

    let (folder, log) = receiver.stop();
    assert!(!log.contains("other users"), "{log}");
    let open =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for path in files() {
        open(&path, 0o644);
    }
    open(&data, 0o755);
    let receiver = Receiver::start_in(folder, &[]);
    assert_eq!(receiver.message("m-1")["state"], "delivered");
    assert_eq!(mode(&data), 0o700);
    for path in files() {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let (folder, log) = receiver.stop();
    assert!(
        log.contains("other users could read the data folder"),
        "{log}"
    );
    let (_, log) = Receiver::start_in(folder, &[]).stop();
    assert!(!log.contains("other users"), "{log}");
}

#[test]
fn two_receivers_of_one_machine_can_run_beside_each_other() {
    let first = Receiver::start_with(&["--admin-listen", "127.0.0.1:0"]);
    let second = Receiver::start_with(&["--admin-listen", "127.0.0.1:0"]);
    second.deliver(&report("m-1", "DELIVERED"));
    assert_eq!(second.settled()["messages"], 1);
    assert_eq!(first.settled()["messages"], 0);
    eventually(|| (second.message("m-1")["state"] == "delivered").then_some(()));
}
