//! [`Message`] as the text that a store keeps: JSON, of which empty fields are left out.

use serde::{Deserialize, Serialize};
use sinch_callback::{ContentKey, Delivery, UnixSeconds};

use super::{
    attempt::AttemptName,
    due::{Due, DueCause, Dues, Telling},
    fields,
    log::MessageLog,
    message::{Message, OVERDUE_AFTER},
};

#[derive(Deserialize)]
struct Record {
    id: String,
    subject: String,
    version: u64,
    revision: u64,
    first: u64,
    updated: u64,
    /// What an earlier version kept of a stuck message.
    #[serde(default)]
    due: Option<DueRecord>,
    #[serde(default)]
    dues: Dues,
    #[serde(default)]
    attempt: Option<AttemptName>,
    delivery: Delivery,
    #[serde(default)]
    log: MessageLog,
}

#[derive(Serialize)]
struct RecordOf<'a> {
    id: &'a str,
    subject: &'a str,
    version: u64,
    revision: u64,
    first: u64,
    updated: u64,
    #[serde(skip_serializing_if = "Dues::is_empty")]
    dues: &'a Dues,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<&'a AttemptName>,
    delivery: &'a Delivery,
    log: &'a MessageLog,
}

#[derive(Deserialize)]
struct DueRecord {
    at: u64,
    #[serde(with = "fields::key")]
    key: ContentKey,
}

impl DueRecord {
    fn into_dues(self) -> Dues {
        let at = UnixSeconds::new(self.at);
        Dues::from(Due {
            at,
            since: UnixSeconds::new(self.at.saturating_sub(OVERDUE_AFTER.as_secs())),
            cause: DueCause::Stuck,
            key: self.key,
            telling: Telling::Waits,
        })
    }
}

impl Message {
    /// The text from which [`Message::decode`] makes the same again.
    #[must_use]
    pub fn encode(&self) -> String {
        let record = RecordOf {
            id: &self.message_id,
            subject: &self.subject,
            version: self.version,
            revision: self.revision,
            first: self.first_received_at,
            updated: self.updated_at,
            dues: &self.dues,
            attempt: self.attempt.as_ref(),
            delivery: &self.delivery,
            log: &self.log,
        };
        // Texts and numbers under fixed names have no way to fail.
        serde_json::to_string(&record).unwrap_or_default()
    }

    /// Reads what [`Message::encode`] wrote; `None` for any other text.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let record: Record = serde_json::from_str(text).ok()?;
        Some(Self {
            message_id: record.id,
            subject: record.subject,
            delivery: record.delivery,
            version: record.version,
            revision: record.revision,
            first_received_at: record.first,
            updated_at: record.updated,
            dues: record.due.map_or(record.dues, DueRecord::into_dues),
            attempt: record.attempt,
            log: record.log,
        })
    }
}
