use crate::expects_answer::ends_call;
#[cfg(feature = "schemes")]
use crate::scheme::name::SchemeName;

named! {
    /// What a callback is about.
    ///
    /// The name is the Conversation API's trigger in lower case; of the other APIs the API's and what
    /// happened, as `sms_inbound_text`.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{Callback, CallbackKind};
    ///
    /// let callback = Callback::parse(br#"{"app_id":"a","opt_out_notification":{"contact_id":"c"}}"#)?;
    /// assert_eq!(callback.kind, CallbackKind::OptOut);
    /// assert_eq!(callback.kind.as_str(), "opt_out");
    /// assert!(callback.reports.is_empty());
    /// # Ok::<(), sinch_callback::Unrecognized>(())
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum CallbackKind {
        /// What became of a message.
        MessageDelivery = "message_delivery",
        /// A message was submitted to a channel.
        MessageSubmit = "message_submit",
        /// A contact has sent a message.
        MessageInbound = "message_inbound",
        /// A message of a contact, with what identifies people taken out.
        MessageInboundSmartConversationRedaction = "message_inbound_smart_conversation_redaction",
        /// A contact has done something that is no message, as typing.
        EventInbound = "event_inbound",
        /// What became of an event that was sent to a contact.
        EventDelivery = "event_delivery",
        /// A conversation has begun.
        ConversationStart = "conversation_start",
        /// A conversation has ended.
        ConversationStop = "conversation_stop",
        /// A conversation was deleted.
        ConversationDelete = "conversation_delete",
        /// A contact was created.
        ContactCreate = "contact_create",
        /// A contact was changed.
        ContactUpdate = "contact_update",
        /// A contact was deleted.
        ContactDelete = "contact_delete",
        /// Two contacts became one.
        ContactMerge = "contact_merge",
        /// Two contacts have the same identity.
        ContactIdentitiesDuplication = "contact_identities_duplication",
        /// What a look-up of a contact's capability on a channel has brought.
        Capability = "capability",
        /// A contact has agreed to be sent messages.
        OptIn = "opt_in",
        /// A contact no longer agrees to be sent messages.
        OptOut = "opt_out",
        /// Something happened to a channel, as a template's approval.
        ChannelEvent = "channel_event",
        /// A channel has told something that the Conversation API has no kind for.
        Unsupported = "unsupported",
        /// What the analysis of a contact's message has brought.
        SmartConversations = "smart_conversations",
        /// A record was written.
        RecordNotification = "record_notification",
        /// The state of a batch has changed.
        BatchStatusUpdate = "batch_status_update",
        /// SMS API: what became of a batch for one recipient.
        SmsRecipientDeliveryReport = "sms_recipient_delivery_report",
        /// SMS API: what became of a batch for all recipients.
        SmsBatchDeliveryReport = "sms_batch_delivery_report",
        /// SMS API: a text from a person.
        SmsInboundText = "sms_inbound_text",
        /// SMS API: a binary message from a person.
        SmsInboundBinary = "sms_inbound_binary",
        /// SMS API: media from a person.
        SmsInboundMedia = "sms_inbound_media",
        /// Numbers, Imported Numbers, Hosting and 10DLC: what happened to a number or an order.
        Numbers = "numbers",
        /// Voice API: a call has come in. Sinch waits for an answer.
        VoiceIncomingCall = "voice_incoming_call",
        /// Voice API: a call was answered. Sinch waits for an answer.
        VoiceAnsweredCall = "voice_answered_call",
        /// Voice API: a call has ended.
        VoiceDisconnectedCall = "voice_disconnected_call",
        /// Voice API: a menu was used. Sinch waits for an answer.
        VoicePromptInput = "voice_prompt_input",
        /// Voice API: something that belongs to a call is ready, or has failed.
        VoiceNotification = "voice_notification",
        /// Voice API, version 2: something happened to a call that goes on. Sinch waits for an answer.
        VoiceV2 = "voice_v2",
        /// Voice API, version 2: a call has ended, or was never set up.
        VoiceV2Ended = "voice_v2_ended",
        /// Verification API: a verification is about to begin. Sinch waits for an answer.
        VerificationRequest = "verification_request",
        /// Verification API: a verification has ended.
        VerificationResult = "verification_result",
        /// Verification API: what became of a verification's SMS.
        VerificationSmsDelivered = "verification_sms_delivered",
        /// Not one that is known here: [`Callback::unread`](super::Callback::unread) says why.
        Unrecognized = "unrecognized",
    }
}

