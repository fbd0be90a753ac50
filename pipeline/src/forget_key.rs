use core::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a store remembers of a forgotten message: that there was one, and not which.
///
/// A report that is sent or processed later must not bring the message back, and its id may hold a
/// phone number. So the store keeps a keyed hash of the id, under a key of its own.
#[derive(Clone)]
pub struct ForgetKey([u8; Self::LEN]);

impl ForgetKey {
    /// Bytes of a key.
    pub const LEN: usize = 64;
    /// Bytes of a mark.
    pub const MARK_LEN: usize = 32;
    /// For how long a mark is kept: 30 days. Sinch's retries end after a day, and what is
    /// kept to be processed again is processed by then. Our own choice.
    pub const KEPT: Duration = Duration::from_secs(30 * 86_400);

    /// A key of these bytes, which the host has drawn at random.
    #[must_use]
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// What stands for a message's id: HMAC-SHA256 of it.
    #[must_use]
    pub fn mark(&self, message_id: &str) -> [u8; Self::MARK_LEN] {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        mac.update(message_id.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl core::fmt::Debug for ForgetKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ForgetKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By Python: `hmac.new(bytes(range(64)), b"m-1", "sha256").hexdigest()`.
    #[test]
    fn a_mark_is_the_hmac_of_the_id() {
        let key = ForgetKey::new(core::array::from_fn(|index| u8::try_from(index).unwrap()));
        let mark: String = key
            .mark("m-1")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            mark,
            "b094aa7ade3da0c58868e5f4c0ca06610200530cfcfd5196ceb18ade77dfab4d"
        );
        assert_ne!(key.mark("m-1"), key.mark("m-2"));
        assert_ne!(key.mark("m-1"), ForgetKey::new([0; 64]).mark("m-1"));
    }
}
