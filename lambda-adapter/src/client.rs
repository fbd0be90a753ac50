use std::{error::Error, time::Duration};

use aws_config::{
    BehaviorVersion, SdkConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, timeout::TimeoutConfig,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

#[cfg(feature = "functions")]
use crate::config::Environment;

/// What the clients of all services share: credentials, region, connections, patience.
#[derive(Clone, Debug)]
pub struct AwsConfig(pub(crate) SdkConfig);

/// A service's refusal or silence, with its causes in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct AwsError(String);

impl AwsError {
    /// The causes of an SDK's error, which alone says little more than that there was one.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut line = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !line.contains(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            source = cause.source();
        }
        Self(line)
    }

    /// A refusal that stands inside an answer.
    pub(crate) const fn saying(text: String) -> Self {
        Self(text)
    }
}

/// How long one attempt at a service may take. Our own choice: they answer within milliseconds, and
/// a connection that was frozen with its environment has to be found out soon.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long all attempts of one call may take.
const CALL: Duration = Duration::from_secs(5);
/// Attempts of one call.
const ATTEMPTS: u32 = 3;

#[cfg(tls = "aws-lc")]
pub(crate) const CRYPTO: CryptoMode = CryptoMode::AwsLc;
#[cfg(not(tls = "aws-lc"))]
pub(crate) const CRYPTO: CryptoMode = CryptoMode::Ring;

impl AwsConfig {
    /// The configuration of a Lambda function: region and credentials are in its environment, so
    /// that no file and no other service is asked at its start.
    #[cfg(feature = "functions")]
    #[expect(
        deprecated,
        reason = "profile files are of a crate of the SDK's own innards now, and the same type"
    )]
    pub async fn of_function(environment: Environment) -> Self {
        use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
        use aws_config::{Region, environment::EnvironmentVariableCredentialsProvider};

        // One is required, so there is one without anything in it.
        let no_files = ProfileFiles::builder()
            .with_contents(ProfileFileKind::Config, "")
            .build();
        let config = loader()
            .profile_files(no_files)
            .region(environment.text("AWS_REGION").map(Region::new))
            .credentials_provider(EnvironmentVariableCredentialsProvider::new());
        Self(config.load().await)
    }

    /// The configuration of a person's shell: environment, then the files of the AWS CLI.
    #[cfg(feature = "shell")]
    pub async fn of_shell(region: Option<String>) -> Self {
        let config = loader();
        let config = match region {
            Some(region) => config.region(aws_config::Region::new(region)),
            None => config,
        };
        Self(config.load().await)
    }
}

fn loader() -> aws_config::ConfigLoader {
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CRYPTO))
        .build_https();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(CALL)
                .build(),
        )
        // Bodies here are small and complete; the attempt's time is limited anyway.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}
