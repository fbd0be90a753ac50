use std::error::Error;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;

use crate::{client::AwsError, lasting::Lasting};

/// Why the table did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The table cannot be reached or refuses.
    #[error("the table cannot be reached or refuses: {0}")]
    Call(#[from] AwsError),
    /// The table is too busy.
    #[error("the table is busy: {0}")]
    Busy(AwsError),
    /// The table takes no such item: too large, or with a key that is too long.
    #[error("the table does not take what is to be written: {0}")]
    Invalid(AwsError),
    /// Others kept changing the same message, or the table was too busy.
    #[error("{attempts} attempts met a busy table or other changes of the same message")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// An item does not hold what was written.
    #[error("an item cannot be read: nothing is built on it")]
    Unreadable,
}

/// DynamoDB's name for a request that it takes in no state of the table.
const INVALID: &str = "ValidationException";
/// Its name for a write whose condition does not hold.
const CONDITION: &str = "ConditionalCheckFailedException";
/// Its names for a table that is busy. The SDK has tried again by then, too soon for a table that grows.
const BUSY: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

impl TableError {
    /// The error of a call.
    pub(crate) fn of<E: ProvideErrorMetadata + Error + 'static>(error: &E) -> Self {
        let cause = AwsError::of(error);
        match error.code() {
            Some(INVALID) => Self::Invalid(cause),
            Some(code) if BUSY.contains(&code) => Self::Busy(cause),
            _ => Self::Call(cause),
        }
    }

    /// Whether a conditional write was done: not where somebody had been faster.
    pub(crate) fn unless_changed<T, E: ProvideErrorMetadata + Error + 'static>(
        written: Result<T, E>,
    ) -> Result<bool, Self> {
        match written {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some(CONDITION) => Ok(false),
            Err(error) => Err(Self::of(&error)),
        }
    }
}

impl Lasting for TableError {
    fn lasts(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }
}
