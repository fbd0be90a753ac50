//! One HTTP/1.1 connection to a receiver, opened when it is needed.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, Uri,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header::{CONNECTION, HOST, HeaderName, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tower::{Service, ServiceExt};

/// How long an answer may take, the way there included. Our own choice: Sinch's patience is not
/// documented.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one address.
pub struct Client {
    base: Uri,
    host: HeaderValue,
    connector: HttpsConnector<HttpConnector>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, whole.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is none.
    #[error("{url} is not an http or https address with a host")]
    Url {
        /// The address.
        url: String,
    },
    /// Nobody listens, or no TLS comes about.
    #[error("no connection to {host}")]
    Connect {
        /// The host and port.
        host: String,
        /// What the system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// While the request or its answer was on its way.
    #[error("the connection broke")]
    Broken(#[from] hyper::Error),
    /// Whether the request was taken, nobody knows.
    #[error("no answer within {} s", PATIENCE.as_secs())]
    TimedOut,
    /// A header is none of HTTP.
    #[error("the request cannot be written")]
    Request(#[from] hyper::http::Error),
}

impl Client {
    /// A client of this address; nothing is connected yet.
    ///
    /// # Errors
    /// [`ClientError::Url`].
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let wrong = || ClientError::Url {
            url: url.to_owned(),
        };
        let base: Uri = url.parse().map_err(|_| wrong())?;
        if !matches!(base.scheme_str(), Some("http" | "https")) {
            return Err(wrong());
        }
        let host = base
            .authority()
            .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
            .ok_or_else(wrong)?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self {
            base,
            host,
            connector,
            connection: None,
        })
    }

    /// Another client of the same address, with a connection of its own.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            base: self.base.clone(),
            host: self.host.clone(),
            connector: self.connector.clone(),
            connection: None,
        }
    }

    /// The path that the address names.
    #[must_use]
    pub fn path(&self) -> &str {
        self.base.path_and_query().map_or("/", |path| path.as_str())
    }

    /// Posts a body to the address.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn post<'h>(
        &mut self,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
        body: impl Into<Bytes>,
    ) -> Result<Answer, ClientError> {
        let path = self.path().to_owned();
        self.request(Method::POST, &path, headers, body).await
    }

    /// Gets `path` from the address's host.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn get(&mut self, path: &str) -> Result<Answer, ClientError> {
        self.request(Method::GET, path, [], Bytes::new()).await
    }

    /// Sends a request to the address's host.
    ///
    /// # Errors
    /// Where no answer comes, or the request is none; a status is no error.
    pub async fn request<'h>(
        &mut self,
        method: Method,
        path: &str,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
        body: impl Into<Bytes>,
    ) -> Result<Answer, ClientError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.host.clone());
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(hyper::http::Error::from)?;
            let value = HeaderValue::from_str(value).map_err(hyper::http::Error::from)?;
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body.into()))?;
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        if !matches!(answer, Ok(Ok(_))) {
            self.connection = None;
        }
        answer.unwrap_or(Err(ClientError::TimedOut))
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, ClientError> {
        // A server may close a connection that has been idle, also while the next request is on
        // its way into it. Only then is the request sent once more, on a new connection.
        if let Some(mut kept) = self.connection.take()
            && kept.ready().await.is_ok()
        {
            match kept.send_request(request.clone()).await {
                Err(error) if error.is_closed() || error.is_canceled() => {}
                answer => return self.answer(kept, answer?).await,
            }
        }
        let mut connection = self.connect().await?;
        let answer = connection.send_request(request).await?;
        self.answer(connection, answer).await
    }

    /// Reads an answer to its end, and keeps the connection if the server does.
    async fn answer(
        &mut self,
        connection: SendRequest<Full<Bytes>>,
        response: Response<Incoming>,
    ) -> Result<Answer, ClientError> {
        let status = response.status().as_u16();
        let closing = response
            .headers()
            .get(CONNECTION)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
        let body = response.into_body().collect().await?.to_bytes();
        self.connection = (!closing).then_some(connection);
        Ok(Answer { status, body })
    }

    async fn connect(&mut self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let refused = |source: Box<dyn std::error::Error + Send + Sync>| ClientError::Connect {
            host: self
                .base
                .authority()
                .map(ToString::to_string)
                .unwrap_or_default(),
            source,
        };
        let stream = match self.connector.ready().await {
            Ok(connector) => connector.call(self.base.clone()).await,
            Err(source) => Err(source),
        }
        .map_err(refused)?;
        let (sender, connection) = http1::handshake(stream).await?;
        // Ends by itself when either side closes.
        tokio::spawn(connection);
        Ok(sender)
    }
}
