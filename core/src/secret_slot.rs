use core::fmt;

/// Which secret of a ring made a signature: 0 is the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretSlot(u8);

impl SecretSlot {
    /// The secret at this position, from 0.
    #[must_use]
    pub const fn new(index: u8) -> Self {
        Self(index)
    }

    /// The position in the ring, from 0.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }
}

impl fmt::Display for SecretSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u8> for SecretSlot {
    /// [`SecretSlot::new`].
    fn from(index: u8) -> Self {
        Self(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_shown_as_its_position() {
        assert_eq!(std::format!("{}", SecretSlot::from(2)), "2");
    }
}
