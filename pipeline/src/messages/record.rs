//! [`Message`] as the text that a store keeps: JSON, of which empty fields are left out.

use serde::{Deserialize, Serialize};
use sinch_callback::{ContentKey, Delivery, UnixSeconds};

use super::{Due, Message, MessageLog};

#[derive(Deserialize)]
struct Record {
    id: String,
    subject: String,
    version: u64,
    revision: u64,
    first: u64,
    updated: u64,
    #[serde(default)]
    due: Option<DueRecord>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<DueRecord>,
    delivery: &'a Delivery,
    log: &'a MessageLog,
}

#[derive(Serialize, Deserialize)]
struct DueRecord {
    at: u64,
    #[serde(with = "key")]
    key: ContentKey,
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
            due: self.due.map(|due| DueRecord {
                at: due.at.get(),
                key: due.content_key,
            }),
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
            due: record.due.map(|due| Due {
                at: UnixSeconds::new(due.at),
                content_key: due.key,
            }),
            log: record.log,
        })
    }
}

/// What stands for an arrival's name in a log: the name itself has four times the length, and is
/// compared alone.
#[must_use]
pub fn arrival(request_id: &str) -> String {
    let hash = ContentKey::of_body(request_id.as_bytes()).to_string();
    hash.get(..16).map_or_else(String::new, Into::into)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
pub(super) const fn is_false(flag: &bool) -> bool {
    !*flag
}

pub(super) fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// A content key as hexadecimal digits.
pub(super) mod key {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use sinch_callback::ContentKey;

    pub(in super::super) fn serialize<S: Serializer>(
        key: &ContentKey,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(key)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ContentKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        ContentKey::from_hex(&text).ok_or_else(|| D::Error::custom("no content key"))
    }
}

/// A state as its name.
pub(super) mod state {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use sinch_callback::DeliveryState;

    #[expect(clippy::ref_option, reason = "serde asks so")]
    pub(in super::super) fn serialize<S: Serializer>(
        state: &Option<DeliveryState>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        state.map(DeliveryState::as_str).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DeliveryState>, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?;
        name.map(|name| name.parse().map_err(|_| D::Error::custom("no state")))
            .transpose()
    }
}

/// A step as its name; one that moved as the name of the leg that it moved to.
pub(super) mod step {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use sinch_callback::{Leg, Step};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(in super::super) fn serialize<S: Serializer>(
        step: &Step,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match step {
            Step::Moved(leg) => leg.as_str(),
            step => step.as_str(),
        })
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Step, D::Error> {
        let name = String::deserialize(deserializer)?;
        let moved = name.parse::<Leg>().ok().map(Step::Moved);
        moved
            .or_else(|| Step::parse(&name, None))
            .ok_or_else(|| D::Error::custom("no step"))
    }
}

/// What has a fixed shape where it is shown, without its empty fields.
pub(super) mod lean {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
    use serde_json::Value;

    #[expect(clippy::ref_option, reason = "serde asks so")]
    pub(in super::super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(value).unwrap_or_default();
        strip(&mut value);
        value.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        Option::deserialize(deserializer)
    }

    fn strip(value: &mut Value) {
        if let Value::Object(fields) = value {
            fields.retain(|_, field| !field.is_null() && field.as_str() != Some(""));
            fields.values_mut().for_each(strip);
        }
    }
}
