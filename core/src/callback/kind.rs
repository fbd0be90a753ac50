use core::fmt;

/// What a callback is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the names are Sinch's trigger names, explained in its documentation"
)]
pub enum CallbackKind {
    MessageDelivery,
    MessageSubmit,
    MessageInbound,
    MessageInboundSmartConversationRedaction,
    EventInbound,
    EventDelivery,
    ConversationStart,
    ConversationStop,
    ConversationDelete,
    ContactCreate,
    ContactUpdate,
    ContactDelete,
    ContactMerge,
    ContactIdentitiesDuplication,
    Capability,
    OptIn,
    OptOut,
    ChannelEvent,
    Unsupported,
    SmartConversations,
    RecordNotification,
    BatchStatusUpdate,
    SmsRecipientDeliveryReport,
    SmsBatchDeliveryReport,
    SmsInboundText,
    SmsInboundBinary,
    SmsInboundMedia,
}

/// A kind, its stable name, and the top-level key that tells it in the Conversation API, whose
/// callbacks have no type field.
type Conversation = (CallbackKind, &'static str, &'static str);

const CONVERSATION: &[Conversation] = &[
    (
        CallbackKind::MessageDelivery,
        "message_delivery",
        "message_delivery_report",
    ),
    (
        CallbackKind::MessageSubmit,
        "message_submit",
        "message_submit_notification",
    ),
    (CallbackKind::MessageInbound, "message_inbound", "message"),
    (
        CallbackKind::MessageInboundSmartConversationRedaction,
        "message_inbound_smart_conversation_redaction",
        "message_redaction",
    ),
    (CallbackKind::EventInbound, "event_inbound", "event"),
    (
        CallbackKind::EventDelivery,
        "event_delivery",
        "event_delivery_report",
    ),
    (
        CallbackKind::ConversationStart,
        "conversation_start",
        "conversation_start_notification",
    ),
    (
        CallbackKind::ConversationStop,
        "conversation_stop",
        "conversation_stop_notification",
    ),
    (
        CallbackKind::ConversationDelete,
        "conversation_delete",
        "conversation_delete_notification",
    ),
    (
        CallbackKind::ContactCreate,
        "contact_create",
        "contact_create_notification",
    ),
    (
        CallbackKind::ContactUpdate,
        "contact_update",
        "contact_update_notification",
    ),
    (
        CallbackKind::ContactDelete,
        "contact_delete",
        "contact_delete_notification",
    ),
    (
        CallbackKind::ContactMerge,
        "contact_merge",
        "contact_merge_notification",
    ),
    (
        CallbackKind::ContactIdentitiesDuplication,
        "contact_identities_duplication",
        "duplicated_contact_identities_notification",
    ),
    (
        CallbackKind::Capability,
        "capability",
        "capability_notification",
    ),
    (CallbackKind::OptIn, "opt_in", "opt_in_notification"),
    (CallbackKind::OptOut, "opt_out", "opt_out_notification"),
    (
        CallbackKind::ChannelEvent,
        "channel_event",
        "channel_event_notification",
    ),
    (
        CallbackKind::Unsupported,
        "unsupported",
        "unsupported_callback",
    ),
    (
        CallbackKind::SmartConversations,
        "smart_conversations",
        "smart_conversation_notification",
    ),
    (
        CallbackKind::RecordNotification,
        "record_notification",
        "record_notification",
    ),
    (
        CallbackKind::BatchStatusUpdate,
        "batch_status_update",
        "batch_status_update_notification",
    ),
];

/// A kind, its stable name, and the values of `type` that tell it in the SMS API.
type Sms = (CallbackKind, &'static str, &'static [&'static str]);

const SMS: &[Sms] = &[
    (
        CallbackKind::SmsRecipientDeliveryReport,
        "sms_recipient_delivery_report",
        &[
            "recipient_delivery_report_sms",
            "recipient_delivery_report_mms",
        ],
    ),
    (
        CallbackKind::SmsBatchDeliveryReport,
        "sms_batch_delivery_report",
        &["delivery_report_sms", "delivery_report_mms"],
    ),
    (
        CallbackKind::SmsInboundText,
        "sms_inbound_text",
        &["mo_text"],
    ),
    (
        CallbackKind::SmsInboundBinary,
        "sms_inbound_binary",
        &["mo_binary"],
    ),
    (
        CallbackKind::SmsInboundMedia,
        "sms_inbound_media",
        &["mo_media"],
    ),
];

impl CallbackKind {
    /// The kind that a top-level key of the Conversation API tells.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        CONVERSATION
            .iter()
            .find(|(_, _, known)| *known == key)
            .map(|(kind, ..)| *kind)
    }

    /// The kind that a `type` of the SMS API tells.
    pub(super) fn of_sms_type(text: &str) -> Option<Self> {
        SMS.iter()
            .find(|(_, _, types)| types.contains(&text))
            .map(|(kind, ..)| *kind)
    }

    /// The kind's stable name: the Conversation API's trigger in lower case, or the SMS API's type
    /// behind `sms_`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let conversation = CONVERSATION.iter().map(|(kind, name, _)| (kind, name));
        let sms = SMS.iter().map(|(kind, name, _)| (kind, name));
        conversation
            .chain(sms)
            .find(|(kind, _)| **kind == self)
            .map_or("", |(_, name)| name)
    }
}

impl fmt::Display for CallbackKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
