//! How described types are read and written. What a type does not describe goes nowhere: a member
//! without a field, and one whose value is not of the field's type, stays in `other` as it was.

use alloc::{borrow::ToOwned, boxed::Box, collections::BTreeMap, format, string::String, vec::Vec};

use crate::{
    json::{
        number::Number,
        read,
        value::{Object, Value},
    },
    malformed::Malformed,
};

/// A type that a value of JSON can be read as, without loss: `to_value` of what `from_value` read is the
/// value again.
pub trait Described: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// The value as it was, where it is of another type.
    fn from_value(value: Value) -> Result<Self, Value>;

    /// Writes it.
    #[must_use]
    fn to_value(&self) -> Value;

    /// Adds to `found` what in it is not described, by its path behind `at`: members without a field,
    /// values of another type than their field, and names that their type does not list.
    fn find_unlisted(&self, at: &str, found: &mut Vec<String>);
}

/// A type that every object of JSON can be read as.
pub trait Members: Described {
    /// Reads an object.
    #[must_use]
    fn from_object(object: Object) -> Self;

    /// Writes it.
    #[must_use]
    fn to_object(&self) -> Object;

    /// Writes it, without a copy of what is not described.
    #[must_use]
    fn into_object(self) -> Object {
        self.to_object()
    }

    /// What in it is not described, as paths: `message_delivery_report.new_field`,
    /// `message_delivery_report.status=NEW_STATUS`. Empty for a callback that these types know to the
    /// last field.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback_events::{Members, parse, sms::SmsCallback};
    ///
    /// let body = br#"{"type":"mo_text","from":"4791","mood":"good","body":7}"#;
    /// let callback: SmsCallback = parse(body)?;
    /// assert_eq!(callback.unlisted(), ["body", "mood"]);
    /// # Ok::<(), sinch_callback_events::Malformed>(())
    /// ```
    #[must_use]
    fn unlisted(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.find_unlisted("", &mut found);
        found
    }
}

/// Reads a body as the callback of one API; [`Callback`](crate::Callback) reads that of any.
///
/// # Examples
/// ```
/// use sinch_callback_events::{Members, numbers::{NumbersCallback, NumbersStatus}, parse};
///
/// let body = br#"{"eventId":"01hpa0","status":"SUCCEEDED","score":0.10}"#;
/// let callback: NumbersCallback = parse(body)?;
/// assert_eq!(callback.event_id.as_deref(), Some("01hpa0"));
/// assert_eq!(callback.status, Some(NumbersStatus::Succeeded));
/// assert_eq!(callback.other["score"].to_string(), "0.10");
/// # Ok::<(), sinch_callback_events::Malformed>(())
/// ```
///
/// # Errors
/// [`Malformed`], where it is no object of JSON.
pub fn parse<T: Members>(body: &[u8]) -> Result<T, Malformed> {
    match read::parse(body)? {
        Value::Object(object) => Ok(T::from_object(object)),
        _ => Err(Malformed::NotAnObject),
    }
}

/// One of several members of an object.
pub(crate) trait OneOf: Sized {
    fn take(object: &mut Object) -> Option<Self>;
    fn put(&self, object: &mut Object);
    fn find_unlisted(&self, at: &str, found: &mut Vec<String>);
}

/// Takes a member out of an object, where it is of the type.
pub(crate) fn take<T: Described>(object: &mut Object, key: &str) -> Option<T> {
    let (key, value) = object.remove_entry(key)?;
    match T::from_value(value) {
        Ok(value) => Some(value),
        Err(value) => {
            object.insert(key, value);
            None
        }
    }
}

/// Puts a member into an object.
pub(crate) fn put<T: Described>(object: &mut Object, key: &str, value: Option<&T>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value.to_value());
    }
}

