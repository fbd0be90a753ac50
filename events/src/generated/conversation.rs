//! The callbacks of the Conversation API.
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use crate::{
    generated::message::{AppMessage, ContactMessage},
    generated::reason::Reason,
    json::{number::Number, value::Object, value::Value},
    unlisted::Unlisted,
};

/// A callback of the Conversation API: what all of them say, and the one thing that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ConversationCallback {
    /// The app that has subscribed; empty for callbacks about contacts.
    pub app_id: Option<String>,
    /// The project of the app; may be empty.
    pub project_id: Option<String>,
    /// When the Conversation API accepted what the channel told.
    pub accepted_time: Option<String>,
    /// When it happened, as the channel tells.
    pub event_time: Option<String>,
    /// The metadata of the message that it is about.
    pub message_metadata: Option<String>,
    /// What the sender gave as `correlation_id`, up to 128 characters.
    pub correlation_id: Option<String>,
    /// What happened.
    pub event: Option<ConversationEvent>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ConversationCallback {
    app_id: "app_id",
    project_id: "project_id",
    accepted_time: "accepted_time",
    event_time: "event_time",
    message_metadata: "message_metadata",
    correlation_id: "correlation_id",
} event);

/// What became of a message that the app sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MessageDeliveryReport {
    /// The message.
    pub message_id: Option<String>,
    /// Its conversation; empty in DISPATCH mode.
    pub conversation_id: Option<String>,
    /// What became of it.
    pub status: Option<DeliveryStatus>,
    /// To whom, on which channel.
    pub channel_identity: Option<ChannelIdentity>,
    /// Its recipient; empty in DISPATCH mode.
    pub contact_id: Option<String>,
    /// Why, where it failed or switches the channel.
    pub reason: Option<Reason>,
    /// What the sender gave as `message_metadata`, up to 1,024 characters.
    pub metadata: Option<String>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MessageDeliveryReport {
    message_id: "message_id",
    conversation_id: "conversation_id",
    status: "status",
    channel_identity: "channel_identity",
    contact_id: "contact_id",
    reason: "reason",
    metadata: "metadata",
    processing_mode: "processing_mode",
});

/// What became of an event that the app sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EventDeliveryReport {
    /// The event.
    pub event_id: Option<String>,
    /// What became of it.
    pub status: Option<DeliveryStatus>,
    /// To whom, on which channel.
    pub channel_identity: Option<ChannelIdentity>,
    /// Its recipient; empty in DISPATCH mode.
    pub contact_id: Option<String>,
    /// Why, where it failed.
    pub reason: Option<Reason>,
    /// The metadata of the event.
    pub metadata: Option<String>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(EventDeliveryReport {
    event_id: "event_id",
    status: "status",
    channel_identity: "channel_identity",
    contact_id: "contact_id",
    reason: "reason",
    metadata: "metadata",
    processing_mode: "processing_mode",
});

/// A message of the app was handed to a channel. Nothing is said about its delivery yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MessageSubmitNotification {
    /// The message.
    pub message_id: Option<String>,
    /// Its conversation; empty in DISPATCH mode.
    pub conversation_id: Option<String>,
    /// To whom, on which channel.
    pub channel_identity: Option<ChannelIdentity>,
    /// Its recipient; empty in DISPATCH mode.
    pub contact_id: Option<String>,
    /// What was sent. An app's message, as Java and Python have it; Node's SDK says a contact's.
    pub submitted_message: Option<AppMessage>,
    /// What the sender gave as `message_metadata`.
    pub metadata: Option<String>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MessageSubmitNotification {
    message_id: "message_id",
    conversation_id: "conversation_id",
    channel_identity: "channel_identity",
    contact_id: "contact_id",
    submitted_message: "submitted_message",
    metadata: "metadata",
    processing_mode: "processing_mode",
});

/// A message from a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InboundMessage {
    /// The message.
    pub id: Option<String>,
    /// Where it goes.
    pub direction: Option<Direction>,
    /// What it says.
    pub contact_message: Option<ContactMessage>,
    /// From whom, on which channel.
    pub channel_identity: Option<ChannelIdentity>,
    /// Its conversation; empty in DISPATCH mode.
    pub conversation_id: Option<String>,
    /// Its sender; empty in DISPATCH mode.
    pub contact_id: Option<String>,
    /// The metadata of the conversation.
    pub metadata: Option<String>,
    /// When the Conversation API accepted it.
    pub accept_time: Option<String>,
    /// The app's own number or name, to which it was sent.
    pub sender_id: Option<String>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// Whether it was put into the conversation by a call of the API.
    pub injected: Option<bool>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(InboundMessage {
    id: "id",
    direction: "direction",
    contact_message: "contact_message",
    channel_identity: "channel_identity",
    conversation_id: "conversation_id",
    contact_id: "contact_id",
    metadata: "metadata",
    accept_time: "accept_time",
    sender_id: "sender_id",
    processing_mode: "processing_mode",
    injected: "injected",
});

