use core::{error::Error, time::Duration};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_http_client::{Connector, tls::Provider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorSettings},
    identity::Identity,
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use hyper_util::client::legacy;
use serde_json::Value;

use crate::{
    client::{AwsConfig, AwsError, CRYPTO},
    clock,
};

/// Calls services of which one call is needed, signed as every call is, by the client of all SDKs: an SDK
/// of its own for each would be megabytes to build and hundreds of kilobytes to start with.
#[derive(Debug)]
pub(crate) struct SignedCalls {
    /// Keeps connections: what is asked by it may be asked twice.
    repeating: Connector,
    /// Keeps none: one that was frozen with its environment takes a request, and nobody knows whether it
    /// has left.
    once: Connector,
    config: SdkConfig,
}

/// How long a connection may take. Our own choice.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an attempt may take. Our own choice, as that of the SDKs'.
const ATTEMPT: Duration = Duration::from_secs(3);
/// Attempts of a call that may be made twice: a connection that was frozen with its environment is found
/// out and replaced.
const ATTEMPTS: u32 = 2;

/// A call in the protocol `awsJson1_0` that may be made twice.
#[derive(Clone, Debug)]
pub(crate) struct JsonCall<'a> {
    /// The first label of the service's host, which is also what the call is signed for.
    pub(crate) service: &'static str,
    /// `X-Amz-Target`.
    pub(crate) target: &'static str,
    pub(crate) body: &'a Value,
}

/// What came of one exchange.
#[derive(Debug)]
pub(crate) enum Exchanged {
    /// An answer: its status, and its body.
    Answered(u16, Vec<u8>),
    /// No byte of the request left: the name, the connection or TLS failed.
    NeverLeft(String),
    /// It may have left, and no answer came.
    MayHaveLeft(String),
}

impl SignedCalls {
    /// With credentials, region and endpoint of these.
    pub(crate) fn new(config: &AwsConfig) -> Self {
        let builder = || {
            let settings = HttpConnectorSettings::builder()
                .connect_timeout(CONNECT)
                .build();
            Connector::builder()
                .tls_provider(Provider::Rustls(CRYPTO))
                .connector_settings(settings)
                .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        };
        Self {
            repeating: builder().build(),
            once: builder().pool_idle_timeout(Duration::ZERO).build(),
            config: config.0.clone(),
        }
    }

    /// What the service answers.
    pub(crate) async fn json(&self, call: JsonCall<'_>) -> Result<Value, AwsError> {
        let body = call.body.to_string();
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", call.target),
        ];
        let failed = |what: String| AwsError::saying(format!("{}: {what}", call.target));
        let mut attempt = 1;
        let (status, answer) = loop {
            let (url, signed) = self
                .signed((call.service, call.service), "/", &headers, body.as_bytes())
                .await?;
            let signed: Vec<_> = signed
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let exchanged = exchange(
                &self.repeating,
                "POST",
                &url,
                &signed,
                body.clone().into(),
                ATTEMPT,
            );
            match exchanged.await {
                Exchanged::Answered(status, answer) => break (status, answer),
                _ if attempt < ATTEMPTS => attempt = attempt.saturating_add(1),
                Exchanged::NeverLeft(why) | Exchanged::MayHaveLeft(why) => return Err(failed(why)),
            }
        };
        let found: Value = serde_json::from_slice(&answer).unwrap_or_default();
        if status == 200 {
            return Ok(found);
        }
        let text = |names: [&str; 2]| {
            let found = names.into_iter().find_map(|name| found.get(name)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        let (kind, message) = (text(["__type", "code"]), text(["message", "Message"]));
        Err(failed(format!("{status} {kind} {message}")))
    }

    /// The address of a `POST`, and its headers with those that sign it. `service` is the first label of
    /// the host, and what is signed for.
    pub(crate) async fn signed(
        &self,
        (label, service): (&str, &str),
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(String, Vec<(String, String)>), AwsError> {
        let lacking = |what: &str| AwsError::saying(format!("{service}: there is no {what}"));
        let region = self.config.region().map(ToString::to_string);
        let region = region.ok_or_else(|| lacking("region"))?;
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| lacking("provider of credentials"))?;
        let credentials = provider.provide_credentials().await;
        let identity = credentials.map_err(|error| AwsError::of(&error))?.into();
        let base = self.config.endpoint_url().map_or_else(
            || format!("https://{label}.{region}.amazonaws.com"),
            |url| url.trim_end_matches('/').to_owned(),
        );
        let url = base + path;
        let signed = signature((&identity, &region, service), &url, headers, body)?;
        let (signed, _) = signed.into_parts();
        let own = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let added = signed
            .iter()
            .map(|header| (header.name().to_owned(), header.value().to_owned()));
        Ok((url, own.chain(added).collect()))
    }

    /// One exchange, by a connection of its own, without a second attempt.
    pub(crate) async fn once(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        limit: Duration,
    ) -> Exchanged {
        exchange(&self.once, method, url, headers, body, limit).await
    }
}

async fn exchange(
    connector: &Connector,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
    limit: Duration,
) -> Exchanged {
    let mut request = http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(SdkBody::from(body));
    let request = request
        .map_err(|error| error.to_string())
        .and_then(|request| HttpRequest::try_from(request).map_err(|error| error.to_string()));
    let request = match request {
        Ok(request) => request,
        Err(why) => return Exchanged::NeverLeft(why),
    };
    let exchanged = async {
        let response = match connector.call(request).await {
            Ok(response) => response,
            Err(error) if never_left(&error) => {
                return Exchanged::NeverLeft(AwsError::of(&error).to_string());
            }
            Err(error) => return Exchanged::MayHaveLeft(AwsError::of(&error).to_string()),
        };
        let status = response.status().as_u16();
        match ByteStream::new(response.into_body()).collect().await {
            Ok(body) => Exchanged::Answered(status, body.to_vec()),
            Err(error) => Exchanged::MayHaveLeft(AwsError::of(&error).to_string()),
        }
    };
    tokio::time::timeout(limit, exchanged)
        .await
        .unwrap_or_else(|_| Exchanged::MayHaveLeft("no answer in time".into()))
}

/// Whether a connection was never made.
fn never_left(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<legacy::Error>() {
            return error.is_connect();
        }
        cause = error.source();
    }
    false
}

