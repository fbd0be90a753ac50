//! What hosts show of a message: the same whatever it is stored in.

use serde::{Deserialize, Serialize};
use sinch_callback::{Carrier, Failure};

/// A message with all that is known of it.
///
/// # Examples
/// A program that asks the API of a receiver reads its answers back:
///
/// ```
/// use sinch_callback::{ReportSubject, UnixSeconds};
/// use sinch_callback_pipeline::{MessageView, messages::Message};
///
/// let message = Message::new("msg-1", ReportSubject::Message, UnixSeconds::new(1_700_000_000));
/// let answer = serde_json::to_string(&message.view())?;
/// let view: MessageView = serde_json::from_str(&answer)?;
/// assert_eq!(view.message.message_id, "msg-1");
/// assert_eq!(view.message.state, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageView {
    /// Where it stands.
    #[serde(flatten)]
    pub message: MessageSummary,
    /// Where it stands on each of its channels.
    pub channels: Vec<ChannelView>,
    /// By when it has to be settled; empty once it has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dues: Vec<DueView>,
    /// What each report did, in the order of arrival.
    pub log: Vec<LogView>,
}

/// A moment by which a message has to be settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DueView {
    /// The moment, in Unix seconds.
    pub deadline: u64,
    /// Why: `DueCause::as_str`.
    pub cause: String,
    /// Since when it has been waited for, in Unix seconds.
    pub since: u64,
    /// Whether `delivery.overdue` has been told for it.
    pub told: bool,
}

/// A message in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageSummary {
    /// The message.
    pub message_id: String,
    /// What it is: `ReportSubject::as_str`.
    pub subject: String,
    /// Where it stands as a whole; `None` while nothing is known.
    pub state: Option<String>,
    /// How often an arrival has changed it.
    pub version: u64,
    /// The channel of the report that makes the state what it is.
    pub channel: String,
    /// The recipient on that channel.
    pub identity: String,
    /// Why it failed or switched.
    pub reason: Option<Failure>,
    /// What the carrier said.
    pub carrier: Option<Carrier>,
    /// Reports disagree on how it ended.
    pub contradicted: bool,
    /// What ties it to the sender's business.
    pub correlation: CorrelationView,
    /// The conversation.
    pub conversation_id: String,
    /// The contact.
    pub contact_id: String,
    /// When its first callback was received, in Unix seconds.
    pub first_received_at: u64,
    /// When its last callback was received, in Unix seconds.
    pub updated_at: u64,
}

/// What the sender gave when sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CorrelationView {
    /// `message_metadata` of the send.
    pub metadata: String,
    /// `correlation_id` of the send.
    pub correlation_id: String,
    /// `client_reference` of an SMS batch.
    pub client_reference: String,
}

/// A message on one leg: one channel to one recipient there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChannelView {
    /// The channel.
    pub channel: String,
    /// The recipient on that channel.
    pub identity: String,
    /// Where it stands there: `Leg::as_str`.
    pub state: String,
    /// Why it failed or switched there.
    pub reason: Option<Failure>,
    /// What the carrier said.
    pub carrier: Option<Carrier>,
    /// Reports disagree on how it ended there.
    pub contradicted: bool,
    /// When that happened, as Sinch wrote it.
    pub occurred_at: String,
    /// When it moved there, in Unix seconds.
    pub updated_at: u64,
}

/// How a report came that a store of an earlier version shows.
fn callback() -> String {
    "callback".into()
}

/// What one report did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogView {
    /// When it was received, in Unix seconds.
    pub received_at: u64,
    /// When it was signed, in Unix seconds.
    pub signed_at: u64,
    /// When it happened, as Sinch wrote it.
    pub occurred_at: String,
    /// The channel that it speaks of.
    pub channel: String,
    /// The status as Sinch wrote it.
    pub status: String,
    /// What it did to the message on that channel: `Step::as_str`.
    pub step: String,
    /// Where the message stood afterwards.
    pub state: Option<String>,
    /// The message's version afterwards.
    pub version: u64,
    /// Why it failed or switched.
    pub reason: Option<Failure>,
    /// What the carrier said.
    pub carrier: Option<Carrier>,
    /// The key of its event.
    pub content_key: String,
    /// Which secret signed it.
    pub secret_slot: u8,
    /// How it came: `callback`, or `poll` where Sinch was asked for it.
    #[serde(default = "callback")]
    pub source: String,
    /// How often its event came again.
    pub repeats: u64,
    /// When it came last, in Unix seconds.
    pub last_repeat_at: Option<u64>,
    /// The state that had been told as an end, and that this report has corrected: `failed` or
    /// `unconfirmed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<String>,
}