/// Something that a contact did and that is no message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InboundEvent {
    /// The event.
    pub id: Option<String>,
    /// Where it goes.
    pub direction: Option<Direction>,
    /// What the contact did.
    pub content: Option<InboundEventContent>,
    /// By whom, on which channel.
    pub channel_identity: Option<ChannelIdentity>,
    /// By whom; empty in DISPATCH mode.
    pub contact_id: Option<String>,
    /// Its conversation; empty in DISPATCH mode.
    pub conversation_id: Option<String>,
    /// When the Conversation API accepted it.
    pub accept_time: Option<String>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(InboundEvent {
    id: "id",
    direction: "direction",
    channel_identity: "channel_identity",
    contact_id: "contact_id",
    conversation_id: "conversation_id",
    accept_time: "accept_time",
    processing_mode: "processing_mode",
} content);

/// Something that a contact did in a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactEvent {
    /// What it is.
    pub content: Option<ContactEventContent>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ContactEvent {
} content);

/// A comment on a post of the app's page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CommentEvent {
    /// The comment.
    pub id: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// What was commented on.
    pub comment_type: Option<CommentType>,
    /// The address of the post.
    pub commented_on: Option<String>,
    /// Who commented.
    pub user: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CommentEvent {
    id: "id",
    text: "text",
    comment_type: "comment_type",
    commented_on: "commented_on",
    user: "user",
});

/// An event that has no type of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GenericEvent {
    /// What the channel told.
    pub payload: Option<Value>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(GenericEvent { payload: "payload" });

/// Something that a contact did with a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactMessageEvent {
    /// What it is.
    pub content: Option<ContactMessageEventContent>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ContactMessageEvent {
} content);

/// How far the payment of an order is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PaymentStatusUpdateEvent {
    /// The order, by the reference that its message gave it.
    pub reference_id: Option<String>,
    /// How far the payment is.
    pub payment_status: Option<PaymentStatus>,
    /// How far its transaction is.
    pub payment_transaction_status: Option<PaymentTransactionStatus>,
    /// The transaction.
    pub payment_transaction_id: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(PaymentStatusUpdateEvent {
    reference_id: "reference_id",
    payment_status: "payment_status",
    payment_transaction_status: "payment_transaction_status",
    payment_transaction_id: "payment_transaction_id",
});

/// A short link, or a button that holds one, was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ShortLinkActivatedEvent {
    /// The payload of the button.
    pub payload: Option<String>,
    /// The title of the button.
    pub title: Option<String>,
    /// The link's own reference.
    pub r#ref: Option<String>,
    /// Where the link stood.
    pub source: Option<String>,
    /// The kind of the referral.
    pub r#type: Option<String>,
    /// Whether the contact had written before.
    pub existing_thread: Option<bool>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ShortLinkActivatedEvent {
    payload: "payload",
    title: "title",
    r#ref: "ref",
    source: "source",
    r#type: "type",
    existing_thread: "existing_thread",
});

/// A reaction to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ReactionEvent {
    /// The emoji.
    pub emoji: Option<String>,
    /// Whether it was put there or taken away.
    pub action: Option<ReactionAction>,
    /// The message that was reacted to.
    pub message_id: Option<String>,
    /// The channel's own word for the reaction.
    pub reaction_category: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ReactionEvent {
    emoji: "emoji",
    action: "action",
    message_id: "message_id",
    reaction_category: "reaction_category",
});

/// A conversation that has begun, ended or been deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ConversationNotification {
    /// The conversation.
    pub conversation: Option<Conversation>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ConversationNotification {
    conversation: "conversation",
});

/// The messages between a contact and an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Conversation {
    /// Whether it goes on.
    pub active: Option<bool>,
    /// The channel that was used last.
    pub active_channel: Option<ConversationChannel>,
    /// The app.
    pub app_id: Option<String>,
    /// The contact.
    pub contact_id: Option<String>,
    /// The conversation.
    pub id: Option<String>,
    /// When its last message was received.
    pub last_received: Option<String>,
    /// The metadata that the app gave it.
    pub metadata: Option<String>,
    /// The same as JSON.
    pub metadata_json: Option<Value>,
    /// The correlation id that the app gave it.
    pub correlation_id: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Conversation {
    active: "active",
    active_channel: "active_channel",
    app_id: "app_id",
    contact_id: "contact_id",
    id: "id",
    last_received: "last_received",
    metadata: "metadata",
    metadata_json: "metadata_json",
    correlation_id: "correlation_id",
});

/// A contact that was created, changed or deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactNotification {
    /// The contact.
    pub contact: Option<Contact>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ContactNotification { contact: "contact" });

/// Two contacts that became one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ContactMergeNotification {
    /// The one that remains.
    pub preserved_contact: Option<Contact>,
    /// The one that is gone.
    pub deleted_contact: Option<Contact>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ContactMergeNotification {
    preserved_contact: "preserved_contact",
    deleted_contact: "deleted_contact",
});

/// A person, with all channels on which they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Contact {
    /// Who they are on each channel.
    pub channel_identities: Option<Vec<ChannelIdentity>>,
    /// The channels, those first that are tried first.
    pub channel_priority: Option<Vec<ConversationChannel>>,
    /// Their name.
    pub display_name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their id in the app's own systems.
    pub external_id: Option<String>,
    /// Their id at Sinch.
    pub id: Option<String>,
    /// Their language.
    pub language: Option<ContactLanguage>,
    /// The metadata that the app gave them.
    pub metadata: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Contact {
    channel_identities: "channel_identities",
    channel_priority: "channel_priority",
    display_name: "display_name",
    email: "email",
    external_id: "external_id",
    id: "id",
    language: "language",
    metadata: "metadata",
});

