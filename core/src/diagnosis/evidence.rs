use crate::{time::UnixSeconds, window::Window};

/// What is known of a callback that was refused, besides its headers.
#[derive(Debug)]
pub struct Evidence<'a, S> {
    /// The body as it reached us.
    pub body: &'a [u8],
    /// The texts of the secrets in use.
    pub secrets: &'a [S],
    /// The texts of secrets that are no longer in use.
    pub retired_secrets: &'a [S],
    /// When the callback was judged.
    pub now: UnixSeconds,
    /// The window it was judged by.
    pub window: Window,
}
