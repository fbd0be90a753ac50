use core::time::Duration;

use serde_json::{Value, json};
use sinch_callback_recovery::{Call, CallAnswer};

use crate::signed_call::{Exchanged, SignedCalls};

/// E-mails by SES
/// (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>).
#[derive(Debug)]
pub(super) struct SesSender {
    calls: SignedCalls,
    from: String,
    configuration_set: String,
}

/// How long a call may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);
const PATH: &str = "/v2/email/outbound-emails";

impl SesSender {
    /// From this address, by this configuration set, whose events tell what became of an e-mail.
    pub(super) const fn new(calls: SignedCalls, from: String, configuration_set: String) -> Self {
        Self {
            calls,
            from,
            configuration_set,
        }
    }

    pub(super) async fn send(&self, call: &Call) -> CallAnswer {
        let body = body(&self.from, &self.configuration_set, call).to_string();
        let headers = [("content-type", "application/json")];
        let signed = self
            .calls
            .signed(("email", "ses"), PATH, &headers, body.as_bytes());
        let (url, headers) = match signed.await {
            Ok(signed) => signed,
            Err(error) => return CallAnswer::NotSent(error.to_string()),
        };
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let exchanged = self
            .calls
            .once("POST", &url, &headers, body.into_bytes(), TIME_LIMIT);
        match exchanged.await {
            Exchanged::NeverLeft(why) => CallAnswer::NotSent(why),
            Exchanged::MayHaveLeft(why) => CallAnswer::Unresolved(why),
            Exchanged::Answered(status, body) => answer(status, &body),
        }
    }
}

fn body(from: &str, configuration_set: &str, call: &Call) -> Value {
    let text = |text: &str| json!({ "Data": text, "Charset": "UTF-8" });
    json!({
        "FromEmailAddress": from,
        "Destination": { "ToAddresses": [call.identity.as_str()] },
        "Content": { "Simple": {
            "Subject": text(call.content.subject.as_deref().unwrap_or_default()),
            "Body": { "Text": text(&call.content.text) },
        } },
        "ConfigurationSetName": configuration_set,
        // A tag takes no tilde.
        "EmailTags": [
            { "Name": "intent", "Value": call.attempt.intent.to_string() },
            { "Name": "attempt", "Value": call.attempt.number.to_string() },
        ],
    })
}

/// What SES has answered. Its words may quote an address, so its code alone is told.
fn answer(status: u16, body: &[u8]) -> CallAnswer {
    let found: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| found.get(name).and_then(Value::as_str);
    if status == 200 {
        return match text("MessageId") {
            Some(id) => CallAnswer::Accepted(id.to_owned()),
            None => CallAnswer::Unresolved("an answer without an id".into()),
        };
    }
    let code = text("__type").or(text("code")).unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    match code {
        "TooManyRequestsException" | "LimitExceededException" => CallAnswer::NotSent(code.into()),
        // Our own set-up, no fault of the recipient's.
        "AccountSuspendedException"
        | "SendingPausedException"
        | "MailFromDomainNotVerifiedException" => CallAnswer::AboutUs(code.into()),
        _ => CallAnswer::of_status(status, code),
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback_recovery::{Channel, Content};

    use super::*;

    #[test]
    fn an_email_bears_its_attempt_in_tags() {
        let call = Call {
            attempt: "01ARZ3NDEKTSV4RRFFQ69G5FAV~2".parse().unwrap(),
            channel: Channel::Email,
            identity: "person@example.com".into(),
            content: Content {
                text: "Your code is 12".into(),
                subject: Some("Code".into()),
            },
            metadata: String::new(),
            ttl: Duration::from_secs(600),
        };
        // The form of AWS's reference of SendEmail.
        let expected = json!({
            "FromEmailAddress": "codes@example.com",
            "Destination": { "ToAddresses": ["person@example.com"] },
            "Content": { "Simple": {
                "Subject": { "Data": "Code", "Charset": "UTF-8" },
                "Body": { "Text": { "Data": "Your code is 12", "Charset": "UTF-8" } },
            } },
            "ConfigurationSetName": "set",
            "EmailTags": [
                { "Name": "intent", "Value": "01ARZ3NDEKTSV4RRFFQ69G5FAV" },
                { "Name": "attempt", "Value": "2" },
            ],
        });
        assert_eq!(body("codes@example.com", "set", &call), expected);
    }

    #[test]
    fn only_what_certainly_was_not_sent_may_be_sent_again() {
        let accepted = answer(200, br#"{"MessageId":"0107-made-up"}"#);
        assert_eq!(accepted, CallAnswer::Accepted("0107-made-up".into()));
        let error = |kind: &str| format!(r#"{{"__type":"{kind}","message":"person@example.com"}}"#);
        let of = |status, kind| answer(status, error(kind).as_bytes());
        for (answer, expected) in [
            (of(429, "TooManyRequestsException"), "not sent"),
            (of(400, "LimitExceededException"), "not sent"),
            (
                of(400, "com.amazonaws.ses#SendingPausedException"),
                "about us",
            ),
            (of(403, "AccessDeniedException"), "about us"),
            (of(404, "NotFoundException"), "about us"),
            (of(400, "MessageRejected"), "refused"),
            (of(500, "InternalFailure"), "unresolved"),
            (answer(200, b"{}"), "unresolved"),
        ] {
            let (found, words) = match answer {
                CallAnswer::Accepted(words) => ("accepted", words),
                CallAnswer::NotSent(words) => ("not sent", words),
                CallAnswer::AboutUs(words) => ("about us", words),
                CallAnswer::Refused(words) => ("refused", words),
                CallAnswer::Unresolved(words) => ("unresolved", words),
            };
            assert_eq!(found, expected);
            assert!(!words.contains("person@"), "{words}");
        }
    }
}
