//! What SES tells of an e-mail
//! (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-eventbridge-examples.html>).

use serde_json::Value;
use sinch_callback::{DeliveryState, Permanence, Remedy};
use sinch_callback_recovery::{AttemptName, Report, ports::SuppressedFor};

/// Who has sent an event: no other account can say so.
const SOURCE: &str = "aws.ses";

/// What an event says of an attempt's e-mail; `None` of one that says nothing, or is not about ours.
///
/// A bounce holds whatever was said before: a server that took an e-mail may give it back later.
pub(super) fn report(event: &Value) -> Option<(AttemptName, Report)> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    if text("/source") != Some(SOURCE) {
        return None;
    }
    let (intent, number) = (
        text("/detail/mail/tags/intent/0")?,
        text("/detail/mail/tags/attempt/0")?,
    );
    let attempt = format!("{intent}~{number}").parse().ok()?;
    let id = text("/detail/mail/messageId")?;
    let report = match text("/detail-type")? {
        // Who complains has it.
        "Email Delivered" | "Email Complaint Received" => Report::delivered(id, 1),
        "Email Bounced" if is_permanent(event) => {
            Report::failed(id, 2, Remedy::DropRecipient, Permanence::Permanent)
        }
        "Email Bounced" => Report::failed(id, 2, Remedy::RetryLater, Permanence::Temporary),
        "Email Rejected" | "Email Rendering Failed" => Report::new(id, 2, DeliveryState::Failed),
        _ => return None,
    };
    Some((attempt, report))
}

fn is_permanent(event: &Value) -> bool {
    let kind = event.pointer("/detail/bounce/bounceType");
    kind.is_some_and(|kind| kind == "Permanent")
}

/// The addresses that an event says to send nothing to any more, and why: those that do not exist, and
/// those whose owners call it spam.
pub(super) fn suppressed(event: &Value) -> Vec<(String, SuppressedFor)> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    if text("/source") != Some(SOURCE) {
        return Vec::new();
    }
    let (recipients, why) = match text("/detail-type") {
        Some("Email Bounced") if is_permanent(event) => {
            ("/detail/bounce/bouncedRecipients", SuppressedFor::Dropped)
        }
        Some("Email Complaint Received") => (
            "/detail/complaint/complainedRecipients",
            SuppressedFor::OptedOut,
        ),
        _ => return Vec::new(),
    };
    let recipients = event.pointer(recipients).and_then(Value::as_array);
    let recipients = recipients.into_iter().flatten();
    let addresses = recipients.filter_map(|recipient| recipient.get("emailAddress")?.as_str());
    addresses.map(|address| (address.to_owned(), why)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ATTEMPT: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV~2";

    /// As AWS documents them, shortened to what is read.
    fn event(kind: &str, part: &str, what: &Value) -> Value {
        json!({
            "version": "0", "source": "aws.ses", "detail-type": kind,
            "detail": {
                "eventType": part,
                "mail": {
                    "messageId": "0107-made-up",
                    "destination": ["person@example.com"],
                    "tags": { "intent": ["01ARZ3NDEKTSV4RRFFQ69G5FAV"], "attempt": ["2"], "ses:operation": ["SendEmail"] },
                },
                part: what,
            },
        })
    }

    fn bounce(kind: &str) -> Value {
        let recipients = json!([{ "emailAddress": "person@example.com", "action": "failed" }]);
        event(
            "Email Bounced",
            "bounce",
            &json!({ "bounceType": kind, "bouncedRecipients": recipients }),
        )
    }

    #[test]
    fn a_delivery_is_a_report_about_the_attempt_in_the_tags() {
        let event = event("Email Delivered", "delivery", &json!({ "recipients": [] }));
        let (attempt, report) = report(&event).unwrap();
        assert_eq!(attempt.to_string(), ATTEMPT);
        assert_eq!(report, Report::delivered("0107-made-up", 1));
        assert_eq!(suppressed(&event), []);
    }

    #[test]
    fn a_bounce_for_good_drops_the_address_and_another_is_tried_later() {
        let dropped = bounce("Permanent");
        let (_, told) = report(&dropped).unwrap();
        assert_eq!(told.state, Some(DeliveryState::Failed));
        assert_eq!(told.failure.remedy, Remedy::DropRecipient);
        let address = ("person@example.com".to_owned(), SuppressedFor::Dropped);
        assert_eq!(suppressed(&dropped), [address]);
        let later = bounce("Transient");
        let (_, told) = report(&later).unwrap();
        assert_eq!(told.failure.remedy, Remedy::RetryLater);
        assert_eq!(suppressed(&later), []);
    }

    #[test]
    fn a_complaint_is_an_opt_out_of_somebody_who_has_the_message() {
        let recipients =
            json!({ "complainedRecipients": [{ "emailAddress": "person@example.com" }] });
        let event = event("Email Complaint Received", "complaint", &recipients);
        let (_, told) = report(&event).unwrap();
        assert_eq!(told.state, Some(DeliveryState::Delivered));
        let address = ("person@example.com".to_owned(), SuppressedFor::OptedOut);
        assert_eq!(suppressed(&event), [address]);
    }

    #[test]
    fn what_is_not_about_ours_says_nothing() {
        let mut foreign = bounce("Permanent");
        foreign["detail"]["mail"]["tags"] = json!({ "campaign": ["spring"] });
        assert_eq!(report(&foreign), None);
        let mut forged = bounce("Permanent");
        forged["source"] = json!("somebody");
        assert_eq!(report(&forged), None);
        assert_eq!(suppressed(&forged), []);
        assert_eq!(report(&event("Email Opened", "open", &json!({}))), None);
    }
}
