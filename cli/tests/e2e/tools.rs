//! `sign`, `verify`, `status`, `send`: what they print, and their exit codes.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use crate::harness::{Receiver, SECRET, binary, report, said};

/// A folder with a secret, a body and its headers as `sign` prints them.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(files.path("secret"), format!("{SECRET}\n")).unwrap();
        fs::write(files.path("body"), report("m-1", "DELIVERED")).unwrap();
        let (code, headers, errors) = files.run(&["sign", "--at", "1700000000", "--body", "body"]);
        assert_eq!(code, 0, "{errors}");
        fs::write(files.path("headers"), headers).unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command in the folder with its secret.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = binary()
            .current_dir(self.folder.path())
            .args(arguments)
            .args(["--secret-file", "secret"])
            .output()
            .unwrap();
        said(&output)
    }

    fn verify(&self, more: &[&str]) -> (i32, String, String) {
        let mut arguments = vec!["verify", "--headers", "headers", "--body", "body"];
        arguments.extend(more);
        self.run(&arguments)
    }
}

#[test]
fn what_sign_prints_verifies() {
    let files = Files::new();
    let (code, out, _) = files.verify(&["--at", "1700000003", "--json"]);
    assert_eq!(code, 0);
    let verdict: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(verdict["verdict"], "accepted");
    assert_eq!(verdict["secret_slot"], 0);
    assert_eq!(verdict["age_secs"], 3);
    assert_eq!(verdict["kind"], "message_delivery");
    assert_eq!(verdict["replay_key"].as_str().unwrap().len(), 32);
    assert_eq!(verdict["content_key"].as_str().unwrap().len(), 32);
}

