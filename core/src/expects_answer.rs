//! Which callbacks Sinch waits for an answer to, that says how a call or a verification goes on. Who
//! only keeps callbacks has none to give.

#[cfg(feature = "schemes")]
use crate::json::Document;

/// Whether Sinch waits for an answer to this body.
///
/// - Voice API: `ice`, `ace` and `pie`
///   (<https://developers.sinch.com/docs/voice/api-reference/callbacks>); `dice` and `notify` tell only.
/// - Verification API: `VerificationRequestEvent`; the two others tell only.
/// - Voice API, version 2: every `call.` event of a call that goes on, since each blocks the call's flow
///   until it is answered
///   (<https://developers.sinch.com/docs/voice-2.0/api-reference/voice/webhooks/timeouts-and-failover>).
///   Behind the end of a call no flow is left to block.
#[cfg(feature = "schemes")]
pub(crate) fn expects_answer(body: &[u8]) -> bool {
    let Document::Object(object) = Document::read(body) else {
        return false;
    };
    let [event] = object.fields(["event"]);
    event.quoted_text().is_some_and(|text| match &*text {
        "ice" | "ace" | "pie" | "VerificationRequestEvent" => true,
        event => event.starts_with("call.") && !ends_call(event),
    })
}

/// Whether an event of the Voice API's version 2 tells of the end of a call, or that it was never set up.
pub(crate) fn ends_call(event: &str) -> bool {
    matches!(
        event,
        "call.busy" | "call.rejected" | "call.timeout" | "call.hangup" | "call.failed"
    )
}

#[cfg(all(test, feature = "schemes"))]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_call_or_a_verification_expects_an_answer() {
        for event in [
            "ice",
            "ace",
            "pie",
            "VerificationRequestEvent",
            "call.incoming",
            "call.answered",
            "call.amd.human",
            "call.message.finished",
            "call.recording.failed",
            "call.menu",
            "call.webhook.of_our_own",
            "call.of_tomorrow",
        ] {
            let body = std::format!(r#"{{"call":{{}},"event":"{event}"}}"#);
            assert!(expects_answer(body.as_bytes()), "{event}");
        }
        assert!(expects_answer(br#"{"event":"\u0069ce""#));
    }

    #[test]
    fn what_only_tells_expects_none() {
        for body in [
            r#"{"event":"dice"}"#,
            r#"{"event":"notify"}"#,
            r#"{"event":"VerificationResultEvent"}"#,
            r#"{"event":"VerificationSmsDeliveredEvent"}"#,
            r#"{"event":"call.busy","call":{}}"#,
            r#"{"event":"call.rejected","call":{}}"#,
            r#"{"event":"call.timeout","call":{}}"#,
            r#"{"event":"call.hangup","call":{}}"#,
            r#"{"event":"call.failed","call":{}}"#,
            r#"{"event":"Ice"}"#,
            r#"{"event":{"event":"ice"}}"#,
            r#"{"event":["ice"]}"#,
            r#"{"message":{"event":"ice"}}"#,
            r#"{"eventId":"ice","eventType":"ice"}"#,
            r#""ice""#,
            "",
        ] {
            assert!(!expects_answer(body.as_bytes()), "{body}");
        }
    }
}
