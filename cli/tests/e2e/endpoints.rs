//! Callbacks of every scheme, at endpoints of their own.

use std::{fs, path::Path};

use sinch_callback::{
    UnixSeconds,
    scheme::{AnyScheme, Request, SchemeName, SchemeSigner, SignedRequest, ToSign},
};
use tempfile::TempDir;

use crate::harness::{NOW, Receiver, SECRET, binary, exchange, report, request, said};

/// In base64, so that every scheme reads it as a key.
const KEY: &str = "bWFkZS11cC1zZWNyZXQtb2YtYW4tZW5kcG9pbnQ=";
const NEWER: &str = "YW5vdGhlci1tYWRlLXVwLXNlY3JldC1vZi1hLXRlc3Q=";
const KEY_ID: &str = "made-up-key-id";

fn schemes() -> impl Iterator<Item = AnyScheme> {
    let names = SchemeName::ALL.iter().copied();
    names.filter(|name| name.shares_secret()).map(scheme)
}

fn scheme(name: SchemeName) -> AnyScheme {
    AnyScheme::new(name, name.names_key().then_some(KEY_ID)).unwrap()
}

fn path(name: SchemeName) -> String {
    format!("/hooks/{name}")
}

fn signed(name: SchemeName, key: &str, path: &str, body: &str) -> SignedRequest {
    let signer = SchemeSigner::new(scheme(name), key.as_bytes()).unwrap();
    let nonce = "7".repeat(signer.nonce_chars());
    let what = ToSign::new(
        Request::post(path),
        body.as_bytes(),
        &nonce,
        UnixSeconds::new(NOW),
    );
    signer.sign(&what).unwrap()
}

fn post(receiver: &Receiver, path: &str, signed: &SignedRequest) -> (u16, String) {
    let request = request("POST", path, &signed.headers, &signed.body);
    exchange(&mut receiver.connect(), &request).told()
}

