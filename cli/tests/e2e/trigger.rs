//! `trigger`: one signed callback of any kind.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    harness::{Receiver, binary, said},
    tools::now,
};

const KEY: &str = "669E367E-6BBA-48AB-AF15-266871C28135";
/// Of Sinch's documentation of Voice.
const VOICE_SECRET: &str = "BeIukql3pTKJ8RGL5zo0DA==";

fn trigger(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = binary();
    command
        .current_dir(folder)
        .arg("trigger")
        .args(arguments)
        .args(["--secret-file", "secret.txt"]);
    command
}

/// A receiver at the machine's clock, by which `trigger` signs, with its address and its folder.
fn receiver() -> (Receiver, String, PathBuf) {
    let receiver = Receiver::start_with(&["--clock-at", &now()]);
    let url = format!("http://{}/callbacks", receiver.address);
    let folder = receiver.folder.path().to_owned();
    (receiver, url, folder)
}

fn kinds() -> Vec<Value> {
    let listed = binary()
        .args(["trigger", "--list", "--json"])
        .output()
        .unwrap();
    let (code, out, _) = said(&listed);
    assert_eq!(code, 0);
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_receiver_takes_each_kind_of_the_conversation_and_sms_apis() {
    let (receiver, url, folder) = receiver();
    let mut taken = 0;
    for kind in kinds() {
        if kind["scheme"] != "conversation" {
            continue;
        }
        let kind = kind["kind"].as_str().unwrap();
        let output = trigger(&folder, &[kind, "--url", &url, "--json"])
            .output()
            .unwrap();
        let (code, out, errors) = said(&output);
        assert_eq!(code, 0, "{kind}: {out}{errors}");
        let sent: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (&sent["kind"], &sent["status"]),
            (&kind.into(), &200.into())
        );
        taken += 1;
    }
    assert_eq!(taken, 27);
    assert_eq!(receiver.settled()["unrecognized"], 0);
}

#[test]
fn fields_and_an_editor_change_the_body_and_a_refusal_is_told() {
    let (receiver, url, folder) = receiver();
    let run = |arguments: &[&str], editor: &str| {
        let output = trigger(&folder, arguments)
            .args(["--url", &url])
            .env("VISUAL", editor)
            .output()
            .unwrap();
        said(&output)
    };
    let fields = [
        "message_delivery",
        "--field",
        "message_delivery_report.message_id=m-1",
        "--field",
        "message_delivery_report.status=FAILED",
        "--field",
        "message_delivery_report.reason.code=RATE_LIMITED",
    ];
    let (code, out, errors) = run(&fields, "");
    assert_eq!(code, 0, "{errors}");
    assert!(
        out.starts_with("message_delivery, ") && out.contains("signed as conversation: 200 "),
        "{out}"
    );
    let message = receiver.message("m-1");
    assert_eq!(message["state"], "failed");

    let field = ["--field", "message_delivery_report.message_id=m-2"];
    let (code, _, errors) = run(
        &[&["message_delivery", "--edit"], &field[..]].concat(),
        "sed -i s/DELIVERED/READ/",
    );
    assert_eq!(code, 0, "{errors}");
    assert_eq!(receiver.message("m-2")["state"], "read");
    let (code, _, errors) = run(&["message_delivery", "--edit"], "false");
    assert_eq!(code, 2);
    assert!(errors.contains("nothing was sent"), "{errors}");

    let (code, _, errors) = run(&["message_by_pigeon"], "");
    assert_eq!(code, 2);
    assert!(errors.contains("trigger --list"), "{errors}");
    let (code, _, errors) = run(&["voice_disconnected_call"], "");
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("--key ID"), "{errors}");

    fs::write(folder.join("other.txt"), "another secret than theirs").unwrap();
    let mut forging = binary();
    forging
        .current_dir(&folder)
        .args(["trigger", "message_delivery", "--url", &url])
        .args(["--secret-file", "other.txt"]);
    let (code, out, _) = said(&forging.output().unwrap());
    assert_eq!(code, 1);
    assert!(out.contains(": 401 "), "{out}");
}

/// Takes one request, as it came, and answers 200.
fn capture(listener: TcpListener) -> Vec<u8> {
    let (mut stream, _) = listener.accept().unwrap();
    let (mut request, mut some) = (Vec::new(), [0; 4_096]);
    loop {
        let head = request.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
            let length = text.split("content-length: ").nth(1).unwrap();
            let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
            if request.len() >= head + 4 + length {
                break;
            }
        }
        let read = stream.read(&mut some).unwrap();
        assert_ne!(read, 0, "the request broke off");
        request.extend_from_slice(&some[..read]);
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    stream.write_all(answer).unwrap();
    request
}

#[test]
fn each_product_s_kind_is_signed_as_the_product_signs() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("secret.txt"), VOICE_SECRET).unwrap();
    let mut schemes = BTreeSet::new();
    for listed in kinds() {
        let (kind, scheme) = (
            listed["kind"].as_str().unwrap(),
            listed["scheme"].as_str().unwrap(),
        );
        if scheme == "conversation" {
            continue;
        }
        let key: &[&str] = match scheme {
            "application" | "service" => &["--key", KEY],
            _ => &[],
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/sinch/{kind}", listener.local_addr().unwrap());
        let captured = thread::spawn(move || capture(listener));
        let arguments = [&[kind, "--url", &url], key].concat();
        let (code, out, errors) = said(&trigger(folder.path(), &arguments).output().unwrap());
        assert_eq!(code, 0, "{kind}: {out}{errors}");
        assert!(
            out.contains(&format!("signed as {scheme}: 200 ok")),
            "{out}"
        );
        fs::write(folder.path().join("request"), captured.join().unwrap()).unwrap();
        let mut verify = binary();
        verify
            .current_dir(folder.path())
            .args([
                "verify",
                "--request",
                "request",
                "--scheme",
                scheme,
                "--json",
            ])
            .args(["--secret-file", "secret.txt"])
            .args(key);
        let (code, out, errors) = said(&verify.output().unwrap());
        assert_eq!(code, 0, "{kind}: {out}{errors}");
        let verdict: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(verdict["verdict"], "accepted", "{kind}");
        let read_as = if kind == "hosting" { "numbers" } else { kind };
        assert_eq!(verdict["kind"], read_as, "{kind}");
        schemes.insert(scheme.to_owned());
    }
    assert_eq!(schemes.len(), 3);
}