fn signature(
    (identity, region, service): (&Identity, &str, &str),
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<SigningInstructions, AwsError> {
    let parameters = v4::SigningParams::builder()
        .identity(identity)
        .region(region)
        .name(service)
        .time(clock::system())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| AwsError::of(&error))?
        .into();
    let request = SignableRequest::new(
        "POST",
        url,
        headers.iter().copied(),
        SignableBody::Bytes(body),
    );
    let signed = request.and_then(|request| sign(request, &parameters));
    let (instructions, _) = signed.map_err(|error| AwsError::of(&error))?.into_parts();
    Ok(instructions)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn calls() -> SignedCalls {
        SignedCalls::new(&AwsConfig(SdkConfig::builder().build()))
    }

    /// Takes so many connections, answers each by this, and closes them. Gives what each was sent.
    fn server(
        connections: usize,
        answer: &'static [u8],
    ) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let taken = (0..connections).map(|_| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut read = vec![0; 4096];
                let length = stream.read(&mut read).unwrap();
                stream.write_all(answer).unwrap();
                String::from_utf8_lossy(&read[..length]).into_owned()
            });
            taken.collect()
        });
        (url, served)
    }

    async fn post(calls: &SignedCalls, url: &str, limit: Duration) -> Exchanged {
        let headers = [("authorization", "Bearer made-up")];
        calls
            .once("POST", url, &headers, b"{}".to_vec(), limit)
            .await
    }

    #[tokio::test]
    async fn each_exchange_has_a_connection_of_its_own() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let (url, served) = server(2, answer);
        let calls = calls();
        for _ in 0..2 {
            let exchanged = post(&calls, &url, LIMIT).await;
            assert!(
                matches!(&exchanged, Exchanged::Answered(200, body) if body == b"{}"),
                "{exchanged:?}"
            );
        }
        for request in served.join().unwrap() {
            assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
            assert!(
                request.contains("authorization: Bearer made-up"),
                "{request}"
            );
        }
    }

    #[tokio::test]
    async fn where_nobody_listens_nothing_has_left() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let calls = calls();
        for url in [url.as_str(), "http://name.invalid/", "no address"] {
            let exchanged = post(&calls, url, LIMIT).await;
            assert!(
                matches!(exchanged, Exchanged::NeverLeft(_)),
                "{exchanged:?}"
            );
        }
    }

    #[tokio::test]
    async fn before_tls_is_up_nothing_has_left() {
        let (url, served) = server(1, b"no TLS");
        let url = url.replace("http://", "https://");
        let exchanged = post(&calls(), &url, LIMIT).await;
        assert!(
            matches!(exchanged, Exchanged::NeverLeft(_)),
            "{exchanged:?}"
        );
        assert!(!served.join().unwrap().concat().contains("made-up"));
    }

    #[tokio::test]
    async fn without_a_whole_answer_it_may_have_left() {
        for answer in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
            b"no http",
        ] {
            let (url, served) = server(1, answer);
            let exchanged = post(&calls(), &url, LIMIT).await;
            assert!(
                matches!(exchanged, Exchanged::MayHaveLeft(_)),
                "{exchanged:?}"
            );
            // It came once.
            assert_eq!(served.join().unwrap().len(), 1);
        }
        // The kernel takes the request, and nobody answers.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let exchanged = post(&calls(), &url, Duration::from_millis(100)).await;
        assert!(
            matches!(exchanged, Exchanged::MayHaveLeft(_)),
            "{exchanged:?}"
        );
    }
}
