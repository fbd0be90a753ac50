//! Who has opted out is told, with channel and identity.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use sinch_callback_events::{Callback, Evidence, Wish};

fn wish(body: &str) -> Option<(Wish, String, String, String)> {
    let callback = Callback::parse(body.as_bytes()).unwrap();
    let consent = callback.consent()?;
    let [channel, identity, contact] =
        [consent.channel, consent.identity, consent.contact_id].map(String::from);
    Some((consent.wish, channel, identity, contact))
}

#[test]
fn a_notification_tells_it() {
    let body = |key: &str, status: &str| {
        format!(r#"{{"{key}":{{"contact_id":"c","channel":"VIBERBM","identity":"4791"{status}}}}}"#)
    };
    let told = |wish| Some((wish, "VIBERBM".into(), "4791".into(), "c".into()));
    for (key, status, expected) in [
        (
            "opt_out_notification",
            r#","status":"OPT_OUT_SUCCEEDED""#,
            told(Wish::Out),
        ),
        ("opt_out_notification", "", told(Wish::Out)),
        (
            "opt_out_notification",
            r#","status":"OPT_OUT_PENDING""#,
            told(Wish::Out),
        ),
        (
            "opt_out_notification",
            r#","status":"OPT_OUT_FAILED""#,
            None,
        ),
        (
            "opt_in_notification",
            r#","status":"OPT_IN_SUCCEEDED""#,
            told(Wish::In),
        ),
        ("opt_in_notification", r#","status":"OPT_IN_FAILED""#, None),
        ("opt_in_notification", "", None),
    ] {
        assert_eq!(wish(&body(key, status)), expected, "{key}{status}");
    }
}

#[test]
fn a_text_of_one_word_tells_it() {
    for text in [
        "STOP",
        "stop",
        " Stop.",
        "Opt Out!",
        "\"unsubscribe\"",
        "END",
        "quit",
        "Revoke",
        "cancel",
        "STOPALL",
    ] {
        let text = text.replace('"', "\\\"");
        let conversation = format!(
            r#"{{"message":{{"contact_id":"c","channel_identity":{{"channel":"RCS","identity":"4791"}},"contact_message":{{"text_message":{{"text":"{text}"}}}}}}}}"#
        );
        let expected = (Wish::Out, "RCS".into(), "4791".into(), "c".into());
        assert_eq!(wish(&conversation), Some(expected), "{text}");
        let sms = format!(r#"{{"type":"mo_text","from":"4791","body":"{text}"}}"#);
        let expected = (Wish::Out, "SMS".into(), "4791".into(), String::new());
        assert_eq!(wish(&sms), Some(expected), "{text}");
    }
    let media = r#"{"type":"mo_media","from":"4791","body":{"message":"Stop"}}"#;
    assert_eq!(
        wish(media),
        Some((Wish::Out, "MMS".into(), "4791".into(), String::new()))
    );
    let back = Callback::parse(br#"{"type":"mo_text","from":"4791","body":"START"}"#).unwrap();
    let back = back.consent().unwrap();
    assert_eq!(
        (back.wish, back.evidence),
        (Wish::In, Evidence::Word("START"))
    );
}

#[test]
fn what_only_holds_such_a_word_tells_nothing() {
    for text in [
        "Please stop",
        "stop it",
        "nonstop",
        "",
        "!",
        "yes",
        "don't stop",
        "stopp",
    ] {
        let sms = format!(r#"{{"type":"mo_text","from":"4791","body":"{text}"}}"#);
        assert_eq!(wish(&sms), None, "{text}");
    }
    assert_eq!(
        wish(r#"{"type":"mo_binary","from":"4791","body":"STOP"}"#),
        None
    );
    assert_eq!(wish(r#"{"message_delivery_report":{}}"#), None);
}
