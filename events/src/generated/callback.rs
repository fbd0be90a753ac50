//! A callback of any API. Made by scripts/make-events from events/types; not to be edited.

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{
    described::{Described, Members, parse, path},
    generated::{
        conversation::{ConversationCallback, ConversationEvent},
        numbers::NumbersCallback,
        sms::SmsCallback,
        verification::VerificationCallback,
        voice::VoiceCallback,
        voice_v2::{VoiceV2Callback, VoiceV2Event},
    },
    json::value::{Object, Value},
    malformed::Malformed,
};

/// A callback of any of Sinch's APIs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Callback {
    /// A callback of the SMS API, by its `type`.
    Sms(SmsCallback),
    /// A callback of the Voice API, by its `event`.
    Voice(VoiceCallback),
    /// A callback of the Verification API, by its `event`.
    Verification(VerificationCallback),
    /// Something happened to a call. While it goes on, Sinch waits for an answer that says how.
    VoiceV2(Box<VoiceV2Callback>),
    /// What happened to a number, an order of numbers, or a hosted number. It is not timely, and
    /// only `eventId` tells it from its own repetition.
    Numbers(Box<NumbersCallback>),
    /// A callback of the Conversation API: what all of them say, and the one thing that happened.
    Conversation(Box<ConversationCallback>),
    /// Of no API that is described, as it was.
    Unlisted(Object),
}

impl Callback {
    /// Reads a body, whichever API it is of. `sinch-callback` verifies it first.
    ///
    /// # Errors
    /// [`Malformed`], where it is no object of JSON.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        parse(body)
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Sms(callback) => match callback {
                SmsCallback::RecipientDeliveryReportSms(_)
                | SmsCallback::RecipientDeliveryReportMms(_) => Kind::SmsRecipientDeliveryReport,
                SmsCallback::DeliveryReportSms(_) | SmsCallback::DeliveryReportMms(_) => {
                    Kind::SmsBatchDeliveryReport
                }
                SmsCallback::MoText(_) => Kind::SmsInboundText,
                SmsCallback::MoBinary(_) => Kind::SmsInboundBinary,
                SmsCallback::MoMedia(_) => Kind::SmsInboundMedia,
                SmsCallback::Unlisted(_) => Kind::Unrecognized,
            },
            Self::Voice(callback) => match callback {
                VoiceCallback::Ice(_) => Kind::VoiceIncomingCall,
                VoiceCallback::Ace(_) => Kind::VoiceAnsweredCall,
                VoiceCallback::Dice(_) => Kind::VoiceDisconnectedCall,
                VoiceCallback::Pie(_) => Kind::VoicePromptInput,
                VoiceCallback::Notify(_) => Kind::VoiceNotification,
                VoiceCallback::Unlisted(_) => Kind::Unrecognized,
            },
            Self::Verification(callback) => match callback {
                VerificationCallback::VerificationRequestEvent(_) => Kind::VerificationRequest,
                VerificationCallback::VerificationResultEvent(_) => Kind::VerificationResult,
                VerificationCallback::VerificationSmsDeliveredEvent(_) => {
                    Kind::VerificationSmsDelivered
                }
                VerificationCallback::Unlisted(_) => Kind::Unrecognized,
            },
            Self::VoiceV2(callback) => match &callback.event {
                Some(
                    VoiceV2Event::CallBusy
                    | VoiceV2Event::CallRejected
                    | VoiceV2Event::CallTimeout
                    | VoiceV2Event::CallHangup
                    | VoiceV2Event::CallFailed,
                ) => Kind::VoiceV2Ended,
                _ => Kind::VoiceV2,
            },
            Self::Numbers(_) => Kind::Numbers,
            Self::Conversation(callback) => match &callback.event {
                Some(ConversationEvent::MessageDelivery(_)) => Kind::MessageDelivery,
                Some(ConversationEvent::EventDelivery(_)) => Kind::EventDelivery,
                Some(ConversationEvent::MessageSubmit(_)) => Kind::MessageSubmit,
                Some(ConversationEvent::MessageInbound(_)) => Kind::MessageInbound,
                Some(ConversationEvent::MessageInboundSmartConversationRedaction(_)) => {
                    Kind::MessageInboundSmartConversationRedaction
                }
                Some(ConversationEvent::EventInbound(_)) => Kind::EventInbound,
                Some(ConversationEvent::ConversationStart(_)) => Kind::ConversationStart,
                Some(ConversationEvent::ConversationStop(_)) => Kind::ConversationStop,
                Some(ConversationEvent::ConversationDelete(_)) => Kind::ConversationDelete,
                Some(ConversationEvent::ContactCreate(_)) => Kind::ContactCreate,
                Some(ConversationEvent::ContactUpdate(_)) => Kind::ContactUpdate,
                Some(ConversationEvent::ContactDelete(_)) => Kind::ContactDelete,
                Some(ConversationEvent::ContactMerge(_)) => Kind::ContactMerge,
                Some(ConversationEvent::ContactIdentitiesDuplication(_)) => {
                    Kind::ContactIdentitiesDuplication
                }
                Some(ConversationEvent::Capability(_)) => Kind::Capability,
                Some(ConversationEvent::OptIn(_)) => Kind::OptIn,
                Some(ConversationEvent::OptOut(_)) => Kind::OptOut,
                Some(ConversationEvent::ChannelEvent(_)) => Kind::ChannelEvent,
                Some(ConversationEvent::Unsupported(_)) => Kind::Unsupported,
                Some(ConversationEvent::SmartConversations(_)) => Kind::SmartConversations,
                Some(ConversationEvent::RecordNotification(_)) => Kind::RecordNotification,
                Some(ConversationEvent::BatchStatusUpdate(_)) => Kind::BatchStatusUpdate,
                None => Kind::Unrecognized,
            },
            Self::Unlisted(_) => Kind::Unrecognized,
        }
    }
}

