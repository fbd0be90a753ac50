use core::fmt;

/// The request line of a callback, as the sender sent it.
///
/// Where something in front of the host rewrites paths, the host's own path is not the one that was
/// signed: give the public one, that of the URL that Sinch calls.
///
/// # Examples
/// ```
/// use sinch_callback::scheme::Request;
///
/// let request = Request::post("/sinch/callback/ace?tenant=7");
/// assert_eq!(request.path(), "/sinch/callback/ace");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    method: &'a str,
    target: &'a str,
}

impl<'a> Request<'a> {
    /// A request of this method to this path, which may have a query.
    #[must_use]
    pub const fn new(method: &'a str, target: &'a str) -> Self {
        Self { method, target }
    }

    /// A POST, as all callbacks are.
    #[must_use]
    pub const fn post(target: &'a str) -> Self {
        Self::new("POST", target)
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'a str {
        self.method
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.target
            .split_once('?')
            .map_or(self.target, |(path, _)| path)
    }

    /// Path and query.
    #[must_use]
    pub const fn target(&self) -> &'a str {
        self.target
    }
}

impl fmt::Debug for Request<'_> {
    /// Leaves out the path, in which a query may hold what is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