/// A body that the scheme's product might send, and nobody waits for an answer to.
fn body(name: SchemeName, id: &str) -> String {
    match name {
        SchemeName::Conversation => report(id, "DELIVERED"),
        SchemeName::Numbers => format!(
            r#"{{"eventId":"{id}","resourceType":"ACTIVE_NUMBER","eventType":"PROVISIONING_TO_CAMPAIGN","status":"SUCCEEDED"}}"#
        ),
        SchemeName::Application => {
            format!(r#"{{"event":"dice","callid":"{id}","result":"ANSWERED"}}"#)
        }
        SchemeName::Mailgun => format!(r#"{{"event-data":{{"event":"opened","id":"{id}"}}}}"#),
        _ => format!(r#"{{"event":"call.hangup","call":{{"callId":"{name}-{id}"}}}}"#),
    }
}

/// A folder with a secret of each scheme, and one endpoint of each in a file of settings.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let mut settings = String::new();
    for scheme in schemes() {
        let name = sinch_callback::scheme::Scheme::name(&scheme);
        let file = secret_file(folder.path(), name);
        fs::write(&file, KEY).unwrap();
        let key = if name.names_key() {
            format!("key = \"{KEY_ID}\"\n")
        } else {
            String::new()
        };
        settings.push_str(&format!(
            "[[endpoint]]\npath = \"{}\"\nscheme = \"{name}\"\nsecret_files = [\"{file}\"]\n{key}",
            path(name)
        ));
    }
    fs::write(folder.path().join("settings.toml"), settings).unwrap();
    folder
}

fn secret_file(folder: &Path, name: SchemeName) -> String {
    folder.join(format!("{name}.txt")).display().to_string()
}

fn start(folder: TempDir) -> Receiver {
    let settings = folder.path().join("settings.toml").display().to_string();
    Receiver::start_in(folder, &["--config", &settings])
}

fn names() -> impl Iterator<Item = SchemeName> {
    schemes().map(|scheme| sinch_callback::scheme::Scheme::name(&scheme))
}

#[test]
fn what_each_scheme_signs_is_accepted_what_is_forged_is_refused_and_a_replay_counts_once() {
    let mut receiver = start(folder());
    for name in names() {
        let forged = signed(name, NEWER, &path(name), &body(name, "forged"));
        let told = post(&receiver, &path(name), &forged);
        assert_eq!(told, (401, "signature_mismatch".into()), "{name}");
    }
    // A guard absorbs the second; behind a restart, the store knows the third again.
    for (round, expected) in ["accepted", "duplicate", "accepted"].iter().enumerate() {
        if round == 2 {
            receiver = start(receiver.kill());
        }
        for name in names() {
            let genuine = signed(name, KEY, &path(name), &body(name, "genuine"));
            let told = post(&receiver, &path(name), &genuine);
            assert_eq!(told, (200, (*expected).into()), "{name} {round}");
        }
    }
    let summary = receiver.settled();
    let count = names().count();
    assert_eq!(summary["repeats"], count, "{summary}");
    assert_eq!(summary["messages"], 1, "{summary}");

    let listed = receiver.get("/api/callbacks").json();
    let listed = listed["callbacks"].as_array().unwrap();
    for name in names().filter(|name| *name != SchemeName::Conversation) {
        let row = listed.iter().find(|row| row["scheme"] == name.as_str());
        let row = row.unwrap_or_else(|| panic!("{name}: {listed:?}"));
        assert_eq!(row["repeats"], 1, "{row}");
        assert_eq!(row["signed_at"].is_null(), !name.signs_time(), "{row}");
        let promise = match name {
            SchemeName::Numbers | SchemeName::WhatsappLegacy => "untimed",
            SchemeName::Mailgun => "token_only",
            _ => "timely",
        };
        assert_eq!(row["promise"], promise);
    }
}

#[test]
fn a_token_counts_once_whatever_content_stands_beside_it() {
    let name = SchemeName::Mailgun;
    let receiver = start(folder());
    let genuine = signed(name, KEY, &path(name), &body(name, "m-1"));
    let mut swapped = genuine.clone();
    let report = report("m-1", "DELIVERED");
    let (_, proof) = core::str::from_utf8(&genuine.body)
        .unwrap()
        .split_once(r#","signature""#)
        .unwrap();
    let open = report.strip_suffix('}').unwrap();
    swapped.body = format!(r#"{open},"signature"{proof}"#).into_bytes();
    let told = post(&receiver, &path(name), &genuine);
    assert_eq!(told, (200, "accepted".into()));
    let receiver = start(receiver.kill());
    let told = post(&receiver, &path(name), &swapped);
    assert_eq!(told, (200, "accepted".into()));
    let summary = receiver.settled();
    assert_eq!(
        (&summary["callbacks"], &summary["repeats"]),
        (&1.into(), &1.into())
    );
    // What nobody has signed moves no message.
    assert_eq!(summary["messages"], 0);
    let listed = receiver.get("/api/unrecognized").json();
    assert_eq!(listed["callbacks"][0]["why"], "not_covered");
}

#[test]
fn a_call_that_waits_for_an_answer_is_refused_with_the_reason() {
    let receiver = start(folder());
    let name = SchemeName::Application;
    let ice = signed(name, KEY, &path(name), r#"{"event":"ice","callid":"c"}"#);
    let told = post(&receiver, &path(name), &ice);
    assert_eq!(told, (422, "answer_expected".into()));
    assert_eq!(receiver.settled()["callbacks"], 0);
}

#[test]
fn the_path_that_is_signed_is_the_public_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("voice.txt"), KEY).unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let file = folder.path().join("voice.txt").display().to_string();
    let settings = folder.path().join("settings.toml");
    fs::write(
        &settings,
        format!(
            "[[serve.endpoint]]\npath = '/voice'\npublic-path = '/from/sinch'\nscheme = 'application'\nsecret-files = ['{file}']\nkey = '{KEY_ID}'\n"
        ),
    )
    .unwrap();
    let settings = settings.display().to_string();
    let receiver = Receiver::start_in(folder, &["--config", &settings]);
    let name = SchemeName::Application;
    for (public, status) in [("/from/sinch", 200), ("/voice", 401)] {
        let callback = signed(name, KEY, public, &body(name, public));
        assert_eq!(post(&receiver, "/voice", &callback).0, status, "{public}");
    }
}

#[test]
fn a_secret_of_one_endpoint_changes_without_a_gap_while_the_others_go_on() {
    let receiver = start(folder());
    let (changes, stays) = (SchemeName::Numbers, SchemeName::Service);
    let accepted = |name, key, id: &str| {
        let callback = signed(name, key, &path(name), &body(name, id));
        assert_eq!(
            post(&receiver, &path(name), &callback).0,
            200,
            "{name} {id}"
        );
    };
    accepted(changes, KEY, "before");
    fs::write(secret_file(receiver.folder.path(), changes), NEWER).unwrap();
    accepted(changes, NEWER, "behind");
    accepted(stays, KEY, "beside");
    let late = signed(changes, KEY, &path(changes), &body(changes, "late"));
    assert_eq!(post(&receiver, &path(changes), &late).0, 401);
}

#[test]
fn endpoints_that_cannot_be_served_are_refused_at_the_start_each_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (good, short) = (file("good.txt", KEY), file("short.txt", "fifteen-bytes--"));
    let refused = |endpoints: &[String]| {
        let mut command = binary();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(folder.path().join("data"));
        for endpoint in endpoints {
            command.args(["--endpoint", endpoint]);
        }
        let (code, output, error) = said(&command.output().unwrap());
        assert_eq!((code, &*output), (2, ""), "{error}");
        error
    };
    for (endpoints, words) in [
        (
            vec![format!("/a=numbers:{good}"), format!("/a/=mailgun:{good}")],
            vec!["/a/", "numbers", "mailgun", "give each its own"],
        ),
        (
            vec![
                format!("/a=numbers:{short}"),
                "/b=numbers:/no/such/file".into(),
            ],
            vec!["/a", "fewer than 16 bytes", "/b", "cannot be read"],
        ),
        (
            vec![format!("/a=number:{good}")],
            vec!["unknown", "numbers"],
        ),
        (vec![format!("/a=application:{good}")], vec!["give its id"]),
        (
            vec![format!("/a=numbers:{good}:key")],
            vec!["leave its id off"],
        ),
        (vec!["/a=numbers:".into()], vec!["no secret is given"]),
        (vec![format!("/a:{good}")], vec!["PATH=SCHEME:FILE"]),
        (vec![format!("a=numbers:{good}")], vec!["begins with"]),
        (
            vec![r#"{"path":"/a","secret_file":[]}"#.into()],
            vec!["unknown field"],
        ),
    ] {
        let error = refused(&endpoints);
        for word in words {
            assert!(error.contains(word), "{endpoints:?}: {word}: {error}");
        }
    }
    assert!(!folder.path().join("data").exists());
}
