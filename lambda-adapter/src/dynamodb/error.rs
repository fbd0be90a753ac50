use std::error::Error;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;

use crate::{AwsError, Lasting};

/// Why the table did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The table cannot be reached or refuses.
    #[error("the table cannot be reached or refuses: {0}")]
    Call(#[from] AwsError),
    /// The table takes no such item: too large, or with a key that is too long.
    #[error("the table does not take what is to be written: {0}")]
    Invalid(AwsError),
    /// Others kept changing the same messages, or the table was too busy.
    #[error("{attempts} attempts met a busy table or other changes of the same messages")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// The table keeps putting off a part of what is read.
    #[error("the table did not give all that was asked for")]
    Unread,
    /// A message's item does not hold what was written.
    #[error("a message's item cannot be read: nothing is built on it")]
    Unreadable,
}

/// DynamoDB's name for a request that it takes in no state of the table.
const INVALID: &str = "ValidationException";

impl TableError {
    /// The error of a call.
    pub(super) fn of<E: ProvideErrorMetadata + Error + 'static>(error: &E) -> Self {
        let cause = AwsError::of(error);
        match error.code() {
            Some(INVALID) => Self::Invalid(cause),
            _ => Self::Call(cause),
        }
    }
}

impl Lasting for TableError {
    fn lasts(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }
}
