use core::fmt;

/// A callback that nobody has signed: Fax's, and whatever comes without a proof.
///
/// There is no way from here to an [`Authentic`](crate::Authentic) one. Anybody can send such a body:
/// keep its URL secret, have mutual TLS or a password in front, and ask Sinch about what matters.
///
/// # Examples
/// ```
/// use sinch_callback::scheme::Unsigned;
///
/// let callback = Unsigned::new(br#"{"event":"FAX_COMPLETED"}"#);
/// assert_eq!(callback.received(), br#"{"event":"FAX_COMPLETED"}"#);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Unsigned<'a> {
    body: &'a [u8],
}

impl<'a> Unsigned<'a> {
    /// The products that sign nothing, by the names that somebody may look for among the schemes.
    pub const PRODUCTS: &'static [&'static str] = &["fax"];

    /// Why no scheme is named after them, in a sentence.
    pub const REASON: &'static str = "these callbacks are not signed: anybody can send them, and nothing about them can be verified. Keep the URL secret, have mutual TLS or a password in front, and ask Sinch about what matters";

    /// The callback with this body.
    #[must_use]
    pub const fn new(body: &'a [u8]) -> Self {
        Self { body }
    }

    /// The body as it was received, whoever sent it.
    #[must_use]
    pub const fn received(&self) -> &'a [u8] {
        self.body
    }
}

impl fmt::Debug for Unsigned<'_> {
    /// Leaves out the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsigned").finish_non_exhaustive()
    }
}
