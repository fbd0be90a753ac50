//! Fields of a JSON object. A field that is absent, null or of another type is empty: what Sinch
//! adds or changes must not lose a report.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
};

use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

pub(super) fn text(object: &Object, name: &str) -> String {
    text_ref(object, name).to_owned()
}

pub(super) fn text_ref<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A text, or a whole number as text: some codes are either.
pub(super) fn text_or_number(object: &Object, name: &str) -> String {
    match object.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number
            .as_u64()
            .map(|number| number.to_string())
            .or_else(|| Some(number.as_i64()?.to_string()))
            .unwrap_or_default(),
        _ => String::new(),
    }
}

pub(super) fn number(object: &Object, name: &str) -> Option<u64> {
    object.get(name).and_then(Value::as_u64)
}

pub(super) fn object<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    object.get(name).and_then(Value::as_object)
}
