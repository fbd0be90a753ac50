use alloc::string::String;
use core::fmt;

/// A name that its type does not list. It is kept as it was written.
///
/// Only reading makes one, so what it holds is never a name that is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unlisted(String);

impl Unlisted {
    pub(crate) fn new(name: String) -> Self {
        Self(name)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
