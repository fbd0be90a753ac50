//! Each answer of Sinch is what it says about the send, over real connections: what may have been sent is
//! never called again by the client.

use core::time::Duration;
use std::sync::Arc;

use sinch_callback_recovery::{
    Call, CallAnswer, Channel, Content,
    ports::Sender,
    sinch::{AccessKey, Account, Addresses},
};
use sinch_callback_server::sending::{HttpsClient, Sinch, sinch_sender};
use tokio::runtime::Runtime;

use crate::stand_in::StandIn;

/// What becomes of the calls to each number.
const SCENARIO: &str = "
[[rule]]
to = \"1\"
answer = 429
calls = 1
[[rule]]
to = \"2\"
answer = 400
[[rule]]
to = \"3\"
answer = 500
sent = true
[[rule]]
to = \"4\"
answer = \"cut\"
sent = true
[[rule]]
to = \"5\"
answer = 404
[[rule]]
to = \"6\"
answer = 501
";

fn sender(sinch: &StandIn) -> Sinch {
    let account = Account {
        addresses: Addresses::at(&sinch.url()).unwrap(),
        key: AccessKey::parse("key:made-up").unwrap(),
        project_id: "p".into(),
        app_id: "app".into(),
        channel_properties: [("SMS_SENDER".into(), "+15550199".into())].into(),
        callback_url: None,
    };
    sinch_sender(Arc::new(HttpsClient::new()), account).unwrap()
}

fn call(to: &str) -> Call {
    Call {
        attempt: format!("01ARZ3NDEKTSV4RRFFQ69G5FAV~{to}").parse().unwrap(),
        channel: Channel::Sms,
        identity: to.into(),
        content: Content::text("Your code is 1234"),
        metadata: String::new(),
        ttl: Duration::from_secs(60),
    }
}

fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

fn kind(answer: &CallAnswer) -> &'static str {
    match answer {
        CallAnswer::Accepted(_) => "accepted",
        CallAnswer::NotSent(_) => "not sent",
        CallAnswer::AboutUs(_) => "about us",
        CallAnswer::Refused(_) => "refused",
        CallAnswer::Unresolved(_) => "unresolved",
    }
}

#[test]
fn each_call_reaches_sinch_once_whatever_is_answered() {
    let sinch = StandIn::start(SCENARIO, "http://127.0.0.1:9/", &[]);
    let (sender, runtime) = (sender(&sinch), runtime());
    let kinds = [
        "not sent",
        "refused",
        "unresolved",
        "unresolved",
        "about us",
        "not sent",
        "accepted",
    ];
    for (to, meant) in (1..).zip(kinds) {
        let answer = runtime.block_on(sender.send(&call(&to.to_string())));
        assert_eq!(kind(&answer), meant, "{to}: {answer:?}");
        if let CallAnswer::Accepted(id) = answer {
            let sends = sinch.written("send");
            assert_eq!(sends.last().unwrap()["message_ids"][0], id.as_str());
        }
    }
    let sends = sinch.written("send");
    let called: Vec<_> = sends
        .iter()
        .map(|send| send["correlation_id"].as_str().unwrap())
        .collect();
    let once: Vec<_> = (1..8)
        .map(|to| format!("01ARZ3NDEKTSV4RRFFQ69G5FAV~{to}"))
        .collect();
    assert_eq!(called, once);
    // One token for all of them.
    assert_eq!(sinch.written("token").len(), 1);
}

#[test]
fn a_token_that_sinch_does_not_know_is_told_and_the_next_call_has_another() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.txt");
    std::fs::write(&key, "key:made-up").unwrap();
    let arguments = ["--key-file", key.to_str().unwrap(), "--forget-tokens", "1"];
    let sinch = StandIn::start("", "http://127.0.0.1:9/", &arguments);
    let (sender, runtime) = (sender(&sinch), runtime());
    assert_eq!(kind(&runtime.block_on(sender.send(&call("1")))), "about us");
    assert!(sinch.written("send").is_empty());
    runtime.block_on(sender.renew());
    assert_eq!(kind(&runtime.block_on(sender.send(&call("2")))), "accepted");
    assert_eq!(sinch.written("token").len(), 2);
}

#[test]
fn a_sinch_that_is_down_has_been_sent_nothing() {
    let sinch = StandIn::start("", "http://127.0.0.1:9/", &[]);
    let sender = sender(&sinch);
    drop(sinch);
    let answer = runtime().block_on(sender.send(&call("1")));
    assert_eq!(kind(&answer), "not sent", "{answer:?}");
}
