use core::fmt;

/// Whether the same message would fail again.
///
/// Apart from the [`Remedy`](super::Remedy): what to do next and how certain the failure is are two
/// questions. A permanent failure beside a delivery is a contradiction, a temporary one is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permanence {
    /// The same message fails again for as long as nothing else changes.
    Permanent,
    /// The same message may go through later.
    Temporary,
    /// The reason leaves it open, or is not one that we know.
    Unknown,
}

impl Permanence {
    /// The permanence's stable name, which [`Permanence::parse`] reads.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Temporary => "temporary",
            Self::Unknown => "unknown",
        }
    }

    /// The permanence of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Permanent, Self::Temporary, Self::Unknown]
            .into_iter()
            .find(|permanence| permanence.as_str() == name)
    }
}

impl fmt::Display for Permanence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
