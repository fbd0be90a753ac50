//! The stand-in for Sinch's API: what it is sent becomes what its scenario says, is called back as Sinch
//! does it, and stands in its journal.

use std::net::TcpListener;

use serde_json::{Value, json};
use sinch_callback_server::clock::Clock;

use crate::{
    harness::{SECRET, binary, connect, eventually, request, said},
    notify::{is_signed, take},
    stand_in::{StandIn, receiver, text},
};

#[test]
fn a_message_without_a_rule_is_delivered_and_called_back_under_its_correlation_id() {
    let (receiver, url) = receiver();
    let sinch = StandIn::start("", &url, &[]);
    let reply = sinch.send("SMS", "+15550100", "01ARZ3NDEKTSV4RRFFQ69G5FAV~1");
    assert_eq!(reply.status, 200);
    let id = reply.json()["message_id"].as_str().unwrap().to_owned();
    let message = eventually(|| {
        let found = receiver.get(&format!("/api/messages/{id}"));
        (found.status == 200 && found.json()["state"] == "delivered").then(|| found.json())
    });
    assert_eq!(
        message["correlation"]["correlation_id"],
        "01ARZ3NDEKTSV4RRFFQ69G5FAV~1"
    );
    assert_eq!(message["correlation"]["metadata"], "shop");
    assert_eq!(message["channels"][0]["identity"], "+15550100");
    // One send, and a callback for its submission and each of its reports.
    let sends = sinch.written("send");
    assert_eq!(sends.len(), 1);
    assert_eq!(sends[0]["message_ids"], json!([id]));
    assert_eq!(sends[0]["rule"], "delivered");
    let callbacks = sinch.count("callback", 3);
    let mut reported: Vec<_> = callbacks
        .iter()
        .map(|entry| (entry["reports"].as_str().unwrap(), entry["status"].clone()))
        .collect();
    reported.sort_unstable_by_key(|(reports, _)| *reports);
    let accepted = |reports| (reports, json!(200));
    assert_eq!(
        reported,
        [
            accepted(""),
            accepted("DELIVERED"),
            accepted("QUEUED_ON_CHANNEL")
        ]
    );
    // No content stands in the journal.
    assert!(
        !sinch
            .journal()
            .iter()
            .any(|entry| entry.to_string().contains("1234"))
    );
    let shown = sinch.ask(
        "GET",
        &format!("/v1/projects/p/messages/{id}"),
        &Value::Null,
    );
    assert_eq!(shown.json()["message_status"], "DELIVERED");
}

#[test]
fn every_trouble_of_a_scenario_comes_to_pass() {
    let (receiver, url) = receiver();
    let example = binary()
        .args(["play-sinch", "--print-scenario"])
        .output()
        .unwrap();
    let (code, scenario, _) = said(&example);
    assert_eq!(code, 0);
    let sinch = StandIn::start(&scenario, &url, &[]);
    let state = |id: &Value, wanted: &str| {
        let path = format!("/api/messages/{}", id.as_str().unwrap());
        eventually(|| {
            let found = receiver.get(&path);
            (found.status == 200 && found.json()["state"] == wanted).then(|| found.json())
        })
    };
    let sent = |to: &str| sinch.send("SMS", to, to).json()["message_id"].clone();

    let failed = state(&sent("+15550101"), "failed");
    assert_eq!(failed["reason"]["code"], "RECIPIENT_NOT_REACHABLE");
    let switched = state(&sent("+15550105"), "delivered");
    assert_eq!(switched["channels"].as_array().unwrap().len(), 2);
    // A late success after a failure.
    state(&sent("+15550104"), "delivered");

    // Busy twice for each recipient, then not.
    let statuses: Vec<_> = (0..3)
        .map(|_| sinch.send("SMS", "+15550106", "b").status)
        .collect();
    assert_eq!(statuses, [429, 429, 200]);
    assert_eq!(sinch.send("SMS", "+15550107", "c").status, 400);

    // An error that was none: two messages under one correlation id.
    assert_eq!(sinch.send("SMS", "+15550108", "doubled").status, 500);
    let sends = sinch.written("send");
    let doubled = sends
        .iter()
        .find(|entry| entry["correlation_id"] == "doubled")
        .unwrap();
    let ids = doubled["message_ids"].as_array().unwrap();
    assert_eq!(ids.len(), 2);
    for id in ids {
        state(id, "delivered");
    }

    // Sent, and never answered.
    let mut silent = connect(sinch.address);
    let body = text("SMS", "+15550103", "unanswered").to_string();
    let headers = [
        ("authorization", "Bearer any".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    let unanswered = request(
        "POST",
        "/v1/projects/p/messages:send",
        &headers,
        body.as_bytes(),
    );
    std::io::Write::write_all(&mut silent, &unanswered).unwrap();
    let entry = eventually(|| {
        let sends = sinch.written("send");
        sends
            .into_iter()
            .find(|entry| entry["correlation_id"] == "unanswered")
    });
    assert_eq!(entry["status"], Value::Null);
    state(&entry["message_ids"][0], "delivered");

    // One report twice, one never; the last is known at Sinch.
    let id = sent("+15550109");
    let path = format!("/v1/projects/p/messages/{}", id.as_str().unwrap());
    eventually(|| {
        let shown = sinch.ask("GET", &path, &Value::Null).json();
        (shown["message_status"] == "DELIVERED").then_some(())
    });
    let callbacks = eventually(|| {
        let mut callbacks = sinch.written("callback");
        callbacks
            .retain(|entry| entry["message_id"] == id && entry["trigger"] == "MESSAGE_DELIVERY");
        (callbacks.len() == 2).then_some(callbacks)
    });
    assert!(
        callbacks
            .iter()
            .all(|entry| entry["reports"] == "QUEUED_ON_CHANNEL")
    );
    state(&id, "queued");
}

#[test]
fn a_callback_that_is_not_taken_is_retried_under_a_new_signature_and_one_that_is_refused_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let scenario = "[[rule]]\nsubmit_after = \"never\"\n[[rule.report]]\nafter = \"1s\"\nstatus = \"DELIVERED\"\n";
    let sinch = StandIn::start(scenario, &url, &[]);
    sinch.send("SMS", "+15550100", "retried");
    let (first, body) = take(&listener, 503);
    let (second, again) = take(&listener, 400);
    assert_eq!(body, again);
    let now = Clock::System.now().get();
    assert!(is_signed(&first, &body, SECRET, now));
    assert!(is_signed(&second, &body, SECRET, now));
    assert_ne!(first, second);
    let entries = sinch.count("callback", 2);
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (&entry["status"], &entry["retry"]))
        .collect();
    assert_eq!(told, [(&json!(503), &json!(0)), (&json!(400), &json!(1))]);
}

