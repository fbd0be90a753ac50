//! Sinch's own example bodies are recognized. They are read where `SINCH_PAYLOADS` says they lie
//! and are not part of this repository.

use std::{env, fs, path::PathBuf};

use sinch_callback::{Callback, DeliveryStatus, Remedy};

/// The folder of the examples. Without one there is nothing to test, which must not pass for a test
/// that passed.
fn folder() -> PathBuf {
    env::var_os("SINCH_PAYLOADS")
        .map(PathBuf::from)
        .expect("SINCH_PAYLOADS names the folder of Sinch's example bodies")
}

fn read(name: &str) -> Callback {
    let body = fs::read(folder().join(name)).unwrap();
    Callback::parse(&body).unwrap_or_else(|reason| panic!("{name}: {reason}"))
}

#[test]
#[ignore = "needs SINCH_PAYLOADS"]
fn every_example_is_of_the_kind_that_its_name_tells() {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(expected) = expected_kind(&name) else {
            assert_eq!(name, "SOURCES.json", "an example without an expectation");
            continue;
        };
        let callback = read(&name);
        assert_eq!(callback.kind.as_str(), expected, "{name}");
        let body = fs::read(folder().join(&name)).unwrap();
        let to_the_last_field = sinch_callback_events::Callback::parse(&body).unwrap();
        assert_eq!(to_the_last_field.kind().as_str(), expected, "{name}");
        // That a message was submitted is a report on it, too.
        let reports = (expected.contains("delivery") || expected == "message_submit") as usize;
        assert_eq!(callback.reports.len(), reports, "{name}");
        seen += 1;
    }
    assert!(seen >= 33, "examples are missing: {seen}");
}

/// What each example is, read off its name by hand.
fn expected_kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "conversation-docs-event-1.json"
        | "conversation-java-InboundContactEventDto.json"
        | "conversation-java-InboundContactMessageEventDto.json" => "event_inbound",
        "conversation-docs-event_delivery_report-1.json"
        | "conversation-java-EventDeliveryReceiptEventDto.json" => "event_delivery",
        "conversation-docs-message-1.json" | "conversation-java-MessageInboundEventDto.json" => {
            "message_inbound"
        }
        "conversation-docs-message_delivery_report-1.json"
        | "conversation-docs-message_delivery_report-2.json"
        | "conversation-java-MessageDeliveryReceiptEventDto.json" => "message_delivery",
        "conversation-java-CapabilityEventDto.json" => "capability",
        "conversation-java-ChannelEventDto.json" => "channel_event",
        "conversation-java-ContactCreateEventDto.json" => "contact_create",
        "conversation-java-ContactDeleteEventDto.json" => "contact_delete",
        "conversation-java-ContactIdentitiesDuplicationEventDto.json" => {
            "contact_identities_duplication"
        }
        "conversation-java-ContactMergeEventDto.json" => "contact_merge",
        "conversation-java-ContactUpdateEventDto.json" => "contact_update",
        "conversation-java-ConversationDeleteEventDto.json" => "conversation_delete",
        "conversation-java-ConversationStartEventDto.json" => "conversation_start",
        "conversation-java-ConversationStopEventDto.json" => "conversation_stop",
        "conversation-java-MessageInboundSmartConversationRedactionEventDto.json" => {
            "message_inbound_smart_conversation_redaction"
        }
        "conversation-java-MessageSubmitEventDto.json" => "message_submit",
        "conversation-java-OptInEventDto.json" => "opt_in",
        "conversation-java-OptOutEventDto.json" => "opt_out",
        "conversation-java-RecordNotificationEventDto.json" => "record_notification",
        "conversation-java-SmartConversationsEventDto.json" => "smart_conversations",
        "conversation-java-UnsupportedCallbackEventDto.json" => "unsupported",
        "sms-java-BatchDeliveryReportMMSDto.json" | "sms-java-BatchDeliveryReportSMSDto.json" => {
            "sms_batch_delivery_report"
        }
        "sms-java-InboundBinaryDto.json" => "sms_inbound_binary",
        "sms-java-InboundMediaDto.json" => "sms_inbound_media",
        "sms-java-InboundTextDto.json" => "sms_inbound_text",
        "sms-java-RecipientDeliveryReportMMSDto.json"
        | "sms-java-RecipientDeliveryReportSMSDto.json" => "sms_recipient_delivery_report",
        _ => return None,
    })
}

#[test]
#[ignore = "needs SINCH_PAYLOADS"]
fn a_failed_report_has_its_reason_and_its_remedy() {
    let callback = read("conversation-docs-message_delivery_report-2.json");
    let report = &callback.reports[0];
    assert_eq!(report.status, DeliveryStatus::Failed);
    assert_eq!(report.channel, "WHATSAPP");
    let failure = report.failure.as_ref().unwrap();
    assert_eq!(failure.code, "OUTSIDE_ALLOWED_SENDING_WINDOW");
    assert_eq!(failure.remedy, Remedy::TryAnotherChannel);
}

#[test]
#[ignore = "needs SINCH_PAYLOADS"]
fn a_recipient_report_and_its_batch_speak_of_the_same_message() {
    let recipient = read("sms-java-RecipientDeliveryReportSMSDto.json");
    let batch = read("sms-java-BatchDeliveryReportSMSDto.json");
    assert_eq!(recipient.reports[0].message_id, batch.reports[0].message_id);
}
