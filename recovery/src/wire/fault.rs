use core::fmt;

use serde::Serialize;

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Fault {
    /// The field's path, as `plan.steps[0].wait`; empty for the whole.
    pub field: String,
    /// What is expected of it. Nothing of the request is repeated.
    pub expected: String,
}

/// A request is not one that can be accepted: all that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct InvalidRequest {
    /// What is wrong, at least one.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.expected)
        } else {
            write!(f, "{}: {}", self.field, self.expected)
        }
    }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for fault in &self.faults {
            write!(f, "{separator}{fault}")?;
            separator = "; ";
        }
        Ok(())
    }
}

impl core::error::Error for InvalidRequest {}
