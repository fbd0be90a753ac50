use serde_json::{Map, Value};

use super::fault::Fault;

/// Gathers what is wrong, field by field.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, field: impl Into<String>, expected: impl ToString) {
        self.0.push(Fault {
            field: field.into(),
            expected: expected.to_string(),
        });
    }
}

/// The fields of an object, which are taken out one by one; what is left is not known.
pub(super) struct Fields {
    path: String,
    fields: Map<String, Value>,
}

impl Fields {
    /// The fields of an object that stands at this path.
    pub(super) fn of(path: &str, value: Value, faults: &mut Faults) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(Self {
                path: path.into(),
                fields,
            }),
            _ => {
                faults.add(path, "expected an object");
                None
            }
        }
    }

    /// The path of one of its fields.
    pub(super) fn path(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.into()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Takes a field; null is absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a field that has to be there.
    pub(super) fn require(&mut self, name: &str, faults: &mut Faults) -> Option<Value> {
        let value = self.take(name);
        if value.is_none() {
            faults.add(self.path(name), "is missing");
        }
        value
    }

    /// Takes a text, if it is there, and reads it.
    pub(super) fn text<T, E: ToString>(
        &mut self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.take(name)?;
        read_text(self.path(name), &value, faults, read)
    }

    /// Takes a text that has to be there, and reads it.
    pub(super) fn require_text<T, E: ToString>(
        &mut self,
        name: &str,
        faults: &mut Faults,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.require(name, faults)?;
        read_text(self.path(name), &value, faults, read)
    }

    /// Names what was not taken: what is misspelled would else be left out in silence.
    pub(super) fn end(self, known: &[&str], faults: &mut Faults) {
        for name in self.fields.keys() {
            // A name may be of any length.
            let shown: String = name.chars().take(40).collect();
            let expected = format!("is not known; expected {}", known.join(", "));
            faults.add(self.path(&shown), expected);
        }
    }

    pub(super) fn into_entries(self) -> impl Iterator<Item = (String, Value)> {
        self.fields.into_iter()
    }
}

/// Reads a text.
pub(super) fn read_text<T, E: ToString>(
    path: String,
    value: &Value,
    faults: &mut Faults,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let Value::String(text) = value else {
        faults.add(path, "expected a text");
        return None;
    };
    match read(text) {
        Ok(value) => Some(value),
        Err(expected) => {
            faults.add(path, expected);
            None
        }
    }
}
