use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sinch_callback::{
    InvalidSecret, InvalidSecretRing, Secret,
    scheme::{AnyKey, AnyScheme, Scheme},
};
use sinch_callback_pipeline::SecretText;

/// Where the webhook secrets are, the current one first.
///
/// # Examples
/// ```
/// use sinch_callback_server::secrets::SecretFiles;
///
/// let files = SecretFiles::new(vec!["new.txt".into(), "old.txt".into()]);
/// assert_eq!(files.count(), 2);
/// // As `std::env::var` gives it.
/// let given = SecretFiles::given("made-up-and-long-enough".to_owned());
/// assert_eq!(given.texts()?[0].bytes.as_slice(), b"made-up-and-long-enough");
/// # Ok::<(), sinch_callback_server::secrets::SecretsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SecretFiles {
    place: Place,
    verbatim: bool,
    any_length: bool,
}

#[derive(Clone, Debug)]
enum Place {
    Files(Vec<PathBuf>),
    Given(SecretText),
}

/// Why the secrets cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretsError {
    /// No file is named.
    #[error("no secret is given")]
    None,
    /// A file is missing, or closed to us.
    #[error("the secret file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// What was read is no secret.
    #[error("{origin}: {source}")]
    Invalid {
        /// Where it was read.
        origin: String,
        /// What is wrong with it.
        source: InvalidSecret,
    },
    /// Together they are no ring.
    #[error(transparent)]
    Ring(#[from] InvalidSecretRing),
}

impl SecretsError {
    /// Whether what was read is no secret, so that reading it again mends nothing.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        !matches!(self, Self::Unreadable { .. })
    }
}

impl SecretFiles {
    /// The secrets of files, one a file. One newline at the end of a file does not count. They are read
    /// again when they change.
    #[must_use]
    pub const fn new(files: Vec<PathBuf>) -> Self {
        Self {
            place: Place::Files(files),
            verbatim: false,
            any_length: false,
        }
    }

    /// One secret that the program has from elsewhere, as from its environment.
    #[must_use]
    pub fn given(text: impl Into<SecretText>) -> Self {
        Self {
            place: Place::Given(text.into()),
            verbatim: false,
            any_length: false,
        }
    }

    /// Takes secrets as they are, even those that look like a mistake.
    #[must_use]
    pub const fn verbatim(mut self, verbatim: bool) -> Self {
        self.verbatim = verbatim;
        self
    }

    /// Takes secrets of any length. For tests alone, on callbacks that others have published: theirs are
    /// short, and a short one can be guessed.
    #[must_use]
    pub const fn of_any_length(mut self, any_length: bool) -> Self {
        self.any_length = any_length;
        self
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        match &self.place {
            Place::Files(files) => files.len(),
            Place::Given(_) => 1,
        }
    }

    /// The files that hold them; none where the secret was given.
    #[must_use]
    pub const fn paths(&self) -> &[PathBuf] {
        match &self.place {
            Place::Files(files) => files.as_slice(),
            Place::Given(_) => &[],
        }
    }

    /// The secrets' texts, the current one first.
    ///
    /// # Errors
    /// [`SecretsError::Unreadable`] for a file that cannot be read.
    pub fn texts(&self) -> Result<Vec<SecretText>, SecretsError> {
        match &self.place {
            Place::Files(files) => files.iter().map(|path| text_of_file(path)).collect(),
            Place::Given(text) => Ok(vec![text.clone()]),
        }
    }

    /// The key of this scheme that a text is.
    ///
    /// # Errors
    /// [`SecretsError::Invalid`] where it is none, or can be guessed.
    pub fn key(&self, text: &SecretText, scheme: &AnyScheme) -> Result<AnyKey, SecretsError> {
        let key = match (self.any_length, self.verbatim) {
            (false, verbatim) => text.key(scheme, verbatim),
            (true, false) => scheme.key(&text.bytes),
            (true, true) => scheme.verbatim_key(&text.bytes),
        };
        key.map_err(|source| SecretsError::Invalid {
            origin: text.origin.clone(),
            source,
        })
    }
}

/// The secret of one file, for another purpose than verifying.
///
/// # Errors
/// Where it cannot be read or is no secret.
pub fn secret_of_file(path: &Path) -> Result<Secret, SecretsError> {
    let text = text_of_file(path)?;
    Secret::new(&text.bytes).map_err(|source| SecretsError::Invalid {
        origin: text.origin,
        source,
    })
}

/// The text of one file, less one newline at its end.
///
/// # Errors
/// [`SecretsError::Unreadable`].
pub fn text_of_file(path: &Path) -> Result<SecretText, SecretsError> {
    let bytes = fs::read(path).map_err(|source| SecretsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let origin = format!("the secret file {}", path.display());
    Ok(SecretText::found(bytes, origin))
}