#[test]
fn a_rejection_exits_with_1_and_says_why() {
    let files = Files::new();
    let (code, out, _) = files.verify(&["--at", "1700000301", "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &verdict["code"], &verdict["status"]),
        (1, &"stale".into(), &401.into())
    );
    let (code, _, _) = files.verify(&["--at", "1700000301", "--max-age", "unlimited"]);
    assert_eq!(code, 0);
}

#[test]
fn a_mismatch_prints_its_likely_cause() {
    let files = Files::new();
    let mut body = fs::read(files.path("body")).unwrap();
    body.push(b'\n');
    fs::write(files.path("body"), body).unwrap();
    let (code, out, _) = files.verify(&["--at", "1700000000"]);
    assert_eq!(code, 1);
    assert!(
        out.contains("signature_mismatch") && out.contains("newline"),
        "{out}"
    );

    fs::write(files.path("secret"), "made-up-other-secret").unwrap();
    fs::write(files.path("body"), report("m-1", "DELIVERED")).unwrap();
    fs::write(files.path("retired"), SECRET).unwrap();
    let (_, out, _) = files.verify(&[
        "--at",
        "1700000000",
        "--retired-secret-file",
        "retired",
        "--json",
    ]);
    let verdict: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(verdict["diagnosis"][0]["code"], "previous_secret", "{out}");
}

/// The headers of the folder's callback, by name.
fn pairs(files: &Files) -> Vec<(String, String)> {
    let headers = fs::read_to_string(files.path("headers")).unwrap();
    let pairs = headers.lines().map(|line| line.split_once(": ").unwrap());
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The callback in each form that a person may have it in: the form's name, the file, and whether
/// it shows the body.
fn captured(files: &Files) -> Vec<(&'static str, String, bool)> {
    let body = fs::read_to_string(files.path("body")).unwrap();
    let headers = fs::read_to_string(files.path("headers")).unwrap();
    let pairs = pairs(files);
    let map: serde_json::Map<_, _> = pairs
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let list: Vec<_> = pairs
        .iter()
        .map(|(name, value)| serde_json::json!({ "name": name, "value": value }))
        .collect();
    let lists: serde_json::Map<_, _> = pairs
        .iter()
        .map(|(name, value)| {
            let list = serde_json::json!([{ "key": name, "value": value }]);
            (name.to_lowercase(), list)
        })
        .collect();
    let sent: String = headers.lines().map(|line| format!("> {line}\n")).collect();
    let options: String = headers
        .lines()
        .map(|line| format!(" -H '{line}' \\\n"))
        .collect();
    let json = |value: serde_json::Value| serde_json::to_string_pretty(&value).unwrap();
    vec![
        (
            "raw HTTP",
            format!("POST /callbacks HTTP/1.1\r\nHost: h\r\n{headers}\r\n{body}"),
            true,
        ),
        (
            "curl -v",
            format!("* Connected to h\n> POST / HTTP/2\n{sent}> \n< HTTP/2 401 \n< server: x\n"),
            false,
        ),
        (
            "curl",
            format!("curl 'https://h/callbacks' \\\n{options} --data-raw '{body}'"),
            true,
        ),
        ("map", json(map.clone().into()), false),
        (
            "Lambda event",
            json(serde_json::json!({
                "version": "2.0", "headers": map, "requestContext": {}, "body": body,
                "isBase64Encoded": false,
            })),
            true,
        ),
        (
            "CloudFront event",
            json(serde_json::json!({ "Records": [{ "cf": { "request": {
                "headers": lists, "body": { "data": body, "encoding": "text" },
            } } }] })),
            true,
        ),
        (
            "HAR entry",
            json(serde_json::json!({ "request": {
                "method": "POST", "headers": list, "postData": { "text": body },
            } })),
            true,
        ),
    ]
}

#[test]
fn a_request_verifies_in_every_form_that_people_have() {
    let files = Files::new();
    for (form, text, has_body) in captured(&files) {
        fs::write(files.path("request"), &text).unwrap();
        let mut arguments = vec!["verify", "--request", "request", "--at", "1700000000"];
        if !has_body {
            let (code, _, errors) = files.run(&arguments);
            assert!(code == 2 && errors.contains("--body"), "{form}: {errors}");
            arguments.extend(["--body", "body"]);
        }
        let (code, out, errors) = files.run(&arguments);
        assert_eq!(code, 0, "{form}: {out}{errors}");

        // The same file is misuse where header lines are expected, and says what it is.
        let arguments = ["verify", "--headers", "request", "--body", "body"];
        let (code, _, errors) = files.run(&arguments);
        assert!(
            code == 2 && errors.contains("--request"),
            "{form}: {errors}"
        );

        // One byte of the body changed is a verdict.
        if has_body {
            fs::write(files.path("request"), text.replace("m-1", "m-2")).unwrap();
            let arguments = ["verify", "--request", "request", "--at", "1700000000"];
            let (code, out, _) = files.run(&arguments);
            assert!(
                code == 1 && out.contains("signature_mismatch"),
                "{form}: {out}"
            );
        }
    }
}

#[test]
fn a_mistake_in_the_files_is_never_a_verdict() {
    let files = Files::new();
    fs::write(files.path("page"), "<html>").unwrap();
    fs::write(files.path("empty"), "").unwrap();
    for (arguments, hint) in [
        (&["--headers", "body", "--body", "headers"][..], "swapped"),
        (&["--request", "body", "--body", "headers"], "swapped"),
        (&["--request", "page"], "form is not known"),
        (&["--request", "empty"], "nothing in it"),
        (&["--request", "."], "cannot be read"),
        (&["--request", "body"], "no headers"),
        (
            &[
                "--headers",
                "headers",
                "--body",
                "body",
                "--at",
                "1700000000000",
            ],
            "milliseconds",
        ),
        (&["--headers", "headers"], "--body"),
        (&["--body", "body"], "--request"),
    ] {
        let arguments: Vec<_> = ["verify"].iter().chain(arguments).copied().collect();
        let (code, out, errors) = files.run(&arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(hint), "{arguments:?}: {errors}");
    }
}

#[test]
fn what_a_real_request_can_carry_is_a_verdict_with_its_cause() {
    let files = Files::new();
    let body = fs::read_to_string(files.path("body")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&body).unwrap();
    for (spoilt, cause) in [
        (Vec::new(), "body_empty"),
        (b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "body_compressed"),
        (body.replace(',', ", ").into_bytes(), "body_reserialized"),
        // Its keys come out in another order than they were signed in.
        (serde_json::to_vec(&value).unwrap(), "keys_sorted"),
        (serde_json::to_vec(&body).unwrap(), "body_is_json_string"),
        (format!("{body}\r\n").into_bytes(), "newline_added"),
    ] {
        fs::write(files.path("body"), &spoilt).unwrap();
        let (code, out, errors) = files.verify(&["--at", "1700000000", "--json"]);
        let verdict: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|_| panic!("{errors}"));
        assert_eq!(
            (code, &verdict["code"]),
            (1, &"signature_mismatch".into()),
            "{cause}"
        );
        let found = verdict["diagnosis"][0]["code"].as_str().unwrap_or_default();
        assert_eq!(found, cause);
    }
}

#[test]
fn misuse_exits_with_2_and_names_cause_and_remedy() {
    let files = Files::new();
    fs::write(files.path("spaced"), format!("{SECRET} ")).unwrap();
    for (arguments, hint) in [
        (
            &[
                "verify",
                "--headers",
                "nowhere",
                "--body",
                "body",
                "--secret-file",
                "secret",
            ][..],
            "nowhere cannot be read",
        ),
        (
            &["verify", "--headers", "headers", "--body", "body"],
            "SINCH_WEBHOOK_SECRET",
        ),
        (
            &["sign", "--body", "body", "--secret-file", "spaced"],
            "--verbatim-secrets",
        ),
        (
            &["sign", "--body", "body", "--secret-file", "missing"],
            "missing cannot be read",
        ),
        (
            &[
                "sign",
                "--body",
                "body",
                "--nonce",
                "a.b",
                "--secret-file",
                "secret",
            ],
            "nonce",
        ),
        (
            &[
                "verify",
                "--headers",
                "headers",
                "--body",
                "body",
                "--max-age",
                "soon",
            ],
            "unlimited",
        ),
        (&["status", "m-1", "--data", "nowhere"], "there is no store"),
        (
            &[
                "send",
                "--url",
                "ftp://127.0.0.1/",
                "--secret-file",
                "secret",
            ],
            "http",
        ),
    ] {
        let output = binary()
            .current_dir(files.folder.path())
            .env_remove("SINCH_WEBHOOK_SECRET")
            .args(arguments)
            .output()
            .unwrap();
        let (code, _, errors) = said(&output);
        assert_eq!(code, 2, "{arguments:?}: {errors}");
        assert!(errors.contains(hint), "{arguments:?}: {errors}");
    }
}

#[test]
fn the_secret_may_come_from_the_environment() {
    let files = Files::new();
    let output = binary()
        .current_dir(files.folder.path())
        .env("SINCH_WEBHOOK_SECRET", SECRET)
        .args([
            "verify",
            "--headers",
            "headers",
            "--body",
            "body",
            "--at",
            "1700000000",
        ])
        .output()
        .unwrap();
    assert_eq!(said(&output).0, 0);
}

#[test]
fn status_tells_a_message_s_timeline() {
    let receiver = Receiver::start();
    receiver.deliver(&report("m-1", "QUEUED_ON_CHANNEL"));
    let failed = report("m-1", "FAILED").replace(
        r#""metadata""#,
        r#""reason":{"code":"RATE_LIMITED","description":"slow down"},"metadata""#,
    );
    receiver.deliver(&failed);
    receiver.settled();
    let data = receiver.database().parent().unwrap().to_owned();
    let status = |id: &str| {
        said(
            &binary()
                .args(["status", id, "--data"])
                .arg(&data)
                .output()
                .unwrap(),
        )
    };
    let (code, out, _) = status("m-1");
    assert_eq!(code, 0);
    for part in [
        "m-1  failed",
        "RATE_LIMITED: slow down",
        "send it again later",
        "order-m-1",
        "2023-11-14 22:13:20Z",
        "QUEUED_ON_CHANNEL",
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    let (code, _, errors) = status("m-2");
    assert_eq!(code, 1);
    assert!(errors.contains("no report of a message m-2"), "{errors}");
}

#[test]
fn send_plays_a_mixed_day_and_everything_is_answered_as_it_should_be() {
    let receiver = Receiver::start_with(&["--clock-at", &now()]);
    let url = format!("http://{}/callbacks", receiver.address);
    let secret = receiver.folder.path().join("secret.txt");
    let output = binary()
        .args([
            "send",
            "--url",
            &url,
            "--messages",
            "100",
            "--forged",
            "30",
            "--replayed",
            "30",
        ])
        .args(["--json", "--seed", "7", "--secret-file"])
        .arg(secret)
        .output()
        .unwrap();
    let (code, out, errors) = said(&output);
    assert_eq!(code, 0, "{out} {errors}");
    let summary: serde_json::Value = serde_json::from_str(&out).unwrap();
    let stored = receiver.settled();
    assert_eq!(stored["messages"], 100);
    assert_eq!(stored["callbacks"], summary["accepted"]);
    assert_eq!(summary["answers"]["401"], summary["forged"]);
    assert!(summary["forged"].as_u64().unwrap() > 0 && summary["replayed"].as_u64().unwrap() > 0);
}

#[test]
fn send_retries_what_was_not_taken() {
    let receiver = Receiver::start_with(&["--clock-at", &now()]);
    let lock = rusqlite::Connection::open(receiver.database()).unwrap();
    lock.busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let url = format!("http://{}/callbacks", receiver.address);
    let secret = receiver.folder.path().join("secret.txt");
    let sending = binary()
        .args([
            "send",
            "--url",
            &url,
            "--messages",
            "2",
            "--scenario",
            "delivered",
        ])
        .args(["--first-retry", "1", "--json", "--secret-file"])
        .arg(secret)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let unavailable = "sinch_callback_unavailable_total{code=\"handoff_unavailable\"}";
    crate::harness::eventually(|| (receiver.metric(unavailable) >= 2.0).then_some(()));
    lock.execute_batch("ROLLBACK").unwrap();
    let (code, out, _) = said(&sending.wait_with_output().unwrap());
    assert_eq!(code, 0, "{out}");
    let summary: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(summary["accepted"], 4);
    assert!(summary["retries"].as_u64().unwrap() >= 2);
    assert_eq!(receiver.settled()["by_state"][0]["count"], 2);
}

/// The system's time: `send` signs at it, so its receiver has to share it.
pub fn now() -> String {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    since.as_secs().to_string()
}
