use core::time::Duration;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_http_client::{Connector, tls::Provider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorSettings},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use serde_json::Value;

use crate::{
    client::{AwsConfig, AwsError, CRYPTO},
    clock,
};

/// Calls a service of which one call is needed, signed as every call is, by the client of all SDKs: an
/// SDK of its own would be megabytes to build and hundreds of kilobytes to start with.
#[derive(Debug)]
pub(crate) struct SignedCalls {
    connector: Connector,
    config: SdkConfig,
}

/// How long a connection may take. Our own choice.
const CONNECT: Duration = Duration::from_secs(1);
/// How long an attempt may take. Our own choice, as that of the SDKs'.
const ATTEMPT: Duration = Duration::from_secs(3);
/// Attempts of one call: a connection that was frozen with its environment is found out and replaced.
const ATTEMPTS: u32 = 2;

/// A call in the protocol `awsJson1_0`.
#[derive(Clone, Debug)]
pub(crate) struct JsonCall<'a> {
    /// The first label of the service's host, which is also what the call is signed for.
    pub(crate) service: &'static str,
    /// `X-Amz-Target`.
    pub(crate) target: &'static str,
    pub(crate) body: &'a Value,
}

impl SignedCalls {
    /// With credentials, region and endpoint of these.
    pub(crate) fn new(config: &AwsConfig) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT)
            .build();
        Self {
            connector: Connector::builder()
                .tls_provider(Provider::Rustls(CRYPTO))
                .connector_settings(settings)
                .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
                .build(),
            config: config.0.clone(),
        }
    }

    /// What the service answers. A call has to be one that may be made twice.
    pub(crate) async fn json(&self, call: JsonCall<'_>) -> Result<Value, AwsError> {
        let body = call.body.to_string();
        let mut attempt = 1;
        let (status, answer) = loop {
            let answered = tokio::time::timeout(ATTEMPT, self.attempt(&call, &body)).await;
            let answered = answered.unwrap_or_else(|_| Err(failed(&call, "no answer in time")));
            match answered {
                Ok(answer) => break answer,
                Err(_) if attempt < ATTEMPTS => attempt = attempt.saturating_add(1),
                Err(error) => return Err(error),
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
        Err(failed(&call, &format!("{status} {kind} {message}")))
    }

    async fn attempt(&self, call: &JsonCall<'_>, body: &str) -> Result<(u16, Vec<u8>), AwsError> {
        let request = self.request(call, body).await?;
        let response = self.connector.call(request).await;
        let response = response.map_err(|error| AwsError::of(&error))?;
        let status = response.status().as_u16();
        let body = ByteStream::new(response.into_body()).collect().await;
        let body = body.map_err(|error| AwsError::of(&error))?;
        Ok((status, body.to_vec()))
    }

    async fn request(&self, call: &JsonCall<'_>, body: &str) -> Result<HttpRequest, AwsError> {
        let region = self.config.region().map(ToString::to_string);
        let region = region.ok_or_else(|| failed(call, "there is no region"))?;
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| failed(call, "there are no credentials"))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| AwsError::of(&error))?;
        let url = self.config.endpoint_url().map_or_else(
            || format!("https://{}.{region}.amazonaws.com/", call.service),
            ToOwned::to_owned,
        );
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", call.target),
        ];
        let identity = credentials.into();
        let signed = signature(
            call,
            &url,
            headers,
            body,
            (&identity, &region),
            clock::system(),
        );
        let mut request = http::Request::post(&url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(SdkBody::from(body));
        let mut request = request.map_err(|error| AwsError::of(&error))?;
        signed?.apply_to_request_http1x(&mut request);
        HttpRequest::try_from(request).map_err(|error| AwsError::of(&error))
    }
}

/// The headers that sign a call.
fn signature(
    call: &JsonCall<'_>,
    url: &str,
    headers: [(&'static str, &str); 2],
    body: &str,
    (identity, region): (&aws_smithy_runtime_api::client::identity::Identity, &str),
    time: SystemTime,
) -> Result<SigningInstructions, AwsError> {
    let parameters = v4::SigningParams::builder()
        .identity(identity)
        .region(region)
        .name(call.service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| AwsError::of(&error))?
        .into();
    let body = SignableBody::Bytes(body.as_bytes());
    let request = SignableRequest::new("POST", url, headers.into_iter(), body);
    let signed = request.and_then(|request| sign(request, &parameters));
    let (instructions, _) = signed.map_err(|error| AwsError::of(&error))?.into_parts();
    Ok(instructions)
}

fn failed(call: &JsonCall<'_>, what: &str) -> AwsError {
    AwsError::saying(format!("{} {}: {what}", call.service, call.target))
}
