use alloc::{string::String, vec::Vec};

use super::status::DeliveryStatus;
use crate::{failure::permanence::Permanence, failure::remedy::Remedy};

named! {
    /// What a delivery report is about.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ReportSubject {
        /// A message of the Conversation API.
        Message = "message",
        /// An event of the Conversation API.
        Event = "event",
        /// One recipient's share of a batch of the SMS API.
        SmsRecipient = "sms_recipient",
    }
}

/// One delivery report: what has happened to one message for one recipient on one channel.
///
/// Texts are as Sinch wrote them, empty where it wrote none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct DeliveryReport {
    /// What it is about.
    pub subject: ReportSubject,
    /// The id of the message: Sinch's message id or event id; in the SMS API, where a batch has one
    /// id for all recipients, `batch_id:recipient` with the recipient's digits, so that both of its
    /// kinds of report meet in one message.
    pub message_id: String,
    /// The conversation, empty in dispatch mode and in the SMS API.
    pub conversation_id: String,
    /// The contact, empty in dispatch mode and in the SMS API.
    pub contact_id: String,
    /// What has happened.
    pub status: DeliveryStatus,
    /// The status verbatim.
    pub status_text: String,
    /// The channel, as `SMS` or `WHATSAPP`.
    pub channel: String,
    /// The recipient's identity on the channel.
    pub identity: String,
    /// When it happened, as Sinch wrote it.
    pub occurred_at: String,
    /// Why it failed or switched. A report of anything else has none, whatever its body carries:
    /// what has arrived asks for nothing.
    pub failure: Option<Failure>,
    /// What the carrier said of it, whatever the status.
    pub carrier: Carrier,
    /// What ties it to the sender's business.
    pub correlation: Correlation,
}

impl DeliveryReport {
    /// A report of a Conversation API message with this id and status, and nothing else in it: for the
    /// tests of what handles reports. Its fields are public.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{DeliveryReport, DeliveryStatus};
    ///
    /// let mut report = DeliveryReport::new("msg-1", DeliveryStatus::Delivered);
    /// report.channel = "SMS".into();
    /// ```
    #[must_use]
    pub fn new(message_id: impl Into<String>, status: DeliveryStatus) -> Self {
        Self {
            subject: ReportSubject::Message,
            message_id: message_id.into(),
            conversation_id: String::new(),
            contact_id: String::new(),
            status,
            status_text: String::new(),
            channel: String::new(),
            identity: String::new(),
            occurred_at: String::new(),
            failure: None,
            carrier: Carrier::default(),
            correlation: Correlation::default(),
        }
    }
}

/// Whether a status tells that the message failed on its channel, for good or before it goes on to
/// another: what a reason belongs to.
pub(crate) const fn is_failure(status: DeliveryStatus) -> bool {
    matches!(status, DeliveryStatus::Failed | DeliveryStatus::Switching)
}

/// Why a message failed on a channel, and what that asks for. The default is a failure of which nothing
/// is known.
///
/// # Examples
/// ```
/// use sinch_callback::{Callback, Permanence, Remedy};
///
/// let body = br#"{"message_delivery_report":{"message_id":"m","status":"FAILED",
///     "reason":{"code":"RECIPIENT_NOT_OPTED_IN","description":"no consent"}}}"#;
/// let callback = Callback::parse(body)?;
/// let failure = callback.reports[0].failure.as_ref().ok_or("it failed")?;
/// assert_eq!(failure.code, "RECIPIENT_NOT_OPTED_IN");
/// assert_eq!(failure.permanence, Permanence::Permanent);
/// assert_eq!(failure.remedy, Remedy::TryAnotherChannel);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
#[non_exhaustive]
pub struct Failure {
    /// The reason's code: a name in the Conversation API, a number in the SMS API.
    pub code: String,
    /// The more precise code of some failures.
    pub sub_code: String,
    /// The description for a person.
    pub description: String,
    /// The channel's own code.
    pub channel_code: String,
    /// The carrier's own words.
    pub status_message: String,
    /// Whether the same message would fail again.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serde_text::read_or_default")
    )]
    pub permanence: Permanence,
    /// What it asks for.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serde_text::read_or_default")
    )]
    pub remedy: Remedy,
}

/// What the carrier, or the channel's provider, said of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
#[non_exhaustive]
pub struct Carrier {
    /// The channel's own code.
    pub channel_code: String,
    /// The carrier's own words.
    pub status_message: String,
    /// The operator's number or name.
    pub operator: String,
    /// How many parts an SMS was sent in.
    pub parts: Option<u64>,
    /// The encoding that an SMS was sent in.
    pub encoding: String,
}

impl Carrier {
    /// The same, where it said anything.
    #[must_use]
    pub fn spoken(&self) -> Option<&Self> {
        (*self != Self::default()).then_some(self)
    }
}

/// What ties a report to the sender's business: what the sender gave when sending.
///
/// # Examples
/// ```
/// use sinch_callback::Callback;
///
/// let body = br#"{"message_metadata":"order 1234","correlation_id":"c-1",
///     "message_delivery_report":{"message_id":"m","status":"DELIVERED"}}"#;
/// let correlation = &Callback::parse(body)?.reports[0].correlation;
/// assert_eq!(correlation.metadata, "order 1234");
/// assert_eq!(correlation.correlation_id, "c-1");
/// # Ok::<(), sinch_callback::Unrecognized>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Correlation {
    /// `message_metadata` of the send, up to 1024 characters.
    pub metadata: String,
    /// `correlation_id` of the send, up to 128 characters.
    pub correlation_id: String,
    /// `client_reference` of an SMS API batch.
    pub client_reference: String,
}

/// What a report of a batch says without naming anybody: how many recipients are where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BatchSummary {
    /// The batch.
    pub batch_id: String,
    /// `client_reference` of the batch.
    pub client_reference: String,
    /// How many recipients the batch has.
    pub total: Option<u64>,
    /// How many of them are where.
    pub counts: Vec<BatchCount>,
}

/// How many recipients of a batch have one status.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BatchCount {
    /// What has happened.
    pub status: DeliveryStatus,
    /// The status verbatim.
    pub status_text: String,
    /// The code verbatim.
    pub code: String,
    /// How many recipients.
    pub count: Option<u64>,
}
