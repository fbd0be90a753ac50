/// An input with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Letters, digits and dashes.
    pub name: String,
    /// What the target is given.
    pub bytes: Vec<u8>,
}

impl Seed {
    pub(crate) fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}
