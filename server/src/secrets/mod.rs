//! The webhook secrets of this host: files, or texts that the program was given.

pub(crate) mod files;
pub(crate) mod kept;

pub use files::{SecretFiles, SecretsError, secret_of_file, text_of_file};
