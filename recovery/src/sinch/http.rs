//! The one thing that is asked of a host: to exchange a request for an answer.

use core::{fmt, future::Future, time::Duration};

use zeroize::Zeroizing;

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or sends.
    Post,
    /// Removes.
    Delete,
}

impl Method {
    /// Its name in HTTP.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A request to Sinch. Shown without what it must not show.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The address, whole.
    pub url: String,
    /// The value of `authorization`.
    pub authorization: Zeroizing<String>,
    /// The value of `content-type`; `None` where there is no body.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
    /// How long the exchange may take, the way there included.
    pub time_limit: Duration,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// What was answered.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Why there is no answer. What it says is for people, and holds nothing of the request but its host.
///
/// Which of the two it is decides whether the same may be sent again. A client that is not certain says
/// [`MayHaveLeft`](Self::MayHaveLeft): a wrong `NeverLeft` sends a message twice, a wrong `MayHaveLeft`
/// gives a step of the plan up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// No byte of the request left: the name, the connection or TLS failed.
    #[error("the request never left: {0}")]
    NeverLeft(String),
    /// It may have left, and no answer came, or none that could be read.
    #[error("no answer came: {0}")]
    MayHaveLeft(String),
}

/// Exchanges requests for answers.
pub trait HttpClient: Sync {
    /// Sends a request once, without a retry once a byte of it may have left, and reads the answer whole
    /// within [`HttpRequest::time_limit`]. It follows no redirection.
    ///
    /// # Errors
    /// Where no answer comes; a status is no error.
    fn exchange(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, ExchangeError>> + Send;
}

impl<C: HttpClient> HttpClient for &C {
    fn exchange(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, ExchangeError>> + Send {
        C::exchange(self, request)
    }
}

impl<C: HttpClient + Send> HttpClient for std::sync::Arc<C> {
    fn exchange(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, ExchangeError>> + Send {
        C::exchange(self, request)
    }
}
