//! The callbacks of the SMS API.
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{json::value::Object, unlisted::Unlisted};

/// What became of a batch for one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RecipientDeliveryReport {
    /// The sender that the recipient saw, where Sinch chose it.
    pub applied_originator: Option<String>,
    /// When Sinch learnt of it.
    pub at: Option<String>,
    /// The batch.
    pub batch_id: Option<String>,
    /// What the sender gave as `client_reference`.
    pub client_reference: Option<String>,
    /// The detailed status: 0, 400 to 408, 410 to 418.
    pub code: Option<i64>,
    /// How the text was encoded.
    pub encoding: Option<SmsEncoding>,
    /// In how many parts it was sent.
    pub number_of_message_parts: Option<i64>,
    /// The recipient's operator, where looking it up was asked for.
    pub operator: Option<String>,
    /// When it happened, as the operator tells.
    pub operator_status_at: Option<String>,
    /// The recipient, a phone number in E.164 format.
    pub recipient: Option<String>,
    /// What became of it.
    pub status: Option<SmsDeliveryStatus>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(RecipientDeliveryReport {
    applied_originator: "applied_originator",
    at: "at",
    batch_id: "batch_id",
    client_reference: "client_reference",
    code: "code",
    encoding: "encoding",
    number_of_message_parts: "number_of_message_parts",
    operator: "operator",
    operator_status_at: "operator_status_at",
    recipient: "recipient",
    status: "status",
});

/// What became of a batch, counted by status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct BatchDeliveryReport {
    /// The batch.
    pub batch_id: Option<String>,
    /// What the sender gave as `client_reference`.
    pub client_reference: Option<String>,
    /// The messages by their status.
    pub statuses: Option<Vec<BatchShare>>,
    /// How many messages the batch has.
    pub total_message_count: Option<i64>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(BatchDeliveryReport {
    batch_id: "batch_id",
    client_reference: "client_reference",
    statuses: "statuses",
    total_message_count: "total_message_count",
});

/// The messages of a batch that have one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct BatchShare {
    /// The detailed status.
    pub code: Option<i64>,
    /// How many they are.
    pub count: Option<i64>,
    /// Their recipients; only a full report names them.
    pub recipients: Option<Vec<String>>,
    /// What became of them.
    pub status: Option<SmsDeliveryStatus>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(BatchShare {
    code: "code",
    count: "count",
    recipients: "recipients",
    status: "status",
});

/// A text from a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InboundText {
    /// What it says.
    pub body: Option<String>,
    /// The reference of the message that it answers, where that is known.
    pub client_reference: Option<String>,
    /// Who sent it, a phone number.
    pub from: Option<String>,
    /// The message.
    pub id: Option<String>,
    /// The sender's operator, as MCC and MNC.
    pub operator_id: Option<String>,
    /// When Sinch received it.
    pub received_at: Option<String>,
    /// When it was sent, where the operator tells.
    pub sent_at: Option<String>,
    /// The number or short code that it was sent to.
    pub to: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(InboundText {
    body: "body",
    client_reference: "client_reference",
    from: "from",
    id: "id",
    operator_id: "operator_id",
    received_at: "received_at",
    sent_at: "sent_at",
    to: "to",
});

/// A binary message from a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InboundBinary {
    /// What it holds, in base64.
    pub body: Option<String>,
    /// The reference of the message that it answers, where that is known.
    pub client_reference: Option<String>,
    /// Who sent it, a phone number.
    pub from: Option<String>,
    /// The message.
    pub id: Option<String>,
    /// The sender's operator, as MCC and MNC.
    pub operator_id: Option<String>,
    /// When Sinch received it.
    pub received_at: Option<String>,
    /// When it was sent, where the operator tells.
    pub sent_at: Option<String>,
    /// The number or short code that it was sent to.
    pub to: Option<String>,
    /// Its user data header, in hexadecimal digits.
    pub udh: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(InboundBinary {
    body: "body",
    client_reference: "client_reference",
    from: "from",
    id: "id",
    operator_id: "operator_id",
    received_at: "received_at",
    sent_at: "sent_at",
    to: "to",
    udh: "udh",
});