/// The path of a member.
pub(crate) fn path(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

impl Described for Value {
    fn from_value(value: Value) -> Result<Self, Value> {
        Ok(value)
    }

    fn to_value(&self) -> Value {
        self.clone()
    }

    fn find_unlisted(&self, _: &str, _: &mut Vec<String>) {}
}

impl Described for Object {
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Object(object) => Ok(object),
            other => Err(other),
        }
    }

    fn to_value(&self) -> Value {
        Value::Object(self.clone())
    }

    fn find_unlisted(&self, at: &str, found: &mut Vec<String>) {
        found.extend(self.keys().map(|key| path(at, key)));
    }
}

impl Described for String {
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(other),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn find_unlisted(&self, _: &str, _: &mut Vec<String>) {}
}

impl Described for bool {
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Bool(value) => Ok(value),
            other => Err(other),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }

    fn find_unlisted(&self, _: &str, _: &mut Vec<String>) {}
}

/// Only what is written as an integer, so that it is written as it was.
impl Described for i64 {
    fn from_value(value: Value) -> Result<Self, Value> {
        // `-0` is an integer, too, and is not written as one.
        let integer = match &value {
            Value::Number(number) => number
                .to_i64()
                .filter(|integer| Number::from(*integer) == *number),
            _ => None,
        };
        integer.ok_or(value)
    }

    fn to_value(&self) -> Value {
        Value::Number(Number::from(*self))
    }

    fn find_unlisted(&self, _: &str, _: &mut Vec<String>) {}
}

impl Described for Number {
    fn from_value(value: Value) -> Result<Self, Value> {
        match value {
            Value::Number(number) => Ok(number),
            other => Err(other),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.clone())
    }

    fn find_unlisted(&self, _: &str, _: &mut Vec<String>) {}
}

impl<T: Described> Described for Box<T> {
    fn from_value(value: Value) -> Result<Self, Value> {
        T::from_value(value).map(Self::new)
    }

    fn to_value(&self) -> Value {
        T::to_value(self)
    }

    fn find_unlisted(&self, at: &str, found: &mut Vec<String>) {
        T::find_unlisted(self, at, found);
    }
}

/// All of an array or none of it.
impl<T: Described> Described for Vec<T> {
    fn from_value(value: Value) -> Result<Self, Value> {
        let Value::Array(values) = value else {
            return Err(value);
        };
        let mut read = Self::with_capacity(values.len());
        let mut values = values.into_iter();
        while let Some(value) = values.next() {
            match T::from_value(value) {
                Ok(item) => read.push(item),
                Err(value) => {
                    let before = read.iter().map(T::to_value);
                    return Err(Value::Array(before.chain([value]).chain(values).collect()));
                }
            }
        }
        Ok(read)
    }

    fn to_value(&self) -> Value {
        Value::Array(self.iter().map(T::to_value).collect())
    }

    fn find_unlisted(&self, at: &str, found: &mut Vec<String>) {
        for (index, item) in self.iter().enumerate() {
            item.find_unlisted(&format!("{at}[{index}]"), found);
        }
    }
}

/// All of an object or none of it.
impl<T: Described> Described for BTreeMap<String, T>
where
    T: Named,
{
    fn from_value(value: Value) -> Result<Self, Value> {
        let Value::Object(object) = value else {
            return Err(value);
        };
        let mut read = Self::new();
        let mut members = object.into_iter();
        while let Some((key, value)) = members.next() {
            match T::from_value(value) {
                Ok(item) => {
                    read.insert(key, item);
                }
                Err(value) => {
                    let before = read
                        .iter()
                        .map(|(key, item)| (key.clone(), item.to_value()));
                    let all = before.chain([(key, value)]).chain(members);
                    return Err(Value::Object(all.collect()));
                }
            }
        }
        Ok(read)
    }

    fn to_value(&self) -> Value {
        let members = self.iter();
        Value::Object(
            members
                .map(|(key, item)| (key.clone(), item.to_value()))
                .collect(),
        )
    }

    fn find_unlisted(&self, at: &str, found: &mut Vec<String>) {
        for (key, item) in self {
            item.find_unlisted(&path(at, key), found);
        }
    }
}

/// What can stand under names of its own. Not `Value`: a map of values is an [`Object`].
pub(crate) trait Named {}

impl Named for String {}
