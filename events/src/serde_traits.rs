//! serde's traits, over [`Value`].
//!
//! serde has no numbers beyond 64 bits: one that fits neither an integer nor a binary fraction is an
//! error, and one with more digits than a binary fraction has is written as the nearest. JSON itself is
//! read and written without serde, and loses nothing.

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
    ser::Error as _,
};

use crate::{
    described::Described,
    json::{
        number::Number,
        value::{Object, Value},
    },
};

/// Reads a described type.
pub(crate) fn deserialize<'de, T: Described, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::from_value(Value::deserialize(deserializer)?)
        .map_err(|_| D::Error::custom("a value of another type"))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(integer) = self.to_i64() {
            serializer.serialize_i64(integer)
        } else if let Ok(integer) = self.as_str().parse() {
            serializer.serialize_u64(integer)
        } else if let Some(fraction) = self.to_f64() {
            serializer.serialize_f64(fraction)
        } else {
            Err(S::Error::custom("a number beyond 64 bits"))
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(Number::from(value)))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        number(&format!("{value}"))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // With a fraction or an exponent, as `1.0`: an integer is another number here.
        number(&format!("{value:?}"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(String::from(value)))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Object::new();
        while let Some((key, value)) = members.next_entry()? {
            read.insert(key, value);
        }
        Ok(Value::Object(read))
    }
}

fn number<E: serde::de::Error>(text: &str) -> Result<Value, E> {
    Number::new(text)
        .map(Value::Number)
        .ok_or_else(|| E::custom("a number that JSON does not have"))
}