impl Members for Callback {
    fn from_object(object: Object) -> Self {
        let object = match SmsCallback::from_object(object) {
            SmsCallback::Unlisted(object) => object,
            known => return Self::Sms(known),
        };
        let object = match VoiceCallback::from_object(object) {
            VoiceCallback::Unlisted(object) => object,
            known => return Self::Voice(known),
        };
        let object = match VerificationCallback::from_object(object) {
            VerificationCallback::Unlisted(object) => object,
            known => return Self::Verification(known),
        };
        let known = VoiceV2Callback::from_object(object);
        if known.event.is_some() && known.call.is_some() {
            return Self::VoiceV2(Box::new(known));
        }
        let object = known.into_object();
        let known = NumbersCallback::from_object(object);
        if known.event_id.is_some() && known.event_type.is_some() {
            return Self::Numbers(Box::new(known));
        }
        let object = known.into_object();
        let known = ConversationCallback::from_object(object);
        if known.event.is_some() {
            return Self::Conversation(Box::new(known));
        }
        let object = known.into_object();
        Self::Unlisted(object)
    }

    fn to_object(&self) -> Object {
        match self {
            Self::Sms(callback) => callback.to_object(),
            Self::Voice(callback) => callback.to_object(),
            Self::Verification(callback) => callback.to_object(),
            Self::VoiceV2(callback) => callback.to_object(),
            Self::Numbers(callback) => callback.to_object(),
            Self::Conversation(callback) => callback.to_object(),
            Self::Unlisted(object) => object.clone(),
        }
    }
}

impl Described for Callback {
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Object(object) => Ok(Self::from_object(object)),
            other => Err(other),
        }
    }

    fn to_value(&self) -> Value {
        Value::Object(self.to_object())
    }

    fn find_unlisted(&self, at: &str, found: &mut Vec<String>) {
        match self {
            Self::Sms(callback) => callback.find_unlisted(at, found),
            Self::Voice(callback) => callback.find_unlisted(at, found),
            Self::Verification(callback) => callback.find_unlisted(at, found),
            Self::VoiceV2(callback) => callback.find_unlisted(at, found),
            Self::Numbers(callback) => callback.find_unlisted(at, found),
            Self::Conversation(callback) => callback.find_unlisted(at, found),
            Self::Unlisted(object) => found.extend(object.keys().map(|key| path(at, key))),
        }
    }
}

serde_traits!(Callback);