/// Identities that several contacts have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DuplicatedIdentitiesNotification {
    /// The identities.
    pub duplicated_identities: Option<Vec<DuplicatedIdentity>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(DuplicatedIdentitiesNotification {
    duplicated_identities: "duplicated_identities",
});

/// An identity that several contacts have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DuplicatedIdentity {
    /// The channel.
    pub channel: Option<ConversationChannel>,
    /// The identity on it. The SDKs do not know it.
    pub identity: Option<String>,
    /// The app, on channels whose identities are an app's own. The SDKs do not know it.
    pub app_id: Option<String>,
    /// The contacts.
    pub contact_ids: Option<Vec<String>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(DuplicatedIdentity {
    channel: "channel",
    identity: "identity",
    app_id: "app_id",
    contact_ids: "contact_ids",
});

/// What a contact can receive on a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CapabilityNotification {
    /// The look-up that it answers.
    pub request_id: Option<String>,
    /// The contact.
    pub contact_id: Option<String>,
    /// The channel.
    pub channel: Option<ConversationChannel>,
    /// The contact's identity on it.
    pub identity: Option<String>,
    /// Whether the contact can be reached there.
    pub capability_status: Option<CapabilityStatus>,
    /// What the contact's device can show, in the channel's own words.
    pub channel_capabilities: Option<Vec<String>>,
    /// Why the look-up brought nothing.
    pub reason: Option<Reason>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CapabilityNotification {
    request_id: "request_id",
    contact_id: "contact_id",
    channel: "channel",
    identity: "identity",
    capability_status: "capability_status",
    channel_capabilities: "channel_capabilities",
    reason: "reason",
});

/// Whether a contact's consent to be sent messages was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OptInNotification {
    /// The request that it answers.
    pub request_id: Option<String>,
    /// The contact.
    pub contact_id: Option<String>,
    /// The channel that it holds for.
    pub channel: Option<ConversationChannel>,
    /// The contact's identity on it.
    pub identity: Option<String>,
    /// Whether it was recorded.
    pub status: Option<OptInStatus>,
    /// Why it was not.
    pub error_details: Option<OptErrorDetails>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OptInNotification {
    request_id: "request_id",
    contact_id: "contact_id",
    channel: "channel",
    identity: "identity",
    status: "status",
    error_details: "error_details",
    processing_mode: "processing_mode",
});

/// Whether the end of a contact's consent was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OptOutNotification {
    /// The request that it answers.
    pub request_id: Option<String>,
    /// The contact.
    pub contact_id: Option<String>,
    /// The channel that it holds for.
    pub channel: Option<ConversationChannel>,
    /// The contact's identity on it.
    pub identity: Option<String>,
    /// Whether it was recorded.
    pub status: Option<OptOutStatus>,
    /// Why it was not.
    pub error_details: Option<OptErrorDetails>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OptOutNotification {
    request_id: "request_id",
    contact_id: "contact_id",
    channel: "channel",
    identity: "identity",
    status: "status",
    error_details: "error_details",
    processing_mode: "processing_mode",
});

/// Why a consent or its end was not recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OptErrorDetails {
    /// For people.
    pub description: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OptErrorDetails {
    description: "description",
});

/// Something that happened to a channel of the app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChannelEventNotification {
    /// What happened.
    pub channel_event: Option<ChannelEvent>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ChannelEventNotification {
    channel_event: "channel_event",
});

/// What happened to a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChannelEvent {
    /// The channel.
    pub channel: Option<ConversationChannel>,
    /// The channel's own word for it, such as `WHATS_APP_QUALITY_RATING_CHANGED`.
    pub event_type: Option<String>,
    /// What the channel tells besides.
    pub additional_data: Option<Value>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ChannelEvent {
    channel: "channel",
    event_type: "event_type",
    additional_data: "additional_data",
});

/// What a channel told and the Conversation API has no kind for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UnsupportedCallback {
    /// The channel.
    pub channel: Option<ConversationChannel>,
    /// What it told; JSON in a text, for the most part.
    pub payload: Option<String>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// The message or event.
    pub id: Option<String>,
    /// The contact; empty in DISPATCH mode.
    pub contact_id: Option<String>,
    /// The conversation; empty in DISPATCH mode.
    pub conversation_id: Option<String>,
    /// From whom.
    pub channel_identity: Option<ChannelIdentity>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(UnsupportedCallback {
    channel: "channel",
    payload: "payload",
    processing_mode: "processing_mode",
    id: "id",
    contact_id: "contact_id",
    conversation_id: "conversation_id",
    channel_identity: "channel_identity",
});

/// What the analysis of a contact's message found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SmartConversationNotification {
    /// The contact.
    pub contact_id: Option<String>,
    /// The contact's identity on the channel. A text here, and nowhere else.
    pub channel_identity: Option<String>,
    /// The channel.
    pub channel: Option<ConversationChannel>,
    /// The message that was analyzed.
    pub message_id: Option<String>,
    /// Its conversation.
    pub conversation_id: Option<String>,
    /// What was found.
    pub analysis_results: Option<AnalysisResults>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(SmartConversationNotification {
    contact_id: "contact_id",
    channel_identity: "channel_identity",
    channel: "channel",
    message_id: "message_id",
    conversation_id: "conversation_id",
    analysis_results: "analysis_results",
});

