use aws_sdk_ssm::{Client, types::ParameterType};
use sinch_callback::UnixSeconds;

use crate::{
    client::{AwsConfig, AwsError},
    parameter_store::{Parameter, ParameterStore},
};

/// SSM's parameter store.
#[derive(Clone, Debug)]
pub struct Parameters {
    client: Client,
}

/// Why a parameter was not put.
#[derive(Debug, thiserror::Error)]
pub enum ParameterError {
    /// There is one of this name.
    #[error("there is a parameter of this name already")]
    Exists,
    /// The store does not answer or refuses.
    #[error(transparent)]
    Call(#[from] AwsError),
}

/// Most parameters in one call
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>).
const MAX_NAMES: usize = 10;

impl Parameters {
    /// The account's parameters.
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        Self {
            client: Client::new(&config.0),
        }
    }

    /// Writes a text into a parameter that is there and not encrypted.
    ///
    /// # Errors
    /// When the store does not answer or refuses.
    #[cfg(feature = "functions")]
    pub(crate) async fn put_text(&self, name: &str, value: &str) -> Result<(), AwsError> {
        self.client
            .put_parameter()
            .name(name)
            .value(value)
            .r#type(ParameterType::String)
            .overwrite(true)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| AwsError::of(&error))
    }

    /// Puts an encrypted parameter and gives its version. An existing one gets a new version where
    /// `overwrite` says so.
    ///
    /// # Errors
    /// [`ParameterError::Exists`] where it may not be overwritten, and when the store does not
    /// answer or refuses.
    pub async fn put(
        &self,
        name: &str,
        value: &str,
        key: Option<String>,
        overwrite: bool,
    ) -> Result<i64, ParameterError> {
        self.client
            .put_parameter()
            .name(name)
            .value(value)
            .r#type(ParameterType::SecureString)
            .set_key_id(key)
            .overwrite(overwrite)
            .send()
            .await
            .map(|answer| answer.version())
            .map_err(|error| match error.as_service_error() {
                Some(service) if service.is_parameter_already_exists() => ParameterError::Exists,
                _ => AwsError::of(&error).into(),
            })
    }
}

impl ParameterStore for Parameters {
    type Error = AwsError;

    async fn read(&self, selectors: &[String]) -> Result<Vec<Parameter>, AwsError> {
        let mut found = Vec::with_capacity(selectors.len());
        for selectors in selectors.chunks(MAX_NAMES) {
            let answer = self
                .client
                .get_parameters()
                .set_names(Some(selectors.to_vec()))
                .with_decryption(true)
                .send()
                .await
                .map_err(|error| AwsError::of(&error))?;
            let parameters = answer.parameters.unwrap_or_default().into_iter();
            found.extend(parameters.map(|parameter| {
                Parameter {
                    name: parameter.name.unwrap_or_default(),
                    version: parameter.version,
                    modified_at: UnixSeconds::new(
                        parameter
                            .last_modified_date
                            .map_or(0, |date| u64::try_from(date.secs()).unwrap_or(0)),
                    ),
                    value: parameter.value.unwrap_or_default().into(),
                }
            }));
        }
        Ok(found)
    }
}
