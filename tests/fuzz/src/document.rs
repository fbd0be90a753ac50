//! Changes to a JSON document that leave it one: few changes to its bytes do.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::mutator::token;

/// Changes one value somewhere in the document.
pub(crate) fn change(value: &mut Value, rng: &mut Rng) {
    // The document's leaves are most of it.
    if rng.u8(..5) > 0
        && let Some(child) = child(value, rng)
    {
        return change(child, rng);
    }
    match value {
        Value::Object(object) if rng.u8(..4) > 0 => change_object(object, rng),
        Value::Array(values) if rng.u8(..4) > 0 => change_array(values, rng),
        Value::String(text) if rng.u8(..4) > 0 => change_text(text, rng),
        Value::Bool(flag) => *flag = !*flag,
        _ => *value = scalar(rng),
    }
}

fn child<'a>(value: &'a mut Value, rng: &mut Rng) -> Option<&'a mut Value> {
    match value {
        Value::Object(object) => {
            let place = rng.usize(..object.len().max(1));
            object.values_mut().nth(place)
        }
        Value::Array(values) => {
            let place = rng.usize(..values.len().max(1));
            values.get_mut(place)
        }
        _ => None,
    }
}

fn change_object(object: &mut Map<String, Value>, rng: &mut Rng) {
    let key = rng.choice(object.keys()).cloned().unwrap_or_default();
    let removed = object.remove(&key);
    match rng.u8(..4) {
        0 => {}
        // Under another name.
        1 => drop(object.insert(token(rng).into(), removed.unwrap_or_default())),
        // As another spelling of the same name, beside it.
        2 => {
            let value = removed.unwrap_or_default();
            object.insert(key.to_uppercase(), value.clone());
            object.insert(key, value);
        }
        _ => {
            object.insert(token(rng).trim_matches(['"', ':']).into(), scalar(rng));
            object.insert(key, removed.unwrap_or_default());
        }
    }
}

fn change_array(values: &mut Vec<Value>, rng: &mut Rng) {
    let at = rng.usize(..=values.len());
    match (values.get(at).cloned(), rng.u8(..3)) {
        (Some(_), 0) => drop(values.remove(at)),
        (Some(value), 1) => values.push(value),
        _ => values.insert(at, scalar(rng)),
    }
}

fn change_text(text: &mut String, rng: &mut Rng) {
    let mut characters: Vec<char> = text.chars().collect();
    let at = rng.usize(..=characters.len());
    match rng.u8(..5) {
        0 => {
            characters.splice(at..at, token(rng).chars());
        }
        1 => characters.truncate(at),
        2 => characters.insert(at, rng.char(..)),
        3 => {
            let copy = characters.clone();
            characters.splice(at..at, copy);
        }
        _ => {
            if let Some(character) = characters.get_mut(at) {
                *character = rng.alphanumeric();
            }
        }
    }
    *text = characters.into_iter().collect();
}

fn scalar(rng: &mut Rng) -> Value {
    match rng.u8(..10) {
        0 => Value::Null,
        1 => true.into(),
        2 => json!({}),
        3 => json!([]),
        4 => "".into(),
        5 => (-1).into(),
        6 => u64::MAX.into(),
        7 => 1e300.into(),
        _ => token(rng).into(),
    }
}
