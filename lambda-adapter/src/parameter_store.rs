use core::{error::Error, future::Future};

use sinch_callback::UnixSeconds;
use zeroize::Zeroizing;

/// One version of a parameter.
#[derive(Clone)]
pub struct Parameter {
    /// Its name, without a version.
    pub name: String,
    /// Which version it is, counted from 1.
    pub version: i64,
    /// When this version was put.
    pub modified_at: UnixSeconds,
    /// What it holds.
    pub value: Zeroizing<String>,
}

/// Where parameters are read from.
pub trait ParameterStore: Send + Sync {
    /// Why they cannot be read.
    type Error: Error + Send + Sync + 'static;

    /// Reads parameters by `name` (the current version) or `name:version`. What does not exist is
    /// missing in the answer.
    ///
    /// # Errors
    /// When the store does not answer or refuses.
    fn read(
        &self,
        selectors: &[String],
    ) -> impl Future<Output = Result<Vec<Parameter>, Self::Error>> + Send;
}
