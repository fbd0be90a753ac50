//! `verify`, `sign` and `send` by every scheme.

use std::{fs, process::Command};

use tempfile::TempDir;

use crate::harness::{binary, said};

/// Example of Sinch's documentation of Voice.
const VOICE: &str = "\
POST /sinch/callback/ace HTTP/1.1
Host: example.com
Content-Type: application/json
X-Timestamp: 2014-09-24T10:59:41Z
Authorization: application 669E367E-6BBA-48AB-AF15-266871C28135:Tg6fMyo8mj9pYfWQ9ssbx3Tc1BNC87IEygAfLbJqZb4=

{\"event\":\"ace\",\"callid\":\"822aa4b7-05b4-4d83-87c7-1f835ee0b6f6_257\",\"timestamp\":\"2014-09-24T10:59:41Z\",\"version\":1}";
const VOICE_SECRET: &str = "BeIukql3pTKJ8RGL5zo0DA==";
const VOICE_KEY: &str = "669E367E-6BBA-48AB-AF15-266871C28135";

/// Vector of Sinch's SDK for Node.js.
const NUMBERS: &str = "\
POST / HTTP/1.1
X-Sinch-Signature: b93021e0182c2772dbcdf4e8983ae8f409e78c3b

{\"eventId\":\"01hpa0mww4m79q8j2dwn3ggbgz\",\"timestamp\":\"2024-02-10T17:22:09.412722588\",\"projectId\":\"37b62a7b-0177-abcd-efgh-e10f848de123\",\"resourceId\":\"+17818510001\",\"resourceType\":\"ACTIVE_NUMBER\",\"eventType\":\"DEPROVISIONING_FROM_VOICE_PLATFORM\",\"status\":\"SUCCEEDED\",\"failureCode\":null}";

/// Vector of Sinch's SDK for Java: the secret is base64 without padding, with bits left over.
const VERIFICATION: &str = "\
POST /VerificationRequestEvent HTTP/1.1
content-type: application/json; charset=utf-8
x-timestamp: 2023-12-01T15:01:20.0406449Z
authorization: application 789:xfKhO0XvlRNJraahUBEJzzi1f3Fn3pYO41/ZzwOHPaQ=

{\"id\":\"018c25e1-7163-5677-b8fb-467d7b1cffa5\",\"event\":\"VerificationResultEvent\",\"method\":\"sms\",\"identity\":{\"verified\":false,\"type\":\"number\",\"endpoint\":\"+33628254417\"},\"status\":\"FAIL\",\"reason\":\"Expired\"}";

/// Runs `verify` on a captured request.
fn verify(request: &str, secret: &str, more: &[&str]) -> (i32, String, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("request"), request).unwrap();
    fs::write(folder.path().join("secret"), secret).unwrap();
    let mut arguments = vec!["verify", "--request", "request", "--secret-file", "secret"];
    arguments.extend(["--max-age", "unlimited"]);
    arguments.extend(more);
    run(&folder, &arguments)
}

fn run(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let mut command: Command = binary();
    let output = command
        .current_dir(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    said(&output)
}

#[test]
fn a_newcomer_s_callback_gets_its_verdict_and_what_it_is_worth() {
    let key: &[&str] = &["--key", VOICE_KEY];
    for (request, secret, more, expected) in [
        (
            VOICE,
            VOICE_SECRET,
            key,
            [
                "accepted: voice_answered_call, signed ",
                "authentic, timely",
                "waits for an answer",
            ],
        ),
        (
            VERIFICATION,
            "9876543210",
            &["--key", "789"],
            [
                "accepted: verification_result, signed ",
                "authentic, timely",
                "by its MD5",
            ],
        ),
        (
            NUMBERS,
            "my-callback-secret",
            &[],
            [
                "accepted: numbers, signed nobody knows when",
                "untimed",
                "authentic for ever",
            ],
        ),
    ] {
        let (code, out, errors) = verify(request, secret, more);
        assert_eq!(code, 0, "{out}{errors}");
        for part in expected {
            assert!(out.contains(part), "{part}: {out}");
        }
    }
}

/// The sentences stand in core alone.
#[test]
fn the_guide_promises_what_core_says() {
    let guide = include_str!("../../../docs/src/guides/products.md");
    for scheme in sinch_callback::scheme::SchemeName::ALL {
        let [products, promise, not_covered] =
            [scheme.products(), scheme.promise(), scheme.not_covered()];
        let row = format!("| {products} | `{scheme}` | {promise} | {not_covered} |");
        assert!(guide.contains(&row), "{row}");
    }
}

#[test]
fn a_verdict_is_refused_or_asked_for_what_is_missing() {
    let (code, _, errors) = verify(VOICE, VOICE_SECRET, &[]);
    assert_eq!(code, 2);
    assert!(
        errors.contains("--key ID, the application's key"),
        "{errors}"
    );

    let (code, out, _) = verify(VOICE, VOICE_SECRET, &["--key", "another"]);
    assert_eq!(code, 1);
    assert!(out.contains("unknown_key"), "{out}");

    // A gateway has rewritten the path.
    let rewritten = VOICE.replace("/sinch/callback/ace", "/ace");
    let (code, out, _) = verify(&rewritten, VOICE_SECRET, &["--key", VOICE_KEY]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("signature_mismatch") && out.contains("--path"),
        "{out}"
    );
    let public = ["--key", VOICE_KEY, "--path", "/sinch/callback/ace"];
    assert_eq!(verify(&rewritten, VOICE_SECRET, &public).0, 0);

    let (code, _, errors) = verify(NUMBERS, "my-callback-secret", &["--scheme", "fax"]);
    assert_eq!(code, 2);
    assert!(errors.contains("not signed"), "{errors}");
    let (code, _, errors) = verify(VOICE, "not base64!", &["--key", VOICE_KEY]);
    assert_eq!(code, 2);
    assert!(
        errors.contains("not base64") && !errors.contains("verbatim"),
        "{errors}"
    );
}

#[test]
fn what_sign_prints_verifies_by_every_scheme() {
    for (scheme, more) in [
        ("conversation", vec![]),
        ("numbers", vec![]),
        ("application", vec!["--key", "made-up", "--path", "/voice"]),
        ("service", vec!["--key", "made-up", "--path", "/voice"]),
        ("mailgun", vec![]),
        ("whatsapp-legacy", vec![]),
    ] {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("secret", "bWFkZS11cC1zZWNyZXQtb2Ytb3Vycw==");
        write("body", r#"{"event":"dice"}"#);
        let common = [&["--scheme", scheme, "--secret-file", "secret"], &*more].concat();
        let sign = [&["sign", "--body", "body"], &*common].concat();
        let (code, signed, errors) = run(&folder, &sign);
        assert_eq!(code, 0, "{scheme}: {errors}");
        if scheme == "mailgun" {
            write("body", signed.trim_end());
            write("headers", "x-none: 0");
        } else {
            write("headers", &signed);
        }
        let verify = ["verify", "--headers", "headers", "--body", "body", "--json"];
        let (code, out, errors) = run(&folder, &[&verify, &*common].concat());
        assert_eq!(code, 0, "{scheme}: {out}{errors}");
        let verdict: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(verdict["scheme"], scheme);
        let is_untimed = matches!(scheme, "numbers" | "whatsapp-legacy");
        assert_eq!(verdict.get("age_secs").is_none(), is_untimed, "{out}");
        assert_eq!(
            verdict.get("content_key").is_none(),
            scheme == "mailgun",
            "{out}"
        );
    }
}