/// What each analysis found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AnalysisResults {
    /// The mood of the message.
    pub ml_sentiment_result: Option<Vec<SentimentAnalysis>>,
    /// What its author wants.
    pub ml_nlu_result: Option<Vec<IntentAnalysis>>,
    /// What its pictures show.
    pub ml_image_recognition_result: Option<Vec<ImageAnalysis>>,
    /// What in it identifies people.
    pub ml_pii_result: Option<Vec<PersonalDataAnalysis>>,
    /// Whether it offends.
    pub ml_offensive_analysis_result: Option<Vec<OffensiveAnalysis>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(AnalysisResults {
    ml_sentiment_result: "ml_sentiment_result",
    ml_nlu_result: "ml_nlu_result",
    ml_image_recognition_result: "ml_image_recognition_result",
    ml_pii_result: "ml_pii_result",
    ml_offensive_analysis_result: "ml_offensive_analysis_result",
});

/// The mood of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SentimentAnalysis {
    /// What was analyzed.
    pub message: Option<String>,
    /// Each mood with its probability.
    pub results: Option<Vec<SentimentScore>>,
    /// The most probable one.
    pub sentiment: Option<Sentiment>,
    /// Its probability, 0 to 1.
    pub score: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(SentimentAnalysis {
    message: "message",
    results: "results",
    sentiment: "sentiment",
    score: "score",
});

/// A mood and its probability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SentimentScore {
    /// The mood.
    pub sentiment: Option<Sentiment>,
    /// Its probability, 0 to 1.
    pub score: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(SentimentScore {
    sentiment: "sentiment",
    score: "score",
});

/// What the author of a message wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct IntentAnalysis {
    /// What was analyzed.
    pub message: Option<String>,
    /// Each intent with its probability.
    pub results: Option<Vec<IntentScore>>,
    /// The most probable one, such as `chitchat.greeting`.
    pub intent: Option<String>,
    /// Its probability, 0 to 1.
    pub score: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(IntentAnalysis {
    message: "message",
    results: "results",
    intent: "intent",
    score: "score",
});

/// An intent and its probability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct IntentScore {
    /// The intent.
    pub intent: Option<String>,
    /// Its probability, 0 to 1.
    pub score: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(IntentScore {
    intent: "intent",
    score: "score",
});

/// What a picture shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ImageAnalysis {
    /// The picture.
    pub url: Option<String>,
    /// What kind of document it shows.
    pub document_image_classification: Option<DocumentClassification>,
    /// The texts in it.
    pub optical_character_recognition: Option<RecognizedText>,
    /// The fields of the document.
    pub document_field_classification: Option<DocumentFields>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ImageAnalysis {
    url: "url",
    document_image_classification: "document_image_classification",
    optical_character_recognition: "optical_character_recognition",
    document_field_classification: "document_field_classification",
});

/// The kind of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DocumentClassification {
    /// The kind.
    pub doc_type: Option<String>,
    /// How probable it is, 0 to 1.
    pub confidence: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(DocumentClassification {
    doc_type: "doc_type",
    confidence: "confidence",
});

/// The texts in a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RecognizedText {
    /// One entry for each part of the picture.
    pub result: Option<Vec<RecognizedStrings>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(RecognizedText { result: "result" });

/// Texts that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RecognizedStrings {
    /// The texts.
    pub data: Option<Vec<String>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(RecognizedStrings { data: "data" });

/// The fields of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DocumentFields {
    /// The fields by their names.
    pub result: Option<Vec<BTreeMap<String, RecognizedStrings>>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(DocumentFields { result: "result" });

/// A message without what identifies people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PersonalDataAnalysis {
    /// The message.
    pub message: Option<String>,
    /// The same with placeholders.
    pub masked: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(PersonalDataAnalysis {
    message: "message",
    masked: "masked",
});

/// Whether a message or a picture offends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OffensiveAnalysis {
    /// The message.
    pub message: Option<String>,
    /// The picture.
    pub url: Option<String>,
    /// The finding.
    pub evaluation: Option<OffensiveEvaluation>,
    /// How probable it is, 0 to 1.
    pub score: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(OffensiveAnalysis {
    message: "message",
    url: "url",
    evaluation: "evaluation",
    score: "score",
});

/// A record of a message or event was stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RecordNotification {
    /// The message or event.
    pub entity_id: Option<String>,
    /// What became of the record.
    pub record_status: Option<RecordStatus>,
    /// To whom, on which channel.
    pub channel_identity: Option<ChannelIdentity>,
    /// The contact.
    pub contact_id: Option<String>,
    /// The conversation.
    pub conversation_id: Option<String>,
    /// Why it was not stored.
    pub reason: Option<Reason>,
    /// How the app processes messages.
    pub processing_mode: Option<ProcessingMode>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(RecordNotification {
    entity_id: "entity_id",
    record_status: "record_status",
    channel_identity: "channel_identity",
    contact_id: "contact_id",
    conversation_id: "conversation_id",
    reason: "reason",
    processing_mode: "processing_mode",
});