/// Media from a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InboundMedia {
    /// What it holds.
    pub body: Option<MediaBody>,
    /// The reference of the message that it answers, where that is known.
    pub client_reference: Option<String>,
    /// Who sent it, a phone number.
    pub from: Option<String>,
    /// The message.
    pub id: Option<String>,
    /// The sender's operator, as MCC and MNC.
    pub operator_id: Option<String>,
    /// When Sinch received it.
    pub received_at: Option<String>,
    /// When it was sent, where the operator tells.
    pub sent_at: Option<String>,
    /// The number or short code that it was sent to.
    pub to: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(InboundMedia {
    body: "body",
    client_reference: "client_reference",
    from: "from",
    id: "id",
    operator_id: "operator_id",
    received_at: "received_at",
    sent_at: "sent_at",
    to: "to",
});

/// What an inbound MMS holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MediaBody {
    /// Its subject.
    pub subject: Option<String>,
    /// Its text.
    pub message: Option<String>,
    /// Its parts.
    pub media: Option<Vec<MediaItem>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MediaBody {
    subject: "subject",
    message: "message",
    media: "media",
});

/// A part of an inbound MMS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MediaItem {
    /// The result of uploading it: 0 is success.
    pub code: Option<i64>,
    /// Its content type.
    pub content_type: Option<String>,
    /// Whether it can be fetched.
    pub status: Option<MediaStatus>,
    /// Where it can be fetched.
    pub url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MediaItem {
    code: "code",
    content_type: "content_type",
    status: "status",
    url: "url",
});

/// A callback of the SMS API, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SmsCallback {
    /// What became of an SMS for one recipient.
    RecipientDeliveryReportSms(Box<RecipientDeliveryReport>),
    /// What became of an MMS for one recipient.
    RecipientDeliveryReportMms(Box<RecipientDeliveryReport>),
    /// What became of a batch of SMS.
    DeliveryReportSms(Box<BatchDeliveryReport>),
    /// What became of a batch of MMS.
    DeliveryReportMms(Box<BatchDeliveryReport>),
    /// A text from a person.
    MoText(Box<InboundText>),
    /// A binary message from a person.
    MoBinary(Box<InboundBinary>),
    /// Media from a person.
    MoMedia(Box<InboundMedia>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(SmsCallback by "type" {
    RecipientDeliveryReportSms: "recipient_delivery_report_sms",
    RecipientDeliveryReportMms: "recipient_delivery_report_mms",
    DeliveryReportSms: "delivery_report_sms",
    DeliveryReportMms: "delivery_report_mms",
    MoText: "mo_text",
    MoBinary: "mo_binary",
    MoMedia: "mo_media",
});

/// Whether a part of an MMS can be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaStatus {
    /// `Uploaded`. It can.
    Uploaded,
    /// `Failed`. It cannot.
    Failed,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(MediaStatus {
    Uploaded: "Uploaded",
    Failed: "Failed",
});

/// How a text was encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SmsEncoding {
    /// `GSM`. GSM 03.38, up to 160 characters a part.
    Gsm,
    /// `UNICODE`. UCS-2, up to 70 characters a part.
    Unicode,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(SmsEncoding {
    Gsm: "GSM",
    Unicode: "UNICODE",
});

/// What became of a message of the SMS API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SmsDeliveryStatus {
    /// `Queued`. Sinch has it.
    Queued,
    /// `Dispatched`. The operator has it.
    Dispatched,
    /// `Aborted`. Sinch has given up before the operator had it.
    Aborted,
    /// `Cancelled`. Its sender has canceled it.
    Cancelled,
    /// `Rejected`. The operator has refused it.
    Rejected,
    /// `Deleted`. The operator has deleted it.
    Deleted,
    /// `Delivered`. The recipient's device has it.
    Delivered,
    /// `Failed`. It was not delivered.
    Failed,
    /// `Expired`. It was not delivered in time.
    Expired,
    /// `Unknown`. No receipt will come.
    Unknown,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(SmsDeliveryStatus {
    Queued: "Queued",
    Dispatched: "Dispatched",
    Aborted: "Aborted",
    Cancelled: "Cancelled",
    Rejected: "Rejected",
    Deleted: "Deleted",
    Delivered: "Delivered",
    Failed: "Failed",
    Expired: "Expired",
    Unknown: "Unknown",
});
