use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;

use crate::{channel::Channel, id::IntentId, key::IntentKey};

sinch_callback::named! {
    /// What is told of an intent.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum IntentEventKind {
        /// The person was reached.
        Done = "intent.done",
        /// Nothing more is sent.
        GivenUp = "intent.given_up",
        /// A person has to look.
        NeedsPerson = "intent.needs_person",
        /// The deadline has passed, and the person is not known to be reached. What may still be sent
        /// is sent.
        Overdue = "intent.overdue",
        /// The person has it twice, or will: two messages bear one attempt's correlation id
        /// (`two_messages`), or a first message arrived late, beside its fallback (`late`).
        Doubled = "intent.doubled",
        /// What was told as the end was not so: late evidence. Nothing is sent for it.
        Corrected = "intent.corrected",
        /// An attempt has come to a new state, which is the reason: sent, refused, unresolved, and planned
        /// again for the first time.
        Attempt = "intent.attempt",
    }
}

/// What others are told of an intent: never its content, and nobody's identity.
///
/// It is made by the write that makes it true, and stays the same: whoever is told twice is told the
/// same under the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IntentEvent {
    /// `{intent}:{version}:{type}`, and for an attempt `:{number}`.
    pub id: String,
    /// What it tells.
    #[serde(rename = "type")]
    pub kind: IntentEventKind,
    /// The business's key.
    pub key: IntentKey,
    /// The intent.
    pub intent_id: IntentId,
    /// The intent's version: of two events the later one has the greater.
    pub version: u64,
    /// Why: a stable name. Of `intent.done` the evidence, of `intent.corrected` what holds.
    pub reason: String,
    /// The attempt that it is about, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Its channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Its message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When, in Unix seconds.
    pub at: UnixSeconds,
}