/// The state of a batch has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct BatchStatusUpdateNotification {
    /// The batch.
    pub batch_id: Option<String>,
    /// Its state, such as `BATCH_STATUS_PROCESSED`. No list of them is published.
    pub batch_status: Option<String>,
    /// What it holds, such as `BATCH_TYPE_MESSAGES`.
    pub batch_type: Option<String>,
    /// What depends on its type.
    pub additional_data: Option<BatchData>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(BatchStatusUpdateNotification {
    batch_id: "batch_id",
    batch_status: "batch_status",
    batch_type: "batch_type",
    additional_data: "additional_data",
});

/// What a batch is told to do, by its type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct BatchData {
    /// Of a batch of messages.
    pub message_batch_data: Option<MessageBatchData>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(BatchData {
    message_batch_data: "message_batch_data",
});

/// What a batch of messages was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MessageBatchData {
    /// When it is to be sent.
    pub send_after: Option<String>,
    /// The metadata that its sender gave it.
    pub batch_metadata: Option<Value>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MessageBatchData {
    send_after: "send_after",
    batch_metadata: "batch_metadata",
});

/// Who somebody is on a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ChannelIdentity {
    /// The app, on channels whose identities are an app's own; else empty.
    pub app_id: Option<String>,
    /// The channel.
    pub channel: Option<ConversationChannel>,
    /// A phone number on most channels, an id of the channel's own on others.
    pub identity: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(ChannelIdentity {
    app_id: "app_id",
    channel: "channel",
    identity: "identity",
});

/// What happened: the one key of a callback that tells its kind, for it has no type field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConversationEvent {
    /// MESSAGE_DELIVERY: what became of a message of the app.
    MessageDelivery(Box<MessageDeliveryReport>),
    /// EVENT_DELIVERY: what became of an event of the app.
    EventDelivery(Box<EventDeliveryReport>),
    /// MESSAGE_SUBMIT: a message was handed to a channel.
    MessageSubmit(Box<MessageSubmitNotification>),
    /// MESSAGE_INBOUND: a contact has sent a message.
    MessageInbound(Box<InboundMessage>),
    /// MESSAGE_INBOUND_SMART_CONVERSATION_REDACTION: a contact's message, without what identifies
    /// people.
    MessageInboundSmartConversationRedaction(Box<InboundMessage>),
    /// EVENT_INBOUND: a contact has done something that is no message.
    EventInbound(Box<InboundEvent>),
    /// CONVERSATION_START: a conversation has begun.
    ConversationStart(Box<ConversationNotification>),
    /// CONVERSATION_STOP: a conversation has ended.
    ConversationStop(Box<ConversationNotification>),
    /// CONVERSATION_DELETE: a conversation was deleted.
    ConversationDelete(Box<ConversationNotification>),
    /// CONTACT_CREATE: a contact was created.
    ContactCreate(Box<ContactNotification>),
    /// CONTACT_UPDATE: a contact was changed.
    ContactUpdate(Box<ContactNotification>),
    /// CONTACT_DELETE: a contact was deleted.
    ContactDelete(Box<ContactNotification>),
    /// CONTACT_MERGE: two contacts became one.
    ContactMerge(Box<ContactMergeNotification>),
    /// CONTACT_IDENTITIES_DUPLICATION: several contacts have the same identity.
    ContactIdentitiesDuplication(Box<DuplicatedIdentitiesNotification>),
    /// CAPABILITY: the answer to a look-up of what a contact can receive.
    Capability(Box<CapabilityNotification>),
    /// OPT_IN: a contact agrees to be sent messages.
    OptIn(Box<OptInNotification>),
    /// OPT_OUT: a contact agrees no longer.
    OptOut(Box<OptOutNotification>),
    /// CHANNEL_EVENT: something happened to a channel.
    ChannelEvent(Box<ChannelEventNotification>),
    /// UNSUPPORTED: what a channel told and the Conversation API has no kind for.
    Unsupported(Box<UnsupportedCallback>),
    /// SMART_CONVERSATIONS: what the analysis of a contact's message found.
    SmartConversations(Box<SmartConversationNotification>),
    /// RECORD_NOTIFICATION: a record was stored.
    RecordNotification(Box<RecordNotification>),
    /// BATCH_STATUS_UPDATE: the state of a batch has changed.
    BatchStatusUpdate(Box<BatchStatusUpdateNotification>),
}

one_of!(ConversationEvent {
    MessageDelivery: "message_delivery_report",
    EventDelivery: "event_delivery_report",
    MessageSubmit: "message_submit_notification",
    MessageInbound: "message",
    MessageInboundSmartConversationRedaction: "message_redaction",
    EventInbound: "event",
    ConversationStart: "conversation_start_notification",
    ConversationStop: "conversation_stop_notification",
    ConversationDelete: "conversation_delete_notification",
    ContactCreate: "contact_create_notification",
    ContactUpdate: "contact_update_notification",
    ContactDelete: "contact_delete_notification",
    ContactMerge: "contact_merge_notification",
    ContactIdentitiesDuplication: "duplicated_contact_identities_notification",
    Capability: "capability_notification",
    OptIn: "opt_in_notification",
    OptOut: "opt_out_notification",
    ChannelEvent: "channel_event_notification",
    Unsupported: "unsupported_callback",
    SmartConversations: "smart_conversation_notification",
    RecordNotification: "record_notification",
    BatchStatusUpdate: "batch_status_update_notification",
});

