use core::fmt;

use crate::{time::UnixSeconds, window::Window};

/// What is known of a callback that was refused, besides its headers.
///
/// # Examples
/// ```
/// use sinch_callback::{Diagnosis, Evidence, UnixSeconds, Window, diagnose};
///
/// # let headers = [
/// #     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
/// #     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
/// #     ("x-sinch-webhook-signature-timestamp", "1634579353"),
/// # ];
/// # let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
/// # let now = UnixSeconds::new(1_634_579_360);
/// let evidence = Evidence::new(body, &["made-up-new"], now)
///     .with_retired_secrets(&["foo_secret1234"])
///     .with_window(Window::LOGGED);
/// assert_eq!(diagnose(&headers, &evidence), [Diagnosis::PreviousSecret]);
/// ```
#[non_exhaustive]
pub struct Evidence<'a, S> {
    /// The body as it reached us.
    pub body: &'a [u8],
    /// The texts of the secrets in use.
    pub secrets: &'a [S],
    /// The texts of secrets that are no longer in use.
    pub retired_secrets: &'a [S],
    /// Paths by which Sinch may call us, as they stand in its settings: for a host that sees another one.
    pub public_paths: &'a [&'a str],
    /// When the callback was judged.
    pub now: UnixSeconds,
    /// The window it was judged by.
    pub window: Window,
}

impl<'a, S> Evidence<'a, S> {
    /// A body that was judged with these secrets at `now`, by [`Window::BARE`].
    #[must_use]
    pub const fn new(body: &'a [u8], secrets: &'a [S], now: UnixSeconds) -> Self {
        Self {
            body,
            secrets,
            retired_secrets: &[],
            public_paths: &[],
            now,
            window: Window::BARE,
        }
    }

    /// Adds the texts of secrets that are no longer in use.
    #[must_use]
    pub const fn with_retired_secrets(self, retired_secrets: &'a [S]) -> Self {
        Self {
            retired_secrets,
            ..self
        }
    }

    /// Adds paths by which Sinch may call us.
    #[must_use]
    pub const fn with_public_paths(self, public_paths: &'a [&'a str]) -> Self {
        Self {
            public_paths,
            ..self
        }
    }

    /// Sets the window that it was judged by.
    #[must_use]
    pub const fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }
}

impl<S> fmt::Debug for Evidence<'_, S> {
    /// Shows neither secrets nor the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("now", &self.now)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}
