//! Fields of a record, as serde reads and writes them.

use sinch_callback::ContentKey;

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

    pub(in crate::messages) fn serialize<S: Serializer>(
        key: &ContentKey,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(key)
    }

    pub(in crate::messages) fn deserialize<'de, D: Deserializer<'de>>(
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
    pub(in crate::messages) fn serialize<S: Serializer>(
        state: &Option<DeliveryState>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        state.map(DeliveryState::as_str).serialize(serializer)
    }

    pub(in crate::messages) fn deserialize<'de, D: Deserializer<'de>>(
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
    pub(in crate::messages) fn serialize<S: Serializer>(
        step: &Step,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match step {
            Step::Moved(leg) => leg.as_str(),
            step => step.as_str(),
        })
    }

    pub(in crate::messages) fn deserialize<'de, D: Deserializer<'de>>(
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
    pub(in crate::messages) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(value).unwrap_or_default();
        strip(&mut value);
        value.serialize(serializer)
    }

    pub(in crate::messages) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
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