/// What an inbound event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InboundEventContent {
    /// Something about the conversation.
    Contact(Box<ContactEvent>),
    /// Something about a message.
    ContactMessage(Box<ContactMessageEvent>),
}

one_of!(InboundEventContent {
    Contact: "contact_event",
    ContactMessage: "contact_message_event",
});

/// What a contact did in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContactEventContent {
    /// The contact has begun to write. Empty.
    Composing(Object),
    /// The contact has stopped writing. Empty.
    ComposingEnd(Object),
    /// The contact has deleted the conversation. Empty.
    ConversationDeleted(Object),
    /// The contact has commented on a post.
    Comment(Box<CommentEvent>),
    /// What has no type of its own.
    Generic(Box<GenericEvent>),
}

one_of!(ContactEventContent {
    Composing: "composing_event",
    ComposingEnd: "composing_end_event",
    ConversationDeleted: "conversation_deleted_event",
    Comment: "comment_event",
    Generic: "generic_event",
});

/// What a contact did with a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContactMessageEventContent {
    /// A payment has moved on.
    PaymentStatusUpdate(Box<PaymentStatusUpdateEvent>),
    /// A short link was opened.
    ShortlinkActivated(Box<ShortLinkActivatedEvent>),
    /// The contact has reacted to a message.
    Reaction(Box<ReactionEvent>),
}

one_of!(ContactMessageEventContent {
    PaymentStatusUpdate: "payment_status_update_event",
    ShortlinkActivated: "shortlink_activated_event",
    Reaction: "reaction_event",
});

/// What was commented on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommentType {
    /// `FEED`. A post.
    Feed,
    /// `LIVE`. A live video.
    Live,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CommentType {
    Feed: "FEED",
    Live: "LIVE",
});

/// How far a payment is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentStatus {
    /// `PAYMENT_STATUS_UNKNOWN`.
    PaymentStatusUnknown,
    /// `PAYMENT_STATUS_NEW`.
    PaymentStatusNew,
    /// `PAYMENT_STATUS_PENDING`.
    PaymentStatusPending,
    /// `PAYMENT_STATUS_CAPTURED`.
    PaymentStatusCaptured,
    /// `PAYMENT_STATUS_CANCELED`.
    PaymentStatusCanceled,
    /// `PAYMENT_STATUS_FAILED`.
    PaymentStatusFailed,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(PaymentStatus {
    PaymentStatusUnknown: "PAYMENT_STATUS_UNKNOWN",
    PaymentStatusNew: "PAYMENT_STATUS_NEW",
    PaymentStatusPending: "PAYMENT_STATUS_PENDING",
    PaymentStatusCaptured: "PAYMENT_STATUS_CAPTURED",
    PaymentStatusCanceled: "PAYMENT_STATUS_CANCELED",
    PaymentStatusFailed: "PAYMENT_STATUS_FAILED",
});

/// How far a payment's transaction is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentTransactionStatus {
    /// `PAYMENT_STATUS_TRANSACTION_UNKNOWN`.
    PaymentStatusTransactionUnknown,
    /// `PAYMENT_STATUS_TRANSACTION_PENDING`.
    PaymentStatusTransactionPending,
    /// `PAYMENT_STATUS_TRANSACTION_FAILED`.
    PaymentStatusTransactionFailed,
    /// `PAYMENT_STATUS_TRANSACTION_SUCCESS`.
    PaymentStatusTransactionSuccess,
    /// `PAYMENT_STATUS_TRANSACTION_CANCELED`.
    PaymentStatusTransactionCanceled,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(PaymentTransactionStatus {
    PaymentStatusTransactionUnknown: "PAYMENT_STATUS_TRANSACTION_UNKNOWN",
    PaymentStatusTransactionPending: "PAYMENT_STATUS_TRANSACTION_PENDING",
    PaymentStatusTransactionFailed: "PAYMENT_STATUS_TRANSACTION_FAILED",
    PaymentStatusTransactionSuccess: "PAYMENT_STATUS_TRANSACTION_SUCCESS",
    PaymentStatusTransactionCanceled: "PAYMENT_STATUS_TRANSACTION_CANCELED",
});

/// Whether a reaction was put to a message or taken away.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReactionAction {
    /// `REACTION_ACTION_UNKNOWN`.
    ReactionActionUnknown,
    /// `REACTION_ACTION_REACT`. Put there.
    ReactionActionReact,
    /// `REACTION_ACTION_UNREACT`. Taken away.
    ReactionActionUnreact,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(ReactionAction {
    ReactionActionUnknown: "REACTION_ACTION_UNKNOWN",
    ReactionActionReact: "REACTION_ACTION_REACT",
    ReactionActionUnreact: "REACTION_ACTION_UNREACT",
});

