use core::fmt;

/// Which secret of a ring made a signature: 0 is the current one.
///
/// # Examples
/// ```
/// use sinch_callback::{Secret, SecretRing, UnixSeconds, Verifier};
///
/// # let headers = [
/// #     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
/// #     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
/// #     ("x-sinch-webhook-signature-timestamp", "1634579353"),
/// # ];
/// # let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
/// # let now = UnixSeconds::new(1_634_579_360);
/// let ring = SecretRing::new([Secret::new("made-up-new")?, Secret::new("foo_secret1234")?])?;
/// let authentic = Verifier::logged(ring).verify(&headers, body, now)?;
/// // Still of the old secret: it cannot be dropped yet.
/// assert_eq!(authentic.secret_slot().index(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
