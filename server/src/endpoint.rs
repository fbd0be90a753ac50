use core::str::FromStr;
use std::path::PathBuf;

use serde::Deserialize;
use sinch_callback::scheme::SchemeName;
use sinch_callback_pipeline::{Endpoint, InvalidEndpoint, SecretsUnavailable};

use crate::{
    paths::CallbackPath,
    secrets::files::{SecretFiles, SecretsError},
};

/// An endpoint of this host: where callbacks of one scheme come, and the secrets that they are signed
/// with.
///
/// As a text it is `PATH=SCHEME:FILE`, `PATH=SCHEME:FILE:KEY` where callbacks name a key, or an object of
/// JSON.
///
/// # Examples
/// ```
/// use sinch_callback_server::EndpointConfig;
///
/// let numbers: EndpointConfig = "/numbers=numbers:numbers.txt".parse()?;
/// let same = r#"{"path":"/numbers","scheme":"numbers","secret_files":["numbers.txt"]}"#;
/// assert_eq!(same.parse::<EndpointConfig>()?.endpoint(), numbers.endpoint());
/// assert!("/voice=application:voice.txt".parse::<EndpointConfig>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    endpoint: Endpoint,
    path: CallbackPath,
    secrets: SecretFiles,
}

/// Why a text is no endpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpointConfig {
    /// It is of none of the forms.
    #[error("expected PATH=SCHEME:FILE, or PATH=SCHEME:FILE:KEY where callbacks name a key")]
    Form,
    /// It is JSON of another form.
    #[error("{0}")]
    Json(serde_json::Error),
    /// The path is none that a request can have.
    #[error("{0}")]
    Path(String),
    /// Path, scheme or key are none, or do not go together.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// Anybody could sign for it.
    #[error("{path}: no secret is given: name a file of it")]
    NoSecret {
        /// The endpoint's path.
        path: String,
    },
}

/// Why endpoints cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Callbacks of two schemes, or of two accounts, would come to one path.
    #[error("{path} is the path of two endpoints, of {first} and of {second}: give each its own")]
    SamePath {
        /// The path.
        path: String,
        /// The scheme of the one.
        first: SchemeName,
        /// The scheme of the other.
        second: SchemeName,
    },
    /// There is no secret to verify with.
    #[error("{path}: {source}")]
    Secrets {
        /// The endpoint's path.
        path: String,
        /// Why not.
        source: SecretsUnavailable<SecretsError>,
    },
}

/// An endpoint in the file of settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: String,
    #[serde(alias = "public-path")]
    public_path: Option<String>,
    scheme: Option<String>,
    #[serde(alias = "secret-files")]
    secret_files: Vec<PathBuf>,
    key: Option<String>,
}

impl EndpointConfig {
    /// The endpoint with its secrets.
    ///
    /// # Errors
    /// Where its path is none that a request can have.
    pub fn new(endpoint: Endpoint, secrets: SecretFiles) -> Result<Self, InvalidEndpointConfig> {
        let path = endpoint
            .path()
            .parse()
            .map_err(InvalidEndpointConfig::Path)?;
        if secrets.count() == 0 {
            let path = endpoint.path().to_owned();
            return Err(InvalidEndpointConfig::NoSecret { path });
        }
        Ok(Self {
            endpoint,
            path,
            secrets,
        })
    }

    /// Where its callbacks come, and of which scheme.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Its secrets.
    #[must_use]
    pub const fn secrets(&self) -> &SecretFiles {
        &self.secrets
    }

    /// Takes its secrets as they are, even those that look like a mistake.
    #[must_use]
    pub fn verbatim(self, verbatim: bool) -> Self {
        Self {
            secrets: self.secrets.verbatim(verbatim),
            ..self
        }
    }

    pub(crate) const fn path(&self) -> &CallbackPath {
        &self.path
    }
}

impl Written {
    fn read(self) -> Result<EndpointConfig, InvalidEndpointConfig> {
        let endpoint = Endpoint::new(
            &self.path,
            self.public_path.as_deref(),
            self.scheme.as_deref(),
            self.key.as_deref(),
        )?;
        EndpointConfig::new(endpoint, SecretFiles::new(self.secret_files))
    }
}

impl FromStr for EndpointConfig {
    type Err = InvalidEndpointConfig;

    fn from_str(text: &str) -> Result<Self, InvalidEndpointConfig> {
        if text.starts_with('{') {
            let written: Written =
                serde_json::from_str(text).map_err(InvalidEndpointConfig::Json)?;
            return written.read();
        }
        let (path, rest) = text.split_once('=').ok_or(InvalidEndpointConfig::Form)?;
        let (scheme, rest) = rest.split_once(':').ok_or(InvalidEndpointConfig::Form)?;
        let (file, key) = match rest.rsplit_once(':') {
            Some((file, key)) => (file, Some(key.to_owned())),
            None => (rest, None),
        };
        let files = Some(file).filter(|file| !file.is_empty());
        let written = Written {
            path: path.into(),
            public_path: None,
            scheme: Some(scheme.into()),
            secret_files: files.map(PathBuf::from).into_iter().collect(),
            key,
        };
        written.read()
    }
}