/// Whether a contact can be reached on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CapabilityStatus {
    /// `CAPABILITY_UNKNOWN`. Nobody knows.
    CapabilityUnknown,
    /// `CAPABILITY_FULL`. With everything the channel has.
    CapabilityFull,
    /// `CAPABILITY_PARTIAL`. With a part of it.
    CapabilityPartial,
    /// `NO_CAPABILITY`. Not at all.
    NoCapability,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CapabilityStatus {
    CapabilityUnknown: "CAPABILITY_UNKNOWN",
    CapabilityFull: "CAPABILITY_FULL",
    CapabilityPartial: "CAPABILITY_PARTIAL",
    NoCapability: "NO_CAPABILITY",
});

/// Whether a consent was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OptInStatus {
    /// `OPT_IN_SUCCEEDED`. It was.
    OptInSucceeded,
    /// `OPT_IN_FAILED`. It was not.
    OptInFailed,
    /// `OPT_IN_STATUS_UNSPECIFIED`. Not said.
    OptInStatusUnspecified,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(OptInStatus {
    OptInSucceeded: "OPT_IN_SUCCEEDED",
    OptInFailed: "OPT_IN_FAILED",
    OptInStatusUnspecified: "OPT_IN_STATUS_UNSPECIFIED",
});

/// Whether the end of a consent was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OptOutStatus {
    /// `OPT_OUT_SUCCEEDED`. It was.
    OptOutSucceeded,
    /// `OPT_OUT_FAILED`. It was not.
    OptOutFailed,
    /// `OPT_OUT_STATUS_UNSPECIFIED`. Not said.
    OptOutStatusUnspecified,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(OptOutStatus {
    OptOutSucceeded: "OPT_OUT_SUCCEEDED",
    OptOutFailed: "OPT_OUT_FAILED",
    OptOutStatusUnspecified: "OPT_OUT_STATUS_UNSPECIFIED",
});

/// The mood of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sentiment {
    /// `positive`. Content.
    Positive,
    /// `negative`. Discontent.
    Negative,
    /// `neutral`. Neither.
    Neutral,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(Sentiment {
    Positive: "positive",
    Negative: "negative",
    Neutral: "neutral",
});

