//! The client that Sinch's API is called with: it knows whether a request may have left.

use core::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Uri,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use sinch_callback_recovery::sinch::{
    ExchangeError, HttpClient, HttpRequest, HttpResponse, Method as SinchMethod,
};
use tower::{Service, ServiceExt};

use crate::{causes::with_causes, clock};

/// For how long a connection that nobody uses is used again. Our own choice, below what servers allow:
/// a request that is written while its server closes the connection may have left, and its attempt
/// would be given up.
const IDLE: Duration = Duration::from_secs(10);
/// Connections kept for one host. Our own choice.
const KEPT: usize = 32;
/// Bytes of the largest answer that is read: more than a full report on 45,000 recipients. Our own
/// choice.
const LARGEST_ANSWER: usize = 4 << 20;

/// A client of HTTP/1.1 over TLS, with connections that are used again. It sends a request once.
#[derive(Debug)]
pub struct HttpsClient {
    connector: HttpsConnector<HttpConnector>,
    /// Connections whose last answer has been read, by scheme and host, and since when.
    idle: Mutex<HashMap<String, Vec<(Connection, Instant)>>>,
}

type Connection = SendRequest<Full<Bytes>>;

impl Default for HttpsClient {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpsClient {
    /// A client without connections.
    #[must_use]
    pub fn new() -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Self {
            connector,
            idle: Mutex::default(),
        }
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<String, Vec<(Connection, Instant)>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that can take a request now: a kept one, or a new one.
    async fn connection(&self, host: &str, uri: &Uri) -> Result<Connection, ExchangeError> {
        let never_left = |cause: String| ExchangeError::NeverLeft(cause);
        loop {
            let kept = self.idle().get_mut(host).and_then(Vec::pop);
            let Some((mut connection, since)) = kept else {
                break;
            };
            let is_fresh = clock::stopwatch().saturating_duration_since(since) < IDLE;
            if is_fresh && connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
        let mut connector = self.connector.clone();
        let stream = match connector.ready().await {
            Ok(connector) => connector.call(uri.clone()).await,
            Err(error) => Err(error),
        };
        let stream = stream.map_err(|error| never_left(with_causes(&*error)))?;
        let (sender, connection) = http1::handshake(stream)
            .await
            .map_err(|error| never_left(with_causes(&error)))?;
        // Ends by itself when either side closes.
        tokio::spawn(connection);
        Ok(sender)
    }

    /// Exchanges, and says in `has_left` from when on the request may have left.
    async fn exchange_once(
        &self,
        request: HttpRequest,
        has_left: &AtomicBool,
    ) -> Result<HttpResponse, ExchangeError> {
        let uri: Uri = request
            .url
            .parse()
            .map_err(|_| ExchangeError::NeverLeft("the address is none".to_owned()))?;
        let host = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or_default(),
            uri.authority().map_or("", |authority| authority.as_str())
        );
        let request = written(request, &uri)?;
        let mut connection = self.connection(&host, &uri).await?;
        has_left.store(true, Ordering::Relaxed);
        let answer = match connection.try_send_request(request).await {
            Ok(answer) => answer,
            Err(mut error) => {
                // What is given back has not been written.
                let was_kept_back = error.take_message().is_some();
                let cause = with_causes(&error.into_error());
                return Err(if was_kept_back {
                    ExchangeError::NeverLeft(cause)
                } else {
                    ExchangeError::MayHaveLeft(cause)
                });
            }
        };
        let status = answer.status().as_u16();
        let closing = answer
            .headers()
            .get(CONNECTION)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
        let body = Limited::new(answer.into_body(), LARGEST_ANSWER)
            .collect()
            .await
            .map_err(|error| ExchangeError::MayHaveLeft(with_causes(&*error)))?
            .to_bytes();
        if !closing {
            let mut idle = self.idle();
            let kept = idle.entry(host).or_default();
            if kept.len() < KEPT {
                kept.push((connection, clock::stopwatch()));
            }
        }
        Ok(HttpResponse {
            status,
            body: body.into(),
        })
    }
}

fn written(request: HttpRequest, uri: &Uri) -> Result<Request<Full<Bytes>>, ExchangeError> {
    let invalid = |_| ExchangeError::NeverLeft("the request cannot be written".to_owned());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut authorization = HeaderValue::from_str(&request.authorization)
        .map_err(|_| ExchangeError::NeverLeft("the token is no header's value".to_owned()))?;
    authorization.set_sensitive(true);
    let mut builder = Request::builder()
        .method(match request.method {
            SinchMethod::Get => Method::GET,
            SinchMethod::Post => Method::POST,
            SinchMethod::Delete => Method::DELETE,
        })
        .uri(path)
        .header(HOST, host)
        .header(AUTHORIZATION, authorization);
    if let Some(kind) = request.content_type {
        builder = builder.header(CONTENT_TYPE, kind);
    }
    builder
        .body(Full::new(request.body.into()))
        .map_err(invalid)
}

impl HttpClient for HttpsClient {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ExchangeError> {
        let limit = request.time_limit;
        let has_left = AtomicBool::new(false);
        let exchange = self.exchange_once(request, &has_left);
        let late = || format!("nothing within {} s", limit.as_secs());
        match tokio::time::timeout(limit, exchange).await {
            Ok(answer) => answer,
            Err(_) if has_left.load(Ordering::Relaxed) => Err(ExchangeError::MayHaveLeft(late())),
            Err(_) => Err(ExchangeError::NeverLeft(late())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    fn request(url: String, time_limit: Duration) -> HttpRequest {
        HttpRequest {
            method: SinchMethod::Post,
            url,
            authorization: "Bearer made-up".to_owned().into(),
            content_type: Some("application/json"),
            body: b"{}".to_vec(),
            time_limit,
        }
    }

    /// A server that answers each connection's requests with these bytes, and closes it after the last;
    /// it gives what it has read.
    fn server(answers: Vec<Vec<&'static [u8]>>) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/path", listener.local_addr().unwrap());
        let reads = thread::spawn(move || {
            let mut reads = Vec::new();
            for answers in answers {
                let (mut stream, _) = listener.accept().unwrap();
                for answer in answers {
                    let mut read = Vec::new();
                    let mut bytes = [0; 4_096];
                    while !read.ends_with(b"{}") {
                        let count = stream.read(&mut bytes).unwrap();
                        if count == 0 {
                            break;
                        }
                        read.extend_from_slice(&bytes[..count]);
                    }
                    reads.push(String::from_utf8(read).unwrap());
                    stream.write_all(answer).unwrap();
                }
            }
            reads
        });
        (url, reads)
    }

    const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_request_is_answered_and_its_connection_used_again() {
        let (url, reads) = server(vec![vec![
            OK,
            b"HTTP/1.1 429 Busy\r\ncontent-length: 0\r\n\r\n",
        ]]);
        let client = HttpsClient::new();
        let first = client.exchange(request(url.clone(), LIMIT)).await.unwrap();
        assert_eq!((first.status, first.body.as_slice()), (200, &b"{}"[..]));
        let second = client.exchange(request(url, LIMIT)).await.unwrap();
        assert_eq!(second.status, 429);
        let reads = reads.join().unwrap();
        assert!(
            reads[1].starts_with("POST /path HTTP/1.1\r\nhost: 127.0.0.1:"),
            "{}",
            reads[1]
        );
        assert!(reads[1].contains("authorization: Bearer made-up\r\n"));
    }

    #[tokio::test]
    async fn where_nobody_listens_the_request_never_left() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let client = HttpsClient::new();
        for url in [
            url,
            "http://nobody.invalid/".to_owned(),
            "no address".to_owned(),
        ] {
            let answer = client.exchange(request(url.clone(), LIMIT)).await;
            assert!(
                matches!(answer, Err(ExchangeError::NeverLeft(_))),
                "{url}: {answer:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_tls_never_gets_the_request() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .unwrap();
            // What it has been sent until the client gives up.
            let mut read = Vec::new();
            let _ = stream.read_to_end(&mut read);
            read
        });
        let answer = HttpsClient::new().exchange(request(url, LIMIT)).await;
        assert!(
            matches!(answer, Err(ExchangeError::NeverLeft(_))),
            "{answer:?}"
        );
        let read = server.join().unwrap();
        assert!(!String::from_utf8_lossy(&read).contains("made-up"));
    }

    #[tokio::test]
    async fn a_connection_that_ends_without_an_answer_may_have_taken_the_request() {
        for answer in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
            b"no http",
        ] {
            let (url, _) = server(vec![vec![answer]]);
            let client = HttpsClient::new();
            let answer = client.exchange(request(url, LIMIT)).await;
            assert!(
                matches!(answer, Err(ExchangeError::MayHaveLeft(_))),
                "{answer:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_silent_server_may_have_taken_the_request_once_it_was_written_and_not_before() {
        // Nothing is accepted here: the kernel takes the request, and nobody answers.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let client = HttpsClient::new();
        let short = Duration::from_millis(100);
        let answer = client.exchange(request(url.clone(), short)).await;
        assert_eq!(
            answer,
            Err(ExchangeError::MayHaveLeft("nothing within 0 s".into()))
        );
        // Before TLS is up nothing of it is written.
        let url = url.replace("http://", "https://");
        let answer = client.exchange(request(url, short)).await;
        assert_eq!(
            answer,
            Err(ExchangeError::NeverLeft("nothing within 0 s".into()))
        );
    }

    #[tokio::test]
    async fn a_kept_connection_that_was_closed_meanwhile_is_replaced_and_not_written_to() {
        let (url, reads) = server(vec![vec![OK], vec![OK]]);
        let client = HttpsClient::new();
        client.exchange(request(url.clone(), LIMIT)).await.unwrap();
        // Until the other side's end has been seen: the connection's task is another one of ours.
        for _ in 0..10_000 {
            if client
                .idle()
                .values()
                .flatten()
                .all(|(kept, _)| kept.is_closed())
            {
                break;
            }
            tokio::task::yield_now().await;
            thread::yield_now();
        }
        let answer = client.exchange(request(url, LIMIT)).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(reads.join().unwrap().len(), 2);
    }
}
