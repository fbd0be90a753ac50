//! Secrets that change, and secrets that are none.

use std::{fs, io::Write};

use crate::harness::{NOW, Receiver, Reply, SECRET, binary, report, request, said, signed_as};

#[test]
fn callbacks_that_end_together_behind_a_rotation_are_all_accepted() {
    let receiver = Receiver::start();
    let file = receiver.folder.path().join("secret.txt");
    for round in 0..10 {
        let secret = format!("made-up-secret-of-round-{round}");
        fs::write(&file, &secret).unwrap();
        let requests: Vec<_> = (0..32)
            .map(|number| {
                let body = report(&format!("m-{round}-{number}"), "DELIVERED");
                let nonce = format!("nonce-{round}-{number}");
                let headers = signed_as(&secret, body.as_bytes(), &nonce, NOW);
                let mut connection = receiver.connect();
                let request = request("POST", "/callbacks", &headers, body.as_bytes());
                let (last, most) = request.split_last().unwrap();
                connection.write_all(most).unwrap();
                (connection, *last)
            })
            .collect();
        let mut waiting = Vec::new();
        for (mut connection, last) in requests {
            connection.write_all(&[last]).unwrap();
            waiting.push(connection);
        }
        for mut connection in waiting {
            let told = Reply::read(&mut connection).unwrap().told();
            assert_eq!(told, (200, "accepted".into()), "round {round}");
        }
    }
}

#[test]
fn a_broken_secret_is_refused_at_the_start_with_its_cause_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.txt");
    let data = folder.path().join("data");
    for (text, words) in [
        (
            "\"made-up\"\n",
            ["quotes around it", "--verbatim-secrets takes it"],
        ),
        (
            "made-up-new\nmade-up-old\n",
            [
                "line break inside",
                "one secret a file: repeat --secret-file",
            ],
        ),
        ("\u{feff}made-up", ["byte order mark", "--verbatim-secrets"]),
        (
            "SINCH_WEBHOOK_SECRET=made-up",
            ["NAME=value", "--verbatim-secrets"],
        ),
        ("whsec_made-up", ["whsec_", "--verbatim-secrets"]),
        (
            "made-up-15-byte",
            ["fewer than 16 bytes", "set a longer one"],
        ),
    ] {
        fs::write(&file, text).unwrap();
        let serve = |more: &[&str]| {
            let mut command = binary();
            command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
            command.arg(&data).args(more);
            command
        };
        let mut from_file = serve(&["--secret-file"]);
        from_file.arg(&file);
        let mut from_variable = serve(&[]);
        from_variable.env("SINCH_WEBHOOK_SECRET", text.trim_end_matches('\n'));
        for command in [&mut from_file, &mut from_variable] {
            let (code, output, error) = said(&command.output().unwrap());
            assert_eq!((code, &*output), (2, ""), "{error}");
            for word in words {
                assert!(error.contains(word), "{text:?}: {error}");
            }
            assert!(!error.contains("made-up"), "{error}");
        }
    }
    assert!(!data.exists());
    fs::write(&file, "\"made-up-in-quotes\"").unwrap();
    let receiver = Receiver::start_in(folder, &["--verbatim-secrets"]);
    let body = report("m-1", "DELIVERED");
    let headers = signed_as("\"made-up-in-quotes\"", body.as_bytes(), "nonce-1", NOW);
    assert_eq!(receiver.post(&headers, body.as_bytes()).status, 200);
}

#[test]
fn a_secret_that_breaks_while_running_leaves_the_one_at_hand_and_is_counted_and_logged() {
    let receiver = Receiver::start();
    let file = receiver.folder.path().join("secret.txt");
    let post = |secret: &str, nonce: &str| {
        let body = report(nonce, "DELIVERED");
        let headers = signed_as(secret, body.as_bytes(), nonce, NOW);
        receiver.post(&headers, body.as_bytes()).told()
    };
    let forged = || post("made-up-by-a-forger", "nonce-f");
    assert_eq!(forged(), (401, "signature_mismatch".into()));
    fs::write(&file, "'made-up-and-quoted'").unwrap();
    for _ in 0..3 {
        assert_eq!(forged(), (503, "secret_unavailable".into()));
    }
    assert_eq!(post(SECRET, "nonce-1"), (200, "accepted".into()));
    let broken = receiver.metric("sinch_callback_secret_reads_total{outcome=\"broken\"}");
    assert!(broken >= 1.0, "{broken}");
    fs::write(&file, "made-up-and-mended").unwrap();
    let mended = post("made-up-and-mended", "nonce-2");
    assert_eq!(mended, (200, "accepted".into()));
    assert_eq!(forged(), (401, "signature_mismatch".into()));
    let (_folder, log) = receiver.stop();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("ERROR") && line.contains("quotes around it"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(!log.contains("made-up-and"), "{log}");
}