impl CallbackKind {
    /// The kind that a top-level key of the Conversation API tells, whose callbacks have no type field.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "message_delivery_report" => Self::MessageDelivery,
            "message_submit_notification" => Self::MessageSubmit,
            "message" => Self::MessageInbound,
            "message_redaction" => Self::MessageInboundSmartConversationRedaction,
            "event" => Self::EventInbound,
            "event_delivery_report" => Self::EventDelivery,
            "conversation_start_notification" => Self::ConversationStart,
            "conversation_stop_notification" => Self::ConversationStop,
            "conversation_delete_notification" => Self::ConversationDelete,
            "contact_create_notification" => Self::ContactCreate,
            "contact_update_notification" => Self::ContactUpdate,
            "contact_delete_notification" => Self::ContactDelete,
            "contact_merge_notification" => Self::ContactMerge,
            "duplicated_contact_identities_notification" => Self::ContactIdentitiesDuplication,
            "capability_notification" => Self::Capability,
            "opt_in_notification" => Self::OptIn,
            "opt_out_notification" => Self::OptOut,
            "channel_event_notification" => Self::ChannelEvent,
            "unsupported_callback" => Self::Unsupported,
            "smart_conversation_notification" => Self::SmartConversations,
            "record_notification" => Self::RecordNotification,
            "batch_status_update_notification" => Self::BatchStatusUpdate,
            _ => return None,
        })
    }

    /// The kind that a text under `event` tells, where the callback has a `call` or not. At the
    /// Conversation API an object stands there.
    pub(super) fn of_event(text: &str, has_call: bool) -> Option<Self> {
        Some(match text {
            "ice" => Self::VoiceIncomingCall,
            "ace" => Self::VoiceAnsweredCall,
            "dice" => Self::VoiceDisconnectedCall,
            "pie" => Self::VoicePromptInput,
            "notify" => Self::VoiceNotification,
            "VerificationRequestEvent" => Self::VerificationRequest,
            "VerificationResultEvent" => Self::VerificationResult,
            "VerificationSmsDeliveredEvent" => Self::VerificationSmsDelivered,
            _ if !has_call => return None,
            _ if ends_call(text) => Self::VoiceV2Ended,
            _ => Self::VoiceV2,
        })
    }

    /// The scheme by which callbacks of this kind are signed; `None` where there is no kind.
    #[cfg(feature = "schemes")]
    #[must_use]
    pub const fn scheme(self) -> Option<SchemeName> {
        Some(match self {
            Self::Unrecognized => return None,
            Self::Numbers => SchemeName::Numbers,
            Self::VoiceIncomingCall
            | Self::VoiceAnsweredCall
            | Self::VoiceDisconnectedCall
            | Self::VoicePromptInput
            | Self::VoiceNotification
            | Self::VerificationRequest
            | Self::VerificationResult
            | Self::VerificationSmsDelivered => SchemeName::Application,
            Self::VoiceV2 | Self::VoiceV2Ended => SchemeName::Service,
            _ => SchemeName::Conversation,
        })
    }

    /// The kind that a `type` of the SMS API tells.
    pub(super) fn of_sms_type(text: &str) -> Option<Self> {
        Some(match text {
            "recipient_delivery_report_sms" | "recipient_delivery_report_mms" => {
                Self::SmsRecipientDeliveryReport
            }
            "delivery_report_sms" | "delivery_report_mms" => Self::SmsBatchDeliveryReport,
            "mo_text" => Self::SmsInboundText,
            "mo_binary" => Self::SmsInboundBinary,
            "mo_media" => Self::SmsInboundMedia,
            _ => return None,
        })
    }
}