/// Whether something offends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OffensiveEvaluation {
    /// `SAFE`. It does not.
    Safe,
    /// `UNSAFE`. It does.
    Unsafe,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(OffensiveEvaluation {
    Safe: "SAFE",
    Unsafe: "UNSAFE",
});

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordStatus {
    /// `RECORD_STATUS_UNSPECIFIED`. Not said.
    RecordStatusUnspecified,
    /// `EVENT_RECORD_STORED`. It is stored.
    EventRecordStored,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(RecordStatus {
    RecordStatusUnspecified: "RECORD_STATUS_UNSPECIFIED",
    EventRecordStored: "EVENT_RECORD_STORED",
});

/// What became of a message or event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryStatus {
    /// `QUEUED_ON_CHANNEL`. The channel has it.
    QueuedOnChannel,
    /// `DELIVERED`. The recipient's device has it.
    Delivered,
    /// `READ`. The recipient has read it. Some channels say so without DELIVERED before.
    Read,
    /// `FAILED`. It was not delivered.
    Failed,
    /// `SWITCHING_CHANNEL`. It failed on this channel, and another is tried.
    SwitchingChannel,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(DeliveryStatus {
    QueuedOnChannel: "QUEUED_ON_CHANNEL",
    Delivered: "DELIVERED",
    Read: "READ",
    Failed: "FAILED",
    SwitchingChannel: "SWITCHING_CHANNEL",
});

/// A channel of the Conversation API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConversationChannel {
    /// `WHATSAPP`.
    Whatsapp,
    /// `RCS`.
    Rcs,
    /// `SMS`.
    Sms,
    /// `MESSENGER`.
    Messenger,
    /// `VIBERBM`. Viber Business Messages.
    Viberbm,
    /// `MMS`.
    Mms,
    /// `INSTAGRAM`.
    Instagram,
    /// `TELEGRAM`.
    Telegram,
    /// `KAKAOTALK`. KakaoTalk's notifications.
    Kakaotalk,
    /// `KAKAOTALKCHAT`. KakaoTalk's chats.
    Kakaotalkchat,
    /// `LINE`.
    Line,
    /// `WECHAT`.
    Wechat,
    /// `APPLEBC`. Apple Messages for Business.
    Applebc,
    /// `CHANNEL_UNSPECIFIED`. Not said.
    ChannelUnspecified,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(ConversationChannel {
    Whatsapp: "WHATSAPP",
    Rcs: "RCS",
    Sms: "SMS",
    Messenger: "MESSENGER",
    Viberbm: "VIBERBM",
    Mms: "MMS",
    Instagram: "INSTAGRAM",
    Telegram: "TELEGRAM",
    Kakaotalk: "KAKAOTALK",
    Kakaotalkchat: "KAKAOTALKCHAT",
    Line: "LINE",
    Wechat: "WECHAT",
    Applebc: "APPLEBC",
    ChannelUnspecified: "CHANNEL_UNSPECIFIED",
});

/// How an app processes messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProcessingMode {
    /// `CONVERSATION`. With contacts and conversations.
    Conversation,
    /// `DISPATCH`. Without: their ids are empty.
    Dispatch,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(ProcessingMode {
    Conversation: "CONVERSATION",
    Dispatch: "DISPATCH",
});

/// Where a message or event goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Direction {
    /// `TO_APP`. From a contact to the app.
    ToApp,
    /// `TO_CONTACT`. From the app to a contact.
    ToContact,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(Direction {
    ToApp: "TO_APP",
    ToContact: "TO_CONTACT",
});

/// A language, by its ISO 639 code, with an ISO 3166 country behind it where that matters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContactLanguage {
    /// `AF`.
    Af,
    /// `SQ`.
    Sq,
    /// `AR`.
    Ar,
    /// `AZ`.
    Az,
    /// `BN`.
    Bn,
    /// `BG`.
    Bg,
    /// `CA`.
    Ca,
    /// `ZH`.
    Zh,
    /// `ZH_CN`.
    ZhCn,
    /// `ZH_HK`.
    ZhHk,
    /// `ZH_TW`.
    ZhTw,
    /// `HR`.
    Hr,
    /// `CS`.
    Cs,
    /// `DA`.
    Da,
    /// `NL`.
    Nl,
    /// `EN`.
    En,
    /// `EN_GB`.
    EnGb,
    /// `EN_US`.
    EnUs,
    /// `ET`.
    Et,
    /// `FIL`.
    Fil,
    /// `FI`.
    Fi,
    /// `FR`.
    Fr,
    /// `DE`.
    De,
    /// `EL`.
    El,
    /// `GU`.
    Gu,
    /// `HA`.
    Ha,
    /// `HE`.
    He,
    /// `HI`.
    Hi,
    /// `HU`.
    Hu,
    /// `ID`.
    Id,
    /// `GA`.
    Ga,
    /// `IT`.
    It,
    /// `JA`.
    Ja,
    /// `KN`.
    Kn,
    /// `KK`.
    Kk,
    /// `KO`.
    Ko,
    /// `LO`.
    Lo,
    /// `LV`.
    Lv,
    /// `LT`.
    Lt,
    /// `MK`.
    Mk,
    /// `MS`.
    Ms,
    /// `ML`.
    Ml,
    /// `MR`.
    Mr,
    /// `NB`.
    Nb,
    /// `FA`.
    Fa,
    /// `PL`.
    Pl,
    /// `PT`.
    Pt,
    /// `PT_BR`.
    PtBr,
    /// `PT_PT`.
    PtPt,
    /// `PA`.
    Pa,
    /// `RO`.
    Ro,
    /// `RU`.
    Ru,
    /// `SR`.
    Sr,
    /// `SK`.
    Sk,
    /// `SL`.
    Sl,
    /// `ES`.
    Es,
    /// `ES_AR`.
    EsAr,
    /// `ES_ES`.
    EsEs,
    /// `ES_MX`.
    EsMx,
    /// `SW`.
    Sw,
    /// `SV`.
    Sv,
    /// `TA`.
    Ta,
    /// `TE`.
    Te,
    /// `TH`.
    Th,
    /// `TR`.
    Tr,
    /// `UK`.
    Uk,
    /// `UR`.
    Ur,
    /// `UZ`.
    Uz,
    /// `VI`.
    Vi,
    /// `ZU`.
    Zu,
    /// `UNSPECIFIED`. Not said.
    Unspecified,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(ContactLanguage {
    Af: "AF",
    Sq: "SQ",
    Ar: "AR",
    Az: "AZ",
    Bn: "BN",
    Bg: "BG",
    Ca: "CA",
    Zh: "ZH",
    ZhCn: "ZH_CN",
    ZhHk: "ZH_HK",
    ZhTw: "ZH_TW",
    Hr: "HR",
    Cs: "CS",
    Da: "DA",
    Nl: "NL",
    En: "EN",
    EnGb: "EN_GB",
    EnUs: "EN_US",
    Et: "ET",
    Fil: "FIL",
    Fi: "FI",
    Fr: "FR",
    De: "DE",
    El: "EL",
    Gu: "GU",
    Ha: "HA",
    He: "HE",
    Hi: "HI",
    Hu: "HU",
    Id: "ID",
    Ga: "GA",
    It: "IT",
    Ja: "JA",
    Kn: "KN",
    Kk: "KK",
    Ko: "KO",
    Lo: "LO",
    Lv: "LV",
    Lt: "LT",
    Mk: "MK",
    Ms: "MS",
    Ml: "ML",
    Mr: "MR",
    Nb: "NB",
    Fa: "FA",
    Pl: "PL",
    Pt: "PT",
    PtBr: "PT_BR",
    PtPt: "PT_PT",
    Pa: "PA",
    Ro: "RO",
    Ru: "RU",
    Sr: "SR",
    Sk: "SK",
    Sl: "SL",
    Es: "ES",
    EsAr: "ES_AR",
    EsEs: "ES_ES",
    EsMx: "ES_MX",
    Sw: "SW",
    Sv: "SV",
    Ta: "TA",
    Te: "TE",
    Th: "TH",
    Tr: "TR",
    Uk: "UK",
    Ur: "UR",
    Uz: "UZ",
    Vi: "VI",
    Zu: "ZU",
    Unspecified: "UNSPECIFIED",
});
