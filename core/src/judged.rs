use subtle::Choice;

/// What one key says of a signature: whether it made it, and the replay key as a word.
#[derive(Debug)]
pub struct Judged(pub(crate) Choice, pub(crate) u128);

impl Judged {
    /// The signature is not even of this key's kind.
    #[cfg(feature = "schemes")]
    pub(crate) fn of_another_kind() -> Self {
        Self(Choice::from(0), 0)
    }
}