#[test]
fn an_app_has_at_most_five_webhooks_each_with_its_own_target_and_secret() {
    let (receiver, url) = receiver();
    let sinch = StandIn::start("", "http://127.0.0.1:9/", &[]);
    let webhooks = "/v1/projects/p/webhooks";
    let webhook = |target: &str| {
        json!({"app_id": "app", "target": target, "target_type": "HTTP", "secret": SECRET,
               "triggers": ["MESSAGE_DELIVERY"]})
    };
    let made = sinch.ask("POST", webhooks, &webhook(&url));
    assert_eq!(made.status, 200);
    assert!(!made.text().contains(SECRET));
    let refused = |body: &Value, why: &str| {
        let reply = sinch.ask("POST", webhooks, body);
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["error"]["message"], why);
    };
    refused(&webhook(&url), "the app has a webhook with this target");
    refused(
        &webhook(&format!("http://127.0.0.1/{}", "a".repeat(726))),
        "target is longer than 742 characters",
    );
    let longest = format!("http://127.0.0.1/{}", "a".repeat(725));
    assert_eq!(sinch.ask("POST", webhooks, &webhook(&longest)).status, 200);
    for number in 0..3 {
        let other = webhook(&format!("http://127.0.0.1:9/{number}"));
        assert_eq!(sinch.ask("POST", webhooks, &other).status, 200);
    }
    refused(&webhook("http://127.0.0.1:9/5"), "the app has 5 webhooks");
    let list = "/v1/projects/p/apps/app/webhooks";
    let listed = sinch.ask("GET", list, &Value::Null).json();
    let listed = listed["webhooks"].as_array().unwrap();
    assert_eq!(listed.len(), 5);
    for shown in &listed[1..] {
        let one = format!("{webhooks}/{}", shown["id"].as_str().unwrap());
        assert_eq!(sinch.ask("DELETE", &one, &Value::Null).status, 200);
        assert_eq!(sinch.ask("GET", &one, &Value::Null).status, 404);
    }
    // Only the triggers that it names, signed with its secret.
    let id = sinch.send("SMS", "+15550100", "a").json()["message_id"].clone();
    eventually(|| {
        let found = receiver.get(&format!("/api/messages/{}", id.as_str().unwrap()));
        (found.status == 200 && found.json()["state"] == "delivered").then_some(())
    });
    let callbacks = sinch.count("callback", 2);
    assert!(
        callbacks
            .iter()
            .all(|entry| entry["trigger"] == "MESSAGE_DELIVERY")
    );
}