/// What a callback is about, by the names of `sinch-callback`'s `CallbackKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// What became of a message of the app.
    MessageDelivery,
    /// What became of an event of the app.
    EventDelivery,
    /// A message was handed to a channel.
    MessageSubmit,
    /// A contact has sent a message.
    MessageInbound,
    /// A contact's message, without what identifies people.
    MessageInboundSmartConversationRedaction,
    /// A contact has done something that is no message.
    EventInbound,
    /// A conversation has begun.
    ConversationStart,
    /// A conversation has ended.
    ConversationStop,
    /// A conversation was deleted.
    ConversationDelete,
    /// A contact was created.
    ContactCreate,
    /// A contact was changed.
    ContactUpdate,
    /// A contact was deleted.
    ContactDelete,
    /// Two contacts became one.
    ContactMerge,
    /// Several contacts have the same identity.
    ContactIdentitiesDuplication,
    /// The answer to a look-up of what a contact can receive.
    Capability,
    /// A contact agrees to be sent messages.
    OptIn,
    /// A contact agrees no longer.
    OptOut,
    /// Something happened to a channel.
    ChannelEvent,
    /// What a channel told and the Conversation API has no kind for.
    Unsupported,
    /// What the analysis of a contact's message found.
    SmartConversations,
    /// A record was stored.
    RecordNotification,
    /// The state of a batch has changed.
    BatchStatusUpdate,
    /// What became of an SMS for one recipient.
    SmsRecipientDeliveryReport,
    /// What became of a batch of SMS.
    SmsBatchDeliveryReport,
    /// A text from a person.
    SmsInboundText,
    /// A binary message from a person.
    SmsInboundBinary,
    /// Media from a person.
    SmsInboundMedia,
    /// What happened to a number, an order of numbers, or a hosted number.
    Numbers,
    /// A call has come in. Sinch waits for an answer that says what to do with it.
    VoiceIncomingCall,
    /// A call was answered. Sinch waits for an answer that says how it goes on.
    VoiceAnsweredCall,
    /// A call has ended.
    VoiceDisconnectedCall,
    /// A menu was used. Sinch waits for an answer that says how the call goes on.
    VoicePromptInput,
    /// Something that belongs to a call is ready.
    VoiceNotification,
    /// Something happened to a call.
    VoiceV2,
    /// A call has ended, or was never set up.
    VoiceV2Ended,
    /// A verification is about to begin. Sinch waits for an answer that allows or denies it.
    VerificationRequest,
    /// A verification has ended.
    VerificationResult,
    /// What became of a verification's SMS.
    VerificationSmsDelivered,
    /// Of no kind that is described.
    Unrecognized,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::MessageDelivery,
        Self::EventDelivery,
        Self::MessageSubmit,
        Self::MessageInbound,
        Self::MessageInboundSmartConversationRedaction,
        Self::EventInbound,
        Self::ConversationStart,
        Self::ConversationStop,
        Self::ConversationDelete,
        Self::ContactCreate,
        Self::ContactUpdate,
        Self::ContactDelete,
        Self::ContactMerge,
        Self::ContactIdentitiesDuplication,
        Self::Capability,
        Self::OptIn,
        Self::OptOut,
        Self::ChannelEvent,
        Self::Unsupported,
        Self::SmartConversations,
        Self::RecordNotification,
        Self::BatchStatusUpdate,
        Self::SmsRecipientDeliveryReport,
        Self::SmsBatchDeliveryReport,
        Self::SmsInboundText,
        Self::SmsInboundBinary,
        Self::SmsInboundMedia,
        Self::Numbers,
        Self::VoiceIncomingCall,
        Self::VoiceAnsweredCall,
        Self::VoiceDisconnectedCall,
        Self::VoicePromptInput,
        Self::VoiceNotification,
        Self::VoiceV2,
        Self::VoiceV2Ended,
        Self::VerificationRequest,
        Self::VerificationResult,
        Self::VerificationSmsDelivered,
        Self::Unrecognized,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MessageDelivery => "message_delivery",
            Self::EventDelivery => "event_delivery",
            Self::MessageSubmit => "message_submit",
            Self::MessageInbound => "message_inbound",
            Self::MessageInboundSmartConversationRedaction => {
                "message_inbound_smart_conversation_redaction"
            }
            Self::EventInbound => "event_inbound",
            Self::ConversationStart => "conversation_start",
            Self::ConversationStop => "conversation_stop",
            Self::ConversationDelete => "conversation_delete",
            Self::ContactCreate => "contact_create",
            Self::ContactUpdate => "contact_update",
            Self::ContactDelete => "contact_delete",
            Self::ContactMerge => "contact_merge",
            Self::ContactIdentitiesDuplication => "contact_identities_duplication",
            Self::Capability => "capability",
            Self::OptIn => "opt_in",
            Self::OptOut => "opt_out",
            Self::ChannelEvent => "channel_event",
            Self::Unsupported => "unsupported",
            Self::SmartConversations => "smart_conversations",
            Self::RecordNotification => "record_notification",
            Self::BatchStatusUpdate => "batch_status_update",
            Self::SmsRecipientDeliveryReport => "sms_recipient_delivery_report",
            Self::SmsBatchDeliveryReport => "sms_batch_delivery_report",
            Self::SmsInboundText => "sms_inbound_text",
            Self::SmsInboundBinary => "sms_inbound_binary",
            Self::SmsInboundMedia => "sms_inbound_media",
            Self::Numbers => "numbers",
            Self::VoiceIncomingCall => "voice_incoming_call",
            Self::VoiceAnsweredCall => "voice_answered_call",
            Self::VoiceDisconnectedCall => "voice_disconnected_call",
            Self::VoicePromptInput => "voice_prompt_input",
            Self::VoiceNotification => "voice_notification",
            Self::VoiceV2 => "voice_v2",
            Self::VoiceV2Ended => "voice_v2_ended",
            Self::VerificationRequest => "verification_request",
            Self::VerificationResult => "verification_result",
            Self::VerificationSmsDelivered => "verification_sms_delivered",
            Self::Unrecognized => "unrecognized",
        }
    }

    /// Whether Sinch waits for an answer that says how it goes on. A receiver that only keeps callbacks
    /// has none to give.
    #[must_use]
    pub const fn expects_answer(self) -> bool {
        matches!(
            self,
            Self::VoiceIncomingCall
                | Self::VoiceAnsweredCall
                | Self::VoicePromptInput
                | Self::VoiceV2
                | Self::VerificationRequest
        )
    }
}
