//! What a callback becomes, and how it is shown.

use serde_json::json;

use crate::harness::{NOW, Receiver, SECRET, report, signed_as};

#[test]
fn a_signed_report_becomes_a_delivery_with_its_log_and_its_correlation() {
    let receiver = Receiver::start();
    for status in ["QUEUED_ON_CHANNEL", "DELIVERED"] {
        assert_eq!(receiver.deliver(&report("m-1", status)).status, 200);
    }
    let message = receiver.message("m-1");
    assert_eq!(message["state"], "delivered");
    assert_eq!(message["channels"][0]["channel"], "SMS");
    assert_eq!(message["correlation"]["correlation_id"], "order-m-1");
    assert_eq!(message["correlation"]["metadata"], "shop");
    let steps: Vec<_> = message["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["status"].clone())
        .collect();
    assert_eq!(steps, [json!("QUEUED_ON_CHANNEL"), json!("DELIVERED")]);
    assert_eq!(message["log"][0]["signed_at"], NOW);
}

#[test]
fn a_replay_is_absorbed_and_a_fresh_signature_counts_as_a_repeat() {
    let receiver = Receiver::start();
    let body = report("m-1", "DELIVERED");
    assert_eq!(receiver.deliver(&body).told().1, "accepted");
    assert_eq!(receiver.deliver(&body).told(), (200, "duplicate".into()));
    let afresh = signed_as(SECRET, body.as_bytes(), "nonce-2", NOW);
    assert_eq!(receiver.post(&afresh, body.as_bytes()).told().1, "accepted");
    let message = receiver.message("m-1");
    assert_eq!(message["log"].as_array().unwrap().len(), 1);
    assert_eq!(message["log"][0]["repeats"], 1);
    assert_eq!(receiver.settled()["callbacks"], 1);
}

#[test]
fn what_is_not_understood_is_kept_and_listed_with_the_reason() {
    let receiver = Receiver::start();
    for body in [
        "not json",
        "[1]",
        r#"{"new_kind":{}}"#,
        r#"{"message_delivery_report":{}}"#,
    ] {
        assert_eq!(receiver.deliver(body).told().1, "accepted");
    }
    assert_eq!(receiver.settled()["unrecognized"], 4);
    let page = receiver.get("/api/unrecognized?limit=3").json();
    let why: Vec<_> = page["callbacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["why"].as_str().unwrap())
        .collect();
    assert_eq!(why, ["incomplete_report", "unknown_kind", "not_an_object"]);
    let next = format!("/api/unrecognized?before={}", page["next_before"]);
    assert_eq!(
        receiver.get(&next).json()["callbacks"][0]["why"],
        "not_json"
    );
}

#[test]
fn messages_are_found_by_status_reason_and_correlation_page_by_page() {
    let receiver = Receiver::start();
    for number in 0..7 {
        receiver.deliver(&report(&format!("ok-{number}"), "DELIVERED"));
    }
    let failed = report("bad-1", "FAILED").replace(
        r#""metadata""#,
        r#""reason":{"code":"RATE_LIMITED","description":"slow down"},"metadata""#,
    );
    receiver.deliver(&failed);
    let summary = receiver.settled();
    assert_eq!(summary["failed_by_reason"][0]["remedy"], "retry_later");
    let ids = |path: &str| -> Vec<String> {
        let page = receiver.get(path).json();
        page["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["message_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids("/api/messages?state=failed"), ["bad-1"]);
    assert_eq!(ids("/api/messages?reason=RATE_LIMITED"), ["bad-1"]);
    assert_eq!(ids("/api/messages?reason=retry_later"), ["bad-1"]);
    assert_eq!(ids("/api/messages?reason=fix_request"), [""; 0]);
    assert_eq!(ids("/api/messages?correlation=order-ok-3"), ["ok-3"]);
    assert_eq!(ids("/api/messages?correlation=shop").len(), 8);
    let first = receiver.get("/api/messages?state=delivered&limit=5").json();
    assert_eq!(first["messages"].as_array().unwrap().len(), 5);
    let next = format!(
        "/api/messages?state=delivered&limit=5&before={}",
        first["next_before"]
    );
    assert_eq!(ids(&next), ["ok-1", "ok-0"]);
}

#[test]
fn a_batch_fans_out_and_a_contradiction_surfaces() {
    let receiver = Receiver::start();
    receiver.deliver(
        r#"{"type":"delivery_report_sms","batch_id":"b","client_reference":"order-9","statuses":[{"code":0,"status":"Delivered","recipients":["4791"]},{"code":402,"status":"Aborted","recipients":["4792"]}]}"#,
    );
    receiver.deliver(r#"{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"+4792","code":0,"status":"Delivered"}"#);
    assert_eq!(receiver.message("b:4791")["state"], "delivered");
    let both = receiver.message("b:4792");
    assert_eq!(both["state"], "delivered");
    assert_eq!(both["contradicted"], true);
    assert_eq!(both["reason"], json!(null));
    assert_eq!(both["log"][0]["reason"]["permanence"], "permanent");
    assert_eq!(both["correlation"]["client_reference"], "order-9");
    assert_eq!(receiver.settled()["contradicted"], 1);
    let listed = receiver.get("/api/messages?state=contradicted").json();
    assert_eq!(listed["messages"][0]["message_id"], "b:4792");
}

#[test]
fn a_reason_has_one_shape_and_what_the_carrier_said_is_shown() {
    let receiver = Receiver::start();
    receiver.deliver(
        r#"{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"4791","code":158,"status":"Failed","status_message":"Memory full","operator":"24201","number_of_message_parts":2,"encoding":"GSM"}"#,
    );
    let message = receiver.message("b:4791");
    let reason = json!({
        "code": "158", "sub_code": "Failed", "description": "handset memory full",
        "channel_code": "", "status_message": "Memory full",
        "permanence": "temporary", "remedy": "retry_later",
    });
    let carrier = json!({
        "channel_code": "", "status_message": "Memory full", "operator": "24201",
        "parts": 2, "encoding": "GSM",
    });
    assert_eq!(message["reason"], reason);
    assert_eq!(message["carrier"], carrier);
    assert_eq!(message["log"][0]["reason"], reason);
    assert_eq!(message["log"][0]["carrier"], carrier);

    // What has arrived asks for nothing, and the channel's code is kept.
    let delivered = report("m-1", "DELIVERED").replace(
        r#""metadata""#,
        r#""reason":{"code":"CHANNEL_FAILURE","channel_code":"131047"},"metadata""#,
    );
    receiver.deliver(&delivered);
    let message = receiver.message("m-1");
    assert_eq!(message["reason"], json!(null));
    assert_eq!(message["carrier"]["channel_code"], "131047");
}

#[test]
fn a_secret_that_is_changed_in_its_file_is_read_at_the_first_mismatch() {
    let receiver = Receiver::start();
    let path = receiver.folder.path().join("secret.txt");
    std::fs::write(path, "made-up-next-secret\n").unwrap();
    let body = report("m-1", "DELIVERED");
    let headers = signed_as("made-up-next-secret", body.as_bytes(), "n", NOW);
    assert_eq!(
        receiver.post(&headers, body.as_bytes()).told().1,
        "accepted"
    );
}

#[test]
fn health_readiness_and_metrics_are_there() {
    let receiver = Receiver::start();
    assert_eq!(receiver.get("/healthz").told(), (200, "ok".into()));
    assert_eq!(receiver.get("/readyz").told(), (200, "ok".into()));
    receiver.deliver(&report("m-1", "DELIVERED"));
    receiver.settled();
    assert_eq!(
        receiver.metric("sinch_callback_accepted_total{secret_slot=\"0\"}"),
        1.0
    );
    assert_eq!(
        receiver.metric("sinch_callback_transitions_total{state=\"delivered\"}"),
        1.0
    );
    assert_eq!(receiver.metric("sinch_callback_age_seconds_count"), 1.0);
}

#[test]
fn a_message_keeps_what_ties_it_to_a_business_and_has_the_reason_of_its_last_move() {
    let receiver = Receiver::start();
    let switched = report("m-1", "SWITCHING_CHANNEL")
        .replace("\"SMS\"", "\"RCS\"")
        .replace(
            r#""metadata""#,
            r#""reason":{"code":"RECIPIENT_NOT_REACHABLE"},"metadata""#,
        );
    receiver.deliver(&switched);
    let message = receiver.message("m-1");
    assert_eq!(message["state"], "switching");
    assert_eq!(message["reason"]["remedy"], "try_another_channel");
    // The next channel's report has neither metadata nor a correlation id.
    let delivered = report("m-1", "DELIVERED")
        .replace(r#","metadata":"shop""#, "")
        .replace(r#""correlation_id":"order-m-1","#, "");
    receiver.deliver(&delivered);
    let message = receiver.message("m-1");
    assert_eq!(message["state"], "delivered");
    assert_eq!(message["channel"], "SMS");
    assert_eq!(message["reason"], json!(null));
    assert_eq!(message["correlation"]["correlation_id"], "order-m-1");
    assert_eq!(message["correlation"]["metadata"], "shop");
    assert_eq!(message["channels"].as_array().unwrap().len(), 2);
    // A late report of the first channel moves nothing and brings no reason.
    receiver.deliver(&report("m-1", "QUEUED_ON_CHANNEL").replace("\"SMS\"", "\"RCS\""));
    let message = receiver.message("m-1");
    assert_eq!(
        (&message["state"], &message["channel"]),
        (&json!("delivered"), &json!("SMS"))
    );
    assert_eq!(message["log"][2]["step"], "late");
}

#[test]
fn a_message_is_what_its_best_leg_is_in_whatever_order_its_reports_come() {
    let receiver = Receiver::start();
    let reports = |id: &str| {
        let on = |status: &str, channel: &str, code: &str| {
            let reason = format!(r#""reason":{{"code":"{code}"}},"metadata""#);
            report(id, status)
                .replace("\"SMS\"", &format!("\"{channel}\""))
                .replace(r#""metadata""#, &reason)
        };
        [
            on("SWITCHING_CHANNEL", "RCS", "DELIVERY_TIMED_OUT"),
            on("QUEUED_ON_CHANNEL", "SMS", ""),
            on("READ", "RCS", ""),
            on("FAILED", "SMS", "RECIPIENT_NOT_REACHABLE"),
        ]
    };
    for (number, order) in [[0, 1, 2, 3], [2, 3, 1, 0], [3, 0, 2, 1], [1, 3, 0, 2]]
        .iter()
        .enumerate()
    {
        let id = format!("m-{number}");
        for place in order {
            receiver.deliver(&reports(&id)[*place]);
        }
        let message = receiver.message(&id);
        let shown = (
            &message["state"],
            &message["channel"],
            &message["contradicted"],
        );
        assert_eq!(
            shown,
            (&json!("read"), &json!("RCS"), &json!(false)),
            "{order:?}"
        );
        assert_eq!(message["reason"], json!(null));
        let mut legs: Vec<_> = message["channels"]
            .as_array()
            .unwrap()
            .iter()
            .map(|leg| format!("{} {}", leg["channel"], leg["state"]))
            .collect();
        legs.sort_unstable();
        assert_eq!(legs, [r#""RCS" "read""#, r#""SMS" "failed""#]);
    }
}

#[test]
fn a_message_for_which_no_receipt_will_come_is_listed_as_unconfirmed() {
    let receiver = Receiver::start();
    for (status, code) in [("Dispatched", 401), ("Unknown", 0)] {
        receiver.deliver(&format!(
            r#"{{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"4791","code":{code},"status":"{status}"}}"#
        ));
    }
    assert_eq!(receiver.message("b:4791")["state"], "unconfirmed");
    let listed = receiver.get("/api/messages?state=unconfirmed").json();
    assert_eq!(listed["messages"][0]["message_id"], "b:4791");
    assert_eq!(receiver.settled()["by_state"][0]["state"], "unconfirmed");
}