#[test]
fn a_token_is_given_for_the_access_key_and_holds_for_its_lifetime() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.txt");
    std::fs::write(&key, "key:made-up\n").unwrap();
    let start = |lifetime| {
        let key = key.to_str().unwrap();
        StandIn::start(
            "",
            "http://127.0.0.1:9/",
            &["--key-file", key, "--token-lifetime", lifetime],
        )
    };
    let sinch = start("3600");
    let form = json!("grant_type=client_credentials");
    // printf 'key:made-up' | base64
    let token = sinch
        .ask_as("Basic a2V5Om1hZGUtdXA=", "POST", "/oauth2/token", &form)
        .json();
    assert_eq!(
        (&token["expires_in"], &token["token_type"]),
        (&json!(3600), &json!("bearer"))
    );
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let send = |sinch: &StandIn, who: &str| {
        sinch
            .ask_as(
                who,
                "POST",
                "/v1/projects/p/messages:send",
                &text("SMS", "+15550100", "a"),
            )
            .status
    };
    assert_eq!(send(&sinch, &bearer), 200);
    assert_eq!(send(&sinch, "Bearer other"), 401);
    assert_eq!(
        sinch
            .ask_as("Basic bm9uZQ==", "POST", "/oauth2/token", &form)
            .status,
        401
    );
    let expired = start("0");
    let token = expired
        .ask_as("Basic a2V5Om1hZGUtdXA=", "POST", "/oauth2/token", &form)
        .json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    assert_eq!(send(&expired, &bearer), 401);
    // What was refused is no send.
    assert!(expired.written("send").is_empty());
}

#[test]
fn what_became_of_a_batch_is_told_to_whoever_asks_though_nothing_was_called_back() {
    let scenario = "[[rule]]\nto = \"*1\"\n[[rule.report]]\nafter = \"1s\"\nstatus = \"FAILED\"\ncode = \"408\"\n";
    let sinch = StandIn::start(scenario, "http://127.0.0.1:9/", &[]);
    let batch = json!({"from": "shop", "to": ["+15550101", "+15550100"], "body": "Hello", "client_reference": "ref"});
    let sent = sinch.ask("POST", "/xms/v1/plan/batches", &batch);
    assert_eq!(sent.status, 201);
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    let report = format!("/xms/v1/plan/batches/{id}/delivery_report");
    let full = eventually(|| {
        let full = sinch
            .ask("GET", &format!("{report}?type=full"), &Value::Null)
            .json();
        let is_over = full["statuses"]
            .as_array()
            .unwrap()
            .iter()
            .all(|share| share["code"] != 400 && share["code"] != 401);
        is_over.then_some(full)
    });
    assert_eq!(
        full["statuses"],
        json!([
            {"code": 0, "status": "Delivered", "count": 1, "recipients": ["15550100"]},
            {"code": 408, "status": "Failed", "count": 1, "recipients": ["15550101"]},
        ])
    );
    let summary = sinch
        .ask("GET", &format!("{report}?type=summary"), &Value::Null)
        .json();
    assert!(summary["statuses"][0].get("recipients").is_none());
    let one = sinch
        .ask("GET", &format!("{report}/15550101"), &Value::Null)
        .json();
    assert_eq!(
        (&one["type"], &one["code"]),
        (&json!("recipient_delivery_report_sms"), &json!(408))
    );
    let page = |query: &str| {
        sinch
            .ask(
                "GET",
                &format!("/xms/v1/plan/delivery_reports?{query}"),
                &Value::Null,
            )
            .json()
    };
    let second = page("page=1&page_size=1");
    assert_eq!(
        (
            &second["count"],
            second["delivery_reports"].as_array().unwrap().len()
        ),
        (&json!(2), 1)
    );
    assert_eq!(page("start_date=2999-01-01T00:00:00Z")["count"], 0);
    assert_eq!(page("client_reference=other")["count"], 0);
    assert!(sinch.written("callback").is_empty());
}

#[test]
fn what_it_cannot_play_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.toml");
    std::fs::write(&file, "[[rule]]\nanswer = 99\n").unwrap();
    let run = |arguments: &[&str]| {
        let output = binary().arg("play-sinch").args(arguments).output().unwrap();
        let (code, _, error) = said(&output);
        (code, error)
    };
    let (code, error) = run(&["--scenario", file.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(
        error.contains("rule 1: answer is a status from 200 to 599"),
        "{error}"
    );
    let (code, error) = run(&["--listen", "0.0.0.0:0"]);
    assert_eq!(code, 2);
    assert!(error.contains("listens on loopback only"), "{error}");
    let (code, error) = run(&["--callback-url", "http://127.0.0.1:9/"]);
    assert_eq!(code, 2);
    assert!(error.contains("--secret-file"), "{error}");
}
