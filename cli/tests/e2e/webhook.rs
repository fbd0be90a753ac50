//! Where callbacks go is told to Sinch by a command, and nobody types a secret into a form.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    harness::{SECRET, binary, eventually, said},
    stand_in::{StandIn, receiver, text},
};

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.txt"), "key:made-up\n").unwrap();
    fs::write(folder.path().join("secret.txt"), format!("{SECRET}\n")).unwrap();
    folder
}

fn webhook(sinch: &StandIn, folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = binary()
        .arg("webhook")
        .args(arguments)
        .args(["--project", "p", "--sinch-url", &sinch.url(), "--key-file"])
        .arg(folder.join("key.txt"))
        .output()
        .unwrap();
    said(&output)
}

fn create(sinch: &StandIn, folder: &Path, target: &str, more: &[&str]) -> (i32, String, String) {
    let secret = folder.join("secret.txt");
    let arguments = [
        "create",
        "--app",
        "app",
        "--target",
        target,
        "--secret-file",
        secret.to_str().unwrap(),
    ];
    webhook(sinch, folder, &[&arguments[..], more].concat())
}

#[test]
fn a_webhook_is_made_with_the_secret_that_serve_verifies_with_and_removed_again() {
    let (receiver, url) = receiver();
    let folder = folder();
    let key = folder.path().join("key.txt");
    let sinch = StandIn::start(
        "",
        "http://127.0.0.1:9/",
        &["--key-file", key.to_str().unwrap()],
    );
    let (code, made, error) = create(&sinch, folder.path(), &url, &["--json"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let made: Value = serde_json::from_str(&made).unwrap();
    let triggers = json!(["MESSAGE_DELIVERY", "MESSAGE_SUBMIT", "OPT_IN", "OPT_OUT"]);
    assert_eq!(
        (&made["target"], &made["triggers"]),
        (&json!(url), &triggers)
    );

    // What is sent by the app is verified and processed here.
    let form = json!("grant_type=client_credentials");
    let token = sinch
        .ask_as("Basic a2V5Om1hZGUtdXA=", "POST", "/oauth2/token", &form)
        .json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let body = text("SMS", "+15550100", "a");
    let sent = sinch
        .ask_as(&bearer, "POST", "/v1/projects/p/messages:send", &body)
        .json();
    let path = format!("/api/messages/{}", sent["message_id"].as_str().unwrap());
    eventually(|| {
        let found = receiver.get(&path);
        (found.status == 200 && found.json()["state"] == "delivered").then_some(())
    });

    let id = made["id"].as_str().unwrap();
    let list = || webhook(&sinch, folder.path(), &["list", "--app", "app"]);
    let (code, listed, _) = list();
    assert_eq!(code, 0);
    assert_eq!(
        listed,
        format!("{id}  {url}  MESSAGE_DELIVERY MESSAGE_SUBMIT OPT_IN OPT_OUT\n")
    );
    assert_eq!(webhook(&sinch, folder.path(), &["delete", id]).0, 0);
    assert_eq!(list().1, "");
    let (code, _, error) = webhook(&sinch, folder.path(), &["delete", id]);
    assert_eq!(code, 1);
    assert!(
        error.contains("are --project and --region right?"),
        "{error}"
    );
}

#[test]
fn why_no_webhook_is_made_is_told_before_sinch_refuses_it() {
    let folder = folder();
    let sinch = StandIn::start("", "http://127.0.0.1:9/", &[]);
    let refused = |target: &str, more: &[&str], wanted: i32, why: &str| {
        let (code, _, error) = create(&sinch, folder.path(), target, more);
        assert_eq!(code, wanted, "{error}");
        assert!(error.contains(why), "{error}");
        assert!(!error.contains(SECRET));
    };
    refused("ftp://127.0.0.1/", &[], 2, "Sinch calls an https address");
    let long = format!("https://example.com/{}", "a".repeat(723));
    refused(&long, &[], 2, "longer than 742 characters");
    assert_eq!(create(&sinch, folder.path(), &long[..742], &[]).0, 0);
    refused(&long[..742], &[], 1, "has this target");
    for number in 0..4 {
        assert_eq!(
            create(
                &sinch,
                folder.path(),
                &format!("https://example.com/{number}"),
                &[]
            )
            .0,
            0
        );
    }
    refused(
        "https://example.com/5",
        &[],
        1,
        "the app has 5 webhooks, which is the most",
    );
    fs::write(folder.path().join("secret.txt"), "").unwrap();
    refused("https://example.com/6", &[], 2, "empty");
}

#[test]
fn a_wrong_key_and_a_sinch_that_is_down_are_told_apart() {
    let folder = folder();
    let key = folder.path().join("other.txt");
    fs::write(&key, "other:key").unwrap();
    let sinch = StandIn::start(
        "",
        "http://127.0.0.1:9/",
        &["--key-file", key.to_str().unwrap()],
    );
    let (code, _, error) = webhook(&sinch, folder.path(), &["list", "--app", "app"]);
    assert_eq!(code, 1);
    assert!(
        error.contains("is the access key of --key-file one of this project?"),
        "{error}"
    );
    assert!(!error.contains("made-up"), "{error}");
    fs::write(folder.path().join("key.txt"), "no key").unwrap();
    let (code, _, error) = webhook(&sinch, folder.path(), &["list", "--app", "app"]);
    assert_eq!(code, 2);
    assert!(error.contains("KEY_ID:KEY_SECRET"), "{error}");
    fs::write(folder.path().join("key.txt"), "key:made-up").unwrap();
    let url = sinch.url();
    drop(sinch);
    let output = binary()
        .args([
            "webhook",
            "list",
            "--app",
            "app",
            "--project",
            "p",
            "--sinch-url",
            &url,
            "--key-file",
        ])
        .arg(folder.path().join("key.txt"))
        .output()
        .unwrap();
    let (code, _, error) = said(&output);
    assert_eq!(code, 1);
    assert!(error.contains("the request never left"), "{error}");
}
